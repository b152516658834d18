"""Outcomes to what is written about them. `decide()` is pure; `Recorder` writes in batches and never loses one."""

import asyncio
import random
import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog
from sqlalchemy.exc import DBAPIError, OperationalError

from campaign.fault_points import FaultPoint, reached
from campaign.providers.base import Accepted, Held, NotSent, Outcome, Refused, Uncertain
from campaign.reconciliation.ttl import expires_at
from campaign.sending.effects import Effects, apply_effects
from campaign.sending.retry import Failure, GiveUp, RetryPolicy, SendAgainAt, Unsure, next_step
from campaign.sending.store import Claimed, Recorded, record_outcomes, skip_of_cancelled
from campaign.settings import Settings
from models.session import Sessions, session_scope
from models.states import Signal

log = structlog.get_logger()

# Long enough that a statement carries dozens of outcomes, short enough that a killed worker leaves few unwritten: at
# 1,000 messages a second no more than one claim takes.
GATHER_S = 0.05
# What comes from outside; no store takes a NUL.
TEXTS = {"wamid", "wa_id", "error_text"}
PUT_BACK = {Signal.NOT_SENT, Signal.RETRY_LATER}
FIRST_WAIT_S, LONGEST_WAIT_S = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Sending:
    """One message on its way: what was claimed, and what its campaign says about it."""

    claimed: Claimed
    category: str
    ttl_seconds: int | None


@dataclass(frozen=True, slots=True)
class Decided:
    """What to write, and what else follows from it."""

    recorded: Recorded
    effects: Effects | None = None


def decide(
    sending: Sending, outcome: Outcome, policy: RetryPolicy, *, now: datetime, rng: random.Random, settings: Settings
) -> Decided:
    """What an outcome means for its message. A case for each outcome; an `Uncertain` is never sent again here."""
    claimed = sending.claimed
    match outcome:
        case Accepted(wamid, wa_id) | Held(wamid, wa_id):
            signal = Signal.ACCEPT if isinstance(outcome, Accepted) else Signal.HOLD
            end = expires_at(now, sending.category, sending.ttl_seconds, settings.ttl_buffer_s)
            effects = Effects.of_hold(claimed, outcome) if isinstance(outcome, Held) else None
            return Decided(_recorded(claimed, signal, now, wamid=wamid, wa_id=wa_id, expires_at=end), effects)
        case NotSent(text):
            # Nothing left, but the network is in trouble: a pause before the next try, without a limit on tries.
            return Decided(_recorded(claimed, Signal.NOT_SENT, now, due_at=now + policy.first, error_text=text))
        case Uncertain(text):
            return Decided(_recorded(claimed, Signal.NO_ANSWER, now, reason="no_answer", error_text=text))
        case Refused():
            return _decide_refused(claimed, outcome, policy, now=now, rng=rng)


def _decide_refused(
    claimed: Claimed, refused: Refused, policy: RetryPolicy, *, now: datetime, rng: random.Random
) -> Decided:
    failure = Failure(refused.code, refused.text, claimed.retries, refused.http_status)
    step = next_step(failure, policy, now=now, rng=rng)
    known = {"error_code": refused.code, "error_text": refused.text}
    effects = Effects.of_rule(claimed, step.rule, refused.text, refused.retry_after_s)
    match step:
        case SendAgainAt(due_at, reason, _, punished):
            again = _recorded(
                claimed, Signal.RETRY_LATER, now, due_at=due_at, reason=reason, punished=punished, **known
            )
            return Decided(again, effects)
        case GiveUp(reason):
            return Decided(_recorded(claimed, Signal.REFUSE, now, reason=reason, **known), effects)
        case Unsure():
            return Decided(_recorded(claimed, Signal.NO_ANSWER, now, reason="no_answer", **known), effects)
        case _:  # Dropped comes by webhook only
            return Decided(_recorded(claimed, Signal.REFUSE, now, reason="dropped", **known), effects)


