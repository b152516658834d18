"""The rules of consent, changed by admins alone, and the ledger verified."""

import pytest
from sqlalchemy import text

from campaign.access.audit import entries
from campaign.access.consent import LEDGER, add_word, remove_word, set_lifetime, verify
from campaign.consent.expiry import lifetimes
from campaign.consent.seals import seal_events
from campaign.consent.words import list_words
from campaign.errors import Forbidden, UsageError
from models.consent import WordKind
from models.session import session_scope
from tests.factories import NOON, fiction_phone, grant


def last(sessions):
    with sessions() as session:
        return entries(session)[0]


def test_a_lifetime_is_set_and_taken_back_with_what_it_was(sessions, admin):
    set_lifetime(sessions, admin, "marketing", 365, now=NOON)
    set_lifetime(sessions, admin, "marketing", None, now=NOON)
    assert (last(sessions).subject, last(sessions).before) == ("consent:marketing", {"days": 365})
    with sessions() as session:
        assert lifetimes(session) == {}


def test_a_word_counts_and_counts_no_more(sessions, admin):
    add_word(sessions, admin, "Basta", kind=WordKind.STOP, language="any", now=NOON)
    remove_word(sessions, admin, "stop", kind=WordKind.STOP, now=NOON)
    assert last(sessions).after == {"kind": "stop", "counts": False}
    with sessions() as session:
        words = {word.word: word.active for word in list_words(session) if word.kind == "stop"}
    assert (words["Basta"], words["stop"]) == (True, False)


def test_what_cannot_be_a_word_is_not_written_down(sessions, admin):
    with pytest.raises(UsageError):
        add_word(sessions, admin, "!!!", kind=WordKind.STOP, language="any", now=NOON)
    with sessions() as session:
        assert entries(session) == []


def test_an_operator_changes_no_rule_and_may_verify(sessions, operator):
    with pytest.raises(Forbidden):
        set_lifetime(sessions, operator, "marketing", 365, now=NOON)
    assert verify(sessions, operator).intact
    assert last(sessions).subject == LEDGER


def test_a_ledger_that_was_changed_past_the_engine_is_told_and_remembered(sessions, operator):
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(1)])
    assert seal_events(sessions, most=100, now=NOON) == 1
    with session_scope(sessions) as session:
        session.execute(text("ALTER TABLE consent_event DISABLE TRIGGER USER"))
        session.execute(text("UPDATE consent_event SET source = 'elsewhere'"))
        session.execute(text("ALTER TABLE consent_event ENABLE TRIGGER USER"))
    assert not verify(sessions, operator).intact
    assert (last(sessions).after["intact"], last(sessions).after["faults"]) == (False, 1)
