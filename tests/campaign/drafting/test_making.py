"""From a draft to its campaign and back."""

from dataclasses import replace

import pytest

from campaign.access.drafts import find_draft, save_draft
from campaign.access.roles import Actor
from campaign.drafting.making import approve, begin_schedule, launch, launched, made_of, make, unmake
from campaign.errors import Conflict, Forbidden, NotFound
from models import Campaign
from models.access import AuditEntry, Role
from models.schedule import Schedule
from tests.factories import NOON

PAUL = Actor("user:paul", Role.APPROVER)


def do(desk, **given):
    return make(desk.sessions, desk.by, desk.id, desk.settings, now=NOON, **{"progress": lambda rows: None} | given)


def campaigns(desk):
    with desk.sessions() as session:
        return [(campaign.name, campaign.state) for campaign in session.query(Campaign)]


def keep(desk, content):
    save_draft(desk.sessions, desk.by, desk.id, 1, content.as_json(), now=NOON)


def test_the_campaign_is_noted_in_the_draft_and_made_once(desk):
    counted = []
    made = do(desk, progress=counted.append)
    assert desk.read().made == {"id": made.id, "name": "spring"}
    assert do(desk).id == made.id
    assert campaigns(desk) == [("spring", "draft")]
    assert counted


def test_a_draft_that_changed_while_its_list_was_read_has_no_campaign(desk):
    def change(rows):
        if desk.read().name == "spring":
            keep(desk, desk.content.changed(name="summer"))

    with pytest.raises(Conflict, match="olga changed this draft"):
        do(desk, progress=change)
    assert campaigns(desk) == []


def test_a_campaign_that_was_taken_back_is_gone_and_one_that_was_launched_stays(desk):
    do(desk)
    assert unmake(desk.sessions, desk.by, desk.read()).made == {}
    assert campaigns(desk) == []
    keep_made = desk.read()
    assert unmake(desk.sessions, desk.by, keep_made).made == {}


def test_launched_the_draft_is_done_with_and_a_second_launch_is_refused(desk):
    do(desk)
    content = desk.read()
    assert launch(desk.sessions, desk.by, desk.id, content, desk.settings, now=NOON).state == "running"
    with pytest.raises(Conflict):
        launch(desk.sessions, desk.by, desk.id, content, desk.settings, now=NOON)
    with pytest.raises(Conflict, match="was launched and stays"):
        unmake(desk.sessions, desk.by, content)
    with desk.sessions() as session, pytest.raises(NotFound):
        find_draft(session, desk.id)
    with desk.sessions() as session:
        assert launched(session, content).name == "spring"
        assert made_of(session, content.changed(made={})) is None


def test_where_a_second_word_is_wanted_the_draft_waits_for_it(desk):
    do(desk)
    strict = desk.settings.model_copy(update={"approval_above": 0})
    asked = launch(desk.sessions, desk.by, desk.id, desk.read(), strict, now=NOON)
    assert asked.state == "draft"
    with pytest.raises(Forbidden):
        approve(desk.sessions, desk.by, desk.id, desk.read(), now=NOON)
    assert approve(desk.sessions, PAUL, desk.id, desk.read(), now=NOON).state == "running"


def test_a_viewer_makes_and_launches_nothing(desk):
    viewer = Actor("user:vera", Role.VIEWER)
    with pytest.raises(Forbidden):
        make(desk.sessions, viewer, desk.id, desk.settings, now=NOON, progress=lambda rows: None)
    assert campaigns(desk) == []


def test_a_draft_that_repeats_ends_as_a_schedule_without_the_campaign_that_was_looked_at(desk):
    content = desk.content.changed(start="recur", start_at="2026-11-23T09:00", zone="Europe/Berlin", until="2026-12-31")
    keep(desk, content)
    do(desk)
    begin_schedule(desk.sessions, desk.by, desk.id, desk.read(), desk.settings, now=NOON)
    assert campaigns(desk) == []
    with desk.sessions() as session:
        (schedule,) = session.query(Schedule)
        assert (schedule.name, schedule.rule) == ("spring", "FREQ=WEEKLY;BYDAY=MO")
        assert "change_schedule" in [entry.act for entry in session.query(AuditEntry)]


def test_a_draft_that_does_not_repeat_begins_no_schedule(desk):
    with pytest.raises(Conflict, match="launch it instead"):
        begin_schedule(desk.sessions, desk.by, desk.id, replace(desk.content), desk.settings, now=NOON)
