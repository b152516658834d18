"""1, 4 and 8 worker processes with one limiter: no second at the receiving socket holds more than the rate."""

import itertools
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from multiprocessing.connection import Connection

import pytest
import redis

from campaign.settings import Settings
from models.session import Sessions, session_scope
from tests.bench.rows import bulk_campaign
from tests.chaos.departures import Arrivals, Work, busiest_second, work

SECONDS = 6.0
RATES = (80, 500, 1000)
GOAL = 0.98
AS_SET = float(Settings.model_fields["rate_margin"].default)
NARROW = 0.018
"""A margin with which the goal can be reached, for a line whose jitter is below 10 ms; see docs/limits.md."""

Crew = Callable[[int], Sequence[Connection]]


@pytest.fixture
def arrivals() -> Iterator[Arrivals]:
    listening = Arrivals()
    yield listening
    listening.close()


@contextmanager
def crew_of(count: int, settings: Settings, port: int) -> Iterator[Sequence[Connection]]:
    """So many worker processes, ready for orders."""
    fresh = multiprocessing.get_context("spawn")
    with ExitStack() as stack:
        ours = []
        for _ in range(count):
            end, their = fresh.Pipe()
            process = fresh.Process(target=work, args=(their, settings, port), daemon=True)
            process.start()
            their.close()
            stack.callback(process.join, 10)
            stack.callback(end.close)
            stack.callback(end.send, None)
            ours.append(end)
        for end in ours:
            assert end.poll(60)
            assert end.recv() == "ready"
        yield ours


@pytest.mark.parametrize(
    ("processes", "rates", "seconds", "margin"),
    [
        pytest.param((1, 2), (500,), 1.5, AS_SET, id="short"),
        pytest.param((1, 4, 8), RATES, SECONDS, AS_SET, id="matrix", marks=pytest.mark.chaos),
        pytest.param((1, 4, 8), RATES, SECONDS, NARROW, id="narrow", marks=pytest.mark.chaos),
    ],
)
def test_no_sliding_second_above_the_rate_whoever_sends(
    sessions: Sessions,
    settings: Settings,
    redis_client: redis.Redis,
    arrivals: Arrivals,
    processes: Sequence[int],
    rates: Sequence[int],
    seconds: float,
    margin: float,
) -> None:
    calm = settings.model_copy(update={"lease_s": 60.0, "rate_margin": margin})
    used: dict[tuple[int, int], tuple[int, float]] = {}
    with crew_of(max(processes), calm, arrivals.port) as crew:
        for count, rate in itertools.product(processes, rates):
            with session_scope(sessions) as session:
                people, values = int(rate * (seconds + 1)), {"rate_mps": rate, "tier": None}
                sender_id = bulk_campaign(session, people, name=f"{count}-at-{rate}", **values).sender_id
            arrivals.read()
            for end in crew[:count]:
                end.send(Work(sender_id, seconds))
            for end in crew[:count]:
                assert end.poll(seconds + 30)
                end.recv()
            time.sleep(0.05)
            times = sorted(arrivals.read())
            used[count, rate] = busiest_second(times), _share(times, rate)
    print(_table(used, margin))
    above = {cell: busiest for cell, (busiest, _) in used.items() if busiest > cell[1]}
    assert not above, f"processes, rate: busiest second {above}"


def _share(times: Sequence[float], rate: int) -> float:
    """How much of the rate was used, from the first message to the last."""
    return (len(times) - 1) / (times[-1] - times[0]) / rate


def _table(used: dict[tuple[int, int], tuple[int, float]], margin: float) -> str:
    goal = f"   goal {GOAL:.0%}, margin {margin:.1%}"
    head = f"\n{'processes':>9}{'rate':>8}{'busiest second':>17}{'share used':>13}{goal}"
    rows = [
        f"{processes:>9}{rate:>6}/s{busiest:>17}{share:>13.1%}" for (processes, rate), (busiest, share) in used.items()
    ]
    return "\n".join([head, *rows])
