"""The engine finds by itself that somebody changed the ledger, however large it is, a bounded piece at a turn."""

import asyncio
from datetime import timedelta

import pytest

from campaign.consent.seals import seal_events
from campaign.consent.watch import Watched, keep_watch, ledger_words, seal_and_watch, watched
from campaign.settings import Settings
from models.session import Sessions, session_scope
from tests.campaign.consent.test_seals import behind_its_back
from tests.factories import NOON, fiction_phone, grant

COUNT, PER_SEAL = 50, 5
TURNS = COUNT // PER_SEAL


@pytest.fixture
def sealed(sessions: Sessions) -> Sessions:
    """50 events under ten seals."""
    more(sessions, 0, COUNT)
    return sessions


def more(sessions: Sessions, first: int, count: int) -> None:
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(n) for n in range(first, first + count)])
    assert seal_events(sessions, most=PER_SEAL, now=NOON) == count


def turns(sessions: Sessions, count: int, *, events: int = PER_SEAL) -> Watched:
    """What is known after so many turns, a minute apart."""
    for turn in range(count):
        found = keep_watch(sessions, events=events, now=NOON + timedelta(minutes=turn))
    assert found is not None
    return found


def test_an_empty_ledger_is_whole_at_once(sessions: Sessions) -> None:
    with sessions() as session:
        assert watched(session) is None
    found = turns(sessions, 1)
    assert (found.fault_count, found.whole_at, found.words) == (0, NOON, None)


def test_a_turn_holds_no_more_than_it_may_and_the_round_covers_everything(sealed: Sessions) -> None:
    assert turns(sealed, TURNS - 1).whole_at is None
    assert turns(sealed, 1).whole_at == NOON
    assert turns(sealed, 3 * TURNS).fault_count == 0


@pytest.mark.parametrize("event", [1, 23, COUNT])
def test_a_changed_row_is_found_within_one_round_though_nobody_asked(sealed: Sessions, event: int) -> None:
    turns(sealed, TURNS + 4)
    behind_its_back(sealed, f"UPDATE consent_event SET action = 'opt_out' WHERE id = {event}")
    found = turns(sealed, 2 * TURNS)
    assert found.faults == [f"consent event {event} has been changed since seal {(event - 1) // PER_SEAL + 1} of "
                            f"{NOON:%Y-%m-%d %H:%M} UTC"]  # fmt: skip
    assert found.fault_count == 1
    assert found.words is not None
    assert "campaign consent verify" in found.words


def test_what_was_sealed_last_is_held_at_the_next_turn_wherever_the_round_is(sealed: Sessions) -> None:
    turns(sealed, TURNS + 2)
    more(sealed, COUNT, 2)
    behind_its_back(sealed, f"UPDATE consent_event SET proof = 'x' WHERE id = {COUNT + 2}")
    assert turns(sealed, 1).fault_count == 1


def test_it_stands_until_a_whole_round_has_found_it_mended(sealed: Sessions) -> None:
    behind_its_back(sealed, "UPDATE consent_event SET action = 'opt_out' WHERE id = 7")
    first = turns(sealed, TURNS)
    assert first.found_at is not None
    behind_its_back(sealed, "UPDATE consent_event SET action = 'opt_in' WHERE id = 7")
    assert turns(sealed, TURNS - 1).found_at == first.found_at
    assert turns(sealed, 1) == Watched(NOON, NOON, 0, [], None)


def test_a_chain_that_was_cut_or_made_anew_is_found_at_the_next_turn_and_is_never_believed(sealed: Sessions) -> None:
    turns(sealed, TURNS)
    behind_its_back(sealed, "UPDATE consent_event SET action = 'opt_out' WHERE id = 7")
    behind_its_back(sealed, "DELETE FROM consent_seal WHERE id > 1")
    assert seal_events(sealed, most=PER_SEAL, now=NOON) == COUNT - PER_SEAL
    expected = [f"seal {TURNS}, which was the newest, is missing or was replaced: the chain was cut or made anew"]
    assert turns(sealed, 1).faults == expected
    more(sealed, COUNT, 20)
    assert turns(sealed, 5 * TURNS).faults == expected


def test_who_comes_while_another_takes_a_turn_does_nothing(sealed: Sessions) -> None:
    turns(sealed, 1)
    with session_scope(sealed) as session:
        session.connection().exec_driver_sql("SELECT FROM consent_watch FOR UPDATE")
        assert keep_watch(sealed, events=PER_SEAL, now=NOON) is None


def test_a_turn_of_sealing_is_followed_by_a_turn_of_the_watch(sessions: Sessions, settings: Settings) -> None:
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(1)])
    asyncio.run(seal_and_watch(sessions, settings, lambda: NOON))
    with sessions() as session:
        assert watched(session) == Watched(NOON, NOON, 0, [], None)
        assert ledger_words(session) is None
