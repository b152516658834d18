"""`campaign schedule`: campaigns that recur; and the options of `campaign create` that say when."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from console.cli.options import CAMPAIGNS_PANEL, AsJson, utc_now
from console.cli.output import print_json, say, table, terminal
from console.cli.stores import open_session, open_sessions

if TYPE_CHECKING:
    from campaign.creation import NewCampaign
    from campaign.schedules.making import NewSchedule, ScheduleView
    from campaign.scheduling.timing import Timing

app = typer.Typer(help="Campaigns that recur: each run is a campaign of its own.", no_args_is_help=True)


class OverlapName(StrEnum):
    """What becomes of a run whose predecessor still sends."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


At = Annotated[
    str | None,
    typer.Option("--at", metavar="WHEN", help="Start then: ISO 8601 with offset, or local time of --zone, or 09:00."),
]
Deadline = Annotated[
    str | None,
    typer.Option(metavar="WHEN", help="Send nothing after it: like --at, or a time after the start, such as 8h."),
]
Zone = Annotated[str | None, typer.Option(metavar="AREA/CITY", help="The campaign's time zone, IANA name.")]
Window = Annotated[
    str | None,
    typer.Option(metavar="HH:MM-HH:MM", help="Hours by the person's clock; 'mon-fri 09:00-20:00, sat 10:00-14:00'."),
]
QuietDays = Annotated[str | None, typer.Option(metavar="DATE,…", help="Days without messages, with --window.")]
Holidays = Annotated[
    str | None, typer.Option(metavar="CC[-PART]", help="Country whose public holidays are quiet, with --window.")
]
ZoneColumn = Annotated[str | None, typer.Option(metavar="C", help="Column of each person's time zone, with --window.")]
AnyHour = Annotated[
    bool, typer.Option("--any-hour", metavar="", help="Without the settings' window; not for marketing.")
]
Spread = Annotated[str | None, typer.Option(metavar="6h|2d", help="Send evenly over so much time.")]
PerHour = Annotated[int | None, typer.Option(min=1, metavar="N", help="At most so many messages in any hour.")]
PerDay = Annotated[int | None, typer.Option(min=1, metavar="N", help="At most so many messages in any 24 hours.")]
Recur = Annotated[
    str | None, typer.Option(metavar="RRULE", help="Again and again, from --at on; FREQ=WEEKLY;BYDAY=MO.")
]
Until = Annotated[str | None, typer.Option(metavar="DATE", help="Last day on which a run may start, with --recur.")]
OverlapOption = Annotated[
    OverlapName,
    typer.Option("--overlap", metavar="skip|queue|allow", help="When the run before it still sends, with --recur."),
]
ScheduleName = Annotated[str, typer.Argument(metavar="NAME", help="The schedule's name.")]

_SPAN = re.compile(r"(\d{1,5})\s*([mhd])")
_UNITS = {"m": timedelta(minutes=1), "h": timedelta(hours=1), "d": timedelta(days=1)}


@dataclass(frozen=True)
class When:
    """The instants of `campaign create` as they were typed."""

    at: str | None
    deadline: str | None
    zone: str | None
    recur: str | None
    until: str | None
    overlap: OverlapName

    def instants(self) -> tuple[datetime | None, datetime | None]:
        """Start and deadline of a campaign that does not recur.

        raises  UsageError
        """
        from campaign.errors import UsageError
        from campaign.scheduling.zones import checked_zone, read_moment

        if self.until is not None or self.overlap is not OverlapName.SKIP:
            raise UsageError("--until and --overlap say how a campaign recurs; add --recur, or leave them out")
        now, zone = utc_now(), checked_zone(self.zone) if self.zone else None
        start = read_moment(self.at, zone, now=now, given_as="--at") if self.at is not None else None
        if self.deadline is None:
            return start, None
        if (span := _span(self.deadline)) is not None:
            return start, (start or now) + span
        return start, read_moment(self.deadline, zone, now=start or now, given_as="--deadline")

    def schedule(self, campaign: "NewCampaign") -> "NewSchedule":
        """The schedule of a campaign that recurs.

        raises  UsageError
        """
        from campaign.errors import UsageError
        from campaign.schedules.making import NewSchedule
        from models.schedule import Overlap

        if self.recur is None or self.at is None or self.zone is None:
            raise UsageError("--recur needs --at and --zone, such as --at 09:00 --zone America/Mexico_City")
        span = _span(self.deadline) if self.deadline is not None else None
        if self.deadline is not None and span is None:
            raise UsageError(f"--deadline {self.deadline}: with --recur give a time after each start, such as 8h")
        return NewSchedule(
            campaign=campaign, zone=self.zone, first_at=self._first(self.at, self.zone), rule=self.recur,
            until=_day(self.until), overlap=Overlap(self.overlap), deadline_after=span,
        )  # fmt: skip

    def _first(self, at: str, zone: str) -> datetime:
        from campaign.errors import UsageError
        from campaign.scheduling.zones import checked_zone, local_time, read_moment

        zone, now = checked_zone(zone), utc_now()
        moment = read_moment(at, zone, now=now, given_as="--at")
        if re.fullmatch(r"\d\d?:\d\d", at.strip()):
            hour, minute = map(int, at.split(":"))
            return datetime.combine(local_time(moment, zone).date(), time(hour, minute))
        written = datetime.fromisoformat(at.strip())
        # As it was written: a local time that the clock skips is only moved on the day on which it is skipped.
        local = written if written.tzinfo is None else local_time(moment, zone)
        if moment < now:
            raise UsageError(f"--at {at} has passed; give a first start to come")
        return local


