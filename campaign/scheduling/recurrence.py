"""Rules of recurrence, RFC 5545 section 3.3.10, by the clock of a zone. Pure; dateutil reads and walks the rule.

The rule is walked in local time and each occurrence becomes an instant afterwards, so that 09:00 stays 09:00 on both
sides of a change of clocks. Two occurrences that a change of clocks makes one instant are one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time

from dateutil.rrule import rrule, rrulestr

from campaign.errors import UsageError
from campaign.scheduling.zones import local_time, start_of

# The calendar repeats after 400 years, leap days and weekdays alike: a rule that does not fire in the last centuries
# that dates can name never fires, and dateutil finds that out quickly because it stops at the year 9999.
_LATER = 400 * 19

_PART = re.compile(r"([A-Z]+)=([A-Z0-9,+-]+)")
_SEVERAL_A_DAY = re.compile(r"FREQ=(HOURLY|MINUTELY)|BYHOUR=\d+,|BYMINUTE=\d+,")
_EXAMPLE = "write it like FREQ=WEEKLY;BYDAY=MO"


@dataclass(frozen=True, slots=True)
class Recurrence:
    """A rule, the first start by the clock of its zone, and the last day on which it may start."""

    rule: str
    zone: str
    first_at: datetime
    until: date | None = None

    @property
    def endless(self) -> bool:
        """Whether it goes on for ever."""
        return self.until is None and "COUNT=" not in self.rule and "UNTIL=" not in self.rule

    def after(self, moment: datetime) -> Iterator[datetime]:
        """The starts after an instant, in order, UTC; each once."""
        last = None
        for local in self._walk():
            if self.until is not None and local.date() > self.until:
                return
            start = start_of(local, self.zone)
            if start > moment and (last is None or start > last):
                last = start
                yield start

    def name(self, start: datetime) -> str:
        """How a run is told apart from the others: its day by the clock of the zone, with the time where needed."""
        local = local_time(start, self.zone)
        return f"{local:%Y-%m-%d %H:%M}" if _SEVERAL_A_DAY.search(self.rule) else f"{local:%Y-%m-%d}"

    def _walk(self) -> Iterator[datetime]:
        return iter(_parsed(self.rule, self.first_at))


def read_recurrence(text: str, *, zone: str, first_at: datetime, until: date | None) -> Recurrence:
    """A rule as a person writes it.

    first_at  the earliest start by the clock of the zone; the rule decides whether it is one
    raises    UsageError: not a rule, too often, or never
    """
    rule = _checked(text, zone)
    try:
        parsed = _parsed(rule, first_at)
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise UsageError(f"--recur {text!r} is no rule ({error}); {_EXAMPLE}") from None
    if not _fires(parsed, first_at):
        raise UsageError(f"--recur {text!r} never comes: no day is all that it asks for; correct it")
    found = Recurrence(rule, zone, first_at, until)
    if next(found.after(datetime.min.replace(tzinfo=UTC)), None) is None:
        raise UsageError(f"--recur {text!r} has no start before its end; correct --until or the rule")
    return found


def _checked(text: str, zone: str) -> str:
    """The rule in one spelling: capitals, no prefix, UNTIL by the clock of the zone."""
    rule = re.sub(r"\s", "", text.upper()).removeprefix("RRULE:")
    parts = [_PART.fullmatch(part) for part in rule.strip(";").split(";")]
    if not all(parts):
        raise UsageError(f"--recur {text!r} is no rule; {_EXAMPLE}")
    values = {part[1]: part[2] for part in parts if part}
    if "DTSTART" in values:
        raise UsageError("--recur takes no DTSTART; --at says when it starts")
    if values.get("FREQ") not in {"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY"} or "BYSECOND" in values:
        raise UsageError(f"--recur {text!r} needs a FREQ from YEARLY to MINUTELY, and no seconds; {_EXAMPLE}")
    for name in ("INTERVAL", "COUNT"):
        if name in values and not (values[name].isdecimal() and int(values[name]) > 0):
            raise UsageError(f"--recur {text!r}: {name}={values[name]} is no number of at least 1")
    if "UNTIL" in values:
        values["UNTIL"] = _until(values["UNTIL"], zone, text)
    return ";".join(f"{name}={value}" for name, value in values.items())


def _until(value: str, zone: str, text: str) -> str:
    for form, whole_day in (("%Y%m%dT%H%M%SZ", False), ("%Y%m%dT%H%M%S", False), ("%Y%m%d", True)):
        try:
            end = datetime.strptime(value, form)  # noqa: DTZ007 - the zone is applied below
        except ValueError:
            continue
        if value.endswith("Z"):
            end = local_time(end.replace(tzinfo=UTC), zone)
        # A bare date means the whole of that day.
        return f"{datetime.combine(end, time(23, 59, 59)) if whole_day else end:%Y%m%dT%H%M%S}"
    raise UsageError(f"--recur {text!r}: UNTIL={value} is no moment; write it like UNTIL=20261231")


def _parsed(rule: str, first_at: datetime) -> rrule:
    parsed = rrulestr(rule, dtstart=first_at)
    if not isinstance(parsed, rrule):
        raise UsageError(f"--recur {rule!r} is more than one rule; {_EXAMPLE}")
    return parsed


def _fires(rule: rrule, first_at: datetime) -> bool:
    day = first_at.replace(year=first_at.year + _LATER)
    return next(iter(rule.replace(dtstart=day, until=None, count=None)), None) is not None
