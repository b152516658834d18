"""The SQL of seals: digests of consent events, computed where the events are."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, func, select, text
from sqlalchemy.orm import Session

from models.consent import ConsentSeal, Erasure
from models.people import ConsentEvent

ONE_AT_A_TIME = 4_815_162_342
"""Key of the advisory lock at which sealing processes take turns."""

# A JSON array tells NULL from the empty text and one field from the next. Times are counted in microseconds, since
# their text depends on the session's time zone.
_MICROSECONDS = "(extract(epoch FROM {}) * 1000000)::bigint"
DIGEST_SQL = f"""sha256(convert_to(jsonb_build_array(
    e.id, e.phone_identity, e.phone_e164, e.category, e.action, e.source, e.proof,
    {_MICROSECONDS.format("e.occurred_at")}, e.recorded_by, {_MICROSECONDS.format("e.recorded_at")},
    e.salt, e.erasure_id)::text, 'UTF8'))"""
"""The digest of the consent event `e`: everything that it says, and its salt."""

MANIFEST_SQL = f"COALESCE(string_agg(int8send(e.id) || {DIGEST_SQL}, ''::bytea ORDER BY e.id), ''::bytea)"
"""Id and digest of each event, 40 bytes in all, by id."""


def take_turn(session: Session) -> bool:
    """Whether nobody else is sealing; until the transaction ends."""
    return bool(session.scalar(text(f"SELECT pg_try_advisory_xact_lock({ONE_AT_A_TIME})")))


def newest_event(session: Session) -> int:
    """The greatest id that is committed, 0 when there is none."""
    return session.scalar(select(func.max(ConsentEvent.id))) or 0


def writers(session: Session) -> set[str]:
    """Transactions that may hold ids which nobody sees yet.

    Whoever writes to a table locks it before the first id is drawn. So when these transactions have ended, every id up
    to one that was seen before is either committed or will never be.
    """
    return set(session.scalars(_WRITERS))


_WRITERS = text("""
    SELECT virtualtransaction FROM pg_locks
    WHERE locktype = 'relation' AND relation = 'consent_event'::regclass AND mode = 'RowExclusiveLock'
      AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) AND pid <> pg_backend_pid()
""")


def last_seal(session: Session) -> ConsentSeal | None:
    """The newest seal."""
    return session.scalar(select(ConsentSeal).order_by(ConsentSeal.id.desc()).limit(1))


def add_seal(session: Session, last: ConsentSeal | None, *, upto: int, most: int, now: datetime) -> int:
    """Seal the next events, at most `most` and none after the id `upto`; how many, 0 when there are none."""
    values = {
        "after": last.last_id if last else 0,
        "previous": last.digest if last else None,
        "upto": upto,
        "most": most,
        "now": now,
    }
    return session.scalar(_ADD_SEAL, values) or 0


_ADD_SEAL = text(f"""
    WITH next AS (
        SELECT * FROM consent_event AS e WHERE e.id > :after AND e.id <= :upto ORDER BY e.id LIMIT :most
    ), counted AS (
        SELECT count(*) AS events, max(e.id) AS last_id, {MANIFEST_SQL} AS manifest FROM next AS e
    )
    INSERT INTO consent_seal (first_id, last_id, events, manifest, previous, digest, sealed_at)
    SELECT :after + 1, last_id, events, manifest, CAST(:previous AS bytea),
           sha256(COALESCE(CAST(:previous AS bytea), ''::bytea) || int8send(:after + 1) || int8send(last_id)
                  || int8send({_MICROSECONDS.format("CAST(:now AS timestamptz)")}) || manifest),
           :now
    FROM counted WHERE events > 0
    RETURNING events
