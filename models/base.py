"""Metadata, constraint names, and the column types that every table shares."""

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

from sqlalchemy import BigInteger, CheckConstraint, DateTime, Identity, MetaData, Text, func
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import DeclarativeBase, mapped_column

CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}

BigId = Annotated[int, mapped_column(BigInteger, Identity(), primary_key=True)]
"""A surrogate key of 64 bits, given by the database."""

UtcTime = Annotated[datetime, mapped_column(DateTime(timezone=True))]
"""An instant; always aware, stored in UTC."""

CreatedAt = Annotated[datetime, mapped_column(DateTime(timezone=True), server_default=func.now())]
"""The instant at which the row was written, by the database's clock."""

Json = Annotated[dict[str, Any], mapped_column(JSONB)]
"""A JSON object."""


class Base(DeclarativeBase):
    """The declarative base: one metadata, predictable constraint names."""

    metadata = MetaData(naming_convention=CONSTRAINT_NAMES)
    type_annotation_map = {str: Text}  # noqa: RUF012 - SQLAlchemy reads it as a plain dict


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """A constraint that a text column holds one of the words of an enum, named after the column.

    Text with a check instead of a database enum: a new word is one cheap migration, and COPY takes it as it is.
    """
    listed = ", ".join(f"'{word.value}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=column)
