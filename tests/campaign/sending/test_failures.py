"""Failure bounds on a real database."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaign.errors import ConfigurationError
from campaign.sending.failures import BOUNDS, LEAST, bounds_with, stop_failing
from campaign.settings import Settings
from models import Campaign
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template


def campaign_with(session: Session, reason: str | None, failed: int, fine: int, **given: object) -> Campaign:
    sender = make_sender(session)
    campaign = make_campaign(session, sender, make_template(session, sender), **given)
    make_messages(session, campaign, failed, state="failed", reason=reason, claimed_at=NOON)
    make_messages(session, campaign, fine, first=900, state="accepted", claimed_at=NOON)
    return campaign


@pytest.mark.parametrize(
    ("reason", "failed", "fine", "stops"),
    [
        ("template_parameter_bug", LEAST, 1, True),
        ("template_parameter_bug", 21, 79, True),
        ("template_parameter_bug", 20, 80, False),
        ("template_parameter_bug", LEAST - 2, 1, False),
        ("suppress_recipient", 50, 50, False),
        ("suppress_recipient", 51, 49, True),
        ("unknown_code", 30, 70, True),
        ("do_not_retry_unless_conversation_open", 60, 40, True),
        ("retry_increasing", 90, 10, False),
    ],
)
def test_a_campaign_beyond_a_bound_stops(
    sessions: Sessions, settings: Settings, reason: str, failed: int, fine: int, stops: bool
) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_with(session, reason, failed, fine)
        assert stop_failing(session, settings, NOON + timedelta(seconds=5)) == ([campaign.id] if stops else [])
        session.refresh(campaign)
        assert campaign.state_reason == ("too_many_failures" if stops else None)
        assert not stops or f"{failed:,} of the last {failed + fine:,}" in (campaign.state_text or "")


def test_what_is_long_past_does_not_count(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign_with(session, "template_parameter_bug", 90, 10)
        assert stop_failing(session, settings, NOON + timedelta(seconds=61)) == []


def test_what_a_person_has_gone_on_in_spite_of_does_not_count_again(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_with(session, "template_parameter_bug", 90, 10, resumed_at=NOON + timedelta(seconds=1))
        assert stop_failing(session, settings, NOON + timedelta(seconds=5)) == []
        campaign.resumed_at = NOON - timedelta(seconds=1)
        session.flush()
        assert stop_failing(session, settings, NOON + timedelta(seconds=5)) == [campaign.id]


def test_a_campaign_that_does_not_run_is_left_alone(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign_with(session, "template_parameter_bug", 90, 10, state="settling")
        assert stop_failing(session, settings, NOON) == []


def test_a_slow_campaign_is_judged_by_as_many_messages(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_with(session, "no_answer", 60, 10, rate_mps=1)
        assert stop_failing(session, settings, NOON + timedelta(seconds=201)) == []
        assert stop_failing(session, settings, NOON + timedelta(seconds=199)) == [campaign.id]


def test_a_bound_can_be_moved(sessions: Sessions, settings: Settings) -> None:
    moved = settings.model_copy(update={"failure_bounds": ("no_answer=0.9", "unknown_code=1")})
    with session_scope(sessions) as session:
        campaign_with(session, "no_answer", 80, 20)
        assert stop_failing(session, moved, NOON) == []
    assert bounds_with(("no_answer=0.9",))["no_answer"].share == 0.9
    assert bounds_with(()) == BOUNDS


@pytest.mark.parametrize("given", ["nonsense=0.5", "no_answer", "no_answer=2", "no_answer=many"])
def test_a_bound_that_makes_no_sense_is_refused(given: str) -> None:
    with pytest.raises(ConfigurationError, match="CAMPAIGN_FAILURE_BOUNDS"):
        bounds_with((given,))
