"""Who may, who did: users, their sessions, API keys, approvals, drafts, and the audit log."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, UtcTime, one_of


class Role(StrEnum):
    """What a person or a key may do; each may also do what those before it may."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    APPROVER = "approver"
    ADMIN = "admin"


class User(Base):
    """A person who signs in to the console."""

    __tablename__ = "user_account"
    __table_args__ = (one_of("role", Role),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True, doc="What the person signs in with, in small letters")
    password_hash: Mapped[str] = mapped_column(doc="argon2id, with its parameters and salt")
    role: Mapped[str]
    language: Mapped[str | None] = mapped_column(doc="Language of the console, such as es")
    created_at: Mapped[CreatedAt]
    last_login_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class LoginAttempt(Base):
    """Failed sign-ins of late under one name or from one address, for throttling."""

    __tablename__ = "login_attempt"

    key: Mapped[str] = mapped_column(primary_key=True, doc="name:… or address:…")
    failures: Mapped[int] = mapped_column(server_default="0")
    last_at: Mapped[UtcTime]


class WebSession(Base):
    """A browser that has signed in. The cookie holds the token, this its SHA-256 alone."""

    __tablename__ = "web_session"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[CreatedAt]
    seen_at: Mapped[UtcTime]
    expires_at: Mapped[UtcTime]


class SetupToken(Base):
    """The one token by which the first user is made; gone once that is done."""

    __tablename__ = "setup_token"

    token_sha256: Mapped[str] = mapped_column(primary_key=True)
    created_at: Mapped[CreatedAt]


class ApiKey(Base):
    """A key of the REST API. It is shown once, this keeps its SHA-256 alone."""

    __tablename__ = "api_key"
    __table_args__ = (one_of("role", Role),)

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    key_sha256: Mapped[str] = mapped_column(unique=True)
    hint: Mapped[str] = mapped_column(doc="Its first characters, to tell keys apart")
    role: Mapped[str]
    created_by: Mapped[str]
    created_at: Mapped[CreatedAt]
    expires_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    revoked_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    used_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class AuditEntry(Base):
    """One act of a person or a key, with what it changed. Appended in the transaction of the act, never changed."""

    __tablename__ = "audit_entry"
    __table_args__ = (Index(None, "subject", "id"), Index(None, "actor", "id"))

    id: Mapped[BigId]
    at: Mapped[CreatedAt]
    actor: Mapped[str] = mapped_column(doc="user:NAME, key:NAME or cli:NAME")
    act: Mapped[str] = mapped_column(doc="A word of campaign.access.roles.Act")
    subject: Mapped[str] = mapped_column(doc="What it was done to, such as campaign:spring")
    before: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    after: Mapped[dict[str, Any] | None] = mapped_column(JSONB)


class Approval(Base):
    """A launch that waits for a second person, or has their word."""

    __tablename__ = "approval"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    asked_by: Mapped[str]
    asked_at: Mapped[UtcTime]
    approved_by: Mapped[str | None]
    approved_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Draft(Base):
    """A campaign in the making in the console, saved at every step."""

    __tablename__ = "draft"

    id: Mapped[BigId]
    owner_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("user_account.id", ondelete="CASCADE"), index=True)
    version: Mapped[int] = mapped_column(server_default="1", doc="Rises with each save; a save names the one it saw")
    content: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="The fields of campaign.creation.NewCampaign, as given")
    saved_by: Mapped[str]
    created_at: Mapped[CreatedAt]
    saved_at: Mapped[CreatedAt]


class IdempotencyKey(Base):
    """An answer of the API that is given again when the same request comes again."""

    __tablename__ = "idempotency_key"

    actor: Mapped[str] = mapped_column(primary_key=True)
    key: Mapped[str] = mapped_column(primary_key=True)
    request_sha256: Mapped[str]
    status: Mapped[int | None] = mapped_column(SmallInteger, doc="NULL while the first request is under way")
    answer: Mapped[dict[str, Any] | None] = mapped_column(JSONB)
    created_at: Mapped[CreatedAt]


class Subscription(Base):
    """An address of the company that is told about campaigns, each notice signed."""

    __tablename__ = "subscription"

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    url: Mapped[str]
    secret_env: Mapped[str] = mapped_column(doc="The variable with the secret that signs")
    events: Mapped[list[str]] = mapped_column(ARRAY(Text))
    created_by: Mapped[str]
    created_at: Mapped[CreatedAt]
    disabled_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))


class Notice(Base):
    """One thing to tell one subscriber; tried again until it is taken or given up.

    The database writes them itself, in the transaction that changes a campaign: see migration 0012.
    """

    __tablename__ = "notice"
    __table_args__ = (
        UniqueConstraint("subscription_id", "event_id"),
        Index(
            "ix_notice_due",
            "subscription_id",
            "due_at",
            postgresql_where=text("delivered_at IS NULL AND given_up_at IS NULL"),
        ),
        Index(None, "subscription_id", "id"),
    )

    id: Mapped[BigId]
    subscription_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("subscription.id", ondelete="CASCADE"))
    event_id: Mapped[str]
    body: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_at: Mapped[UtcTime]
    tries: Mapped[int] = mapped_column(SmallInteger, server_default="0")
    last_error: Mapped[str | None]
    delivered_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    given_up_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]
