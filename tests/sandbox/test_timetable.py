"""Deeds happen in order, never early, and together with those of their tick."""

import random
from itertools import pairwise

from sandbox.timetable import Timetable


def test_nothing_happens_early() -> None:
    timetable, done = Timetable(0.05, 100.0), list[str]()
    timetable.at(100.12, done.append, "a")
    for now in (100.0, 100.05, 100.1, 100.119, 100.149):
        timetable.run_due(now)
    assert done == []
    timetable.run_due(100.1501)
    assert done == ["a"]
    assert len(timetable) == 0


def test_what_is_overdue_happens_at_the_next_tick() -> None:
    timetable, done = Timetable(0.05, 100.0), list[str]()
    timetable.at(1.0, done.append, "late")
    assert timetable.run_due(100.06) == 1
    assert done == ["late"]


def test_deeds_happen_in_order_of_their_ticks() -> None:
    timetable, done = Timetable(0.01, 0.0), list[float]()
    dues = [random.Random(1).uniform(0, 10) for _ in range(500)]
    for due in dues:
        timetable.at(due, done.append, due)
    timetable.run_due(11.0)
    assert sorted(done) == sorted(dues)
    assert all(later - earlier > -0.01 for earlier, later in pairwise(done))


def test_a_deed_may_plan_another() -> None:
    timetable, done = Timetable(0.01, 0.0), list[int]()

    def again(number: int) -> None:
        done.append(number)
        if number < 3:
            timetable.at(0.0, again, number + 1)

    timetable.at(0.005, again, 1)
    for step in range(1, 6):
        timetable.run_due(step / 100 + 0.001)
    assert done == [1, 2, 3]


def test_what_was_cleared_does_not_happen() -> None:
    timetable, done = Timetable(0.01, 0.0), list[str]()
    timetable.at(0.0, done.append, "x")
    timetable.clear()
    assert timetable.run_due(5.0) == 0
