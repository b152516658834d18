"""Numbers and tiers."""

import pytest

from sandbox.account import make_numbers, tier_limit, tier_name


@pytest.mark.parametrize(
    ("people", "name"),
    [(250, "TIER_250"), (2_000, "TIER_2K"), (10_000, "TIER_10K"), (100_000, "TIER_100K"), (0, "TIER_UNLIMITED")],
)
def test_a_tier_has_the_platforms_name(people: int, name: str) -> None:
    assert tier_name(people) == name
    assert tier_limit(name) == people


def test_another_word_is_no_tier() -> None:
    with pytest.raises(ValueError, match="TIER_250"):
        tier_limit("gold")


def test_numbers_differ_in_display_and_key() -> None:
    numbers = make_numbers(("1", "2", "3"), "t")
    assert [number.key for number in numbers.values()] == ["t", "t-2", "t-3"]
    assert [number.display for number in numbers.values()] == ["18005550100", "18005550101", "18005550102"]
    assert numbers["1"].as_graph("w")["display_phone_number"] == "+1 800-555-0100"


def test_a_key_is_not_printed() -> None:
    assert "secret" not in repr(make_numbers(("1",), "secret"))


def test_a_restricted_number_is_blocked_at_its_own_node() -> None:
    (number,) = make_numbers(("1",), "t").values()
    number.status = "RESTRICTED"
    health = number.health("w")
    assert health["can_send_message"] == "BLOCKED"
    assert [node["can_send_message"] for node in health["entities"]] == ["BLOCKED"] + ["AVAILABLE"] * 3
