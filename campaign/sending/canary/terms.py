"""The terms of a canary, and the judgement on it. Pure."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, NamedTuple, Self

from campaign.errors import UsageError

MOST_PEOPLE = 10_000
"""More is no sample any more; each of them is kept by id until the judgement."""

WAIT_S = 3600.0
"""Platform.md B.4: the goal of a decision on held messages is one hour."""


@dataclass(frozen=True, slots=True)
class CanaryTerms:
    """Who is written to first, and what has to hold before the others are.

    wait_s                 from the last of them to the judgement, seconds
    failed, held, blocked  the largest share of them that may be so, 0..1
    """

    people: int
    wait_s: float = WAIT_S
    failed: float = 0.05
    held: float = 0.05
    blocked: float = 0.02

    def __post_init__(self) -> None:
        if not 1 <= self.people <= MOST_PEOPLE:
            raise UsageError(f"--canary {self.people} is not usable; give 1 to {MOST_PEOPLE:,} people")
        if self.wait_s < 0:
            raise UsageError(f"--canary-wait {self.wait_s:g} is not usable; give seconds from 0")
        for name in ("failed", "held", "blocked"):
            if not 0 <= (share := getattr(self, name)) <= 1:
                raise UsageError(f"--canary-max-{name} {share:.0%} is not usable; give 0% to 100%")

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """The terms as the campaign keeps them."""
        return cls(**stored)

    def as_json(self) -> dict[str, Any]:
        """The terms as the campaign keeps them."""
        return asdict(self)

    @property
    def words(self) -> str:
        """The bounds as a person reads them."""
        failed, held, blocked = map(_percent, (self.failed, self.held, self.blocked))
        return f"at most {failed} failed, {held} held and {blocked} opted out"


class CanaryCounts(NamedTuple):
    """What became of the people of a canary.

    sent     requests were made for them; the others went back to the queue before anything left
    blocked  they opted out, by a reply or in WhatsApp
    unsure   their request may or may not have arrived
    """

    taken: int
    sent: int
    failed: int
    held: int
    blocked: int
    unsure: int


def parse_share(option: str, text: str) -> float:
    """A share such as `5%`, 0..1.

    raises  UsageError
    """
    try:
        return float(text.strip().removesuffix("%").strip()) / 100
    except ValueError:
        raise UsageError(f"{option} {text} is no share; write it like 5%") from None


def tells_enough(counts: CanaryCounts) -> bool:
    """Whether most of the people taken were really written to."""
    return counts.sent > 0 and 2 * counts.sent >= counts.taken


def judge(terms: CanaryTerms, counts: CanaryCounts) -> str | None:
    """Why the campaign must not go on by itself, in words; None when every share is within its bound."""
    words = {"failed": "failed", "held": "are held for quality", "blocked": "opted out"}
    beyond = []
    for name, verb in words.items():
        found, bound = getattr(counts, name), getattr(terms, name)
        if found > bound * counts.sent:
            beyond.append(f"{found:,} of {counts.sent:,} {verb} ({_percent(bound)} allowed)")
    return "; ".join(beyond) or None


def _percent(share: float) -> str:
    return f"{share * 100:g}%"
