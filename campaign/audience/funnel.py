"""From rows to messages, step by step: where rows ended, and why. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from campaign.audience.reasons import CONSENT_REASONS, EXCLUSION_REASONS, VALUE_REASONS, RejectReason

FUNNEL: Sequence[tuple[str, frozenset[RejectReason] | None]] = (
    ("readable", frozenset({RejectReason.RAGGED_ROW, RejectReason.UNREADABLE_ROW})),
    # None takes every reason that no other step names: whatever is wrong with the phone.
    ("with a usable phone", None),
    ("with every value", VALUE_REASONS),
    ("listed once", frozenset({RejectReason.DUPLICATE})),
    ("with consent", CONSENT_REASONS),
    ("not suppressed", frozenset({RejectReason.SUPPRESSED})),
    ("not left out", EXCLUSION_REASONS),
    ("with an open hour", frozenset({RejectReason.NO_HOUR})),
)
"""The steps from rows to messages, each with the reasons that end a row there."""


@dataclass(frozen=True, slots=True)
class Step:
    """Rows left after one step of the funnel, and those that ended there by reason."""

    name: str
    left: int
    refused: Mapping[str, int]


def funnel(rows: int, refused: Mapping[str, int], withheld: Mapping[str, int]) -> list[Step]:
    """Row counts step by step; `withheld` are rows that passed when the list was read and would not now."""
    named = frozenset().union(*(reasons for _, reasons in FUNNEL if reasons))
    total = {reason: refused.get(reason, 0) + withheld.get(reason, 0) for reason in (*refused, *withheld)}
    steps = []
    for name, reasons in FUNNEL:
        here = {r: n for r, n in total.items() if (r in reasons if reasons else r not in named)}
        rows -= sum(here.values())
        steps.append(Step(name, rows, here))
    return steps
