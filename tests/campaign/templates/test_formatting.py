"""The marks that WhatsApp turns into bold, italic, strike and mono."""

import time

import pytest

from campaign.templates.formatting import Run, Style, lines_of, runs_of

B, I, S, M = (frozenset({style}) for style in (Style.BOLD, Style.ITALIC, Style.STRIKE, Style.MONO))  # noqa: E741


@pytest.mark.parametrize(
    ("text", "runs"),
    [
        ("plain", [Run("plain")]),
        ("a *b* c", [Run("a "), Run("b", B), Run(" c")]),
        ("_i_ ~s~ `m`", [Run("i", I), Run(" "), Run("s", S), Run(" "), Run("m", M)]),
        ("*two words*!", [Run("two words", B), Run("!")]),
        ("(*b*)", [Run("("), Run("b", B), Run(")")]),
        ("*a _b_*", [Run("a ", B), Run("b", B | I)]),
        ("```x *y*\nz```", [Run("x *y*\nz", M)]),
    ],
)
def test_marks_at_the_edge_of_words_count(text, runs):
    assert runs_of(text) == runs


@pytest.mark.parametrize(
    "text",
    ["2*3*4", "snake_case_name", "* spaced *", "*open", "a ~ b ~ c", "*over\nlines*", "https://x.test/a_b_c", "**"],
)
def test_what_does_not_close_or_stands_inside_words_is_shown_as_it_is(text):
    assert runs_of(text) == [Run(text)]


def test_lines_keep_their_styles_and_empty_lines():
    assert lines_of("a\n\n*b*") == [[Run("a")], [], [Run("b", B)]]
    assert lines_of("```a\nb```") == [[Run("a", M)], [Run("b", M)]]


@pytest.mark.parametrize("text", ["*" * 10_000, "*a " * 5_000, "_" * 9_999 + "x", "<script>alert(1)</script>" * 400])
def test_a_hostile_text_is_read_at_once_and_nothing_of_it_is_lost(text):
    began = time.perf_counter()
    assert "".join(run.text for run in runs_of(text)) == text
    assert time.perf_counter() - began < 1
