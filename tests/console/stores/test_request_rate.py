"""How fast one API key may ask."""

import pytest

from campaign.settings import Settings
from console.stores.request_rate import KEY, request_rate


@pytest.fixture
def wait(redis_url, redis_client):
    settings = Settings(_env_file=None, api_rate=0.01, api_burst=3)
    with request_rate(redis_url, settings) as wait:
        yield wait


def test_a_burst_goes_through_and_the_next_waits_for_its_turn(wait):
    assert [wait("key:crm") for _ in range(3)] == [0, 0, 0]
    assert 90 < wait("key:crm") <= 100


def test_who_is_refused_does_not_push_its_turn_further_away(wait):
    waits = [wait("key:crm") for _ in range(10)]
    assert max(waits) <= 100


def test_keys_do_not_wait_for_one_another(wait):
    for _ in range(4):
        wait("key:crm")
    assert wait("key:shop") == 0


def test_what_is_kept_goes_by_itself(wait, redis_client):
    wait("key:crm")
    assert 0 < redis_client.pttl(KEY + "key:crm") <= 101_000


def test_without_redis_every_request_goes_through():
    with request_rate("redis://127.0.0.1:1/0", Settings(_env_file=None)) as wait:
        assert [wait("key:crm") for _ in range(200)] == [0] * 200
