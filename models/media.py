"""Files that templates show, and where they were uploaded."""

from sqlalchemy import BigInteger, ForeignKey, LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, CreatedAt, UtcTime


class MediaFile(Base):
    """One file, known by its content; kept so that an upload can be renewed from any machine."""

    __tablename__ = "media_file"

    sha256: Mapped[str] = mapped_column(primary_key=True)
    file_name: Mapped[str]
    mime: Mapped[str]
    size: Mapped[int] = mapped_column(doc="Bytes")
    content: Mapped[bytes] = mapped_column(LargeBinary, deferred=True, nullable=False)
    created_at: Mapped[CreatedAt]


class MediaUpload(Base):
    """A file at one sender's provider. After `expires_at` the id may be gone."""

    __tablename__ = "media_upload"

    sender_id: Mapped[int] = mapped_column(BigInteger, ForeignKey("sender.id", ondelete="CASCADE"), primary_key=True)
    sha256: Mapped[str] = mapped_column(ForeignKey("media_file.sha256", ondelete="CASCADE"), primary_key=True)
    media_id: Mapped[str]
    uploaded_at: Mapped[UtcTime]
    expires_at: Mapped[UtcTime]
