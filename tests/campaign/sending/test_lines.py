"""What a lane sends with: each person's language, each campaign's files."""

from datetime import timedelta

import pytest

from campaign.media.files import ReadFile
from campaign.media.store import keep_file, keep_upload
from campaign.sending.lines import running_lines
from campaign.sending.store import Claimed
from models import Campaign
from models.media import MediaUpload
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

FILE = ReadFile("a.jpg", "image/jpeg", "a" * 64, b"\xff\xd8\xff")
PICTURE = [{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Spring!"}]
VALUES = {"body.1": "Ann", "body.2": "15%"}


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


def claimed(campaign, template_id=None, values=VALUES):
    return Claimed(7, campaign.id, 1, "+12015550100", values, 0, "12015550100", template_id)


def test_a_message_is_written_in_the_language_of_its_person(session):
    sender = make_sender(session)
    english = make_template(session, sender)
    spanish = make_template(
        session, sender, language="es_MX", ttl_seconds=60, components=[{"type": "BODY", "text": "Hola {{2}}, {{1}}"}]
    )
    campaign = make_campaign(session, sender, english, template_ids=[spanish.id])
    line = running_lines(session, sender, NOON)[campaign.id]
    assert line.outbound(claimed(campaign)).language == "en_US"
    assert line.outbound(claimed(campaign, spanish.id)).language == "es_MX"
    assert line.wording(claimed(campaign, spanish.id)).template.ttl_seconds == 60
    with pytest.raises(LookupError):
        line.outbound(claimed(campaign, 999))


def test_a_campaign_waits_for_its_files_and_then_sends_their_ids(session):
    sender = make_sender(session)
    mapping = {"header.1": {"file": "a.jpg", "sha256": FILE.sha256}}
    campaign = make_campaign(session, sender, make_template(session, sender, components=PICTURE), mapping=mapping)
    other = make_campaign(session, sender, make_template(session, sender, "other"), "other")
    assert set(running_lines(session, sender, NOON)) == {other.id}
    keep_file(session, FILE)
    ends = NOON + timedelta(days=30)
    upload = {"sender_id": sender.id, "sha256": FILE.sha256, "uploaded_at": NOON, "expires_at": ends}
    keep_upload(session, MediaUpload(media_id="123", **upload))
    message = running_lines(session, sender, NOON)[campaign.id].outbound(claimed(campaign, values={}))
    assert message.components[0]["parameters"] == [{"type": "image", "image": {"id": "123"}}]
    assert set(running_lines(session, sender, ends)) == {other.id}


def test_a_template_with_a_new_slot_pauses_its_campaign_and_no_other(session):
    sender = make_sender(session)
    edited = make_template(session, sender, "edited", components=[{"type": "BODY", "text": "Hi {{1}} {{2}} {{3}}"}])
    broken = make_campaign(session, sender, edited, "broken")
    good = make_campaign(session, sender, make_template(session, sender), "good")
    assert set(running_lines(session, sender, NOON)) == {good.id}
    session.expire_all()
    found = session.get_one(Campaign, broken.id)
    assert (found.state, found.state_reason) == ("paused", "template_changed")
    assert "now needs body.3; cancel the campaign and create it again." in found.state_text
