"""The terms of a canary: what is refused, how shares are read, and the judgement."""

import pytest

from campaign.errors import UsageError
from campaign.sending.canary.terms import CanaryCounts, CanaryTerms, judge, parse_share, tells_enough


def test_the_terms_survive_being_kept() -> None:
    terms = CanaryTerms(100, wait_s=60, failed=0.1)
    assert CanaryTerms.from_json(terms.as_json()) == terms


@pytest.mark.parametrize(
    ("given", "named"),
    [
        ({"people": 0}, "--canary 0"),
        ({"people": 10_001}, "--canary 10001"),
        ({"people": 5, "wait_s": -1}, "--canary-wait -1"),
        ({"people": 5, "failed": 1.2}, "--canary-max-failed 120%"),
        ({"people": 5, "blocked": -0.1}, "--canary-max-blocked -10%"),
    ],
)
def test_what_cannot_be_is_refused_by_its_option(given: dict[str, float], named: str) -> None:
    with pytest.raises(UsageError, match=named):
        CanaryTerms(**given)  # type: ignore[arg-type]


@pytest.mark.parametrize(("text", "share"), [("5%", 0.05), ("5", 0.05), (" 0.5 % ", 0.005), ("0%", 0.0)])
def test_a_share_is_a_percentage(text: str, share: float) -> None:
    assert parse_share("--canary-max-failed", text) == pytest.approx(share)


def test_what_is_no_share_says_how_to_write_it() -> None:
    with pytest.raises(UsageError, match="--canary-max-held few is no share; write it like 5%"):
        parse_share("--canary-max-held", "few")


@pytest.mark.parametrize(
    ("counts", "enough"),
    [
        (CanaryCounts(10, 10, 0, 0, 0, 0), True),
        (CanaryCounts(10, 5, 0, 0, 0, 0), True),
        (CanaryCounts(10, 4, 0, 0, 0, 0), False),
        (CanaryCounts(0, 0, 0, 0, 0, 0), False),
    ],
)
def test_a_judgement_needs_most_of_the_people(counts: CanaryCounts, enough: bool) -> None:
    assert tells_enough(counts) is enough


def test_a_share_at_its_bound_is_within() -> None:
    terms = CanaryTerms(100, failed=0.05)
    assert judge(terms, CanaryCounts(100, 100, 5, 0, 0, 0)) is None
    assert judge(terms, CanaryCounts(100, 100, 6, 0, 0, 0)) == "6 of 100 failed (5% allowed)"
