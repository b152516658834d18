"""Text parameters over all texts, not only those that somebody thought of."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.media import MediaShelf
from sandbox.parameters import Values, allow_keys, as_list, as_object, check_offer, text_of
from sandbox.refusals import Refusal

NOW = 1_795_176_000.0
VALUES = Values(MediaShelf(), lambda: NOW)
TEXTS = st.text(st.characters(codec="utf-8"), max_size=40)


def code_of(text: Any) -> int | None:
    try:
        text_of({"type": "text", "text": text}, "p", VALUES)
    except Refusal as refusal:
        return refusal.code
    return None


@given(TEXTS)
def test_a_text_is_taken_unless_blank_or_badly_spaced(text: str) -> None:
    badly_spaced = any(mark in text for mark in ("\n", "\r", "\t", " " * 5))
    expected = 131008 if not text.strip() else 132018 if badly_spaced else None
    assert code_of(text) == expected


@given(TEXTS)
def test_collapsed_whitespace_is_always_taken(text: str) -> None:
    collapsed = " ".join(text.split())
    assert code_of(collapsed) == (None if collapsed else 131008)


@pytest.mark.parametrize("text", [None, 5, ["a"], {"a": 1}, True])
def test_what_is_no_text_is_refused(text: Any) -> None:
    assert code_of(text) == (131008 if text is None else 100)


@pytest.mark.parametrize(
    ("ends", "code"),
    [
        (int(NOW * 1000) + 1, None),
        (int(NOW * 1000), 131009),
        (int(NOW) + 3600, 131009),
        ("1795435200000", 131009),
        (True, 131009),
        (1795435200000.5, 131009),
        (None, 131008),
    ],
)
def test_an_offer_ends_in_the_future_in_milliseconds(ends: Any, code: int | None) -> None:
    offer = {"type": "limited_time_offer", "limited_time_offer": {} if ends is None else {"expiration_time_ms": ends}}
    if code is None:
        check_offer(offer, "p", VALUES)
        return
    with pytest.raises(Refusal) as refused:
        check_offer(offer, "p", VALUES)
    assert refused.value.code == code


def test_an_unknown_key_is_named_with_its_place() -> None:
    with pytest.raises(Refusal, match='Unexpected key "bold" on param "template\\[\'components\'\\]"'):
        allow_keys({"type": 1, "bold": 2}, {"type"}, "template['components']")


@pytest.mark.parametrize("given_value", [[], "x", 5, None])
def test_an_object_is_an_object(given_value: Any) -> None:
    with pytest.raises(Refusal, match="must be a JSON object"):
        as_object(given_value, "p")


def test_an_absent_list_is_empty() -> None:
    assert as_list(None, "p") == []
    with pytest.raises(Refusal, match="must be an array"):
        as_list({}, "p")
