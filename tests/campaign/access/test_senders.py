"""What people do to numbers."""

import asyncio
from datetime import timedelta

import pytest

from campaign.access.audit import entries
from campaign.access.senders import add, refresh, set_warm_up
from campaign.errors import ConfigurationError, Forbidden, PlatformError, UsageError
from campaign.planning.warm_up import WarmUp
from campaign.providers.base import NumberInfo
from campaign.senders import NewSender, find_sender, list_senders
from models.sender import ProviderKind
from models.session import session_scope
from tests.factories import NOON, make_sender

PLAN = WarmUp(250, 1.5, timedelta(days=1), 2000)


class Answers:
    """A provider that answers one question."""

    def __init__(self, info):
        self._info = info

    async def read_number(self):
        if isinstance(self._info, Exception):
            raise self._info
        return self._info


@pytest.fixture
def sender(sessions):
    with session_scope(sessions) as session:
        return make_sender(session)


def log(sessions):
    with sessions() as session:
        return [(entry.act, entry.subject, entry.before, entry.after) for entry in entries(session)]


def test_a_warm_up_is_set_and_ended_by_an_admin(sessions, sender, admin):
    set_warm_up(sessions, admin, "shop", PLAN)
    set_warm_up(sessions, admin, "shop", None)
    kept = PLAN.to_keep()
    assert log(sessions) == [
        ("change_sender", "sender:shop", {"warm_up": kept}, {"warm_up": None}),
        ("change_sender", "sender:shop", {"warm_up": None}, {"warm_up": kept}),
    ]


def test_a_plan_without_sense_changes_nothing(sessions, sender, admin):
    with pytest.raises(UsageError):
        set_warm_up(sessions, admin, "shop", WarmUp(250, 1.0, timedelta(days=1)))
    assert log(sessions) == []


def test_an_operator_sets_no_warm_up(sessions, sender, operator):
    with pytest.raises(Forbidden):
        set_warm_up(sessions, operator, "shop", PLAN)


def test_a_refresh_keeps_what_is_told_and_who_asked(sessions, sender, operator):
    told = NumberInfo(status="FLAGGED", quality="LOW")
    result = asyncio.run(refresh(sessions, operator, sender, Answers(told), now=NOON))
    assert (result.before, result.after) == ("connected", "flagged")
    assert log(sessions) == [("refresh_sender", "sender:shop", {"state": "connected"}, {"state": "flagged"})]
    with sessions() as session:
        assert find_sender(session, "shop").quality == "LOW"


def test_a_platform_that_does_not_answer_changes_nothing(sessions, sender, operator):
    with pytest.raises(PlatformError):
        asyncio.run(refresh(sessions, operator, sender, Answers(PlatformError("no answer")), now=NOON))
    assert log(sessions) == []


def test_a_viewer_asks_nothing(sessions, sender, viewer):
    with pytest.raises(Forbidden):
        asyncio.run(refresh(sessions, viewer, sender, Answers(PlatformError("never asked")), now=NOON))


NEW = NewSender("till", ProviderKind.CLOUD, "TILL_TOKEN", phone_number_id="7", waba_id="8", rate_mps=20)


def test_a_number_is_added_by_an_admin_and_its_token_is_not_written_down(sessions, admin):
    add(sessions, admin, NEW, environment={"TILL_TOKEN": "secret-of-the-till"})
    [(act, subject, before, after)] = log(sessions)
    assert (act, subject, before, after["token_env"]) == ("change_sender", "sender:till", None, "TILL_TOKEN")
    assert "secret-of-the-till" not in str(after)


def test_a_number_without_its_token_is_not_added(sessions, admin):
    with pytest.raises(ConfigurationError):
        add(sessions, admin, NEW, environment={})
    assert log(sessions) == []


def test_an_operator_adds_no_number(sessions, operator):
    with pytest.raises(Forbidden):
        add(sessions, operator, NEW, environment={"TILL_TOKEN": "t"})
    with sessions() as session:
        assert list_senders(session) == []
