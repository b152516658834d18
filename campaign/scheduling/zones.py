"""Local time to an instant. Pure: the zone database is the only thing asked.

A local time can be read in two ways near a change of clocks: skipped by the clock put forward (the gap), or struck
twice by the clock put back (the overlap). Which reading counts depends on what it is for:

    a start    in the gap: as if the clock had not been put forward yet; in the overlap: the first of the two
    an opening the later of the two readings, so that nobody is written to before the hour
    a closing  the earlier of the two readings, so that nobody is written to after it

source  PEP 495, RFC 5545 section 3.3.5
"""

import re
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from campaign.errors import UsageError
from campaign.names import nearest

_CLOCK = re.compile(r"([01]?\d|2[0-3]):([0-5]\d)")


def checked_zone(name: str, *, given_as: str = "--zone") -> str:
    """The IANA name of a zone that exists.

    raises  UsageError naming the nearest
    """
    if known_zone(name):
        return name
    raise UsageError(f"{given_as} {name!r} is no time zone; {nearest(name, _every_zone())}")


@cache
def known_zone(name: str) -> bool:
    """Whether there is a zone of this name."""
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_+/-]*", name):
        return False
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        return False
    return True


def start_of(local: datetime, zone: str) -> datetime:
    """The instant of a start by the clock of a zone, UTC."""
    return _instant(local, zone, fold=0)


def opening_of(local: datetime, zone: str) -> datetime:
    """The instant of an opening by the clock of a zone, UTC."""
    return max(_instant(local, zone, fold=0), _instant(local, zone, fold=1))


def closing_of(local: datetime, zone: str) -> datetime:
    """The instant of a closing by the clock of a zone, UTC."""
    return min(_instant(local, zone, fold=0), _instant(local, zone, fold=1))


def local_time(moment: datetime, zone: str) -> datetime:
    """What the clock of a zone shows at an instant, without offset."""
    return moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)


def read_moment(text: str, zone: str | None, *, now: datetime, given_as: str) -> datetime:
    """An instant as a person writes it, as UTC: ISO 8601 with offset, or local time of the zone.

    text    with a date, or only the time of day: its next occurrence after `now`
    raises  UsageError
    """
    example = "2026-11-23T09:00:00+01:00"
    if clock := _CLOCK.fullmatch(text.strip()):
        if zone is None:
            raise UsageError(f"{given_as} {text} names no place; add --zone, such as --zone America/Mexico_City")
        return _next(int(clock[1]), int(clock[2]), zone, now)
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{given_as} {text!r} is no moment; write it like {example}") from None
    if moment.tzinfo is not None:
        return moment.astimezone(UTC)
    if zone is None:
        raise UsageError(
            f"{given_as} {text!r} has no offset from UTC; write it like {moment.isoformat()}+00:00, or add --zone"
        )
    return start_of(moment, zone)


def _next(hour: int, minute: int, zone: str, now: datetime) -> datetime:
    today = local_time(now, zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    found = start_of(today, zone)
    return found if found > now else start_of(today + timedelta(days=1), zone)


def _instant(local: datetime, zone: str, *, fold: int) -> datetime:
    return local.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC)


@cache
def _every_zone() -> frozenset[str]:
    return frozenset(available_timezones())
