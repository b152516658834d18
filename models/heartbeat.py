"""Signs of life of parts of the engine that leave no other trace."""

from sqlalchemy.orm import Mapped, mapped_column

from models.base import Base, UtcTime


class Heartbeat(Base):
    """When a part was last heard of. One row per part, written over."""

    __tablename__ = "heartbeat"

    name: Mapped[str] = mapped_column(primary_key=True, doc="The part, such as beat")
    at: Mapped[UtcTime]
