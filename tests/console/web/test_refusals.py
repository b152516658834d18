"""Whatever the domain refuses on a page is told in the language of who looks, and names no command."""

import re
from collections.abc import Mapping
from functools import cache

import pytest
import typer

from console.cli.main import app
from console.web.said import ENGLISH, PAGE, _texts, knows, said, sentences
from console.web.texts import LANGUAGES
from console.web.texts import _texts as words_of
from tests.console.web.refusals import UNKNOWN, Refusal, refusals

BY_COMMAND = "only the command line and the API do this; no page does"

NOT_ON_A_PAGE: Mapping[str, str] = {
    "campaign/access/api_keys.py:actor_of_key": "told to a program that shows its key",
    "campaign/access/databases.py": "pages take files and the engine's contacts; a database is named over the API",
    "campaign/access/once.py": "about a header that programs send",
    "campaign/audience/query/statement.py": "no page takes a query; that of a schedule is read when it is made",
    "campaign/audience/uploads.py:get_upload": BY_COMMAND,
    "campaign/audience/uploads.py:_find": BY_COMMAND,
    "campaign/consent/listed.py:parse_columns": BY_COMMAND,
    "campaign/contacts/load.py:_parsed": BY_COMMAND,
    "campaign/contacts/proof.py": BY_COMMAND,
    "campaign/conversations.py": "answers within the window are sent by the engine itself and by programs",
    "campaign/costs/card_file.py": "rate cards are imported by command",
    "campaign/notices/subscriptions.py": BY_COMMAND,
    "campaign/reports": "reports are written by command; pages link to the API, whose reports have no file to write",
    "campaign/schedules/kept.py": "pages take files and the engine's contacts, never the address of a database",
    "campaign/sending/failures.py": "read when a sending process starts",
    "campaign/sequences/making.py": BY_COMMAND,
    "campaign/sequences/steps.py": BY_COMMAND,
    "campaign/settings.py": "read when the engine starts",
    "campaign/templates/file.py": BY_COMMAND,
    "campaign/templates/try_values.py": BY_COMMAND,
    "campaign/variants/shares.py": "variants are named by command and over the API, and checked at once",
    "console/web/app.py": "said when the console starts",
}
"""Modules, folders and functions (`module.py:function`) whose refusals reach no page, and why."""

WHAT_TO_DO = """
{count} refusals would be shown in English in a Spanish or Portuguese console:

{lines}

For each, give its sentence a key in console/web/texts/en/ROOM.toml, as the source says it, with {{names}} for what
varies, and the same key in es/ROOM.toml and pt/ROOM.toml; where it names an option or a command, in page/ROOM.toml too,
in the words of a form. A refusal that cannot reach a page goes into NOT_ON_A_PAGE of this file, with the reason."""


@cache
def every():
    """All refusals but those that only hand on what another says; read once, when the first test asks."""
    return [each for each in refusals() if any(" " in text for text in each.samples)]


@cache
def shown():
    """Those that a page may show."""
    return [each for each in every() if not names_of(each) & set(NOT_ON_A_PAGE)]


def names_of(refusal: Refusal) -> set[str]:
    """What an exception may call it: its module, its function, its folder."""
    return {refusal.path, f"{refusal.path}:{refusal.function}", refusal.path.rpartition("/")[0]}


def english_left(text, told):
    """Three words of ours in a row that are the same in the other language."""
    rows = re.findall(r"(?=\b([A-Za-z']+ [a-z']+ [a-z']+)\b)", text)
    return [row for row in rows if UNKNOWN not in row and row in told]


@cache
def commands():
    """Options and commands of the command line, as a sentence would name them."""
    names = "|".join(typer.main.get_command(app).commands)
    return re.compile(rf"(?<!\S)--[a-z][a-z-]+|\bcampaign (?:{names})\b")


def command_in(text):
    return commands().findall(text)


def listed(refusals_and_texts):
    return "\n".join(f"  {each.path}:{each.line}: {text}" for each, text in refusals_and_texts)


def test_every_refusal_that_a_page_can_show_has_its_pattern():
    unknown = [(each, text) for each in shown() for text in each.samples if " " in text and not knows(text)]
    assert not unknown, WHAT_TO_DO.format(count=len({each for each, _ in unknown}), lines=listed(unknown))


@pytest.mark.parametrize("language", [language for language in LANGUAGES if language != ENGLISH])
def test_no_refusal_is_told_half_in_english(language):
    told = [(each, f"{text}\n    {said(text, language)}") for each in shown() for text in each.samples
            if knows(text) and english_left(text, said(text, language))]  # fmt: skip
    assert not told, f"These are told in {language} with English in them; see FOLLOWED in said.py:\n{listed(told)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_refusal_names_a_command_on_a_page(language):
    told = [
        (each, said(text, language)) for each in shown() for text in each.samples if command_in(said(text, language))
    ]
    assert not told, f"Say these in the words of a form, in texts/page/ROOM.toml:\n{listed(told)}"


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_text_of_a_page_names_a_command(language):
    told = {**words_of(language), **_texts(language)}
    assert {key: text for key, text in told.items() if command_in(text)} == {}


def test_what_the_english_console_says_otherwise_stands_for_a_sentence_of_the_domain():
    page, english = sentences(PAGE), sentences(ENGLISH)
    assert set(page) <= set(english)
    assert {key for key, text in page.items() if text == english[key]} == set()


def test_every_exception_is_needed():
    assert set(NOT_ON_A_PAGE) - {name for each in every() for name in names_of(each)} == set()


def test_the_sentences_of_a_refusal_are_read_from_its_source():
    found = {(each.path, text) for each in every() for text in each.samples}
    assert ("campaign/senders.py", "--rate X1 is not a rate; give at least 1 message per second") in found
    # A text out of a table, in which another function gives a part.
    standing = "campaign X1 is still reading its list, so it cannot be X1; "
    assert any(path == "campaign/lifecycle.py" and text.startswith(standing) for path, text in found)
