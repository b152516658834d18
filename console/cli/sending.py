"""The options of `campaign create` and `campaign sequences create`: from whom, to whom, when and how fast."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli import schedule as when
from console.cli.options import Region, SenderOption

if TYPE_CHECKING:
    from campaign.scheduling.timing import Timing

Audience = Annotated[
    str,
    typer.Option(
        metavar="FILE|URL|env:VAR|contacts",
        help="The list: a CSV (also .gz, .zip) or a workbook; a database, with --query; or the engine's contacts.",
    ),
]
PhoneColumn = Annotated[str | None, typer.Option(metavar="C", help="Column of the phones, when it is not obvious.")]
Rate = Annotated[int | None, typer.Option(min=1, metavar="MPS", help="Messages per second, below the sender's rate.")]
UsMarketing = Annotated[
    bool,
    typer.Option("--us-marketing", metavar="", help="Send marketing to American numbers too; it is not delivered."),
]


@dataclass(frozen=True)
class Sending:
    """What is said of everything that is created, whatever it writes."""

    sender: SenderOption
    audience: Audience
    phone_column: PhoneColumn = None
    region: Region = None
    at: when.At = None
    deadline: when.Deadline = None
    zone: when.Zone = None
    window: when.Window = None
    quiet_days: when.QuietDays = None
    holidays: when.Holidays = None
    zone_column: when.ZoneColumn = None
    per_hour: when.PerHour = None
    per_day: when.PerDay = None
    rate: Rate = None
    us_marketing: UsMarketing = False

    def when(self, recurring: "Recurring | None" = None) -> when.When:
        """The instants as they were typed."""
        how = recurring or Recurring()
        return when.When(self.at, self.deadline, self.zone, how.recur, how.until, how.overlap)

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """Start and deadline of what does not recur.

        raises  UsageError
        """
        return self.when().instants()

    def timing(self, *, any_hour: bool = False, spread: str | None = None) -> "Timing":
        """At which hours people may be written to, and how fast."""
        return when.timing(
            self.zone, self.window, self.quiet_days, self.holidays, self.zone_column,
            any_hour=any_hour, spread=spread, per_hour=self.per_hour, per_day=self.per_day,
        )  # fmt: skip

    def fields(self) -> dict[str, Any]:
        """What campaign.creation.NewCampaign takes of it, but for the times."""
        return {
            "sender": self.sender, "audience": self.audience, "phone_column": self.phone_column,
            "region": self.region, "rate_mps": self.rate, "us_marketing": self.us_marketing or None,
        }  # fmt: skip


@dataclass(frozen=True)
class Recurring:
    """How a campaign recurs, where it does."""

    recur: when.Recur = None
    until: when.Until = None
    overlap: when.OverlapOption = when.OverlapName.SKIP
