"""The ledger cannot be changed unseen: the database refuses, and seals tell what was done behind its back."""

from datetime import timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from campaign.consent import seals
from campaign.consent.seals import seal_events, verify
from models.consent import ConsentSeal
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, withdraw

COUNT = 25


@pytest.fixture
def sealed(sessions: Sessions) -> Sessions:
    """25 events under three seals."""
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(n) for n in range(COUNT)])
    assert seal_events(sessions, most=10, now=NOON) == COUNT
    return sessions


def behind_its_back(sessions: Sessions, statement: str) -> None:
    """What the owner of the database can do, and nobody else."""
    with session_scope(sessions) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text(statement))


def faults(sessions: Sessions, **given: str) -> list[str]:
    with sessions() as session:
        return verify(session, **given).faults


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE consent_event SET action = 'opt_in' WHERE id = 1",
        "UPDATE consent_event SET phone_identity = 'x' WHERE false",
        "DELETE FROM consent_event WHERE id = 1",
        "TRUNCATE consent_event",
        "DELETE FROM consent_seal",
        "UPDATE consent_seal SET events = 1",
        "TRUNCATE erasure",
        "DELETE FROM suppression_event",
    ],
)
def test_the_database_refuses_to_change_what_was_recorded(sealed: Sessions, statement: str) -> None:
    with sealed() as session, pytest.raises(DBAPIError, match="is append-only"):
        session.execute(text(statement))


def test_even_an_erasure_cannot_rewrite_what_was_said(sealed: Sessions) -> None:
    with sealed() as session:
        session.execute(text("SET LOCAL campaign.erasing = 'on'"))
        with pytest.raises(DBAPIError, match="changes no more"):
            session.execute(text("UPDATE consent_event SET action = 'opt_out', erasure_id = 1 WHERE id = 3"))


def test_an_untouched_ledger_is_intact_and_tells_what_is_not_sealed_yet(sealed: Sessions) -> None:
    with session_scope(sealed) as session:
        withdraw(session, [fiction_phone(3), fiction_phone(4)])
    with sealed() as session:
        found = verify(session)
        heads = [bytes(digest).hex() for digest in session.scalars(select(ConsentSeal.digest).order_by(ConsentSeal.id))]
    assert (found.intact, found.events, found.seals, found.tail) == (True, COUNT, 3, 2)
    assert found.head == heads[-1]
    assert faults(sealed, expect=heads[0][:16]) == []


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("UPDATE consent_event SET action = 'opt_out' WHERE id = 13", "consent event 13 has been changed"),
        ("UPDATE consent_event SET proof = '' WHERE id = 1", "consent event 1 has been changed"),
        ("UPDATE consent_event SET occurred_at = occurred_at + '1 us' WHERE id = 25", "consent event 25 has been"),
        ("UPDATE consent_event SET erasure_id = 7, phone_e164 = '' WHERE id = 4", "consent event 4 has been changed"),
        ("DELETE FROM consent_event WHERE id = 10", "consent event 10 is missing"),
        (
            "UPDATE consent_event SET id = 26 WHERE id = 12",
            "consent event 12 is missing",
        ),
        ("DELETE FROM consent_seal WHERE id = 2", "seal 3 does not follow"),
        ("UPDATE consent_seal SET manifest = '' WHERE id = 2", "seal 2 has been changed"),
    ],
)
def test_one_change_is_found_and_named(sealed: Sessions, statement: str, words: str) -> None:
    behind_its_back(sealed, statement)
    assert any(words in fault for fault in faults(sealed)), faults(sealed)


def test_an_event_slipped_in_later_is_named(sealed: Sessions) -> None:
    behind_its_back(sealed, "DELETE FROM consent_event WHERE id = 10")
    with session_scope(sealed) as session:
        grant(session, [fiction_phone(99)], id=10)
    assert faults(sealed) == [f"consent event 10 has been changed since seal 1 of {NOON:%Y-%m-%d %H:%M} UTC"]


def test_a_chain_made_anew_does_not_hold_the_digest_that_was_noted(sealed: Sessions) -> None:
    with sealed() as session:
        noted = verify(session).head or ""
    behind_its_back(sealed, "UPDATE consent_event SET action = 'opt_out' WHERE id = 5")
    behind_its_back(sealed, "DELETE FROM consent_seal")
    seal_events(sealed, most=10, now=NOON + timedelta(days=1))
    assert faults(sealed) == []
    assert len(faults(sealed, expect=noted)) == 1


def test_sealing_again_adds_nothing(sealed: Sessions) -> None:
    assert seal_events(sealed, most=10, now=NOON) == 0


def test_what_a_slow_writer_has_begun_is_not_sealed_around(sessions: Sessions) -> None:
    """Its ids are lower than those committed meanwhile, and nobody sees them yet."""
    begun, go_on = Event(), Event()

    def write_slowly() -> None:
        with session_scope(sessions) as session:
            grant(session, [fiction_phone(1)])
            begun.set()
            assert go_on.wait(10)

    slow = Thread(target=write_slowly)
    slow.start()
    assert begun.wait(10)
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(2)])
    assert seal_events(sessions, most=10, now=NOON, patience_s=0.2) == 0
    go_on.set()
    slow.join()
    assert seal_events(sessions, most=10, now=NOON) == 2
    assert faults(sessions) == []


def test_events_of_an_aborted_writer_leave_a_gap_that_is_no_fault(sessions: Sessions) -> None:
    with sessions() as session:
        grant(session, [fiction_phone(1)])
        session.rollback()
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(2)])
    assert seal_events(sessions, most=10, now=NOON) == 1
    assert faults(sessions) == []


def test_faults_are_counted_beyond_those_named(sealed: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seals, "NAMED", 3)
    behind_its_back(sealed, "UPDATE consent_event SET source = 'elsewhere'")
    with sealed() as session:
        found = verify(session)
    assert (len(found.faults), found.fault_count) == (3, COUNT)
