"""The engine's own contacts as a list, by a filter.

    --where region=MX              one value
    --where region=MX,CO           any of several
    --where attribute.plan!=gold   anything else, also nothing
    --where attribute.plan=        who has none

Several `--where` hold together.
"""

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session

from campaign.audience.bounds import Bounds
from campaign.audience.query import store
from campaign.audience.spool import write_rows
from campaign.errors import BadList, UsageError
from campaign.names import nearest

CONTACTS = "contacts"
"""The audience that is no file: everybody the engine knows."""

_OWN_KEYS = ("region", "time_zone", "name")
_CONDITION = re.compile(r"\s*(?P<key>[^=!]+?)\s*(?P<not>!?)=(?P<values>.*)", re.DOTALL)
_MOST_ATTRIBUTES = 200
"""Columns; a list has no more."""

Condition = tuple[str, bool, Sequence[str]]


def ask_contacts(session: Session, where: Sequence[str], out: Path, bounds: Bounds) -> dict[str, Any]:
    """Write the contacts that meet every condition as CSV; how they were asked.

    raises  UsageError for a condition that is none, or a key that nobody has; BadList when nobody meets them
    """
    attributes = store.attribute_keys(session)
    conditions = [parse_condition(item, attributes) for item in where]
    rows = store.contacts(session, attributes[:_MOST_ATTRIBUTES], conditions)
    words = f"contacts where {' and '.join(where)}" if where else "all contacts"
    if write_rows(out, rows, most_bytes=bounds.unpacked_max_bytes, what="the contacts") < 2:
        raise BadList(_nobody(where))
    return {"kind": "contacts", "words": words, "where": list(where)}


def _nobody(where: Sequence[str]) -> str:
    if where:
        return f"no contact has {' and '.join(where)}; correct --where"
    return "there are no contacts yet; see campaign contacts import"


def parse_condition(item: str, attributes: Sequence[str]) -> Condition:
    """One condition as key, whether it must be so, and values.

    raises  UsageError
    """
    found = _CONDITION.fullmatch(item)
    if found is None:
        raise UsageError(f"--where {item} is no condition; write it like region=MX or attribute.plan!=gold")
    key, known = found["key"], [*_OWN_KEYS, *(f"attribute.{name}" for name in attributes)]
    if key not in known:
        raise UsageError(f"--where {item}: no contact has {key}; {nearest(key, known)}")
    return key, not found["not"], [value.strip() for value in found["values"].split(",")]
