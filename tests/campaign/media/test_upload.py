"""Once per sender, reused, renewed before it ends."""

from datetime import timedelta

import pytest

from campaign.errors import PlatformError
from campaign.media.files import ReadFile
from campaign.media.store import keep_file, media_ids
from campaign.media.upload import upload_due
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

FILE = ReadFile("spring.jpg", "image/jpeg", "a" * 64, b"\xff\xd8\xff\xe0picture")
MAPPING = {"header.1": {"file": "spring.jpg", "sha256": FILE.sha256}}


class Door:
    """Counts what is uploaded, and refuses when told."""

    def __init__(self):
        self.given, self.open, self.error = [], 0, None

    async def upload(self, name, mime, content):
        if self.error:
            raise self.error
        self.given.append((name, mime, content))
        return f"id-{len(self.given)}", timedelta(days=30)

    async def aclose(self):
        self.open -= 1

    def __call__(self, sender):
        self.open += 1
        return self


@pytest.fixture
def door():
    one = Door()
    yield one
    assert one.open == 0


@pytest.fixture
def sender(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        for name, state in (("first", "running"), ("second", "running"), ("draft", "draft"), ("done", "completed")):
            make_campaign(session, sender, template, name, mapping=MAPPING, state=state)
        keep_file(session, FILE)
        keep_file(session, FILE)
        return sender


def ids(sessions, sender, now=NOON):
    with sessions() as session:
        return media_ids(session, sender.id, now)


async def test_a_file_is_uploaded_once_for_all_campaigns_of_a_sender(sessions, sender, door):
    assert await upload_due(sessions, door, NOON) == 1
    assert await upload_due(sessions, door, NOON) == 0
    assert door.given == [("spring.jpg", "image/jpeg", FILE.content)]
    assert ids(sessions, sender) == {FILE.sha256: "id-1"}


async def test_another_sender_uploads_its_own(sessions, sender, door):
    with session_scope(sessions) as session:
        other = make_sender(session, "other", account="other")
        make_campaign(session, other, make_template(session, other), "third", mapping=MAPPING)
    assert await upload_due(sessions, door, NOON) == 2
    assert ids(sessions, sender) != ids(sessions, other)


async def test_an_upload_is_renewed_a_day_before_it_ends_and_never_used_after(sessions, sender, door):
    await upload_due(sessions, door, NOON)
    assert await upload_due(sessions, door, NOON + timedelta(days=28, hours=23)) == 0
    assert await upload_due(sessions, door, NOON + timedelta(days=29, hours=1)) == 1
    assert ids(sessions, sender) == {FILE.sha256: "id-2"}
    assert ids(sessions, sender, NOON + timedelta(days=60)) == {}


async def test_a_draft_is_uploaded_by_name_alone(sessions, door):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender), "draft", mapping=MAPPING, state="draft")
        keep_file(session, FILE)
    assert await upload_due(sessions, door, NOON) == 0
    assert await upload_due(sessions, door, NOON, campaign="draft") == 1


async def test_a_refusal_reaches_the_person_who_launches_and_no_sweep_dies_of_it(sessions, sender, door):
    door.error = PlatformError("too large")
    assert await upload_due(sessions, door, NOON) == 0
    with pytest.raises(PlatformError, match="too large"):
        await upload_due(sessions, door, NOON, campaign="first")
    assert ids(sessions, sender) == {}
