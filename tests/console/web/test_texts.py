"""The words of the pages."""

import re
import string

import pytest

from console.web.texts import DEFAULT, LANGUAGES, Words, _texts, best_language

OTHERS = [language for language in LANGUAGES if language != DEFAULT]


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_has_every_text_with_the_same_values(language):
    english, other = _texts(DEFAULT), _texts(language)
    assert set(other) == set(english)
    assert {key for key in english if fields(english[key]) != fields(other[key])} == set()


def test_every_text_that_a_page_asks_for_is_there():
    from pathlib import Path

    import console.web

    asked = set()
    for path in Path(console.web.__file__).parent.rglob("*"):
        if path.suffix in {".py", ".html"} and path.name != "texts.py":
            asked |= set(re.findall(r"""words\(\s*["']([a-z_]+(?:\.[a-z_]+)*)["']""", path.read_text("utf-8")))
    assert asked <= set(_texts(DEFAULT)), asked - set(_texts(DEFAULT))


@pytest.mark.parametrize(
    ("accepted", "chosen", "language"),
    [
        (None, None, "en"),
        ("es-MX,es;q=0.9,en;q=0.8", None, "es"),
        ("de,pt-BR;q=0.9", None, "pt"),
        ("de", None, "en"),
        ("es", "pt", "pt"),
        ("es", "xx", "es"),
    ],
)
def test_the_language_is_the_users_own_else_the_browsers_first_that_we_have(accepted, chosen, language):
    assert best_language(accepted, chosen) == language


def test_numbers_are_written_as_the_language_writes_them():
    assert [Words(language).number(1234567) for language in ("en", "es", "pt")] == [
        "1,234,567",
        "1.234.567",
        "1.234.567",
    ]
    assert Words("es").number(1.5) == "1,5"


def test_a_state_without_a_word_is_shown_as_it_is():
    assert Words("es").state("no_such_state") == "no such state"
