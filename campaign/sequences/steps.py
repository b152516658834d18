"""The steps of a sequence as a person asks for them, and as a file says them. Pure but for reading the file."""

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from campaign.errors import UsageError
from campaign.later_steps import Wording
from campaign.names import listed
from models.sequence import Condition

MOST_STEPS = 20
LONGEST_WAIT = timedelta(days=365)
PATIENCE = timedelta(days=30)
"""How long a `read` or a `reply` is waited for where a step does not say; the platform's own time to live."""

_SPAN = re.compile(r"(\d{1,6})\s*(s|m|h|d|w)")
_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class LaterStep:
    """A step after the first.

    after     what the message of the step before must have come to
    delay     from then on; for `not_read` and `not_replied` from the delivery on
    patience  how long after the delivery a `read` or a reply is waited for
    """

    wording: Wording
    after: Condition
    delay: timedelta
    patience: timedelta = PATIENCE


@dataclass(frozen=True, slots=True)
class StepPlan:
    """What a file of steps says."""

    first: Wording
    later: Sequence[LaterStep]
    reply_ends: bool = True

    @property
    def earliest(self) -> list[timedelta]:
        """How long after the start each step can leave at the earliest."""
        found = [timedelta(0)]
        for step in self.later:
            found.append(found[-1] + step.delay)
        return found

    def ends_at_reply(self, number: int) -> bool:
        """Whether a reply to a step ends the sequence: not where the next step is for those who replied."""
        goes_on = number <= len(self.later) and self.later[number - 1].after is Condition.REPLIED
        return self.reply_ends and not goes_on


def read_steps(path: Path) -> StepPlan:
    """The steps that a TOML file says.

    raises  UsageError naming the file, the step and what to write instead
    """
    try:
        content = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise UsageError(f"{path} cannot be read ({error.strerror}); give a TOML file of steps") from None
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise UsageError(f"{path} is no TOML: {error}") from None
    try:
        return plan_steps(content)
    except UsageError as error:
        raise UsageError(f"{path}: {error}") from None


def plan_steps(content: Mapping[str, Any]) -> StepPlan:
    """The steps that a table says.

    raises  UsageError naming the step
    """
    _refuse_unknown("", content, {"step", "reply_ends"})
    reply_ends = content.get("reply_ends", True)
    if not isinstance(reply_ends, bool):
        raise UsageError("reply_ends has to be true or false")
    steps = content.get("step", [])
    if not isinstance(steps, list) or not all(isinstance(step, dict) for step in steps):
        raise UsageError("write each step as a [[step]] of its own")
    if not 2 <= len(steps) <= MOST_STEPS:
        raise UsageError(f"a sequence has 2 to {MOST_STEPS} steps, each a [[step]]; this one has {len(steps)}")
    first = _first(steps[0])
    later: list[LaterStep] = []
    for number, step in enumerate(steps[1:], start=2):
        later.append(_later(number, step, (later[-1].wording if later else first).language))
    return StepPlan(first, later, reply_ends)


def read_span(text: str, what: str) -> timedelta:
    """A time such as `3d`, `12h`, `30m`, at most a year.

    raises  UsageError
    """
    match = _SPAN.fullmatch(text.strip().lower()) if isinstance(text, str) else None
    if match is None:
        raise UsageError(f"{what} {text!r} is no length of time; write it like 30m, 12h, 3d or 2w")
    span = int(match[1]) * _UNITS[match[2]]
    if span > LONGEST_WAIT:
        raise UsageError(f"{what} {text} is too long; at most {LONGEST_WAIT.days} days are waited for")
    return span


def _first(step: Mapping[str, Any]) -> Wording:
    _refuse_unknown("step 1: ", step, {"template", "language", "map"})
    return _wording(1, step, None)


def _later(number: int, step: Mapping[str, Any], language: str) -> LaterStep:
    where = f"step {number}: "
    _refuse_unknown(where, step, {"template", "language", "map", "after", "delay", "give_up"})
    words = listed(condition.value for condition in Condition)
    after = step.get("after", Condition.DELIVERED.value)
    if after not in set(Condition):
        raise UsageError(f"{where}after {after!r} is none of {words}")
    if "delay" not in step:
        raise UsageError(f'{where}delay is missing; say how long after that, such as delay = "3d"')
    delay = read_span(step["delay"], f"{where}delay")
    if after in (Condition.NOT_READ, Condition.NOT_REPLIED) and not delay:
        raise UsageError(f"{where}{after} needs a delay in which it might have happened, such as 2d")
    if "give_up" in step and after not in (Condition.READ, Condition.REPLIED):
        raise UsageError(f"{where}give_up says how long a read or a reply is waited for; leave it out with {after}")
    patience = read_span(step["give_up"], f"{where}give_up") if "give_up" in step else PATIENCE
    return LaterStep(_wording(number, step, language), Condition(after), delay, patience)


def _wording(number: int, step: Mapping[str, Any], language: str | None) -> Wording:
    where = f"step {number}: "
    template, language = step.get("template"), step.get("language", language)
    if not isinstance(template, str) or not template:
        raise UsageError(f'{where}template is missing, such as template = "welcome"')
    if not isinstance(language, str) or not language:
        raise UsageError(f'{where}language is missing, such as language = "en_US"')
    items = step.get("map", [])
    if not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        raise UsageError(f'{where}map has to be a list such as ["body.1=name"]')
    return Wording(template, language, tuple(items))


def _refuse_unknown(where: str, given: Mapping[str, Any], known: set[str]) -> None:
    if unknown := sorted(set(given) - known):
        raise UsageError(f"{where}{unknown[0]} is not known; there is {listed(sorted(known))}")
