"""Templates read by a person."""

import asyncio
from datetime import timedelta

import pytest

from campaign.access.audit import entries
from campaign.access.templates import sync
from campaign.errors import Forbidden, PlatformError
from models import Campaign
from models.session import session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template


class Lists:
    """A provider with a listing of nothing, or an error."""

    def __init__(self, error=None):
        self._error = error

    async def list_templates(self):
        if self._error:
            raise self._error
        return []


@pytest.fixture
def sender(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender))
        return sender


def test_a_sync_is_written_down_and_campaigns_follow(sessions, sender, operator):
    result = asyncio.run(sync(sessions, operator, sender, Lists(), now=NOON + timedelta(minutes=1)))
    assert (result.listed, result.gone) == (0, 1)
    with sessions() as session:
        entry = entries(session)[0]
        assert (entry.act, entry.subject, entry.after["gone"]) == ("sync_templates", "sender:shop", 1)
        assert [campaign.state for campaign in session.query(Campaign)] == ["paused"]


def test_a_platform_that_does_not_answer_changes_nothing(sessions, sender, operator):
    with pytest.raises(PlatformError):
        asyncio.run(sync(sessions, operator, sender, Lists(PlatformError("no answer")), now=NOON))
    with sessions() as session:
        assert entries(session) == []


def test_a_viewer_reads_nothing(sessions, sender, viewer):
    with pytest.raises(Forbidden):
        asyncio.run(sync(sessions, viewer, sender, Lists(PlatformError("never asked")), now=NOON))
