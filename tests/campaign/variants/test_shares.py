"""What variants may be, and that everybody always gets the same one."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.errors import UsageError
from campaign.variants.shares import Split, VariantTerms, WinnerTerms, check_variants, parse_variant
from models.variant import Measure
from tests.factories import fiction_phone

AB = (VariantTerms("A", 70), VariantTerms("B", 30, "spring_b"))
RULE = WinnerTerms(Measure.READ, 3600, 1000)


def test_a_variant_is_read() -> None:
    assert parse_variant("A:70") == VariantTerms("A", 70)
    assert parse_variant("B:30%:template=spring_b,language=es_MX") == VariantTerms("B", 30, "spring_b", "es_MX")


@pytest.mark.parametrize("text", ["A", "A:", "A:x", ":70", "A:70:spring", "A:70:template=", "A:70:color=red"])
def test_anything_else_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(UsageError, match="NAME"):
        parse_variant(text)


@pytest.mark.parametrize(
    ("variants", "winner", "said"),
    [
        ((AB[0],), None, "2 to 6 variants"),
        ((AB[0], AB[0]), None, "given twice"),
        ((AB[0], VariantTerms("B", 20)), None, "70 \\+ 20"),
        ((VariantTerms("A", 100), VariantTerms("B", 0)), None, "at least 1"),
        ((), RULE, "chooses among variants"),
        (AB, WinnerTerms(Measure.READ, 3600, 300), "give at least 334"),
        (AB, WinnerTerms(Measure.READ, 3600, 20_000), "at most 10,000"),
        (AB, WinnerTerms(Measure.READ, 3600, 1000, 50), "80 to 99"),
    ],
)
def test_what_cannot_be_compared_is_refused(
    variants: tuple[VariantTerms, ...], winner: WinnerTerms | None, said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        check_variants(variants, winner, canary=False, language_column=False)


def test_the_sample_is_a_canary_and_takes_no_other() -> None:
    with pytest.raises(UsageError, match="leave --canary out"):
        check_variants(AB, RULE, canary=True, language_column=False)


@pytest.mark.parametrize("shares", [(50, 50), (70, 30), (90, 5, 5), (1, 99)])
def test_shares_are_kept_within_a_point(shares: tuple[int, ...]) -> None:
    split = Split([VariantTerms(str(n), share) for n, share in enumerate(shares)], "spring")
    people = 40_000
    counted = Counter(split.name_of(str(525500000000 + n)) for n in range(people))
    assert all(abs(counted[str(n)] / people - share / 100) < 0.01 for n, share in enumerate(shares))


@given(identity=st.text(min_size=1), seed=st.text())
def test_everybody_gets_one_and_always_the_same(identity: str, seed: str) -> None:
    assert Split(AB, seed).name_of(identity) == Split(AB, seed).name_of(identity)


def test_another_campaign_draws_anew() -> None:
    phones = [fiction_phone(n) for n in range(2000)]
    first, second = Split(AB, "spring"), Split(AB, "summer")
    same = sum(first.name_of(phone) == second.name_of(phone) for phone in phones) / len(phones)
    assert 0.53 < same < 0.63  # 0.7² + 0.3² when they know nothing of each other
