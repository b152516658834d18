"""What the platform changes and tells by itself."""

from typing import Any

import pytest

from sandbox.config import SandboxConfig
from sandbox.platform import Platform


@pytest.fixture
def platform() -> Platform:
    return Platform(SandboxConfig())


def told(platform: Platform) -> list[tuple[str, dict[str, Any]]]:
    """Collects what is announced instead of posting it."""
    announced: list[tuple[str, dict[str, Any]]] = []
    platform.announce = lambda field, value: announced.append((field, dict(value)))  # type: ignore[method-assign]
    return announced


def test_the_second_pause_of_a_template_has_its_own_title(platform: Platform) -> None:
    announced, template = told(platform), platform.templates.named("spring_sale", "en_US")[0]
    for _ in range(2):
        platform.set_template_status(template, "PAUSED")
        platform.set_template_status(template, "APPROVED")
    titles = [value["other_info"]["title"] for _, value in announced]
    assert titles == ["FIRST_PAUSE", "UNPAUSE", "SECOND_PAUSE", "UNPAUSE"]


def test_what_does_not_change_is_not_told(platform: Platform) -> None:
    announced, template = told(platform), platform.templates.named("spring_sale", "en_US")[0]
    platform.set_template_status(template, "APPROVED")
    platform.set_template_quality(template, "UNKNOWN")
    platform.set_number_quality(platform.numbers["100000000000020"], "YELLOW")
    assert announced == []


def test_a_number_is_flagged_and_unflagged(platform: Platform) -> None:
    announced, number = told(platform), platform.numbers["100000000000020"]
    for quality in ("YELLOW", "RED", "GREEN"):
        platform.set_number_quality(number, quality)
    assert [value["event"] for _, value in announced] == ["FLAGGED", "UNFLAGGED"]


def test_the_tier_of_the_scenario_is_the_numbers(platform: Platform) -> None:
    platform.change_scenario({"limits": {"tier": 250}})
    assert {number.tier for number in platform.numbers.values()} == {"TIER_250"}
