"""What people do to schedules."""

import pytest

from campaign.access.audit import entries
from campaign.access.schedules import pause, remove, resume
from campaign.errors import Conflict, Forbidden, NotFound
from models import Schedule
from models.session import session_scope
from tests.factories import NOON


@pytest.fixture
def weekly(sessions):
    with session_scope(sessions) as session:
        made = Schedule(
            name="weekly", request={}, zone="UTC", first_at=NOON.replace(tzinfo=None), rule="FREQ=WEEKLY",
            overlap="skip", next_run_at=NOON,
        )  # fmt: skip
        session.add(made)
        return made


def states(sessions):
    with sessions() as session:
        return [schedule.state for schedule in session.query(Schedule)]


def test_a_schedule_is_paused_resumed_and_removed_and_each_is_written_down(sessions, weekly, operator):
    pause(sessions, operator, "weekly")
    assert states(sessions) == ["paused"]
    upcoming = resume(sessions, operator, "weekly", now=NOON)
    assert upcoming > NOON
    assert states(sessions) == ["active"]
    remove(sessions, operator, "weekly")
    with sessions() as session:
        log = [(entry.act, entry.subject, entry.after) for entry in entries(session)]
    assert log == [
        ("change_schedule", "schedule:weekly", {"removed": True}),
        ("change_schedule", "schedule:weekly", {"state": "active", "next_run_at": upcoming.isoformat()}),
        ("change_schedule", "schedule:weekly", {"state": "paused"}),
    ]
    assert states(sessions) == []


def test_what_the_state_does_not_allow_is_not_written_down(sessions, weekly, operator):
    with pytest.raises(Conflict):
        resume(sessions, operator, "weekly", now=NOON)
    with pytest.raises(NotFound):
        pause(sessions, operator, "weekley")
    with sessions() as session:
        assert entries(session) == []


def test_a_viewer_removes_nothing(sessions, weekly, viewer):
    with pytest.raises(Forbidden):
        remove(sessions, viewer, "weekly")
    assert states(sessions) == ["active"]
