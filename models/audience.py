"""Uploaded lists, and the rows of them that became no message."""

from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, ForeignKey
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, BigId, CreatedAt


class Upload(Base):
    """A file that was uploaded, kept under the home by its SHA-256: once, however many campaigns use it."""

    __tablename__ = "upload"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    file_name: Mapped[str] = mapped_column(doc="As it was called when it first came")
    size_bytes: Mapped[int] = mapped_column(BigInteger)
    created_at: Mapped[CreatedAt]
    erased_at: Mapped[datetime | None] = mapped_column(
        DateTime(timezone=True), doc="When an erasure last took somebody out of the file, or deleted it"
    )
    erased_rows: Mapped[int | None] = mapped_column(doc="How many of its rows were emptied by erasures")
    erased_sha256: Mapped[str | None] = mapped_column(
        doc="Of the file as erasures left it, a CSV now; NULL where they had to delete it"
    )


class AudienceImport(Base):
    """One uploaded list as it was read for one campaign."""

    __tablename__ = "audience_import"

    id: Mapped[BigId]
    campaign_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("campaign.id", ondelete="CASCADE"), unique=True)
    file_name: Mapped[str]
    sha256: Mapped[str]
    columns: Mapped[list[str]] = mapped_column(JSONB)
    phone_column: Mapped[str]
    row_count: Mapped[int]
    message_count: Mapped[int]
    rejected_count: Mapped[int]
    notes: Mapped[dict[str, int]] = mapped_column(
        JSONB, default=dict, server_default="{}", doc="What was mended while it was read: code to how often"
    )
    reading: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}", doc="How the list was read: kind, encoding, delimiter, sheet, query"
    )
    warnings: Mapped[list[str]] = mapped_column(
        JSONB, default=list, server_default="[]", doc="What looks wrong with the list as a whole, in sentences"
    )
    created_at: Mapped[CreatedAt]


class RejectedRow(Base):
    """A row of a list that became no message; `row_number` is 1 for the first data row."""

    __tablename__ = "rejected_row"

    import_id: Mapped[int] = mapped_column(
        BigInteger, ForeignKey("audience_import.id", ondelete="CASCADE"), primary_key=True
    )
    row_number: Mapped[int] = mapped_column(primary_key=True)
    file_row: Mapped[int | None] = mapped_column(doc="The row as a spreadsheet numbers it, header and blank rows too")
    raw: Mapped[dict[str, Any]] = mapped_column(JSONB)
    reason: Mapped[str] = mapped_column(doc="A code of campaign.audience.reasons")
    text: Mapped[str] = mapped_column(doc="The reason in words for this row")
