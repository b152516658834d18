"""What the domain says in English is told in every language, and nothing that it says is ever lost."""

import ast
import re
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import campaign
from campaign.audience.reasons import SENTENCES
from campaign.overview import campaigns
from campaign.sending.error_table import ERROR_TABLE, STATUS_RULES, TEXT_RULES
from campaign.sending.failures import BOUNDS
from campaign.sending.pauses.endings import ENDINGS
from campaign.templates import lint
from campaign.webhooks import problems
from console.web.said import ENGLISH, FOLDER, knows, said, sentences
from console.web.texts import LANGUAGES

ROOM = Path(campaign.__file__).parent
OTHERS = [language for language in LANGUAGES if language != ENGLISH]

TOLD = [
    *(rule.sentence for rule in (*ERROR_TABLE.values(), *TEXT_RULES, *STATUS_RULES.values())),
    *campaigns._DONE.values(),
    *SENTENCES.values(),
    *ENDINGS.values(),
    *(bound.advice for bound in BOUNDS.values()),
    *(text.format(n=1234) for text in lint._NOTE_TEXTS.values()),
    *(words for _, words in problems.ADVICE),
    problems.FAULT,
    problems.HIDES,
]
"""Sentences that stand in tables."""

CALLS = {
    "templates/lint_rules.py": {"finding"},
    "audience/phone.py": {"BadPhone"},
    "templates/values.py": {"Unfit"},
    "consent/listed.py": {"NotRecorded"},
    "access/users.py": {"UsageError", "Conflict", "Forbidden"},
    "access/approvals.py": {"Conflict", "Forbidden"},
    "access/drafts.py": {"Conflict", "NotFound"},
    "access/incoming.py": {"UsageError", "NotFound", "BadList"},
    "access/sign_in.py": {"NotSignedIn", "Throttled"},
    "drafting/request.py": {"UsageError"},
}
"""Modules whose sentences are made on the spot, and what they are handed to."""


def fields(text):
    return {name for _, name, _, _ in string.Formatter().parse(text) if name}


def made_in(path, calls):
    """The sentences that a module hands to some calls, with something in each place that varies."""
    for node in ast.walk(ast.parse((ROOM / path).read_text("utf-8"))):
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") in calls:
            for argument in node.args:
                text = sample(argument)
                if text and " " in text and len(re.findall("[a-z]{2,}", text)) > 2:
                    yield text


def sample(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(
            str(part.value) if isinstance(part, ast.Constant) else "'X1'" if part.conversion == ord("r") else "X1"
            for part in node.values
        )
    return None


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_tells_every_sentence_with_no_other_values(language):
    english, other = sentences(ENGLISH), sentences(language)
    assert set(other) == set(english)
    assert [key for key in english if not other[key] or fields(other[key]) - fields(english[key])] == []
    assert [key for key, text in english.items() if text == other[key] and len(text) > 12] == []


def test_there_is_a_folder_for_every_language():
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == sorted(LANGUAGES)


def test_no_sentence_stands_twice():
    texts = list(sentences(ENGLISH).values())
    assert sorted({text for text in texts if texts.count(text) > 1}) == []


def test_every_sentence_of_a_table_is_known():
    assert [text for text in TOLD if not knows(text)] == []


@pytest.mark.parametrize("path", CALLS)
def test_every_sentence_that_is_made_on_the_spot_is_known(path):
    made = list(made_in(path, CALLS[path]))
    assert made
    assert [text for text in made if not knows(text)] == []


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        ("The same person as row 12.", "La misma persona que la fila 12."),
        ("has no digits", "no tiene cifras"),
        ("tel has no digits.", "tel no tiene cifras."),
        ("tel is a landline in MX.", "tel es un número fijo en MX."),
        (
            "This number cannot receive the message. The phone is left out of later campaigns.",
            "Este número no puede recibir el mensaje. El teléfono queda fuera de las próximas campañas.",
        ),
        (
            "The header of card 2 has 1,070 characters when filled; at most 60 are allowed.",
            "Encabezado de la tarjeta 2: 1.070 caracteres con los valores puestos; se permiten 60 como máximo.",
        ),
        (
            "The canary went badly: 5 of 20 are held for quality (5% allowed). 3 are uncertain.",
            "La prueba con las primeras personas salió mal: 5 de 20 están retenidos por calidad (se permite 5%). "
            "3 están en duda.",
        ),
        (
            "There is a problem with the account's payment. WhatsApp said: Pay up.",
            "Hay un problema con el pago de la cuenta. WhatsApp dijo: Pay up.",
        ),
    ],
)
def test_a_sentence_keeps_what_varies_in_it(english, spanish):
    assert said(english, "es") == spanish


def test_what_is_not_known_stays_in_english_beside_what_is():
    told = said("The template's flow is blocked. Nobody has ever written this.", "pt")
    assert told == "O fluxo do modelo está bloqueado. Nobody has ever written this."


def test_a_name_may_look_like_a_place_for_a_value():
    assert said("there is a user {name} already; choose another name", "es") == (
        "ya hay un usuario {name}; elija otro nombre"
    )


@given(st.text(max_size=1500), st.sampled_from(OTHERS))
def test_nothing_that_is_said_breaks_a_page(text, language):
    assert isinstance(said(text, language), str)
    assert said(text, ENGLISH) == text
