"""Who of a list gets no message, on a real database."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaign.audience.refusal_store import leaves_out_many, left_out, listed_before, withheld
from campaign.consent.exclusion_store import add_exclusions
from campaign.consent.ledger import grant, withdraw
from models import Campaign
from models.session import Sessions, session_scope
from tests.campaign.audience.listed import Listed, people
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

A, B, C, D = "+12015550100", "+12015550101", "+12025550143", "+525555550001"


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    sender = make_sender(session)
    return make_campaign(session, sender, make_template(session, sender), us_marketing=True)


LISTED = people(*(Listed(10 + n, phone) for n, phone in enumerate((A, B, C, D))))
MEXICAN = people(Listed(20, D, region="MX"))
NOBODY = people()


def test_the_gate_says_who_may_not_be_written_to(session: Session) -> None:
    grant(session, [A, C, D], category="marketing", source_text="form", now=NOON - timedelta(days=1))
    withdraw(session, [C], source_text="STOP", now=NOON)
    assert withheld(session, "marketing", LISTED, NOON) == {11: "no_consent", 12: "consent_withdrawn"}
    assert withheld(session, "utility", MEXICAN, NOON) == {20: "no_consent"}
    assert withheld(session, "marketing", NOBODY, NOON) == {}


def test_a_campaign_leaves_people_out_who_agreed(session: Session, campaign: Campaign) -> None:
    assert left_out(session, campaign, LISTED, NOON) == {}
    assert not leaves_out_many(session, campaign)
    add_exclusions(session, campaign.id, [B[1:], D[1:]])
    assert left_out(session, campaign, LISTED, NOON) == {11: "quiet_list", 13: "quiet_list"}
    campaign.us_marketing = False
    session.flush()
    assert left_out(session, campaign, LISTED, NOON) == dict.fromkeys((10, 11, 12), "us_marketing") | {13: "quiet_list"}
    assert left_out(session, campaign, MEXICAN, NOON) == {20: "quiet_list"}
    assert leaves_out_many(session, campaign)


def test_whoever_was_messaged_lately_is_left_out(session: Session, campaign: Campaign) -> None:
    sender = make_sender(session, "other")
    other = make_campaign(session, sender, make_template(session, sender, account="x"), "other", launched_at=NOON)
    make_messages(session, other, 2, state="delivered", attempt=1, claimed_at=NOON - timedelta(days=2))
    assert left_out(session, campaign, LISTED, NOON) == {}
    campaign.not_messaged_within_days = 3
    session.flush()
    assert left_out(session, campaign, LISTED, NOON) == dict.fromkeys((10, 11), "messaged_recently")
    assert leaves_out_many(session, campaign)


def test_the_row_that_became_the_message_is_named(session: Session, campaign: Campaign) -> None:
    sender = make_sender(session, "other")
    make_messages(session, make_campaign(session, sender, make_template(session, sender, account="x"), "other"), 4)
    make_messages(session, campaign, 2)
    assert listed_before(session, campaign, LISTED) == {10: 1, 11: 2}
    assert listed_before(session, campaign, NOBODY) == {}
