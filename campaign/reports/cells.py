"""Values as cells of a CSV that people open in a spreadsheet. Pure."""

from datetime import UTC, datetime

FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def text_cell(value: str | None) -> str:
    """Free text. A leading sign that a spreadsheet would run as a formula gets an apostrophe before it."""
    if not value:
        return ""
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value


def time_cell(value: datetime | None) -> str:
    """An instant in ISO 8601, UTC, to the millisecond."""
    return value.astimezone(UTC).isoformat(timespec="milliseconds") if value else ""


def flag_cell(value: bool | None) -> str:
    """`true`, `false`, or nothing where it is not known."""
    return "" if value is None else str(value).lower()
