"""Names that people give and mistype: their form, and the nearest one that exists."""

import re
from collections.abc import Iterable
from difflib import get_close_matches

from campaign.errors import UsageError

_IN_AN_ADDRESS = re.compile(r"[a-z0-9][a-z0-9_-]{0,62}")
_ONE_LINE = re.compile(r"[^\s-](?:[^\n\r\t]{0,98}\S)?")
_LISTED = 8


def check_sender_name(name: str) -> None:
    """Refuse a name that cannot stand in a webhook's address (`/webhooks/NAME`).

    raises  UsageError
    """
    if not _IN_AN_ADDRESS.fullmatch(name):
        raise UsageError(
            f"sender name {name!r} is not usable, as it is part of the webhook's address; "
            f"use a-z, 0-9, - and _, at most 63 of them"
        )


def check_campaign_name(name: str) -> None:
    """Refuse a name that is empty, longer than 100 characters or not on one line.

    raises  UsageError
    """
    if not _ONE_LINE.fullmatch(name):
        raise UsageError(f"campaign name {name!r} is not usable; write one line of 1 to 100 characters")


def nearest(name: str, known: Iterable[str]) -> str:
    """`did you mean …` where a known name is near, otherwise the known names."""
    unique = sorted(set(known))
    if close := get_close_matches(name, unique, n=3, cutoff=0.6):
        return f"did you mean {' or '.join(close)}?"
    return f"known: {listed(unique)}"


def listed(names: Iterable[str], *, most: int = _LISTED) -> str:
    """Names in one line, the first `most` of them."""
    every = list(names)
    shown = ", ".join(every[:most])
    return f"{shown} and {len(every) - most} more" if len(every) > most else shown
