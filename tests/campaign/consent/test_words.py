"""The words by which people stop and start, as people edit them."""

import pytest

from campaign.consent.words import add_word, edited_words, list_words, remove_word
from campaign.errors import NotFound, UsageError
from models.consent import WordKind
from models.session import Sessions, session_scope
from tests.factories import NOON

BY = {"recorded_by": "test", "now": NOON}


def test_the_list_tells_what_is_built_in_what_was_added_and_what_was_taken_off(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        add_word(session, "Genug", kind=WordKind.STOP, language="de", **BY)
        remove_word(session, "baja", kind=WordKind.STOP, **BY)
    with sessions() as session:
        by_word = {each.word: (each.origin, each.active) for each in list_words(session)}
    assert by_word["Genug"] == ("added", True)
    assert by_word["baja"] == ("built-in", False)
    assert by_word["stop"] == ("built-in", True)


def test_adding_a_built_in_word_again_undoes_its_removal(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        remove_word(session, "baja", kind=WordKind.STOP, **BY)
        add_word(session, "BAJA", kind=WordKind.STOP, **BY)
        assert not edited_words(session)


def test_an_added_word_can_be_removed_and_an_unknown_one_is_told(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        add_word(session, "genug", kind=WordKind.STOP, **BY)
        remove_word(session, "Genug!", kind=WordKind.STOP, **BY)
        with pytest.raises(NotFound, match="no stop word"):
            remove_word(session, "genug", kind=WordKind.STOP, **BY)


@pytest.mark.parametrize("text", ["", "?!", "a" * 61, "start"])
def test_what_cannot_be_a_stop_word_is_refused(sessions: Sessions, text: str) -> None:
    with sessions() as session, pytest.raises(UsageError):
        add_word(session, text, kind=WordKind.STOP, **BY)
