"""Webhooks that arrive together: one commit, and an answer to each that says what happened to it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest

from campaign.webhooks.arrivals import Arrival, Arrivals
from campaign.webhooks.connection import DatabaseAway


class Inbox:
    """What was committed, and how often."""

    def __init__(self) -> None:
        self.commits: list[list[bytes]] = []
        self.fault: Exception | None = None
        self.gate = asyncio.Event()
        self.gate.set()

    async def store(self, arrivals: Sequence[Arrival]) -> None:
        await self.gate.wait()
        if self.fault:
            raise self.fault
        self.commits.append([arrival.body for arrival in arrivals])


@asynccontextmanager
async def committing(inbox: Inbox, arrivals: Arrivals, committers: int = 1) -> AsyncIterator[list[asyncio.Task[None]]]:
    tasks = [asyncio.create_task(arrivals.run(inbox.store)) for _ in range(committers)]
    yield tasks
    for task in tasks:
        task.cancel()
        with suppress(asyncio.CancelledError, ZeroDivisionError):
            await task


async def test_those_who_arrive_together_share_a_commit() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=100, gather_s=0.01)
    async with committing(inbox, arrivals):
        stored = await asyncio.gather(*(arrivals.keep(1, b"%d" % number) for number in range(50)))
    assert stored == [True] * 50
    assert len(inbox.commits) == 1
    assert sorted(inbox.commits[0]) == sorted(b"%d" % number for number in range(50))


async def test_nobody_is_told_yes_before_the_commit() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=100, gather_s=0)
    inbox.gate.clear()
    async with committing(inbox, arrivals):
        waiting = asyncio.create_task(arrivals.keep(1, b"body"))
        await asyncio.sleep(0.05)
        assert not waiting.done()
        inbox.gate.set()
        assert await waiting


async def test_two_committers_store_each_once() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=1000, gather_s=0.001)
    async with committing(inbox, arrivals, committers=2):
        for _ in range(20):
            assert all(await asyncio.gather(*(arrivals.keep(1, b"x") for _ in range(20))))
    assert sum(map(len, inbox.commits)) == 400
    assert all(inbox.commits)


async def test_when_the_database_is_away_all_who_wait_are_told_no_and_the_next_may_succeed() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=100, gather_s=0)
    inbox.fault = DatabaseAway("out of reach")
    async with committing(inbox, arrivals):
        assert await asyncio.gather(*(arrivals.keep(1, b"x") for _ in range(5))) == [False] * 5
        inbox.fault = None
        assert await arrivals.keep(1, b"y")
    assert inbox.commits == [[b"y"]]


async def test_it_is_full_when_as_many_wait_as_may() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=3, gather_s=0)
    waiting = [asyncio.create_task(arrivals.keep(1, b"x")) for _ in range(3)]
    await asyncio.sleep(0)
    assert arrivals.full
    assert len(arrivals) == 3
    async with committing(inbox, arrivals):
        await asyncio.gather(*waiting)
    assert not arrivals.full


async def test_at_the_end_whoever_still_waits_is_told_no() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=100, gather_s=10)
    async with committing(inbox, arrivals):
        waiting = asyncio.create_task(arrivals.keep(1, b"x"))
        await asyncio.sleep(0.01)
    assert not await waiting


async def test_a_fault_of_our_own_leaves_nobody_waiting_and_is_not_swallowed() -> None:
    inbox, arrivals = Inbox(), Arrivals(most=100, gather_s=0)
    inbox.fault = ZeroDivisionError()
    async with committing(inbox, arrivals) as (task,):
        assert not await arrivals.keep(1, b"x")
        with pytest.raises(ZeroDivisionError):
            await task
