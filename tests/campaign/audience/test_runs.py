"""Runs of consecutive numbers."""

import random
from array import array

from hypothesis import given, settings
from hypothesis import strategies as st

from campaign.audience.runs import Run, RunWatch, find_runs


def slowly(numbers: list[int], least: int) -> list[Run]:
    known, runs = set(numbers), []
    for first in known:
        if first - 1 not in known:
            last = first
            while last + 1 in known:
                last += 1
            runs.append(Run(first, last - first + 1))
    return sorted((run for run in runs if run.length >= least), key=lambda run: (-run.length, run.first))


@settings(deadline=None)
@given(st.lists(st.integers(0, 60)), st.integers(1, 6))
def test_runs_are_those_that_a_simple_loop_finds(numbers: list[int], least: int) -> None:
    assert find_runs(array("q", numbers), least) == slowly(numbers, least)


def test_a_made_up_list_is_warned_of_without_naming_anybodys_phone() -> None:
    watch = RunWatch()
    numbers = list(range(525555550000, 525555550250))
    random.Random(1).shuffle(numbers)
    watch.add(array("q", numbers[:100]))
    watch.add(array("q", numbers[100:]))
    (warning,) = watch.warnings()
    assert warning.startswith("250 numbers follow one another without a gap (250 from +525555550…): a list that was")


def test_peoples_numbers_are_no_run() -> None:
    watch = RunWatch()
    watch.add(array("q", (525500000000 + random.Random(2).randrange(10**8) for _ in range(5000))))
    watch.add(array("q", range(525555550000, 525555550019)))
    assert watch.warnings() == []
    assert RunWatch().warnings() == []