def timing(
    zone: str | None, window: str | None, quiet_days: str | None, holidays: str | None, zone_column: str | None,
    *, any_hour: bool, spread: str | None, per_hour: int | None, per_day: int | None,
) -> "Timing":  # fmt: skip
    """The options that say when people may be written to, and how fast."""
    from campaign.scheduling.timing import Timing

    return Timing(
        zone=zone, window=window, quiet_days=tuple(quiet_days.split(",")) if quiet_days else (), holidays=holidays,
        zone_column=zone_column, any_hour=any_hour, spread=spread, per_hour=per_hour, per_day=per_day,
    )  # fmt: skip


def create_recurring(new: "NewSchedule") -> None:
    """Make a schedule and say when it starts first."""
    from campaign.schedules.making import create_schedule, view
    from campaign.settings import current_settings

    now = utc_now()
    with open_sessions() as sessions:
        create_schedule(sessions, new, now=now, settings=current_settings())
        with sessions() as session:
            made = view(session, new.campaign.name, now)
    first = made.next_runs[0]
    say(f"Schedule {made.name} starts first at {first.local} in {made.zone}, {_utc(first.utc)}.")
    say(f"Each run is a campaign of its own and starts by itself; see campaign schedule show {made.name}")


@app.command("list", rich_help_panel=CAMPAIGNS_PANEL)
def list_(as_json: AsJson = False) -> None:
    """Show every schedule with its next five runs, in its zone and in UTC."""
    from campaign.schedules.making import views

    with open_session() as session:
        found = views(session, utc_now())
    if as_json:
        print_json(found)
        return
    if not found:
        say("There is no schedule; make one with campaign create --recur")
        return
    rows = [
        (each.name if not number else "", each.state if not number else "", local, utc)
        for each in found
        for number, (local, utc) in enumerate(_next(each))
    ]
    terminal().print(table(("schedule", "state", "next runs, in its zone", "UTC"), rows))


@app.command("show", rich_help_panel=CAMPAIGNS_PANEL)
def show(name: ScheduleName, as_json: AsJson = False) -> None:
    """Show one schedule: its rule, its next runs, and what became of the last ones."""
    from campaign.schedules.making import view

    with open_session() as session:
        found = view(session, name, utc_now())
    if as_json:
        print_json(found)
        return
    until = f", until {found.until}" if found.until else ""
    say(f"Schedule {found.name} is {found.state}: {found.rule} in {found.zone}{until}; overlap: {found.overlap}.")
    terminal().print(table(("next runs, in its zone", "UTC"), _next(found)))
    past = [(_utc(run.utc), run.campaign, run.state, run.text or "") for run in found.last_runs]
    if past:
        terminal().print(table(("run", "campaign", "state", "why"), past))


@app.command("pause", rich_help_panel=CAMPAIGNS_PANEL)
def pause(name: ScheduleName) -> None:
    """Start no further run; campaigns that runs made go on."""
    from campaign.schedules.making import pause

    with open_sessions() as sessions:
        pause(sessions, name)
    say(f"Schedule {name} is paused; go on with campaign schedule resume {name}")


@app.command("resume", rich_help_panel=CAMPAIGNS_PANEL)
def resume(name: ScheduleName) -> None:
    """Go on with the next run to come; what fell into the pause is not made up for."""
    from campaign.schedules.making import resume

    with open_sessions() as sessions:
        upcoming = resume(sessions, name, now=utc_now())
    say(f"Schedule {name} is active; its next run starts at {_utc(upcoming)}.")


@app.command("remove", rich_help_panel=CAMPAIGNS_PANEL)
def remove(name: ScheduleName) -> None:
    """Delete a schedule; campaigns that its runs made stay."""
    from campaign.schedules.making import remove

    with open_sessions() as sessions:
        remove(sessions, name)
    say(f"Schedule {name} is removed.")


def _next(found: "ScheduleView") -> list[tuple[str, str]]:
    return [(run.local, _utc(run.utc)) for run in found.next_runs] or [("none", "")]


def _utc(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"


def _span(text: str) -> timedelta | None:
    match = _SPAN.fullmatch(text.strip().lower())
    return int(match[1]) * _UNITS[match[2]] if match else None


def _day(text: str | None) -> date | None:
    from campaign.errors import UsageError

    try:
        return date.fromisoformat(text) if text is not None else None
    except ValueError:
        raise UsageError(f"--until {text!r} is no date; write it like 2026-12-31") from None
