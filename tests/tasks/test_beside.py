"""What goes on beside the tasks of a process."""

import time
from collections.abc import Callable, Coroutine
from threading import Event
from typing import Any

from redis.exceptions import ConnectionError as RedisAway

from tasks import beside as module
from tasks.beside import Beside


def noting(done: list[str], what: str) -> Callable[[], Coroutine[Any, Any, None]]:
    async def work() -> None:
        done.append(what)

    return work


def held_up(gate: Event, started: Event) -> Callable[[], Coroutine[Any, Any, None]]:
    async def work() -> None:
        started.set()
        gate.wait(10)

    return work


def finished(beside: Beside) -> None:
    """Return once everything asked for so far is done."""
    end = Event()

    async def work() -> None:
        end.set()

    until = time.monotonic() + 10
    while not beside.do(end, work):
        assert time.monotonic() < until
        time.sleep(0.01)
    assert end.wait(10)


def test_one_thing_after_another_in_the_order_asked_for() -> None:
    beside, done = Beside(), list[str]()
    for what in "abc":
        assert beside.do(what, noting(done, what))
    finished(beside)
    assert done == ["a", "b", "c"]


def test_who_asks_does_not_wait_and_what_waits_already_is_done_once() -> None:
    beside, done, gate, started = Beside(), list[str](), Event(), Event()
    beside.do("slow", held_up(gate, started))
    assert started.wait(10)
    assert beside.do("a", noting(done, "a"))
    assert not beside.do("a", noting(done, "a again"))
    # What is under way may be asked for again: its answer may be too old by now.
    assert beside.do("slow", noting(done, "slow again"))
    gate.set()
    finished(beside)
    assert done == ["a", "slow again"]


def test_what_fails_costs_nothing_but_itself() -> None:
    async def broken() -> None:
        raise RuntimeError("broken")

    async def away() -> None:
        raise RedisAway("away")

    beside, done = Beside(), list[str]()
    beside.do("broken", broken)
    beside.do("away", away)
    beside.do("a", noting(done, "a"))
    finished(beside)
    assert done == ["a"]


def test_the_queue_is_bounded(monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 2)
    beside, gate, started = Beside(), Event(), Event()
    beside.do("slow", held_up(gate, started))
    assert started.wait(10)
    assert [beside.do(number, noting([], "")) for number in range(3)] == [True, True, False]
    gate.set()
    finished(beside)
    assert beside.do(2, noting([], ""))
