"""Faults armed from outside: the next K requests meet them. For shares of people see the scenario.

`before` means that the platform never took the message; `after` that it did, whatever the client saw.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, get_args, get_type_hints

KINDS = {
    "refuse": "answered with `code` (and `status`, `text`)",
    "gateway": "answered in 360dialog's gateway envelope with `status` and `text`",
    "http": "answered with `status` and a page of HTML",
    "fail_later": "taken, then reported failed with `code` by webhook",
    "reset_before": "connection reset, never taken",
    "reset_after": "taken, then connection reset",
    "timeout_before": "no answer, never taken",
    "timeout_after": "taken, no answer",
    "error_before": "answered HTTP 500 with `code` (131000), never taken",
    "error_after": "taken, yet answered HTTP 500 with `code` (131000)",
    "slow": "taken and answered after `after_s`",
    "truncated": "taken; the answer breaks off in the middle",
    "not_json": "taken; the answer is a page of HTML with status 200",
    "huge": "taken; the answer is 8 MB of JSON",
    "empty": "taken; the answer is an empty object",
    "held": "taken with message_status held_for_quality_assessment",
    "paused": "taken with message_status paused; nothing is delivered",
    "without_status": "taken; the answer has no message_status",
}


class BadFault(ValueError):
    """A fault that cannot be armed; the message says why."""


@dataclass(slots=True)
class Fault:
    """One armed fault. `to` and `phone_number_id`, when given, say whom it is for; `to` in digits."""

    kind: str
    count: int = 1
    code: int = 131000
    status: int | None = None
    text: str = ""
    after_s: float = 1.0
    to: str | None = None
    phone_number_id: str | None = None


class Armoury:
    """The armed faults, used up in the order in which they were armed."""

    def __init__(self) -> None:
        self._armed: list[Fault] = []

    def arm(self, wanted: Mapping[str, Any]) -> Fault:
        """Arm a fault.

        raises  BadFault for an unknown kind or field, or a value of the wrong type
        """
        fault = _read(wanted)
        self._armed.append(fault)
        return fault

    def next(self, digits: str, number_id: str) -> Fault | None:
        """The fault that this request meets, counted down; None for most."""
        # Few are armed at a time; the first that fits strikes.
        for fault in self._armed:
            if fault.to in (None, digits) and fault.phone_number_id in (None, number_id):
                fault.count -= 1
                if fault.count <= 0:
                    self._armed.remove(fault)
                return fault
        return None

    def __bool__(self) -> bool:
        return bool(self._armed)

    def clear(self) -> None:
        """Disarm all."""
        self._armed.clear()

    def as_list(self) -> list[dict[str, Any]]:
        """What is armed, with what is left of each count."""
        return [asdict(fault) for fault in self._armed]


def _read(wanted: Mapping[str, Any]) -> Fault:
    kind = wanted.get("kind")
    if kind not in KINDS:
        raise BadFault(f"kind {kind!r} is unknown; one of {', '.join(KINDS)}")
    hints = get_type_hints(Fault)
    for name, value in wanted.items():
        if name not in hints:
            raise BadFault(f"field {name!r} is unknown; one of {', '.join(hints)}")
        # `str | None` has two, `int` only itself.
        allowed = get_args(hints[name]) or (hints[name],)
        # A bool is an int to Python and not to a person.
        if isinstance(value, bool) or not isinstance(value, (*allowed, *((int,) if float in allowed else ()))):
            raise BadFault(f"field {name!r} cannot be {value!r}")
    if wanted.get("count", 1) < 1:
        raise BadFault("count is at least 1")
    if str(wanted.get("to") or "").startswith("+"):
        wanted = {**wanted, "to": str(wanted["to"])[1:]}
    return Fault(**wanted)
