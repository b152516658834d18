"""A sender: one business phone number at one provider."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, one_of


class ProviderKind(StrEnum):
    """The dialect in which a sender is reached."""

    CLOUD = "cloud"
    D360 = "d360"
    D360_ONPREM = "d360-onprem"


class SenderState(StrEnum):
    """What the platform lets the number do."""

    CONNECTED = "connected"
    FLAGGED = "flagged"
    RESTRICTED = "restricted"
    DISABLED = "disabled"


class Sender(Base):
    """A business number. Secrets are named by the variables that hold them; a token may be stored, encrypted."""

    __tablename__ = "sender"
    __table_args__ = (one_of("provider", ProviderKind), one_of("state", SenderState))

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    provider: Mapped[str]
    base_url: Mapped[str]
    phone_number_id: Mapped[str | None]
    waba_id: Mapped[str | None]
    account: Mapped[str] = mapped_column(doc="What templates belong to: the WABA, or the number where none is known")
    portfolio: Mapped[str] = mapped_column(doc="What shares one messaging limit, platform.md E")
    token_env: Mapped[str] = mapped_column(doc="The variable with the token, or the one that it was stored from")
    app_secret_env: Mapped[str | None]
    webhook_token_env: Mapped[str | None]
    rate_mps: Mapped[int] = mapped_column(doc="Messages per second the number may send")
    tier: Mapped[int | None] = mapped_column(doc="Unique recipients in 24 h; NULL is unlimited")
    warm_up: Mapped[dict[str, Any] | None] = mapped_column(JSONB, doc="A daily cap that rises; see campaign.planning")
    warm_up_began_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="The first message of the warm-up; NULL before"
    )
    quality: Mapped[str | None]
    state: Mapped[str] = mapped_column(default=SenderState.CONNECTED, server_default=SenderState.CONNECTED)
    restricted_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    last_webhook_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    doubts_looked_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When messages long in doubt were last compared with all later traffic"
    )
    created_at: Mapped[CreatedAt]
    token_encrypted: Mapped[str | None] = mapped_column(doc="Goes before token_env; see campaign.tokens")
    status: Mapped[str | None] = mapped_column(doc="The platform's own word for the number, such as CONNECTED")
    throughput: Mapped[str | None] = mapped_column(doc="The platform's level: STANDARD, HIGH")
    messaging_limit: Mapped[str | None] = mapped_column(doc="The platform's word for the tier, such as TIER_2K")
    health: Mapped[str | None] = mapped_column(doc="AVAILABLE, LIMITED or BLOCKED: the worst node decides")
    health_reason: Mapped[str | None]
    refreshed_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
