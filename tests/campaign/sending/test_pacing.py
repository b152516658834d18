"""Why messages may be held, told beforehand."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import text

from campaign.sending import pacing
from campaign.sending.pacing import holding_risks
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

PORTFOLIO = "Fewer than"
MARKETING = "paces marketing templates"
UTILITY = "A utility template of this account was paused"


@pytest.mark.parametrize(
    ("template", "messages", "expected"),
    [
        ({"quality": "GREEN"}, 999, []),
        ({"quality": "GREEN"}, 1000, [PORTFOLIO]),
        ({"quality": "YELLOW"}, 1000, [MARKETING, PORTFOLIO]),
        ({"quality": "GREEN", "unpaused_at": NOON}, 1000, [MARKETING, PORTFOLIO]),
        ({"category": "utility"}, 1000, [PORTFOLIO]),
        ({"category": "authentication"}, 1000, [PORTFOLIO]),
    ],
)
def test_what_applies_is_told(sessions: Sessions, template: dict[str, Any], messages: int, expected: list[str]) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender, **template))
        risks = holding_risks(session, campaign, messages, NOON)
    assert len(risks) == len(expected)
    assert all(words in risk for words, risk in zip(expected, risks, strict=True))


@pytest.mark.parametrize(
    ("other", "paced"),
    [
        ({"status": "PAUSED"}, True),
        ({"unpaused_at": NOON - timedelta(days=6)}, True),
        ({"unpaused_at": NOON - timedelta(days=8)}, False),
        ({"status": "PAUSED", "category": "marketing"}, False),
        ({"status": "PAUSED", "account": "another"}, False),
    ],
)
def test_utility_is_paced_for_seven_days_after_any_utility_template_was_paused(
    sessions: Sessions, other: dict[str, Any], paced: bool
) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender, category="utility"))
        make_template(session, sender, "other", **{"category": "utility"} | other)
        assert any(UTILITY in risk for risk in holding_risks(session, campaign, 5000, NOON)) is paced


def test_a_portfolio_that_sends_much_is_not_held_for_that(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pacing, "PORTFOLIO_SENDS", 5)
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender, quality="GREEN"))
        make_messages(session, campaign, 6, state="read", accepted_at=NOON - timedelta(days=1))
        assert holding_risks(session, campaign, 5000, NOON) == []
        session.execute(text("UPDATE message SET accepted_at = :then"), {"then": NOON - timedelta(days=366)})
        assert len(holding_risks(session, campaign, 5000, NOON)) == 1
