"""Bans: set, changed, lifted, listed."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaign.consent.ledger import grant
from campaign.consent.suppressions import active, lift, suppress
from campaign.errors import UsageError
from models.people import Category, SuppressionReason
from models.session import Sessions, session_scope
from tests.campaign.consent.people import ANA, BOB, allowed
from tests.factories import NOON

DAY = timedelta(days=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        grant(session, [ANA, BOB], category="all", source_text="form", now=NOON - DAY)
        yield session


def test_a_ban_holds_until_it_is_lifted(session: Session) -> None:
    assert suppress(session, [ANA, "55 5555 1234"], source_text="complaint", region="MX") == 1
    assert (allowed(session, ANA), len(allowed(session, BOB))) == (set(), 3)
    assert lift(session, [ANA], category=Category.UTILITY) == 0
    assert lift(session, [ANA, BOB]) == 1
    assert len(allowed(session, ANA)) == 3


def test_a_ban_on_one_category(session: Session) -> None:
    suppress(session, [ANA], source_text="x", category=Category.MARKETING)
    assert allowed(session, ANA) == {"utility", "authentication"}
    assert lift(session, [ANA], category=Category.MARKETING) == 1


def test_the_same_ban_again_takes_the_new_end(session: Session) -> None:
    suppress(session, [ANA], source_text="first", until=NOON + DAY)
    suppress(session, [ANA], source_text="second", until=NOON + 3 * DAY)
    (ban,) = active(session, now=NOON + 2 * DAY)
    assert (ban.source, ban.until) == ("second", NOON + 3 * DAY)
    assert active(session, now=NOON + 3 * DAY) == []


def test_bans_of_different_reasons_stand_side_by_side(session: Session) -> None:
    suppress(session, [ANA], source_text="x")
    suppress(session, [ANA], source_text="y", reason=SuppressionReason.NOT_ON_WHATSAPP)
    assert [ban.source for ban in active(session, now=NOON)] == ["y", "x"]
    assert len(active(session, now=NOON, limit=1)) == 1


def test_a_phone_that_cannot_be_read_bans_nobody(session: Session) -> None:
    with pytest.raises(UsageError, match="phone 'nobody' holds"):
        suppress(session, [ANA, "nobody"], source_text="x")
    assert active(session, now=NOON) == []
    assert suppress(session, [], source_text="x") == 0
