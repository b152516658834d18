"""The watch over the ledger: the engine holds it against its seals by itself, so that nobody has to think of asking.

A turn comes after each turn of sealing and is bounded. It holds what was sealed since the last one, then goes on with
its *round* over the whole chain; at its end the next round begins. So a changed row is found within one round, a chain
that was cut or made anew at the next turn, since the newest seal that was ever seen must still be there.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.consent import seal_store
from campaign.consent import watch_store as store
from campaign.consent.seals import ERASURES_AT_ONCE, Link, Verification, hold_erasures, hold_seals, seal_events
from campaign.settings import Settings
from models.consent import ConsentWatch
from models.session import Sessions, session_scope


@dataclass(frozen=True, slots=True)
class Watched:
    """What the watch knows.

    looked_at  when its last turn was; `whole_at` when it last came round, None before it has once
    faults     what is wrong, the first few in words; `fault_count` counts all, `found_at` is since when
    """

    looked_at: datetime
    whole_at: datetime | None
    fault_count: int
    faults: Sequence[str]
    found_at: datetime | None

    @property
    def words(self) -> str | None:
        """What is wrong and what to do, in a sentence; None while nothing is."""
        if not self.fault_count:
            return None
        more = f" (and {self.fault_count - 1} more)" if self.fault_count > 1 else ""
        return (
            f"the consent ledger is not intact: {self.faults[0]}{more}; see campaign consent verify, "
            "keep the database as it is and find out who changed it"
        )


def watched(session: Session) -> Watched | None:
    """What the watch knows by now; None before its first turn."""
    watch = store.find_watch(session)
    if watch is None:
        return None
    faults = list(dict.fromkeys([*watch.faults, *watch.standing]))
    count = max(watch.fault_count, watch.standing_count, len(faults))
    return Watched(watch.looked_at, watch.whole_at, count, faults, watch.found_at)


def ledger_words(session: Session) -> str | None:
    """What the watch found wrong, in a sentence; None while nothing is."""
    found = watched(session)
    return found.words if found else None


async def seal_and_watch(sessions: Sessions, settings: Settings, clock: Callable[[], datetime]) -> None:
    """Seal what came since and take a turn of the watch, in a thread, for who has an event loop."""
    await asyncio.to_thread(_seal_and_watch, sessions, settings, clock)


def _seal_and_watch(sessions: Sessions, settings: Settings, clock: Callable[[], datetime]) -> None:
    seal_events(sessions, most=settings.seal_events, now=clock())
    keep_watch(sessions, events=settings.consent_watch_events, now=clock())


def keep_watch(sessions: Sessions, *, events: int, now: datetime) -> Watched | None:
    """Take one turn; what is known after it, None while another process takes one. Safe to run at any time.

    events  how many sealed events it may hold against their seals, for what is new and for the round each
    """
    with session_scope(sessions) as session:
        watch = store.take_watch(session, now)
        if watch is None:
            return None
        seal_store.begin_long_reading(session)
        result = Verification(faults=list(watch.faults), fault_count=watch.fault_count)
        stands = _hold_new(session, watch, events, result)
        ended = _go_round(session, watch, events, result)
        # Whoever made the chain anew would else be believed as soon as the round has come past the new seals.
        if stands and watch.seal_id > watch.newest_id:
            watch.newest_id, watch.newest_digest = watch.seal_id, watch.seal_digest
        watch.faults, watch.fault_count, watch.looked_at = result.faults, result.fault_count, now
        if ended:
            _begin_round(watch, now)
        wrong = watch.fault_count or watch.standing_count
        watch.found_at = (watch.found_at or now) if wrong else None
        session.flush()
        return watched(session)


def _hold_new(session: Session, watch: ConsentWatch, events: int, result: Verification) -> bool:
    """What was sealed since the last turn, unless the round is there anyway; whether the newest seal seen stands."""
    if watch.newest_digest is None:
        return True
    if not store.has_digest(session, watch.newest_id, bytes(watch.newest_digest)):
        result.fault(
            f"seal {watch.newest_id}, which was the newest, is missing or was replaced: the chain was cut or made anew"
        )
        return False
    if watch.newest_id > watch.seal_id:
        last = Link(watch.newest_id, bytes(watch.newest_digest), store.event_under(session, watch.newest_id))
        watch.newest_id, watch.newest_digest, _ = _next_seals(session, last, events, result)
    return True


def _go_round(session: Session, watch: ConsentWatch, events: int, result: Verification) -> bool:
    """Go on with the round; whether it has come to its end."""
    sealed = Link(watch.seal_id, watch.seal_digest and bytes(watch.seal_digest), watch.event_id)
    watch.seal_id, watch.seal_digest, watch.event_id = _next_seals(session, sealed, events, result)
    erased = Link(watch.erasure_id, watch.erasure_digest and bytes(watch.erasure_digest))
    erasures = seal_store.erasures_after(session, erased.id, ERASURES_AT_ONCE)
    watch.erasure_id, watch.erasure_digest, _ = hold_erasures(erasures, erased, result)
    return not store.has_more(session, watch.seal_id, watch.erasure_id)


def _next_seals(session: Session, after: Link, events: int, result: Verification) -> Link:
    seals = seal_store.seals_after(session, after.id, store.seals_within(session, after.id, events))
    return hold_seals(session, seals, after, result)


def _begin_round(watch: ConsentWatch, now: datetime) -> None:
    watch.standing, watch.standing_count = watch.faults, watch.fault_count
    watch.faults, watch.fault_count = [], 0
    watch.seal_id, watch.seal_digest, watch.event_id = Link()
    watch.erasure_id, watch.erasure_digest, _ = Link()
    watch.whole_at = watch.round_at = now
