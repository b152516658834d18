"""The sums of the ledger: the busiest second exactly, repeats, pages, memory."""

import random
import tracemalloc
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.config import SandboxConfig
from sandbox.dialects import Door, make_dialects
from sandbox.ledger import DELIVERED, FAILED, READ, SENT, Entry, Ledger, busiest_second
from sandbox.wamid import Ids

DOOR = Door(make_dialects(SandboxConfig(), Ids())["cloud"], None, "100000000000020", 23.0)
TIMES = st.lists(st.integers(0, 5_000).map(lambda ms: ms / 1000), max_size=60)


def most_in_a_second(times: list[float]) -> int:
    """The same by trying every window that begins at an arrival."""
    return max((sum(1 for at in times if start <= at < start + 1.0) for start in times), default=0)


@given(TIMES)
def test_the_busiest_second_is_exact(times: list[float]) -> None:
    # Quarters of a second are exact in binary, so that the edge of a window is tested and not its rounding.
    times = [round(at * 4) / 4 for at in times]
    assert busiest_second(times).arrivals == most_in_a_second(times)


@pytest.mark.parametrize(
    ("times", "most", "start"),
    [
        ([], 0, None),
        ([5.0], 1, 5.0),
        ([0.0, 1.0], 1, 0.0),
        ([0.0, 0.5, 1.0], 2, 0.0),
        ([3.0, 0.0, 2.5, 2.25], 3, 2.25),
    ],
)
def test_a_second_is_half_open(times: list[float], most: int, start: float | None) -> None:
    assert busiest_second(times) == (most, start)


def test_an_even_stream_shows_its_rate() -> None:
    assert busiest_second([number / 64 for number in range(640)]).arrivals == 64


def accepted(ledger: Ledger, wa_id: str, *, data: str = "c1:m1:a1", failed: bool = False) -> Entry:
    entry = ledger.open(1.0, DOOR)
    entry.outcome, entry.wa_id, entry.template, entry.callback_data = "accepted", wa_id, "spring_sale", data
    entry.failed_at, entry.error_code = (2.0, 131049) if failed else (None, None)
    return entry


def test_a_person_written_to_twice_is_a_duplicate_in_either_spelling() -> None:
    ledger = Ledger()
    accepted(ledger, "525555500001")
    accepted(ledger, "5215555500001", data="c1:m2:a1")
    accepted(ledger, "525555500002")
    summary = ledger.summary()
    assert (summary["duplicates"], summary["reached_twice"]) == (1, 1)
    assert summary["duplicate_examples"][0]["wa_id"] == "525555500001"


def test_another_campaign_is_no_duplicate() -> None:
    ledger = Ledger()
    accepted(ledger, "525555500001", data="c1:m1:a1")
    accepted(ledger, "525555500001", data="c2:m1:a1")
    assert ledger.summary()["duplicates"] == 0


def test_a_second_try_after_a_failure_reaches_a_person_once() -> None:
    ledger = Ledger()
    accepted(ledger, "525555500001", failed=True)
    accepted(ledger, "525555500001")
    summary = ledger.summary()
    assert (summary["duplicates"], summary["reached_twice"]) == (1, 0)


def test_what_was_refused_is_no_duplicate() -> None:
    ledger = Ledger()
    accepted(ledger, "525555500001")
    accepted(ledger, "525555500001").outcome = "refused"
    assert ledger.summary()["duplicates"] == 0


@pytest.mark.parametrize(
    ("bits", "truth"),
    [
        ((), "accepted"),
        ((SENT,), "sent"),
        ((SENT, DELIVERED), "delivered"),
        ((SENT, READ), "read"),
        ((SENT, FAILED), "failed"),
        ((FAILED,), "failed"),
        ((SENT, DELIVERED, FAILED), "delivered"),
    ],
)
def test_the_truth_is_the_furthest_that_a_message_came(bits: tuple[int, ...], truth: str) -> None:
    entry = accepted(Ledger(), "525555500001")
    names = {SENT: "sent_at", DELIVERED: "delivered_at", READ: "read_at", FAILED: "failed_at"}
    for at, bit in enumerate(bits):
        setattr(entry, names[bit], float(at))
    assert entry.truth == truth


def test_pages_follow_each_other_without_gap() -> None:
    ledger = Ledger()
    for _ in range(25):
        ledger.open(1.0, DOOR)
    seen, after = list[int](), 0
    while page := ledger.page(after, 10):
        seen += [entry.seq for entry in page]
        after = page[-1].seq
    assert seen == list(range(1, 26))
    assert all(b - a == 1 for a, b in pairwise(seen))


def test_an_entry_is_found_by_its_number() -> None:
    ledger = Ledger()
    entry = ledger.open(1.0, DOOR)
    assert ledger.get(1) is entry
    assert ledger.get(0) is ledger.get(2) is ledger.get(None) is None


def test_a_million_entries_would_fit_into_half_a_gigabyte() -> None:
    ledger, dice = Ledger(), random.Random(1)
    tracemalloc.start()
    for number in range(5_000):
        entry = accepted(ledger, f"52555{dice.randrange(10**7):07d}", data=f"c1:m{number}:a1")
        entry.to = f"+{entry.wa_id}"
        entry.sent_at, entry.delivered_at, entry.read_at = dice.random(), dice.random(), dice.random()
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert size / 5_000 < 540
