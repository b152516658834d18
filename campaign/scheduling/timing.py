"""What a new campaign asks for in time, checked before anything of it exists. Pure."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from campaign.errors import UsageError
from campaign.names import listed
from campaign.scheduling.holidays import checked_holidays
from campaign.scheduling.spread import Spread, read_spread
from campaign.scheduling.windows import HORIZON, Window, first_opening, read_window
from campaign.scheduling.zones import checked_zone
from models.people import Category

UTC_ZONE = "UTC"
"""The zone of a campaign that names none."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When a campaign may write to whom, as a person asks for it.

    zone         the campaign's own, IANA name
    window       hours by the clock of the person, see campaign.scheduling.windows
    quiet_days   ISO dates
    holidays     country, or country and part such as DE-BY
    zone_column  column of each person's zone
    any_hour     opts out of the window that the settings give every campaign; not for marketing
    spread       evenly over this much open time, such as 6h
    """

    zone: str | None = None
    window: str | None = None
    quiet_days: Sequence[str] = ()
    holidays: str | None = None
    zone_column: str | None = None
    any_hour: bool = False
    spread: str | None = None
    per_hour: int | None = None
    per_day: int | None = None


@dataclass(frozen=True, slots=True)
class CheckedTiming:
    """The same, read and found possible."""

    zone: str | None = None
    window: Window | None = None
    zone_column: str | None = None
    spread: Spread = field(default_factory=Spread)

    @property
    def own_zone(self) -> str:
        """Where people are of whom nothing better is known."""
        return self.zone or UTC_ZONE


def check_timing(
    timing: Timing,
    *,
    start_at: datetime | None,
    deadline_at: datetime | None,
    default_window: str | None,
    now: datetime,
) -> CheckedTiming:
    """Read what is asked for.

    default_window  the settings' window, for campaigns that name none
    raises          UsageError: past start or deadline, unknown zone, a window that never opens, or too late
    """
    _check_instants(start_at, deadline_at, now)
    zone = checked_zone(timing.zone) if timing.zone is not None else None
    checked = CheckedTiming(
        zone=zone,
        window=_window(timing, default_window),
        zone_column=timing.zone_column,
        spread=read_spread(timing.spread, timing.per_hour, timing.per_day),
    )
    if checked.window is not None:
        _check_opens(checked.window, checked.own_zone, max(now, start_at or now))
    elif timing.zone_column is not None:
        raise UsageError(
            "--zone-column says where people are, but there is no --window to keep; add one or leave it out"
        )
    return checked


def check_columns(timing: Timing, category: str, columns: Sequence[str]) -> None:
    """What only the template and the list can tell: marketing keeps the settings' window, and the zone column exists.

    raises  UsageError
    """
    if timing.any_hour and category == Category.MARKETING:
        raise UsageError("--any-hour is for utility and authentication templates; this one is marketing")
    if timing.zone_column is not None and timing.zone_column not in columns:
        raise UsageError(f"--zone-column {timing.zone_column}: the list has no such column (found {listed(columns)})")


def check_deadline(first: datetime | None, deadline_at: datetime | None) -> None:
    """Refuse a deadline before anybody on the list may be written to.

    first   when the first of them may be
    raises  UsageError
    """
    if first is not None and deadline_at is not None and deadline_at <= first:
        raise UsageError(
            f"--deadline {_words(deadline_at)} comes before the first hour in which anybody on the list may be "
            f"written to, {_words(first)}; give a later one or another --window"
        )


def _check_instants(start_at: datetime | None, deadline_at: datetime | None, now: datetime) -> None:
    if start_at is not None and start_at < now:
        raise UsageError(f"--at {_words(start_at)} has passed; give a start to come, or leave it out to launch now")
    if deadline_at is not None and deadline_at <= now:
        raise UsageError(f"--deadline {_words(deadline_at)} has passed; give one to come")


def _window(timing: Timing, default: str | None) -> Window | None:
    text = timing.window or (None if timing.any_hour else default)
    if timing.window is not None and timing.any_hour:
        raise UsageError("--window and --any-hour contradict each other; choose one of them")
    if text is None:
        if timing.quiet_days or timing.holidays:
            raise UsageError("--quiet-days and --holidays need a --window, such as --window 00:00-24:00")
        return None
    holidays = checked_holidays(timing.holidays) if timing.holidays else None
    return read_window(text, quiet_days=timing.quiet_days, holidays=holidays)


def _check_opens(window: Window, zone: str, start: datetime) -> None:
    if first_opening(window, (zone,), start) is None:
        raise UsageError(
            f"--window {window.text!r} never opens: within {HORIZON.days} days every hour of it is on a quiet day or a "
            "holiday; correct them"
        )


def _words(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M} UTC"
