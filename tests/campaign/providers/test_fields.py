"""Single values in all the forms that the platform uses."""

from typing import Any

import pytest

from campaign.providers.fields import Odd, code_of, id_of, id_or_none, list_of, text_of, word_of


@pytest.mark.parametrize(
    ("value", "code"), [(131026, 131026), ("131026", 131026), (None, None), ("x", None), (1e99, None)]
)
def test_codes(value: Any, code: int | None) -> None:
    assert code_of(value) == code


def test_ids_are_taken_as_they_are_or_not_at_all() -> None:
    assert id_of("gBGHEgJVUBERTwIJFicTionAl0001") == "gBGHEgJVUBERTwIJFicTionAl0001"
    assert (id_or_none(900000000000001), id_or_none(None)) == ("900000000000001", None)
    for value in ("", " \n", None, 7, "x" * 513):
        with pytest.raises(Odd):
            id_of(value)


@pytest.mark.parametrize(("value", "text"), [("a\x00b", "ab"), ("half \ud83d", "half ?"), (7, None), (None, None)])
def test_texts_fit_the_database(value: Any, text: str | None) -> None:
    assert text_of(value) == text


def test_words_are_short_enough_to_count_by() -> None:
    assert word_of("some_word") == "some_word"
    assert len(word_of("x" * 5000)) == 64
    with pytest.raises(Odd):
        word_of(7)


@pytest.mark.parametrize(("value", "found"), [([1], [1]), ({}, []), (None, []), ("ab", [])])
def test_a_list_or_nothing(value: Any, found: list[Any]) -> None:
    assert list_of({"key": value}, "key") == found
