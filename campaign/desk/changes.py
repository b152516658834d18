"""What an act changed, from what the audit log holds of before and after. Pure."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Change(NamedTuple):
    """One value that was changed or noted; `before` is None where nothing was noted."""

    name: str
    before: str | None
    after: str | None


def changes(before: Mapping[str, Any] | None, after: Mapping[str, Any] | None) -> Sequence[Change]:
    """The values of both, those that stayed the same left out."""
    old, new = before or {}, after or {}
    names = [*old, *(name for name in new if name not in old)]
    return [
        Change(name, _said(old[name]) if name in old else None, _said(new[name]) if name in new else None)
        for name in names
        if name not in old or name not in new or old[name] != new[name]
    ]


def _said(value: Any) -> str:
    if value is None:
        return "–"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, Mapping):
        return ", ".join(f"{name} {_said(each)}" for name, each in value.items())
    return str(value)
