"""Campaigns as a list and one by one."""

from datetime import timedelta

import pytest
from sqlalchemy import event

from campaign.errors import NotFound
from campaign.overview.campaigns import list_campaigns, view_campaign
from campaign.overview.tally import count_due
from models import AudienceImport
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def three(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        for name, state in (("spring", "completed"), ("summer 100%", "running"), ("autumn", "draft")):
            launched = None if state == "draft" else NOON
            campaign = make_campaign(session, sender, template, name, state=state, launched_at=launched)
            make_messages(session, campaign, 2)
            make_messages(session, campaign, 1, first=2, state="failed", error_code=131026, failed_at=NOON)
            session.add(
                AudienceImport(
                    campaign_id=campaign.id, file_name="list.csv", sha256="0" * 64, columns=["phone"],
                    phone_column="phone", row_count=5, message_count=3, rejected_count=2,
                )
            )  # fmt: skip
    count_due(sessions, now=NOON)


def names(session, **filters):
    return [line.name for line in list_campaigns(session, **filters)]


def test_the_newest_come_first_page_by_page(sessions, three):
    with sessions() as session:
        assert names(session) == ["autumn", "summer 100%", "spring"]
        first = list_campaigns(session, limit=1)
        assert names(session, before_id=first[-1].id) == ["summer 100%", "spring"]


def test_they_are_found_by_a_part_of_the_name_as_it_stands_and_by_state(sessions, three):
    with sessions() as session:
        assert names(session, search="UMM") == ["summer 100%"]
        assert names(session, search="100%") == ["summer 100%"]
        assert names(session, search="_") == []
        assert names(session, states=["draft", "completed"]) == ["autumn", "spring"]


def test_the_counts_add_up_to_the_rows_of_the_list(sessions, three):
    with sessions() as session:
        for line in list_campaigns(session):
            assert sum(line.counts.values()) + line.refused == line.rows == 5
        assert list_campaigns(session)[0].counted_at is None


def test_a_page_costs_one_statement_however_many_it_shows(sessions, three):
    statements = []
    with sessions() as session:
        bind = session.get_bind()
        event.listen(bind, "before_cursor_execute", lambda *details: statements.append(details[2]))
        list_campaigns(session)
    assert len(statements) == 1


def test_one_campaign_says_what_went_wrong_and_what_is_done_about_it(sessions, three):
    with sessions() as session:
        view = view_campaign(session, "spring", now=NOON - timedelta(hours=1))
    (trouble,) = view.troubles
    assert (trouble.code, trouble.messages) == (131026, 1)
    assert trouble.sentence.endswith("The phone is left out of later campaigns.")
    (waiting,) = view.waiting
    assert (waiting.messages, waiting.first) == (2, NOON)


def test_an_unknown_campaign_is_named_with_the_nearest(sessions, three):
    with sessions() as session, pytest.raises(NotFound, match="did you mean spring"):
        view_campaign(session, "sprung", now=NOON)
