"""Tamper evidence: seals over ranges of consent events, each chained to the one before, and their proof.

Writers know nothing of seals and wait for nobody. A sweep seals what is committed and can grow no more; what came
since is the *tail*, which is protected by the database alone until the next sweep. A seal holds the digest of each of
its events, so a changed, missing or inserted one can be named. Whoever can write to the database as its owner could
make the whole chain anew: keep the digest of a seal elsewhere, and `verify` can be asked whether it still stands.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.consent import seal_store as store
from models.session import Sessions, session_scope

_RECORD_BYTES = 40
_ID_BYTES = 8
SEALS_AT_ONCE = 20
ERASURES_AT_ONCE = 500
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
        """Note what is wrong, once."""
        if words in self.faults:
            return
        self.fault_count += 1
        if len(self.faults) < NAMED:
            self.faults.append(words)


class Link(NamedTuple):
    """The end of a stretch of seals or erasures: what the next one must follow. `event_id` is the last one sealed."""

    id: int = 0
    digest: bytes | None = None
    event_id: int = 0


def verify(session: Session, *, expect: str | None = None) -> Verification:
    """Hold every sealed event, every seal and every erasure against its digest. Reads all of them, a little at a time.

    expect  digest of a seal that was noted earlier: it must still be in the chain
    """
    result = Verification()
    store.begin_long_reading(session)
    erased = Link()
    while erasures := store.erasures_after(session, erased.id, ERASURES_AT_ONCE):
        erased = hold_erasures(erasures, erased, result)
    sealed, expected = Link(), expect is None
    while seals := store.seals_after(session, sealed.id, SEALS_AT_ONCE):
        sealed = hold_seals(session, seals, sealed, result)
        expected = expected or any(bytes(seal.digest).hex().startswith((expect or "").lower()) for seal in seals)
    if not expected:
        result.fault(f"no seal has the digest {expect}: the chain has been made anew or cut, or it is another ledger's")
    result.head = sealed.digest.hex() if sealed.digest else None
    result.tail = store.events_after(session, sealed.event_id)
    return result


def hold_seals(session: Session, seals: Iterable[Row[Any]], after: Link, result: Verification) -> Link:
    """Hold seals, in order, against the one before and their events; the last of them."""
    for seal in seals:
        result.seals += 1
        result.events += seal.events
        if not seal.intact:
            result.fault(f"seal {seal.id} has been changed: its digest is not that of its contents")
        if seal.previous != after.digest or seal.first_id != after.event_id + 1:
            result.fault(f"seal {seal.id} does not follow the one before it: a seal is missing or was replaced")
        if not seal.unchanged:
            _name_changes(session, seal, result)
        after = Link(seal.id, bytes(seal.digest), seal.last_id)
    return after


def hold_erasures(erasures: Iterable[Row[Any]], after: Link, result: Verification) -> Link:
    """Hold erasures, in order, against the one before; the last of them."""
    for erasure in erasures:
        result.erasures += 1
        if not erasure.intact:
            result.fault(f"erasure {erasure.id} has been changed: its digest is not that of its contents")
        if erasure.previous != after.digest:
            result.fault(f"erasure {erasure.id} does not follow the one before it: one is missing or was replaced")
        after = Link(erasure.id, bytes(erasure.digest))
    return after


def _name_changes(session: Session, seal: Row[Any], result: Verification) -> None:
    then = entries(store.manifest_of(session, seal.id))
    now = entries(store.present_manifest(session, seal.first_id, seal.last_id))
    # An event bears the mark of the newest erasure that changed it, and that knows the digest it left.
    erased: dict[int, bytes] = {}
    for manifest in store.erasures_within(session, seal.first_id, seal.last_id):
        erased |= entries(manifest)
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
