"""A template that is refused again and again although the list says APPROVED: asked about ever more seldom."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from campaign.lifecycle import follow_templates
from campaign.providers.base import TemplateEvent
from campaign.refreshing import accounts_in_doubt
from campaign.sending.effects import Effects, apply_effects
from campaign.sending.error_table import rule_for
from campaign.sending.store import Claimed
from campaign.templates.changes import apply_template_events
from campaign.templates.doubts import ASK_AGAIN, LONGEST
from campaign.templates.store import ToldTemplate
from models import Campaign, Template
from models.session import Sessions, session_scope
from tests.factories import make_campaign, make_messages, make_sender, make_template

SECOND = timedelta(seconds=1)


@pytest.fixture
def running(sessions: Sessions) -> Sessions:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender))
    return sessions


def refused(sessions: Sessions) -> str:
    """A send is answered with 132015; what the campaign says then."""
    with session_scope(sessions) as session:
        campaign = session.query(Campaign).one()
        claimed = Claimed(7, campaign.id, 1, "+12015550100", {}, 0, "12015550100", None)
        effect = Effects.of_rule(claimed, rule_for(132015), "", None)
        assert effect is not None
        apply_effects(session, [effect], hold_after=50)
    return state(sessions)[1]


def state(sessions: Sessions) -> tuple[str, str]:
    with sessions() as session:
        campaign = session.query(Campaign).one()
        return campaign.state, campaign.state_text or ""


def listed_as_approved(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        session.execute(text("UPDATE template SET status = 'APPROVED', synced_at = clock_timestamp()"))
        follow_templates(session)


def let_pass(sessions: Sessions, time: timedelta) -> None:
    with session_scope(sessions) as session:
        back = ", ".join(f"{column} = {column} - :time" for column in ("asked_at", "doubted_at", "synced_at"))
        session.execute(text(f"UPDATE template SET {back}"), {"time": time})


def asked(sessions: Sessions) -> bool:
    return bool(accounts_in_doubt(sessions, now=datetime.now(UTC)))


def rounds(sessions: Sessions, count: int) -> list[timedelta]:
    """So many times refused, asked about and found approved; how long each question had to wait."""
    waits = []
    for _ in range(count):
        words = refused(sessions)
        wait = timedelta()
        while not asked(sessions):
            assert "the list is read again at" in words
            step = ASK_AGAIN if wait else ASK_AGAIN - 5 * SECOND
            let_pass(sessions, step)
            wait += step
            if wait < ASK_AGAIN:
                assert not asked(sessions)
                let_pass(sessions, 5 * SECOND)
                wait = ASK_AGAIN
        waits.append(wait)
        listed_as_approved(sessions)
        assert state(sessions) == ("running", "")
    return waits


def test_each_question_waits_twice_as_long_up_to_an_hour(running: Sessions) -> None:
    waits = rounds(running, 9)
    assert [wait // ASK_AGAIN for wait in waits] == [0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert waits[-1] == LONGEST


def test_while_it_waits_a_listing_that_says_approved_is_not_enough_and_a_word_about_the_template_is(
    running: Sessions,
) -> None:
    rounds(running, 3)
    assert "refused all the same (round 3); the list is read again at " in refused(running)
    listed_as_approved(running)
    assert state(running)[0] == "paused"
    with session_scope(running) as session:
        template, now = session.query(Template).one(), datetime.now(UTC)
        told = TemplateEvent(template.name, template.language, status="APPROVED", occurred_at=now)
        apply_template_events(session, [ToldTemplate(template.account, told)], now)
        follow_templates(session)
    assert state(running) == ("running", "")


def test_it_begins_anew_when_messages_of_it_are_taken_in_between(running: Sessions) -> None:
    rounds(running, 4)
    with session_scope(running) as session:
        make_messages(session, session.query(Campaign).one(), 1, state="accepted", accepted_at=datetime.now(UTC))
    refused(running)
    assert doubts(running) == 0
    let_pass(running, ASK_AGAIN)
    assert asked(running)


def test_it_begins_anew_after_an_hour_without_a_refusal(running: Sessions) -> None:
    rounds(running, 4)
    let_pass(running, LONGEST + SECOND)
    refused(running)
    assert asked(running)
    assert doubts(running) == 1


def doubts(sessions: Sessions) -> int:
    with sessions() as session:
        return session.query(Template).one().doubts
