"""Nobody who came before is missed; few are taken for one of them."""

from array import array

from campaign.audience.seen import SeenBefore


def people(numbers: range) -> tuple[list[str], "array[int]"]:
    return [f"52{n}" for n in numbers], array("q", (int(f"52{n}") for n in numbers))


def test_whoever_came_before_is_named_and_hardly_anybody_else() -> None:
    seen = SeenBefore()
    assert seen.add(*people(range(5_510_000_000, 5_510_050_000))) == []
    again, others = range(5_510_049_000, 5_510_050_000), range(5_520_000_000, 5_520_020_000)
    found = seen.add(*people(range(5_510_049_000, 5_510_060_000)))
    assert set(found) >= set(people(again)[0])
    assert len(seen.add(*people(others))) < len(others) / 50


def test_no_people_are_fine() -> None:
    assert SeenBefore().add([], array("q")) == []
