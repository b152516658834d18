"""Tamper evidence: seals over ranges of consent events, each chained to the one before, and their proof.

Writers know nothing of seals and wait for nobody. A sweep seals what is committed and can grow no more; what came
since is the *tail*, which is protected by the database alone until the next sweep. A seal holds the digest of each of
its events, so a changed, missing or inserted one can be named. Whoever can write to the database as its owner could
make the whole chain anew: keep the digest of a seal elsewhere, and `verify` can be asked whether it still stands.
"""

import asyncio
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.consent import seal_store as store
from models.session import Sessions, session_scope

_RECORD_BYTES = 40
_ID_BYTES = 8
SEALS_AT_ONCE = 20
NAMED = 20
"""Faults that a verification names; all of them are counted."""
PATIENCE_S = 3.0
_LOOK_AGAIN_S = 0.05


def seal_events(sessions: Sessions, *, most: int, now: datetime, patience_s: float = PATIENCE_S) -> int:
    """Seal what can grow no more, `most` events to a seal; how many events. Safe to run twice, or at once.

    patience_s  longest wait for writers that were at work; while one of them goes on, nothing new is sealed
    """
    with sessions() as session:
        upto = store.newest_event(session)
        if not upto or not _wait_for(session, store.writers(session), patience_s):
            return 0
    sealed = 0
    while events := _seal_next(sessions, upto, most, now):
        sealed += events
    return sealed


async def seal_beside(sessions: Sessions, most: int, clock: Callable[[], datetime]) -> None:
    """The same in a thread, for who has an event loop."""
    await asyncio.to_thread(seal_events, sessions, most=most, now=clock())


def _seal_next(sessions: Sessions, upto: int, most: int, now: datetime) -> int:
    with session_scope(sessions) as session:
        if not store.take_turn(session):
            return 0
        return store.add_seal(session, store.last_seal(session), upto=upto, most=most, now=now)


def _wait_for(session: Session, writers: set[str], patience_s: float) -> bool:
    """Whether all of some transactions have ended in time."""
    ends_at = time.monotonic() + patience_s
    while writers and (writers := writers & store.writers(session)):
        session.rollback()
        if time.monotonic() > ends_at:
            return False
        time.sleep(_LOOK_AGAIN_S)
    session.rollback()
    return True


@dataclass(slots=True)
class Verification:
    """What became of the ledger's seals.

    events, seals  covered by seals, and how many seals those are
    tail           events not sealed yet
    erased         sealed events out of which an erasure on record has taken the person
    faults         what is wrong, the first few in words; `fault_count` counts all
    head           digest of the newest seal in hex, to be kept elsewhere
    """

    events: int = 0
    seals: int = 0
    tail: int = 0
    erased: int = 0
    erasures: int = 0
    fault_count: int = 0
    faults: list[str] = field(default_factory=list)
    head: str | None = None

    @property
    def intact(self) -> bool:
        """Whether nothing is wrong."""
        return not self.fault_count

    def fault(self, words: str) -> None:
        """Note what is wrong."""
        self.fault_count += 1
        if len(self.faults) < NAMED:
            self.faults.append(words)


def verify(session: Session, *, expect: str | None = None) -> Verification:
    """Hold every sealed event, every seal and every erasure against its digest. Reads all of them, a little at a time.

    expect  digest of a seal that was noted earlier: it must still be in the chain
    """
    result = Verification()
    erased = _erased(session, result)
    previous, last_id, expected = None, 0, expect is None
    for seal in _seals(session):
        result.seals += 1
        result.events += seal.events
        if not seal.intact:
            result.fault(f"seal {seal.id} has been changed: its digest is not that of its contents")
        if seal.previous != previous or seal.first_id != last_id + 1:
            result.fault(f"seal {seal.id} does not follow the one before it: a seal is missing or was replaced")
        if not seal.unchanged:
            _name_changes(session, seal, erased, result)
        previous, last_id = seal.digest, seal.last_id
        result.head = bytes(seal.digest).hex()
        expected = expected or result.head.startswith((expect or "").lower())
    if not expected:
        result.fault(f"no seal has the digest {expect}: the chain has been made anew or cut, or it is another ledger's")
    result.tail = store.events_after(session, last_id)
    return result


def _seals(session: Session) -> Iterator[Row[Any]]:
    after = 0
    while seals := store.seals_after(session, after, SEALS_AT_ONCE):
        yield from seals
        after = seals[-1].id


def _erased(session: Session, result: Verification) -> dict[int, bytes]:
    """Events that erasures on record changed, with the digest that they left them."""
    erased: dict[int, bytes] = {}
    previous = None
    for erasure in store.erasure_digests(session):
        result.erasures += 1
        if not erasure.intact:
            result.fault(f"erasure {erasure.id} has been changed: its digest is not that of its contents")
        if erasure.previous != previous:
            result.fault(f"erasure {erasure.id} does not follow the one before it: one is missing or was replaced")
        erased |= entries(bytes(erasure.manifest))
        previous = erasure.digest
    return erased


def _name_changes(session: Session, seal: Row[Any], erased: Mapping[int, bytes], result: Verification) -> None:
    then = entries(store.manifest_of(session, seal.id))
    now = entries(store.present_manifest(session, seal.first_id, seal.last_id))
    where = f"seal {seal.id} of {seal.sealed_at:%Y-%m-%d %H:%M} UTC"
    for event_id in sorted(then.keys() | now.keys()):
        if event_id not in now:
            result.fault(f"consent event {event_id} is missing; {where} has it")
        elif event_id not in then:
            result.fault(f"consent event {event_id} was inserted later; {where} does not have it")
        elif now[event_id] == then[event_id]:
            continue
        elif erased.get(event_id) == now[event_id]:
            result.erased += 1
        else:
            result.fault(f"consent event {event_id} has been changed since {where}")


def entries(manifest: bytes) -> dict[int, bytes]:
    """Event ids and digests of a manifest."""
    records = (manifest[at : at + _RECORD_BYTES] for at in range(0, len(manifest), _RECORD_BYTES))
    return {int.from_bytes(record[:_ID_BYTES], "big", signed=True): record[_ID_BYTES:] for record in records}
