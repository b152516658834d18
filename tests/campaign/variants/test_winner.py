"""The test between two proportions against known values, and when nobody wins."""

import pytest

from campaign.variants.winner import Arm, decide, p_of, z_of


@pytest.mark.parametrize(
    ("a", "b", "z", "p"),
    [
        # Two-sided, pooled, worked by hand: p = 0.375, standard error 0.06847.
        (Arm("A", 100, 45), Arm("B", 100, 30), 2.1909, 0.02846),
        # p = 0.1, standard error sqrt(0.09 * 0.004) = 0.018974.
        (Arm("A", 500, 60), Arm("B", 500, 40), 2.1082, 0.03501),
        (Arm("A", 1000, 130), Arm("B", 500, 50), 1.6855, 0.09190),
        (Arm("A", 200, 50), Arm("B", 200, 50), 0.0, 1.0),
    ],
)
def test_known_values(a: Arm, b: Arm, z: float, p: float) -> None:
    assert z_of(a, b) == pytest.approx(z, abs=5e-4)
    assert z_of(b, a) == pytest.approx(-z, abs=5e-4)
    assert p_of(a, b) == pytest.approx(p, abs=5e-4)


def test_nobody_or_everybody_differs_from_nobody() -> None:
    assert z_of(Arm("A", 100, 0), Arm("B", 300, 0)) == 0.0
    assert p_of(Arm("A", 100, 100), Arm("B", 300, 300)) == 1.0


def test_the_better_one_wins_when_it_is_surely_better() -> None:
    found = decide([Arm("A", 500, 150), Arm("B", 500, 210)], 95, "read it")
    assert found.winner == "B"
    assert found.text.startswith("B wins (p = ")
    assert "B: 210 of 500 read it (42.0%); A: 150 of 500 read it (30.0%)" in found.text


def test_a_difference_that_may_be_chance_wins_nothing() -> None:
    found = decide([Arm("A", 500, 150), Arm("B", 500, 160)], 95, "read it")
    assert (found.winner, found.text[:42]) == (None, "No winner: the difference may be chance (p")


def test_a_higher_confidence_asks_for_more() -> None:
    arms = [Arm("A", 100, 45), Arm("B", 100, 30)]
    assert (decide(arms, 95, "replied").winner, decide(arms, 99, "replied").winner) == ("A", None)


def test_among_three_the_level_is_divided_by_the_pairs() -> None:
    """p = 0.028 wins among two at 95 %, and not among three: 0.0167 is needed."""
    arms = [Arm("A", 100, 45), Arm("B", 100, 30)]
    assert decide(arms, 95, "read it").winner == "A"
    assert decide([*arms, Arm("C", 100, 30)], 95, "read it").winner is None


def test_too_few_people_decide_nothing() -> None:
    found = decide([Arm("A", 99, 90), Arm("B", 500, 10)], 95, "read it")
    assert (found.winner, "A was delivered to 99, under 100" in found.text) == (None, True)


def test_too_few_hits_decide_nothing() -> None:
    found = decide([Arm("A", 200, 5), Arm("B", 200, 0)], 95, "replied")
    assert (found.winner, "too few replied" in found.text) == (None, True)
