"""Where a person in a sequence goes next: on, nowhere yet, or no further. Pure; `VERDICT_SQL` decides the same.

A step has come far enough when its message is on the device and no request for it is under way: nothing that is still
to be sent can then arrive after the next step. What speaks of absence (not read, not replied) counts only as of the
instant up to which every webhook that came has been read.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta

from models.sequence import Condition
from models.states import MessageState

GO = "go"
WAIT = "wait"
COMPLETED = "completed"
REPLIED = "replied"
OPTED_OUT = "opted_out"
CANCELLED = "cancelled"
DEADLINE = "deadline"
"""What a verdict says; any other word is why the person goes no further, such as the reason of a skipped message."""

FAILURE_SETTLES = timedelta(minutes=10)
"""How long a failure has to stand, as webhooks come in any order and a late `delivered` wins."""

SOON = timedelta(seconds=5)
LONGEST = timedelta(hours=1)
PATIENT = 20
"""Who is undecided is looked at again after the step's delay, or this part of their age, within these bounds."""

_HAVE_IT = (MessageState.DELIVERED, MessageState.READ)
_ABSENT = (Condition.NOT_READ, Condition.NOT_REPLIED)


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known of one person at one step.

    state, reason, delivered_at, read_at, failed_at   of their message
    leased      a request may be under way
    replied_at  to this step
    answered    they replied to a step at which a reply ends the sequence
    moved_at    when they came to the step
    """

    state: str
    moved_at: datetime
    reason: str | None = None
    delivered_at: datetime | None = None
    read_at: datetime | None = None
    failed_at: datetime | None = None
    replied_at: datetime | None = None
    leased: bool = False
    answered: bool = False
    opted_out: bool = False


@dataclass(frozen=True, slots=True)
class Onward:
    """The step that follows. `open` is False once its campaign was cancelled; `deadline_at` is its campaign's."""

    condition: Condition
    delay: timedelta
    patience: timedelta
    open: bool = True
    deadline_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of the person, and for `wait` when they are looked at again."""

    word: str
    look_at: datetime | None = None


def judge(person: Standing, onward: Onward | None, *, now: datetime, told: datetime) -> Verdict:
    """Where a person goes from one step.

    onward  None: this is the last step
    told    every webhook that came before it has been read; never after `now`
    """
    word = _word(person, onward, now, told)
    return Verdict(word, _look_at(person, onward, now) if word == WAIT else None)


def _word(person: Standing, onward: Onward | None, now: datetime, told: datetime) -> str:
    if person.opted_out:
        return OPTED_OUT
    if person.answered:
        return REPLIED
    if person.state in _HAVE_IT:
        if person.leased:
            return WAIT
        return _onward(person, onward, now, told) if onward is not None else COMPLETED
    return _unreached(person, onward, told)


def _unreached(person: Standing, onward: Onward | None, told: datetime) -> str:
    failed_at = person.failed_at or person.moved_at
    match person.state:
        case MessageState.SKIPPED:
            return person.reason or person.state
        case MessageState.EXPIRED:
            return person.state
        case MessageState.FAILED:
            return person.state if failed_at + FAILURE_SETTLES <= told else WAIT
        # A person may still send it with another template.
        case MessageState.DROPPED:
            return person.state if onward is None or failed_at + onward.patience <= told else WAIT
    return WAIT


def _onward(person: Standing, onward: Onward, now: datetime, told: datetime) -> str:
    ripe_at = _ripe_at(person, onward)
    if ripe_at is None:
        gave_up = _delivered_at(person) + onward.patience <= told
        return f"not_{_happening(onward)}" if gave_up else WAIT
    spoiled_at = _happened_at(person, onward) if onward.condition in _ABSENT else None
    if spoiled_at is not None and spoiled_at < ripe_at:
        return _happening(onward)
    if ripe_at > (told if onward.condition in _ABSENT else now):
        return WAIT
    if not onward.open:
        return CANCELLED
    return DEADLINE if onward.deadline_at is not None and onward.deadline_at <= now else GO


def _ripe_at(person: Standing, onward: Onward) -> datetime | None:
    """When the next step falls due, as far as is known."""
    if onward.condition in (Condition.READ, Condition.REPLIED):
        happened_at = _happened_at(person, onward)
        return happened_at + onward.delay if happened_at is not None else None
    return _delivered_at(person) + onward.delay


def _delivered_at(person: Standing) -> datetime:
    known = [moment for moment in (person.delivered_at, person.read_at) if moment is not None]
    return min(known, default=person.moved_at)


def _happening(onward: Onward) -> str:
    """What the condition speaks of: `read` or `replied`."""
    return onward.condition.removeprefix("not_")


def _happened_at(person: Standing, onward: Onward) -> datetime | None:
    return person.read_at if _happening(onward) == Condition.READ else person.replied_at


def _look_at(person: Standing, onward: Onward | None, now: datetime) -> datetime:
    if onward is not None and person.state in _HAVE_IT and (ripe_at := _ripe_at(person, onward)) is not None:
        return max(ripe_at, now + SOON)
    # Whoever is not there yet cannot fall due sooner than the delay from now on.
    delay = onward.delay if onward is not None else SOON
    return now + min(LONGEST, max(delay, SOON, (now - person.moved_at) / PATIENT))


def _interval(span: timedelta) -> str:
    return f"interval '{span.total_seconds():.0f} seconds'"


_DELIVERED = "COALESCE(LEAST(delivered_at, read_at), moved_at)"
_HAPPENED = "CASE WHEN condition IN ('read', 'not_read') THEN read_at ELSE replied_at END"
_RIPE = f"CASE WHEN condition IN ('read', 'replied') THEN {_HAPPENED} ELSE {_DELIVERED} END + delay"
_FAILED = "COALESCE(failed_at, moved_at)"

VERDICT_SQL = f"""
    CASE
        WHEN opted_out THEN '{OPTED_OUT}'
        WHEN answered THEN '{REPLIED}'
        WHEN state IN ('delivered', 'read') AND leased THEN '{WAIT}'
        WHEN state IN ('delivered', 'read') AND condition IS NULL THEN '{COMPLETED}'
        WHEN state IN ('delivered', 'read') AND {_RIPE} IS NULL THEN
            CASE WHEN {_DELIVERED} + patience <= :told THEN 'not_' || condition ELSE '{WAIT}' END
        WHEN state IN ('delivered', 'read') AND condition IN ('not_read', 'not_replied') AND {_HAPPENED} < {_RIPE}
            THEN substr(condition, 5)
        WHEN state IN ('delivered', 'read')
             AND {_RIPE} > CASE WHEN condition IN ('not_read', 'not_replied') THEN CAST(:told AS timestamptz)
                                ELSE CAST(:now AS timestamptz) END THEN '{WAIT}'
        WHEN state IN ('delivered', 'read') AND NOT open THEN '{CANCELLED}'
        WHEN state IN ('delivered', 'read') AND deadline_at <= :now THEN '{DEADLINE}'
        WHEN state IN ('delivered', 'read') THEN '{GO}'
        WHEN state = 'skipped' THEN COALESCE(reason, state)
        WHEN state = 'expired' THEN state
        WHEN state = 'failed' AND {_FAILED} + {_interval(FAILURE_SETTLES)} <= :told THEN state
        WHEN state = 'dropped' AND (condition IS NULL OR {_FAILED} + patience <= :told) THEN state
        ELSE '{WAIT}'
    END"""
"""The word of a verdict over columns named as in `Standing` and `Onward` (`condition` NULL at the last step)."""

LOOK_AT_SQL = f"""
    CASE WHEN condition IS NOT NULL AND state IN ('delivered', 'read') AND {_RIPE} IS NOT NULL
         THEN GREATEST({_RIPE}, CAST(:now AS timestamptz) + {_interval(SOON)})
         ELSE CAST(:now AS timestamptz) + LEAST({_interval(LONGEST)}, GREATEST(
             COALESCE(delay, {_interval(SOON)}), {_interval(SOON)}, (CAST(:now AS timestamptz) - moved_at) / {PATIENT}))
    END"""
"""When somebody who waits is looked at again, over the same columns."""
