"""When a campaign may write to whom, how fast it may spread, and campaigns that recur."""

from datetime import date, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ARRAY, BigInteger, DateTime, ForeignKey, Index, SmallInteger, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt, UtcTime, one_of


class ZoneGroup(Base):
    """People of one campaign who share the time zones they may be in; `number` stands in their messages."""

    __tablename__ = "zone_group"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    number: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    zones: Mapped[list[str]] = mapped_column(ARRAY(Text), doc="IANA names; several mean: open in all of them at once")
    people: Mapped[int]
    opened_until: Mapped[UtcTime] = mapped_column(doc="Openings are written down as far as this")
    moved_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="Closings up to this have moved what was left to the next opening"
    )


class Opening(Base):
    """A stretch of time in which a zone group may be written to. Whoever has none is not written to."""

    __tablename__ = "opening"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    zone_group: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    closes_at: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    opens_at: Mapped[UtcTime]


class PaceMinute(Base):
    """How many messages a campaign with a cap per hour or day claimed in one minute."""

    __tablename__ = "pace_minute"

    campaign_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), primary_key=True
    )
    minute: Mapped[datetime] = mapped_column(DateTime(timezone=True), primary_key=True)
    claims: Mapped[int]


class Overlap(StrEnum):
    """What becomes of a run whose predecessor still sends."""

    SKIP = "skip"
    QUEUE = "queue"
    ALLOW = "allow"


class ScheduleState(StrEnum):
    """Whether a schedule makes runs."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"


class Schedule(Base):
    """A campaign that recurs: each run is a campaign of its own, with an audience read anew."""

    __tablename__ = "schedule"
    __table_args__ = (
        one_of("overlap", Overlap),
        one_of("state", ScheduleState),
        Index("ix_schedule_next", "next_run_at", postgresql_where=text("state = 'active'")),
    )

    id: Mapped[BigId]
    name: Mapped[str] = mapped_column(unique=True)
    request: Mapped[dict[str, Any]] = mapped_column(JSONB, doc="What each run is created from")
    zone: Mapped[str] = mapped_column(doc="IANA name of the zone that the rule is read in")
    first_at: Mapped[datetime] = mapped_column(DateTime(timezone=False), doc="First start, by the clock of the zone")
    rule: Mapped[str] = mapped_column(doc="RRULE of RFC 5545, without DTSTART")
    until: Mapped[date | None] = mapped_column(doc="Last day on which a run may start, in the zone")
    deadline_s: Mapped[int | None] = mapped_column(doc="Each run's deadline, seconds after its start")
    overlap: Mapped[str]
    state: Mapped[str] = mapped_column(server_default=ScheduleState.ACTIVE)
    next_run_at: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
    created_at: Mapped[CreatedAt]


class RunState(StrEnum):
    """Where one run of a schedule stands."""

    DUE = "due"
    WAITING = "waiting"
    IMPORTING = "importing"
    STARTED = "started"
    SKIPPED = "skipped"
    MISSED = "missed"
    FAILED = "failed"


class ScheduleRun(Base):
    """One start of a schedule. The unique pair is what makes it exactly one."""

    __tablename__ = "schedule_run"
    __table_args__ = (
        one_of("state", RunState),
        UniqueConstraint("schedule_id", "run_at"),
        Index("ix_schedule_run_open", "id", postgresql_where=text("state IN ('due', 'waiting', 'importing')")),
    )

    id: Mapped[BigId]
    schedule_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("schedule.id", ondelete="CASCADE"))
    run_at: Mapped[UtcTime]
    campaign_name: Mapped[str]
    state: Mapped[str]
    text: Mapped[str | None] = mapped_column(doc="Why it did not start, in words")
    lease_until: Mapped[datetime | None] = mapped_column(DateTime(timezone=True))
