"""How much a list may take before it is refused: bytes, memory, time."""

from dataclasses import dataclass

from campaign.settings import Settings

MEGABYTE = 1_000_000


@dataclass(frozen=True, slots=True)
class Bounds:
    """See the settings of the same names."""

    list_max_bytes: int
    unpacked_max_bytes: int
    workbook_memory_bytes: int
    workbook_timeout_s: float
    query_timeout_s: float


def bounds_of(settings: Settings) -> Bounds:
    """The bounds that the settings of this process name."""
    return Bounds(**{name: getattr(settings, name) for name in Bounds.__slots__})


DEFAULT_BOUNDS = Bounds(**{name: Settings.model_fields[name].default for name in Bounds.__slots__})
"""For lists that are read without settings at hand."""


def megabytes(count: int) -> str:
    """Bytes as a person reads them."""
    return f"{count / MEGABYTE:,.0f} MB" if count >= MEGABYTE else f"{count:,} bytes"
