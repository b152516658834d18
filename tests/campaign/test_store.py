"""The SQL of campaigns as a whole."""

import pytest
from sqlalchemy.orm import Session

from campaign import store
from models import Campaign
from models.session import session_scope
from tests.factories import (
    NOON,
    fiction_phone,
    grant,
    make_campaign,
    make_messages,
    make_sender,
    make_template,
    withdraw,
)


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def campaign(session: Session) -> Campaign:
    sender = make_sender(session)
    return make_campaign(session, sender, make_template(session, sender))


def test_skipping_counts_what_it_skipped(session, campaign):
    make_messages(session, campaign, 3)
    make_messages(session, campaign, 2, first=3, state="sending")
    assert store.skip_queued(session, campaign.id, "cancelled") == 3
    assert store.count_messages(session, campaign.id) == {"skipped": 3, "sending": 2}
    assert store.skip_queued(session, campaign.id, "cancelled") == 0


def test_only_unsent_messages_count_as_withheld(session, campaign):
    make_messages(session, campaign, 4)
    make_messages(session, campaign, 1, first=4, state="read")
    grant(session, [fiction_phone(0), fiction_phone(1)])
    withdraw(session, [fiction_phone(1)])
    assert store.withheld_by_reason(session, campaign, NOON) == {"no_consent": 2, "consent_withdrawn": 1}
