"""`--map` items to a mapping: which slot takes which column, constant or fallback. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from campaign.errors import UsageError
from campaign.names import listed
from campaign.templates.slots import Slot

Mapped = Mapping[str, Mapping[str, Any]]
"""Slot key to `{"column": c}`, `{"column": c, "fallback": t}` or `{"text": t}`."""

_SLOT = re.compile(r"(?:body|header)\.\w+|button\.\d+")


def parse_mapping(items: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read items such as `body.1=first_name`, `body.2==15%` (a constant) and `header.1=name|friend` (a fallback).

    raises  UsageError for an item that is not in this form, or a slot named twice
    """
    mapping: dict[str, dict[str, Any]] = {}
    for item in items:
        slot, value = _split(item)
        if slot in mapping:
            raise UsageError(f"--map names {slot} twice; keep one of them")
        mapping[slot] = value
    return mapping


def complete_mapping(mapping: Mapped, slots: Sequence[Slot], columns: Sequence[str]) -> dict[str, dict[str, Any]]:
    """The mapping of every slot: as given, or the column of the same name for a named parameter.

    raises  UsageError for a slot the template does not have, a column the list does not have, or a slot left open
    """
    _refuse_unknown_slots(mapping, slots)
    complete = {key: dict(value) for key, value in mapping.items()}
    for slot in slots:
        if slot.key not in complete:
            complete[slot.key] = _same_name(slot, columns)
    _refuse_unknown_columns(complete, columns)
    return complete


def _split(item: str) -> tuple[str, dict[str, Any]]:
    slot, separator, value = item.partition("=")
    slot = slot.strip()
    if not separator or not _SLOT.fullmatch(slot) or not value.strip():
        raise UsageError(
            f"--map {item!r} is not SLOT=COLUMN; write for example body.1=first_name, body.1=first_name|friend "
            f"or body.1==constant text"
        )
    return slot, _source(item, value)


def _source(item: str, value: str) -> dict[str, Any]:
    if value.startswith("="):
        return {"text": _not_empty(item, value[1:], "constant")}
    column, bar, fallback = value.partition("|")
    if not bar:
        return {"column": column.strip()}
    return {"column": _not_empty(item, column, "column"), "fallback": _not_empty(item, fallback, "fallback")}


def _not_empty(item: str, text: str, what: str) -> str:
    text = " ".join(text.split())
    if not text:
        raise UsageError(f"--map {item!r} has an empty {what}, which the platform refuses; write some text")
    return text


def _refuse_unknown_slots(mapping: Mapped, slots: Sequence[Slot]) -> None:
    known = {slot.key for slot in slots}
    for key in mapping:
        if key not in known and "opt_out" not in mapping[key]:
            there = f"it has {listed(sorted(known))}" if known else "it has none, so leave --map out"
            raise UsageError(f"the template has no slot {key} ({there})")


def _refuse_unknown_columns(mapping: Mapped, columns: Sequence[str]) -> None:
    for key, value in mapping.items():
        if "column" in value and value["column"] not in columns:
            raise UsageError(
                f"--map {key}={value['column']}: the list has no column {value['column']} "
                f"(found {listed(columns, most=12)}); for a constant write --map {key}=={value['column']}"
            )


def _same_name(slot: Slot, columns: Sequence[str]) -> dict[str, Any]:
    if slot.name is not None and slot.name in columns:
        return {"column": slot.name}
    raise UsageError(f"slot {slot.key} of the template is not mapped; add for example {slot.example}")
