"""Templates as they are listed."""

import pytest

from campaign.desk.templates import list_lines, view_template
from campaign.errors import NotFound
from models.session import session_scope
from models.tally import CampaignTally
from tests.factories import NOON, make_campaign, make_sender, make_template


@pytest.fixture
def templates(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        sale = make_template(session, sender)
        german = make_template(session, sender, language="de", status="PAUSED")
        make_template(session, sender, "unused")
        running = make_campaign(session, sender, sale, template_ids=[german.id])
        make_campaign(session, sender, sale, "over", state="completed")
        session.add(CampaignTally(campaign_id=running.id, counts={"held": 7}, counted_at=NOON, took_ms=1, series=[]))
        return {"sale": sale.id, "german": german.id}


def test_a_line_tells_what_lives_by_the_template_and_what_is_held(sessions, templates):
    with sessions() as session:
        lines = {(line.name, line.language): line for line in list_lines(session)}
    assert list(lines) == [("spring_sale", "de"), ("spring_sale", "en_US"), ("unused", "en_US")]
    assert [(line.campaigns, line.held) for line in lines.values()] == [(1, 7), (1, 7), (0, 0)]
    assert lines["spring_sale", "de"].errors == 1, "a paused template is a finding"
    assert lines["unused", "en_US"].senders == ["shop"]


def test_one_template_with_its_slots_and_live_campaigns(sessions, templates):
    with sessions() as session:
        view = view_template(session, templates["german"])
    assert [slot for slot, _ in view.slots] == ["body.1", "body.2"]
    assert set(view.values) == {"body.1", "body.2"}
    assert [(name, state) for _, name, state in view.campaigns] == [("spring", "running")]
    assert view.findings[0].code == "not_sendable"


def test_a_template_that_is_not_there_is_told(sessions):
    with sessions() as session, pytest.raises(NotFound):
        view_template(session, 12345)
