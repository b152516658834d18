"""Which variant of a sample wins: a two-proportion test, written plainly. Pure.

Of the people to whom a variant was delivered, a share read it (or replied). Two variants are compared by the pooled
two-proportion z-test, two-sided:

    p = (hits_a + hits_b) / (people_a + people_b)
    z = (hits_a / people_a - hits_b / people_b) / sqrt(p * (1 - p) * (1 / people_a + 1 / people_b))

The best variant wins when it beats the second best at the confidence asked for. Among more than two, the level is
divided by the number of pairs (Bonferroni), as the best of many looks good by chance. Under LEAST_DELIVERED people of a
variant, or LEAST_EXPECTED expected hits or misses, the test does not hold and nobody wins.
"""

from collections.abc import Sequence
from math import sqrt
from statistics import NormalDist
from typing import NamedTuple

LEAST_DELIVERED = 100
LEAST_EXPECTED = 5


class Arm(NamedTuple):
    """One variant in a sample: people to whom it was delivered, and how many of them read it or replied."""

    name: str
    people: int
    hits: int

    @property
    def rate(self) -> float:
        """Hits of people, 0..1."""
        return self.hits / self.people if self.people else 0.0


class Decision(NamedTuple):
    """The variant that won, or None; and why, in words."""

    winner: str | None
    text: str


def z_of(a: Arm, b: Arm) -> float:
    """How many standard errors lie between two rates, by the pooled test; 0 where everybody or nobody is a hit."""
    pooled = (a.hits + b.hits) / (a.people + b.people)
    error = sqrt(pooled * (1 - pooled) * (1 / a.people + 1 / b.people))
    return (a.rate - b.rate) / error if error else 0.0


def p_of(a: Arm, b: Arm) -> float:
    """How likely a difference at least so great is where there is none: two-sided."""
    return 2 * (1 - NormalDist().cdf(abs(z_of(a, b))))


def decide(arms: Sequence[Arm], confidence: int, verb: str) -> Decision:
    """The winner of a sample.

    confidence  percent
    verb        what a hit is, in words: `read it`
    """
    ranked = sorted(arms, key=lambda arm: (-arm.rate, arm.name))
    told = "; ".join(f"{arm.name}: {arm.hits:,} of {arm.people:,} {verb} ({arm.rate:.1%})" for arm in ranked)
    if small := [arm for arm in arms if arm.people < LEAST_DELIVERED]:
        return Decision(
            None,
            f"No winner: {small[0].name} was delivered to {small[0].people:,}, under {LEAST_DELIVERED} nothing is "
            f"decided. {told}.",
        )
    best, second = ranked[:2]
    if not _enough(best, second):
        return Decision(None, f"No winner: too few {verb}, or too few did not, for the test to hold. {told}.")
    p, pairs = p_of(best, second), len(arms) * (len(arms) - 1) // 2
    level = (100 - confidence) / 100 / pairs
    if p >= level:
        return Decision(None, f"No winner: the difference may be chance (p = {p:.3f}, {level:.3g} needed). {told}.")
    return Decision(best.name, f"{best.name} wins (p = {p:.3g}, {level:.3g} needed). {told}.")


def _enough(a: Arm, b: Arm) -> bool:
    pooled = (a.hits + b.hits) / (a.people + b.people)
    return min(a.people, b.people) * min(pooled, 1 - pooled) >= LEAST_EXPECTED
