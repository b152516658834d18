"""The variants of a campaign as a person asks for them, and who gets which. Pure."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from campaign.errors import UsageError
from campaign.policies import Policies
from campaign.sending.canary.terms import MOST_PEOPLE, CanaryTerms
from models.variant import Measure

MOST_VARIANTS = 6
LEAST_SAMPLE = 100
"""People of each variant in a sample: below it the test of campaign.variants.winner decides nothing."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,19}")
_LARGEST = 2**64
_KNOWN = ("template", "language")


@dataclass(frozen=True, slots=True)
class VariantTerms:
    """One variant: its name, its share of the list in percent, its template; None is the campaign's own."""

    name: str
    share: int
    template: str | None = None
    language: str | None = None


@dataclass(frozen=True, slots=True)
class WinnerTerms:
    """What decides which variant the rest of the list gets.

    after_s     from the last of the sample to the decision, seconds
    sample      people who are written to before it
    confidence  percent
    """

    measure: Measure
    after_s: float
    sample: int
    confidence: int = 95

    def policies(self, policies: Policies) -> Policies:
        """The sample is a canary that nothing but the wait can hold up."""
        canary = CanaryTerms(self.sample, self.after_s, failed=1.0, held=1.0, blocked=1.0)
        return Policies(policies.uncertain, policies.priority, canary)


def parse_variant(text: str) -> VariantTerms:
    """A variant such as `A:70` or `B:30:template=spring_b,language=en_US`.

    raises  UsageError
    """
    name, _, rest = text.partition(":")
    share, _, given = rest.partition(":")
    if not _NAME.fullmatch(name) or not share.strip().removesuffix("%").isdecimal():
        raise UsageError(
            f"--variant {text!r} is not NAME:SHARE; write for example A:70 and B:30:template=spring_b,language=en_US"
        )
    values: dict[str, str] = {}
    for item in filter(None, given.split(",")):
        key, equals, value = item.partition("=")
        if key.strip() not in _KNOWN or not equals or not value.strip():
            raise UsageError(f"--variant {name}: {item!r} is not known; there is template=NAME and language=CODE")
        values[key.strip()] = value.strip()
    return VariantTerms(name, int(share.strip().removesuffix("%")), **values)


def check_variants(
    variants: Sequence[VariantTerms], winner: WinnerTerms | None, *, canary: bool, language_column: bool
) -> None:
    """Refuse variants that cannot be compared.

    canary, language_column  whether the campaign has them, too
    raises                   UsageError
    """
    if not variants:
        if winner is not None:
            raise UsageError("--winner chooses among variants; add --variant A:50 and --variant B:50:template=…")
        return
    if not 2 <= len(variants) <= MOST_VARIANTS:
        raise UsageError(f"a campaign has 2 to {MOST_VARIANTS} variants, not {len(variants)}; repeat --variant")
    names = [variant.name for variant in variants]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise UsageError(f"--variant {twice} is given twice; give each a name of its own")
    if any(variant.share < 1 for variant in variants) or sum(variant.share for variant in variants) != 100:
        shares = " + ".join(str(variant.share) for variant in variants)
        raise UsageError(f"the shares of the variants are {shares}; each has to be at least 1, together 100")
    if language_column:
        raise UsageError("--variant and --language-column both choose the template; choose one of them")
    if winner is not None:
        _check_winner(variants, winner, canary=canary)


def _check_winner(variants: Sequence[VariantTerms], winner: WinnerTerms, *, canary: bool) -> None:
    if canary:
        raise UsageError("the sample of --winner is a canary already; leave --canary out")
    if not 80 <= winner.confidence <= 99:
        raise UsageError(f"--confidence {winner.confidence} is not usable; give 80 to 99 percent")
    smallest = min(variants, key=lambda variant: variant.share)
    needed = -(-LEAST_SAMPLE * 100 // smallest.share)
    if winner.sample < needed:
        raise UsageError(
            f"--winner-sample {winner.sample} is too small: variant {smallest.name} has {smallest.share}% of it, and "
            f"under {LEAST_SAMPLE} people nothing is decided; give at least {needed:,}"
        )
    if winner.sample > MOST_PEOPLE:
        raise UsageError(f"--winner-sample {winner.sample} is too large; give at most {MOST_PEOPLE:,}")


class Split:
    """Who gets which variant: by a hash of the campaign's name and the person, so always the same.

    seed  the campaign's name: the same list in a campaign of the same name is split alike
    """

    def __init__(self, variants: Sequence[VariantTerms], seed: str) -> None:
        self._seed = f"{seed}\0".encode()
        self._bounds: list[tuple[int, str]] = []
        total = 0
        for variant in variants:
            total += variant.share
            self._bounds.append((_LARGEST * total // 100, variant.name))

    def name_of(self, identity: str) -> str:
        """The name of the variant that a person gets."""
        point = int.from_bytes(blake2b(self._seed + identity.encode(), digest_size=8).digest())
        return next(name for bound, name in self._bounds if point < bound)
