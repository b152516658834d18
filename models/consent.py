"""What keeps the consent ledger honest: seals, erasures, a watch, lifetimes; words and answers of opting out."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, UtcTime, one_of
from models.people import Category


class ConsentSeal(Base):
    """The digests of the consent events from `first_id` to `last_id`, chained to the seal before."""

    __tablename__ = "consent_seal"

    id: Mapped[BigId]
    first_id: Mapped[int] = mapped_column(BigInteger, unique=True)
    last_id: Mapped[int] = mapped_column(BigInteger)
    events: Mapped[int]
    manifest: Mapped[bytes] = mapped_column(LargeBinary, doc="Id (8 bytes) and SHA-256 of each event, by id")
    previous: Mapped[bytes | None] = mapped_column(LargeBinary, doc="Digest of the seal before; NULL for the first")
    digest: Mapped[bytes] = mapped_column(LargeBinary)
    sealed_at: Mapped[UtcTime]


class Erasure(Base):
    """One person erased: who did it and when, and a keyed hash by which the person is known again. Chained."""

    __tablename__ = "erasure"
    __table_args__ = (Index(None, "subject"),)

    id: Mapped[BigId]
    subject: Mapped[str] = mapped_column(doc="HMAC-SHA-256 of the identity, in hex; the key is not in the database")
    key_id: Mapped[str] = mapped_column(doc="Which key that was: the beginning of its own hash")
    reason: Mapped[str]
    erased_by: Mapped[str]
    erased_at: Mapped[UtcTime]
    removed: Mapped[dict[str, int]] = mapped_column(JSONB, doc="Where something was erased: table to rows")
    manifest: Mapped[bytes] = mapped_column(LargeBinary, doc="Id and SHA-256 of each event as erasure left it")
    previous: Mapped[bytes | None] = mapped_column(LargeBinary)
    digest: Mapped[bytes] = mapped_column(LargeBinary)


class ConsentWatch(Base):
    """How far the engine itself has held the chain against its events, and what it found. One row, written over.

    A *round* goes over the whole chain, a few seals at a turn; what the last whole round found stands until the next
    one has ended. `newest_id` only grows, and only to seals that follow the ones seen before.
    """

    __tablename__ = "consent_watch"
    __table_args__ = (CheckConstraint("id = 1", name="one_row"),)

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    seal_id: Mapped[int] = mapped_column(BigInteger, doc="The last seal of this round; 0 at its beginning")
    seal_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    event_id: Mapped[int] = mapped_column(BigInteger, doc="The last event under that seal")
    erasure_id: Mapped[int] = mapped_column(BigInteger, doc="The last erasure of this round")
    erasure_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    newest_id: Mapped[int] = mapped_column(BigInteger, doc="The newest seal ever seen; it must stay")
    newest_digest: Mapped[bytes | None] = mapped_column(LargeBinary)
    faults: Mapped[list[str]] = mapped_column(JSONB, doc="What this round has found, the first few in words")
    fault_count: Mapped[int]
    standing: Mapped[list[str]] = mapped_column(JSONB, doc="What the last whole round found")
    standing_count: Mapped[int]
    found_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), doc="Since when something is wrong")
    round_at: Mapped[UtcTime] = mapped_column(doc="When this round began")
    whole_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), doc="When the last whole round ended")
    looked_at: Mapped[UtcTime]


class ConsentExpiry(Base):
    """How many days an opt-in for a category lasts; a category without a row never expires."""

    __tablename__ = "consent_expiry"
    __table_args__ = (one_of("category", Category),)

    category: Mapped[str] = mapped_column(primary_key=True)
    days: Mapped[int]
    recorded_by: Mapped[str]
    recorded_at: Mapped[CreatedAt]


class WordKind(StrEnum):
    """What a word asks for."""

    STOP = "stop"
    START = "start"


class StopWord(Base):
    """A word added to the built-in list, or one of them taken off it (`active` false)."""

    __tablename__ = "stop_word"
    __table_args__ = (one_of("kind", WordKind),)

    kind: Mapped[str] = mapped_column(primary_key=True)
    bare: Mapped[str] = mapped_column(primary_key=True, doc="As it is compared; see campaign.stop_words")
    word: Mapped[str]
    language: Mapped[str]
    active: Mapped[bool]
    recorded_by: Mapped[str]
    recorded_at: Mapped[CreatedAt]


class ConfirmationState(StrEnum):
    """Where the answer to an opt-out stands; only `waiting` is ever sent."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    REFUSED = "refused"
    UNCERTAIN = "uncertain"
    TOO_LATE = "too_late"


class OptOutConfirmation(Base):
    """The one answer to one opt-out, to be sent before `window_until` or not at all."""

    __tablename__ = "opt_out_confirmation"
    __table_args__ = (
        one_of("state", ConfirmationState),
        UniqueConstraint("phone_identity", "proof"),
        Index("ix_opt_out_confirmation_waiting", "id", postgresql_where=text("state = 'waiting'")),
    )

    id: Mapped[BigId]
    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id"))
    phone_identity: Mapped[str]
    phone_e164: Mapped[str]
    proof: Mapped[str] = mapped_column(doc="Of the opt-out that it answers")
    state: Mapped[str] = mapped_column(default=ConfirmationState.WAITING, server_default=ConfirmationState.WAITING)
    window_until: Mapped[UtcTime]
    claimed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    wamid: Mapped[str | None]
    error_text: Mapped[str | None]
    created_at: Mapped[CreatedAt]
