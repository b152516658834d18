"""What the platform changes and tells by itself."""

from typing import Any

import pytest

from sandbox.config import SandboxConfig
from sandbox.platform import Platform
from tests.sandbox.client import D360_KEY, message
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver


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


def test_doors_are_shared(platform: Platform) -> None:
    number, cloud = platform.numbers["100000000000020"], platform.dialects["cloud"]
    assert platform.door(cloud, number, 23.0) is platform.door(cloud, number, 23.0)
    assert platform.door(cloud, number, 24.0) is not platform.door(cloud, number, 23.0)


def test_a_number_speaks_the_dialect_that_it_was_used_in_last(start: Start, receiver: Receiver) -> None:
    client = start(webhook_authorization="Bearer x")
    client.http.post("/messages", json=message("525555500001"), headers=D360_KEY)
    client.control("inbound", {"from": "525555500001", "text": "Hi"})
    receiver.until(receiver.messages)
    assert all(post.headers.get("Authorization") == "Bearer x" for post in receiver.posts)


def test_the_tier_of_the_scenario_is_the_numbers(platform: Platform) -> None:
    platform.change_scenario({"limits": {"tier": 250}})
    assert {number.tier for number in platform.numbers.values()} == {"TIER_250"}
