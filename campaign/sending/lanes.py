"""Who works where: each sender has some lanes, and a lane has one holder, or none.

A lane is alive while its key in Redis is. A key that is lost costs a second holder for a moment, never a message:
claims decide in Postgres.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple, cast

from redis import Redis

from campaign.settings import Settings


class LaneKey(NamedTuple):
    """One place at which messages of a sender are sent; `token` tells its present holder from former ones."""

    sender_id: int
    place: int
    token: str


class Lanes:
    """The lanes of all senders."""

    def __init__(self, redis: "Redis", settings: Settings) -> None:
        self._redis = redis
        self._ttl_ms = int(settings.lane_ttl_s * 1000)
        self._places = settings.lanes_per_sender

    def open(self, sender_id: int, new_token: Callable[[], str]) -> Iterator[LaneKey]:
        """Take every silent lane of a sender; each has to be rung."""
        for place in range(self._places):
            lane = LaneKey(sender_id, place, new_token())
            if self._redis.set(_name(lane), lane.token, nx=True, px=self._ttl_ms):
                yield lane

    def still_mine(self, lane: LaneKey) -> bool:
        """Whether the lane is held under this token; if so it stays alive for another while."""
        held = cast("bytes | None", self._redis.get(_name(lane)))
        if held is None or held.decode() != lane.token:
            return False
        return bool(self._redis.pexpire(_name(lane), self._ttl_ms))

    def close(self, lane: LaneKey) -> None:
        """Give the lane up."""
        if self.still_mine(lane):
            self._redis.delete(_name(lane))


def _name(lane: LaneKey) -> str:
    return f"campaign:lane:{lane.sender_id}:{lane.place}"
