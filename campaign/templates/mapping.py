"""`--map` items to a mapping: which slot takes which column, constant, file or fallback. Pure."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from campaign.errors import UsageError
from campaign.names import listed, nearest
from campaign.templates.slots import Slot, SlotUse
from campaign.templates.transforms import TRANSFORMS, make_rewrite, split_transforms
from campaign.templates.values import Unfit, clean, prepare

Mapped = Mapping[str, Mapping[str, Any]]
"""Slot key to `{"column": c}` with `transforms` and `fallback` where given, `{"text": t}` or `{"file": path}`."""

_SLOT = re.compile(r"(?:card\.\d+\.)?(?:(?:body|header)\.\w+|button\.\d+(?:\.\w+)?)|offer\.ends")


def parse_mapping(items: Sequence[str]) -> dict[str, dict[str, Any]]:
    """Read items such as `body.1=first_name:title`, `body.2==15%` (a constant), `header.1=@picture.jpg` (a file) and
    `body.1=name|friend` (a fallback).

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

    A slot that may stay empty stays so when it is not mapped.

    raises  UsageError for a slot the template does not have, a column the list does not have, a slot left open, a
            constant that its slot does not take, or a transform that does not exist
    """
    _refuse_unknown_slots(mapping, slots)
    complete = {key: dict(value) for key, value in mapping.items()}
    for slot in slots:
        if slot.key not in complete and not slot.optional:
            complete[slot.key] = _same_name(slot, columns)
    _refuse_unknown_columns(complete, columns)
    _refuse_bad_constants(complete, slots)
    return complete


def constant_of(value: Mapping[str, Any]) -> str | None:
    """The text that a slot takes for everybody, or None."""
    text = value.get("text")
    return str(text) if text is not None else None


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
    if value.startswith("@"):
        return {"file": _not_empty(item, value[1:], "file")}
    before, bar, fallback = value.partition("|")
    column, transforms = split_transforms(before)
    source: dict[str, Any] = {"column": _not_empty(item, column, "column")}
    if transforms:
        make_rewrite(transforms)
        source["transforms"] = transforms
    if bar:
        source["fallback"] = _not_empty(item, fallback, "fallback")
    return source


def _not_empty(item: str, text: str, what: str) -> str:
    text = clean(text)
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
            raise UsageError(_unknown_column(key, value["column"], columns))


def _unknown_column(key: str, column: str, columns: Sequence[str]) -> str:
    name, colon, transform = column.rpartition(":")
    if colon and name in columns:
        return f"--map {key}={column}: there is no transform {transform} ({nearest(transform, TRANSFORMS)})"
    return (
        f"--map {key}={column}: the list has no column {column} "
        f"(found {listed(columns, most=12)}); for a constant write --map {key}=={column}"
    )


def _refuse_bad_constants(mapping: Mapped, slots: Sequence[Slot]) -> None:
    for slot in slots:
        value = mapping.get(slot.key, {})
        if "file" in value and slot.use is not SlotUse.MEDIA:
            raise UsageError(f"--map {slot.key}=@{value['file']}: the slot takes no file")
        for word in ("text", "fallback"):
            given = prepare(slot.use, value[word]) if word in value else ""
            if isinstance(given, Unfit):
                raise UsageError(f"--map {slot.key}: the value {given.text}")


def _same_name(slot: Slot, columns: Sequence[str]) -> dict[str, Any]:
    if slot.name is not None and slot.name in columns:
        return {"column": slot.name}
    raise UsageError(f"slot {slot.key} of the template is not mapped; add for example {slot.example}")
