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
from console.web.said import ENGLISH, FOLDER, PAGE, STATES, knows, said, sentences
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
}
"""Modules whose sentences are made on the spot, and what they are handed to; test_refusals.py sees to the errors."""


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
    assert sorted(path.name for path in FOLDER.iterdir() if path.is_dir()) == sorted([*LANGUAGES, PAGE])


def test_no_sentence_stands_twice():
    texts = [text for key, text in sentences(ENGLISH).items() if not key.startswith(STATES)]
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
            "WhatsApp's list says that it may be sent, and messages are refused all the same (round 3); the list is "
            "read again at 2026-11-20 12:00:00 UTC.",
            "La lista de WhatsApp dice que se puede enviar, y aun así se rechazan mensajes (ronda 3); la lista se lee "
            "de nuevo a las 2026-11-20 12:00:00 UTC.",
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


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"/srv/home/incoming/{'A' * 43}/spring.csv has no phone column (found a, b); name it with --phone-column",
            "spring.csv has no phone column (found a, b); choose it, or call it phone in the list",
        ),
        (
            "l.xlsx (sheet Cover) has no phone column (found a); name it with --phone-column. Other sheets: x and 2 "
            "more; choose with --sheet",
            "l.xlsx (sheet Cover) has no phone column (found a); choose it, or call it phone in the list. Other "
            "sheets: x and 2 more; choose the right one, or save it as a file of its own",
        ),
        ("/tmp/campaign-list-x1.csv is empty; export the list again", "the list is empty; export the list again"),
        ("--zone-column Where: the list has no such column (found a and 3 more)",
         "the list has no column Where for the time zone (found a and 3 more)"),
        ("there is no template x; did you mean y?", "there is no template x; did you mean y?"),
        ("--token-env takes the name of an environment variable, not the secret itself",
         "the variable for the token takes the name of an environment variable, not the secret itself"),
        ("campaign x is a draft that was not launched yet, so it cannot be paused; start it with campaign launch x",
         "campaign x is a draft that was not launched yet, so it cannot be paused; start it with Launch"),
        ("slot body.1 of the template is not mapped; add for example --map body.1=first_name",
         "body.1 of the template is not filled yet; choose a column for it, or write a text"),
        ("the start '9' is no moment; write it like 2026-11-23T09:00:00+01:00",
         "the start '9' is no moment; write it like 2026-11-23T09:00:00+01:00"),
        # What has no pattern keeps its words, without what only the command line has.
        ("--at is odd; run campaign templates sync --sender shop", "the start is odd"),
        ("the option --map-like stays", "the option --map-like stays"),
    ],
)  # fmt: skip
def test_the_english_console_names_no_options_no_commands_and_no_folders_of_ours(text, told):
    assert said(text, ENGLISH) == told


def test_sentences_about_rows_are_told_in_english_as_they_are():
    assert all(said(text, ENGLISH) == text for text in SENTENCES.values() if "--" not in text)


@pytest.mark.parametrize(
    ("english", "spanish"),
    [
        (
            "--quiet-days and --holidays need a --window, such as --window 00:00-24:00",
            "los días sin envíos y los festivos necesitan un horario de envío, como 00:00-24:00",
        ),
        (
            "sender shop has no template x (known: a, b and 7 more); if it is new, run campaign templates sync "
            "--sender shop",
            "el número shop no tiene la plantilla x (conocidos: a, b y 7 más); si es nueva, lea las plantillas en la "
            "página Plantillas",
        ),
        ("list.csv is a PDF; give a CSV, an Excel or ODS workbook, or a CSV packed with gzip or alone in a ZIP archive",
         "list.csv es un PDF; use un CSV, un libro de Excel u ODS, o un CSV comprimido con gzip o solo en un archivo "
         "ZIP"),
        ("schedule x is ended, so it cannot be paused", "la programación x no se puede pausar, porque su estado es: "
         "terminada"),
    ],
)  # fmt: skip
def test_a_refusal_is_told_whole(english, spanish):
    assert said(english, "es") == spanish


@given(st.text(max_size=1500), st.sampled_from([*OTHERS, ENGLISH]))
def test_nothing_that_is_said_breaks_a_page(text, language):
    assert isinstance(said(text, language), str)
