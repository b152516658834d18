"""`campaign create`: a draft from a contact list and a template."""

import os
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli import policies as policy
from console.cli import schedule as when
from console.cli import variants as several
from console.cli.grouped import grouped
from console.cli.options import CAMPAIGNS_PANEL, utc_now
from console.cli.output import say, warn
from console.cli.sending import Recurring, Sending
from console.cli.stores import open_sessions

if TYPE_CHECKING:
    from campaign.creation import NewCampaign
    from models.audience import AudienceImport
    from models.campaign import Campaign

app = typer.Typer()


class HoldPolicyName(StrEnum):
    """What to do when the platform holds messages for quality assessment."""

    PAUSE = "pause"
    CONTINUE = "continue"


NewName = Annotated[str, typer.Argument(metavar="NAME", help="A name of your own.")]
TemplateName = Annotated[str, typer.Option("--template", metavar="T", help="Name of the template.")]
Language = Annotated[
    str, typer.Option(metavar="L", help="Language of the template, exactly as listed: en_US is not en.")
]
Query = Annotated[str | None, typer.Option(metavar="SQL", help="What to ask the database; :name is a --param.")]
Param = Annotated[
    list[str] | None, typer.Option("--param", metavar="NAME=VALUE", help="A value of the query, once per name.")
]
Sheet = Annotated[str | None, typer.Option(metavar="NAME", help="Sheet of the workbook, when it is not the first.")]
Where = Annotated[
    list[str] | None,
    typer.Option("--where", metavar="KEY=VALUE", help="Which contacts: region=MX,CO or attribute.plan!=gold."),
]
AllowLandlines = Annotated[
    bool, typer.Option("--allow-landlines", metavar="", help="Take landlines too: a shop's may have WhatsApp.")
]
AllowServices = Annotated[
    bool,
    typer.Option("--allow-service-numbers", metavar="", help="Take toll-free, premium and shared-cost numbers too."),
]
Map = Annotated[
    list[str] | None,
    typer.Option(
        "--map",
        metavar="SLOT=COLUMN",
        help="What fills a slot, once per slot: body.1=first_name; body.2==15% is a constant; "
        "body.1=name:title|friend rewrites and has a fallback; header.1=@picture.jpg is a file. "
        "Also body.NAME, button.0, card.0.body.1.",
    ),
]
HoldPolicy = Annotated[
    HoldPolicyName,
    typer.Option(metavar="pause|continue", help="When the platform holds messages: wait, or go on feeding it."),
]
OptOutButton = Annotated[
    int | None, typer.Option(min=0, metavar="INDEX", help="Quick reply (from 0) that opts out, whatever its label.")
]


LanguageColumn = Annotated[
    str | None,
    typer.Option(metavar="C", help="Column of each person's language; --language is for who has none that fits."),
]


Exclude = Annotated[
    Path | None, typer.Option(metavar="FILE", help="A quiet list: people whom this campaign leaves out.")
]
NotMessagedWithin = Annotated[
    int | None,
    typer.Option(min=1, metavar="DAYS", help="Leave out whom another campaign has written to in so many days."),
]


@dataclass(frozen=True)
class Reading:
    """How the list is read."""

    query: Query = None
    param: Param = None
    sheet: Sheet = None
    where: Where = None
    allow_landlines: AllowLandlines = False
    allow_service_numbers: AllowServices = False


@dataclass(frozen=True)
class Wording:
    """What the campaign says."""

    template: TemplateName
    language: Language
    map_: Map = None
    opt_out_button: OptOutButton = None
    language_column: LanguageColumn = None
    variant: several.VariantOption = None
    winner: several.Winner = None
    winner_after: several.WinnerAfter = None
    winner_sample: several.WinnerSample = None
    confidence: several.Confidence = None

    def fields(self) -> dict[str, Any]:
        """What campaign.creation.NewCampaign takes of it.

        raises  UsageError
        """
        return {
            "template": self.template, "language": self.language, "mapping": self.map_ or (),
            "opt_out_button": self.opt_out_button, "language_column": self.language_column,
            "variants": several.variant_terms(self.variant),
            "winner": several.winner_terms(self.winner, self.winner_after, self.winner_sample, self.confidence),
        }  # fmt: skip


@dataclass(frozen=True)
class Care:
    """How careful the campaign is."""

    hold_policy: HoldPolicy = HoldPolicyName.PAUSE
    uncertain_policy: policy.Uncertain = policy.UncertainName.WAIT
    priority: policy.Priority = None
    canary: policy.Canary = None
    canary_wait: policy.CanaryWait = None
    canary_max_failed: policy.CanaryFailed = None
    canary_max_held: policy.CanaryHeld = None
    canary_max_blocked: policy.CanaryBlocked = None
    exclude: Exclude = None
    not_messaged_within: NotMessagedWithin = None

    def fields(self) -> dict[str, Any]:
        """What campaign.creation.NewCampaign takes of it.

        raises  UsageError
        """
        from models.campaign import HoldPolicy

        canary = policy.CanaryWords(
            self.canary, self.canary_wait, self.canary_max_failed, self.canary_max_held, self.canary_max_blocked
        )
        return {
            "hold_policy": HoldPolicy(self.hold_policy), "exclude": self.exclude,
            "policies": policy.policies(self.uncertain_policy, self.priority, canary),
            "not_messaged_within_days": self.not_messaged_within,
        }  # fmt: skip


@app.command("create", rich_help_panel=CAMPAIGNS_PANEL)
@grouped
def create(
    name: NewName,
    sending: Sending,
    wording: Wording,
    reading: Reading,
    recurring: Recurring,
    care: Care,
    any_hour: when.AnyHour = False,
    spread: when.Spread = None,
) -> None:
    """Make a draft from a contact list and a template. Nothing is sent before `launch`."""
    from campaign.audience import opening
    from campaign.creation import NewCampaign

    start_at, deadline_at = (None, None) if recurring.recur else sending.when(recurring).instants()
    how = opening.Reading(
        sheet=reading.sheet, query=reading.query, parameters=reading.param or (), where=reading.where or (),
        landlines=reading.allow_landlines, services=reading.allow_service_numbers, environment=os.environ,
    )  # fmt: skip
    request = NewCampaign(
        name=name, start_at=start_at, deadline_at=deadline_at, reading=how,
        timing=sending.timing(any_hour=any_hour, spread=spread),
        **sending.fields(), **wording.fields(), **care.fields(),
    )  # fmt: skip
    if recurring.recur:
        when.create_recurring(sending.when(recurring).schedule(request))
    else:
        _create(request)


def _create(request: "NewCampaign") -> None:
    from campaign.creation import audience_of, create_campaign
    from campaign.settings import current_settings
    from console.cli.watch import reading

    settings = current_settings()
    with open_sessions() as sessions:
        with reading(request.audience_name) as progress:
            created = create_campaign(
                sessions, request,
                now=utc_now(), chunk_rows=settings.import_chunk_rows, settings=settings, progress=progress,
            )  # fmt: skip
        with sessions() as session:
            _say_created(created, audience_of(session, created))


def _say_created(campaign: "Campaign", audience: "AudienceImport") -> None:
    from campaign.audience.told import reading_words

    say(reading_words(audience))
    for warning in audience.warnings:
        warn(warning)
    say(
        f"Campaign {campaign.name} is a draft: {audience.row_count:,} rows, {audience.message_count:,} to be messaged, "
        f"{audience.rejected_count:,} refused."
    )
    say(f"Next: campaign check {campaign.name}, then campaign launch {campaign.name}")