def decide_unsent(claimed: Claimed, now: datetime, wait: timedelta | None = None) -> Decided:
    """A message that was claimed and never handed to the network: back to the queue, due at once or after a wait."""
    return Decided(_recorded(claimed, Signal.NOT_SENT, now, due_at=now + wait if wait else None))


def decide_unfillable(claimed: Claimed, now: datetime, text: str) -> Decided:
    """A message whose template cannot be filled: this row fails, not the campaign."""
    return Decided(_recorded(claimed, Signal.REFUSE, now, reason="cannot_be_filled", error_text=text))


def _recorded(claimed: Claimed, signal: Signal, now: datetime, **facts: object) -> Recorded:
    for name in TEXTS & facts.keys():
        facts[name] = str(facts[name]).replace("\x00", "") if facts[name] is not None else None
    return Recorded(claimed.id, claimed.attempt, signal, now, **facts)  # type: ignore[arg-type]


class Recorder:
    """Writes decisions in batches while more are coming. Bounded by whoever sends: it holds what is in flight.

    The database away: it keeps them and tries again, up to the patience of the settings. What it then has to let go
    stays `sending` until the lease sweep makes it uncertain; nothing is sent again because of it.
    """

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        self._sessions = sessions
        self._settings = settings
        self._waiting: list[Decided] = []
        self._news = asyncio.Event()
        self._closing = False
        self._task = asyncio.create_task(self._run())
        self.written = 0

    def add(self, decided: Decided) -> None:
        """Take one decision; it is written within some milliseconds."""
        self._waiting.append(decided)
        self._news.set()

    async def close(self) -> None:
        """Write what is left and end.

        raises  whatever kept the last batch from being written
        """
        self._closing = True
        self._news.set()
        await self._task

    async def _run(self) -> None:
        while not self._closing or self._waiting:
            await self._news.wait()
            size = self._settings.record_batch
            if not self._closing and len(self._waiting) < size:
                await asyncio.sleep(GATHER_S)
            batch, self._waiting = self._waiting[:size], self._waiting[size:]
            if not self._waiting and not self._closing:
                self._news.clear()
            if batch:
                await self._write(batch)

    async def _write(self, batch: Sequence[Decided]) -> None:
        try:
            await self._write_patiently(batch)
        except DBAPIError as error:
            # One outcome that cannot be written must not cost the others theirs.
            if isinstance(error, OperationalError):
                raise
            if len(batch) == 1:
                log.error("an outcome cannot be written", message_id=batch[0].recorded.message_id, error=_kind(error))
                return
            half = len(batch) // 2
            await self._write(batch[:half])
            await self._write(batch[half:])

    async def _write_patiently(self, batch: Sequence[Decided]) -> None:
        give_up_at = time.monotonic() + self._settings.record_patience_s
        wait_s = FIRST_WAIT_S
        while True:
            try:
                await asyncio.to_thread(write_decided, self._sessions, batch, self._settings.hold_after)
            except OperationalError as error:  # away, a deadlock, a lock that took too long: all pass
                if time.monotonic() > give_up_at:
                    raise
                log.warning("outcomes wait for the database", outcomes=len(batch), error=_kind(error))
                await asyncio.sleep(wait_s)
                wait_s = min(wait_s * 2, LONGEST_WAIT_S)
            else:
                self.written += len(batch)
                return


def write_decided(sessions: Sessions, batch: Sequence[Decided], hold_after: int) -> None:
    """Write decisions and their effects in one transaction; `hold_after` held messages stop a campaign."""
    with session_scope(sessions) as session:
        record_outcomes(session, [decided.recorded for decided in batch])
        apply_effects(session, [decided.effects for decided in batch if decided.effects], hold_after)
        # Last, for it shares the lock of campaigns that effects may pause: two that share cannot both ask for more.
        if put_back := [d.recorded.message_id for d in batch if d.recorded.signal in PUT_BACK]:
            skip_of_cancelled(session, put_back)
        reached(FaultPoint.BEFORE_RECORD_COMMIT)
    reached(FaultPoint.AFTER_RECORD_COMMIT)


def _kind(error: DBAPIError) -> str:
    return type(error.orig).__name__
