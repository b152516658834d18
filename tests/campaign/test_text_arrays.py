"""Whole columns are told what `str` tells of one text."""

from hypothesis import given
from hypothesis import strategies as st

from campaign.text_arrays import all_of, any_of, are_tidy, longest_of, null_if_empty, text_array, tidied

SPACES = [chr(code) for code in range(0x110000) if chr(code).isspace()]
TEXTS = st.lists(st.text(st.sampled_from(["a", "é", "\x00", *SPACES]), max_size=5), max_size=6)


def test_every_space_of_unicode_is_known() -> None:
    assert tidied(text_array([f"a{space}b" for space in SPACES])).to_pylist() == ["a b"] * len(SPACES)
    odd = [space for space in SPACES if space != " "]
    assert not any_of(are_tidy(text_array([f"a{space}b" for space in odd])))


@given(TEXTS)
def test_tidy_texts_are_those_that_tidying_leaves_alone(texts: list[str]) -> None:
    array = text_array(texts)
    tidy = [" ".join(text.split()) for text in texts]
    assert tidied(array).to_pylist() == [text or None for text in tidy]
    assert are_tidy(array).to_pylist() == [
        bool(text) and text == same and "\x00" not in text for text, same in zip(texts, tidy, strict=True)
    ]


@given(TEXTS)
def test_the_longest_and_the_empty(texts: list[str]) -> None:
    array = text_array(texts)
    assert longest_of(array) == max(texts, key=len, default="")
    assert null_if_empty(array).to_pylist() == [text or None for text in texts]


def test_some_and_all() -> None:
    tidy = are_tidy(text_array(["a", " "]))
    assert (any_of(tidy), all_of(tidy)) == (True, False)
    assert (any_of(tidy[:0]), all_of(tidy[:0])) == (False, True)
