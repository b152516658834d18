"""The schedules of the demo, and its own idea of an open hour."""

from datetime import datetime

import pytest

from campaign.scheduling.recurrence import read_recurrence
from campaign.scheduling.windows import read_window
from console.demo.habits import FIRST_DAY, HABITS, Habit

HABIT = Habit("daily", (0, 2), "2027-03-08T00:00", "UTC", (0, 4), (9, 12))


@pytest.mark.parametrize(
    ("moment", "open_then"),
    [
        ("2027-03-08T09:00", True),
        ("2027-03-08T11:59", True),
        ("2027-03-08T12:00", False),
        ("2027-03-08T08:59", False),
        ("2027-03-12T10:00", True),
        ("2027-03-13T10:00", False),
    ],
)
def test_an_hour_is_open_or_not(moment: str, open_then: bool) -> None:
    assert HABIT.allows(datetime.fromisoformat(moment)) is open_then


def test_a_habit_in_the_words_of_the_engine() -> None:
    assert (HABIT.rule, HABIT.window) == ("FREQ=WEEKLY;BYDAY=MO,WE", "mon-fri 09:00-12:00")
    assert [HABIT.due(days) for days in (1, 2, 3, 7, 14)] == [1, 1, 2, 2, 4]


@pytest.mark.parametrize("habit", HABITS, ids=lambda habit: habit.name)
def test_rules_and_windows_can_be_read_and_begin_with_the_demo(habit: Habit) -> None:
    first = datetime.fromisoformat(habit.at)
    assert read_window(habit.window).text == habit.window
    recurrence = read_recurrence(habit.rule, zone=habit.zone, first_at=first, until=None)
    assert 0 <= (next(recurrence.after(FIRST_DAY.replace(year=2026))) - FIRST_DAY).days <= 6
