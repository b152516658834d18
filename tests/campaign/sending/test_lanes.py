"""Who works where, on a real Redis."""

import time
from itertools import count

import pytest
import redis

from campaign.sending.lanes import LaneKey, Lanes
from campaign.settings import Settings

tokens = count()


def token() -> str:
    return f"t{next(tokens)}"


@pytest.fixture
def lanes(redis_client: redis.Redis, settings: Settings) -> Lanes:
    return Lanes(redis_client, settings.model_copy(update={"lanes_per_sender": 3, "lane_ttl_s": 0.3}))


def test_each_place_is_taken_once(lanes: Lanes) -> None:
    assert [lane.place for lane in lanes.open(1, token)] == [0, 1, 2]
    assert list(lanes.open(1, token)) == []
    assert len(list(lanes.open(2, token))) == 3


def test_a_closed_lane_can_be_taken_again(lanes: Lanes) -> None:
    first, *_ = lanes.open(1, token)
    lanes.close(first)
    assert [lane.place for lane in lanes.open(1, token)] == [first.place]


def test_a_silent_lane_is_taken_again_and_a_living_one_is_not(lanes: Lanes) -> None:
    alive, *silent = lanes.open(1, token)
    for _ in range(5):
        time.sleep(0.1)
        assert lanes.still_mine(alive)
    assert [lane.place for lane in lanes.open(1, token)] == [lane.place for lane in silent]


def test_a_former_holder_is_told_and_closes_nothing(lanes: Lanes) -> None:
    lane, *_ = lanes.open(1, token)
    time.sleep(0.35)
    successor, *_ = lanes.open(1, token)
    assert not lanes.still_mine(lane)
    lanes.close(lane)
    assert lanes.still_mine(successor)


def test_an_unknown_lane_belongs_to_nobody(lanes: Lanes) -> None:
    assert not lanes.still_mine(LaneKey(9, 0, "x"))
