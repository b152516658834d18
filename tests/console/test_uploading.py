"""Files go to the platform before a launch, and a launch that cannot be waits for nothing."""

from datetime import timedelta

import pytest

import tasks.wiring
from campaign.access.roles import Act, Actor
from campaign.errors import Forbidden, PlatformError
from campaign.media.files import ReadFile
from campaign.media.store import keep_file
from console.uploading import upload_before_launch
from models.access import Role
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

FILE = ReadFile("spring.jpg", "image/jpeg", "a" * 64, b"\xff\xd8\xff\xe0picture")
OLGA = Actor("user:olga", Role.OPERATOR)


class Platform:
    """Takes files, and refuses when told."""

    def __init__(self):
        self.given, self.error = [], None

    async def upload(self, name, mime, content):
        if self.error:
            raise self.error
        self.given.append(name)
        return "id-1", timedelta(days=30)

    async def aclose(self):
        pass


@pytest.fixture
def platform(monkeypatch):
    one = Platform()
    monkeypatch.setattr(tasks.wiring, "media_door_for", lambda sender: one)
    return one


@pytest.fixture
def spring(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        mapping = {"header.1": {"file": "spring.jpg", "sha256": FILE.sha256}}
        campaign = make_campaign(
            session, sender, make_template(session, sender), mapping=mapping, state="draft", launched_at=None
        )
        make_messages(session, campaign, 3)
        keep_file(session, FILE)
        return campaign.name


def upload(sessions, name, by=OLGA, **how):
    return upload_before_launch(sessions, by, [name], now=NOON, **how)


def test_a_file_is_there_before_the_launch_and_goes_once(sessions, spring, platform):
    assert [upload(sessions, spring), upload(sessions, spring)] == [1, 0]
    assert platform.given == ["spring.jpg"]


def test_nothing_leaves_while_a_second_persons_word_is_awaited(sessions, spring, platform):
    assert upload(sessions, spring, approval_above=2) == 0
    assert platform.given == []
    approver = Actor("user:arturo", Role.APPROVER)
    assert upload(sessions, spring, approver, act=Act.APPROVE) == 1


@pytest.mark.parametrize(("role", "act"), [(Role.VIEWER, Act.LAUNCH), (Role.OPERATOR, Act.APPROVE)])
def test_who_may_not_launch_uploads_nothing(sessions, spring, platform, role, act):
    with pytest.raises(Forbidden):
        upload(sessions, spring, Actor("user:vera", role), act=act)
    assert platform.given == []


def test_a_file_that_is_refused_is_told(sessions, spring, platform):
    platform.error = PlatformError("sender shop: the platform refused spring.jpg")
    with pytest.raises(PlatformError, match=r"refused spring\.jpg"):
        upload(sessions, spring)
