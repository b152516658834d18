"""A campaign: one template to one audience."""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, one_of
from models.people import Category
from models.states import CampaignState


class HoldPolicy(StrEnum):
    """What to do when the platform holds messages for quality assessment."""

    PAUSE = "pause"
    CONTINUE = "continue"


class UncertainPolicy(StrEnum):
    """What becomes of messages that may or may not have been sent.

    `RESEND`: where a provider makes proof impossible, the owner chose to risk a second message.
    """

    WAIT = "wait"
    ASK = "ask"
    RESEND = "resend"


class Priority(StrEnum):
    """Whose turn comes more often while several campaigns of one sender are busy."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Campaign(Base):
    """One template to one audience through one sender."""

    __tablename__ = "campaign"
    __table_args__ = (
        one_of("state", CampaignState),
        one_of("category", Category),
        one_of("hold_policy", HoldPolicy),
        one_of("uncertain_policy", UncertainPolicy),
        one_of("priority", Priority),
        Index(None, "sender_id", "state"),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id"))
    template_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("template.id"))
    language_column: Mapped[str | None] = mapped_column(doc="Column that says in which language a person is written to")
    template_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default="{}", doc="The same template in other languages"
    )
    category: Mapped[str] = mapped_column(doc="The template's category, as of the last sync while the campaign runs")
    mapping: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="Slot to column, constant or fallback, as given")
    region: Mapped[str | None] = mapped_column(doc="Country of phones written without one")
    rate_mps: Mapped[int | None] = mapped_column(doc="Cap below the sender's rate")
    us_marketing: Mapped[bool] = mapped_column(
        default=False, server_default=text("false"), doc="Marketing goes to American numbers too, platform.md I.29"
    )
    not_messaged_within_days: Mapped[int | None] = mapped_column(
        doc="Leaves out whom another campaign has written to in so many days"
    )
    hold_policy: Mapped[str] = mapped_column(default=HoldPolicy.PAUSE, server_default=HoldPolicy.PAUSE)
    state: Mapped[str] = mapped_column(default=CampaignState.DRAFT, server_default=CampaignState.DRAFT)
    state_reason: Mapped[str | None]
    state_text: Mapped[str | None] = mapped_column(doc="The reason in words, and what ends it")
    start_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    deadline_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    uncertain_policy: Mapped[str] = mapped_column(default=UncertainPolicy.WAIT, server_default=UncertainPolicy.WAIT)
    priority: Mapped[str] = mapped_column(default=Priority.NORMAL, server_default=Priority.NORMAL)
    canary: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, doc="Who is written to first, how long is waited, and the shares that may go wrong"
    )
    canary_left: Mapped[int | None] = mapped_column(doc="People the canary may still take; NULL when there is none")
    canary_ids: Mapped[list[int]] = mapped_column(
        ARRAY(BigInteger), default=list, server_default="{}", doc="Messages that the canary has taken"
    )
    canary_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), doc="When the canary is judged")
    former: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}", doc="Mapping by id of a template that messages were moved away from"
    )
    paused_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True), doc="Of the engine's newest pause")
    resumed_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When it last went on; a report about what left before pauses it no more"
    )
    created_at: Mapped[CreatedAt]
    launched_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    ended_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    zone: Mapped[str | None] = mapped_column(doc="The campaign's own time zone, IANA name; NULL is UTC")
    sending_window: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB, doc="Hours per weekday, quiet days and holidays, see campaign.scheduling.windows; NULL is any hour"
    )
    zone_column: Mapped[str | None] = mapped_column(doc="Column of each person's time zone")
    spread_s: Mapped[int | None] = mapped_column(doc="Sent evenly over this much open time, seconds")
    per_hour: Mapped[int | None] = mapped_column(doc="Most messages in any hour")
    per_day: Mapped[int | None] = mapped_column(doc="Most messages in any 24 hours")
    schedule_run_id: Mapped[int | None] = mapped_column(
        BigInteger, ForeignKey("schedule_run.id", ondelete="SET NULL"), unique=True, doc="The run that made it"
    )
