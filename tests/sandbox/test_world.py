"""Ways in, and the voice towards the receiver."""

import pytest

from sandbox.config import SandboxConfig
from sandbox.platform import Platform
from tests.sandbox.client import CLOUD_KEY, D360_KEY, message
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver


@pytest.fixture
def platform() -> Platform:
    return Platform(SandboxConfig())


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


def test_a_number_that_was_never_used_speaks_the_first_dialect(platform: Platform) -> None:
    assert platform.voice("100000000000020").name == "cloud"


def test_an_event_is_told_once_though_several_numbers_share_an_address(start: Start, receiver: Receiver) -> None:
    client = start(phone_number_ids=("1001", "1002"))
    for number in ("1001", "1002"):
        client.http.post(f"/v23.0/{number}/messages", json=message("525555500001"), headers=CLOUD_KEY)
    client.control("templates/spring_sale/status", {"status": "PAUSED", "language": "en_US"})
    client.settled()
    assert len(receiver.values("message_template_status_update")) == 1


def test_the_statuses_of_each_number_name_it(start: Start, receiver: Receiver) -> None:
    client = start(phone_number_ids=("1001", "1002"))
    for number in ("1001", "1002"):
        client.http.post(f"/v23.0/{number}/messages", json=message("525555500001"), headers=CLOUD_KEY)
    client.settled()
    assert {value["metadata"]["phone_number_id"] for value in receiver.values()} == {"1001", "1002"}