""")


def seals_after(session: Session, seal_id: int, limit: int) -> Sequence[Row[Any]]:
    """The next seals in order: id, range, whether its own digest is right, and digests that hang together.

    intact     the digest is that of the contents, and the count is theirs
    unchanged  the events of the range are those of the manifest
    """
    return session.execute(_SEALS, {"after": seal_id, "limit": limit}).all()


_SEALS = text(f"""
    SELECT seal.id, seal.first_id, seal.last_id, seal.events, seal.previous, seal.digest, seal.sealed_at,
           seal.digest = sha256(COALESCE(seal.previous, ''::bytea) || int8send(seal.first_id) || int8send(seal.last_id)
               || int8send({_MICROSECONDS.format("seal.sealed_at")}) || seal.manifest)
               AND octet_length(seal.manifest) = 40 * seal.events AS intact,
           seal.manifest = (SELECT {MANIFEST_SQL} FROM consent_event AS e
                            WHERE e.id BETWEEN seal.first_id AND seal.last_id) AS unchanged
    FROM consent_seal AS seal WHERE seal.id > :after ORDER BY seal.id LIMIT :limit
""")


def manifest_of(session: Session, seal_id: int) -> bytes:
    """What a seal holds: id and digest of each event."""
    return session.get_one(ConsentSeal, seal_id).manifest


def present_manifest(session: Session, first_id: int, last_id: int) -> bytes:
    """The same of the events as they are now."""
    statement = text(f"SELECT {MANIFEST_SQL} FROM consent_event AS e WHERE e.id BETWEEN :first_id AND :last_id")
    return bytes(session.execute(statement, {"first_id": first_id, "last_id": last_id}).scalar_one())


def manifest_of_erased(session: Session, erasure_id: int) -> bytes:
    """Id and digest of the events that bear the mark of an erasure."""
    statement = text(f"SELECT {MANIFEST_SQL} FROM consent_event AS e WHERE e.erasure_id = :erasure_id")
    return bytes(session.execute(statement, {"erasure_id": erasure_id}).scalar_one())


def erasures_within(session: Session, first_id: int, last_id: int) -> Sequence[bytes]:
    """The manifests of the erasures whose marks the events of a range bear, oldest first."""
    return list(map(bytes, session.scalars(_ERASURES_WITHIN, {"first_id": first_id, "last_id": last_id})))


_ERASURES_WITHIN = text("""
    SELECT manifest FROM erasure WHERE id IN (
        SELECT erasure_id FROM consent_event WHERE id BETWEEN :first_id AND :last_id AND erasure_id IS NOT NULL)
    ORDER BY id
""")


def begin_long_reading(session: Session) -> None:
    """Let statements take their time until the transaction ends."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))


def erasures_after(session: Session, erasure_id: int, limit: int) -> Sequence[Row[Any]]:
    """The next erasures in order, and whether the digest of each is right."""
    return session.execute(_ERASURES, {"after": erasure_id, "limit": limit}).all()


ERASURE_DIGEST_SQL = """sha256(COALESCE(erasure.previous, ''::bytea) || convert_to(jsonb_build_array(
    erasure.id, erasure.subject, erasure.key_id, erasure.reason, erasure.erased_by,
    (extract(epoch FROM erasure.erased_at) * 1000000)::bigint, erasure.removed)::text, 'UTF8') || erasure.manifest)"""

_ERASURES = text(f"""
    SELECT erasure.id, erasure.previous, erasure.digest, erasure.digest = {ERASURE_DIGEST_SQL} AS intact
    FROM erasure WHERE erasure.id > :after ORDER BY erasure.id LIMIT :limit
""")


def last_erasure(session: Session) -> Erasure | None:
    """The newest erasure."""
    return session.scalar(select(Erasure).order_by(Erasure.id.desc()).limit(1))


def erased_subjects(session: Session) -> dict[str, datetime]:
    """Who was erased, and when last."""
    newest = select(Erasure.subject, func.max(Erasure.erased_at).label("erased_at")).group_by(Erasure.subject)
    return {row.subject: row.erased_at for row in session.execute(newest)}


def events_after(session: Session, event_id: int) -> int:
    """Events with a greater id: those that no seal covers yet."""
    return session.scalar(select(func.count()).where(ConsentEvent.id > event_id)) or 0


def seal_over(session: Session, event_id: int) -> Row[Any] | None:
    """Id, digest and time of the seal that covers an event."""
    statement = text("""
        SELECT id, digest, sealed_at FROM (
            SELECT * FROM consent_seal WHERE first_id <= :id ORDER BY first_id DESC LIMIT 1
        ) AS nearest WHERE last_id >= :id
    """)
    return session.execute(statement, {"id": event_id}).one_or_none()
