"""Each person in the language that their row says."""

from campaign.templates.choice import LanguageFiller, all_slots
from campaign.templates.fill import MissingValue
from tests.campaign.templates.cases import template

ENGLISH = template({"type": "BODY", "text": "Hi {{1}}!"}, id=1)
SPANISH = template({"type": "BODY", "text": "Hola {{1}}, {{2}}!"}, id=2, language="es_MX")
MAPPING = {"body.1": {"column": "name"}, "body.2": {"column": "saving"}}


def test_a_row_is_filled_for_its_language():
    fill = LanguageFiller([ENGLISH, SPANISH], MAPPING, "language")
    ann = {"name": "Ann", "saving": "15%", "language": "en"}
    ana = {"name": "Ana", "saving": "", "language": "es"}
    jan = {"name": "Jan", "saving": "15%", "language": "nl"}
    assert fill(ann) == fill(jan) | {"body.1": "Ann"} == {"body.1": "Ann"}
    assert fill(ana) == MissingValue("body.2", "saving")
    assert [fill.template_id(row) for row in (ann, ana, jan)] == [None, 2, None]
    assert fill.notes == {"language_fallback": 1}


def test_a_date_is_written_in_the_language_of_its_message():
    mapping = MAPPING | {"body.1": {"column": "day", "transforms": "date(auto,long)"}}
    fill = LanguageFiller([ENGLISH, SPANISH], mapping, "language")
    row = {"day": "2026-11-30", "saving": "15%"}
    assert fill(row | {"language": "en"})["body.1"] == "November 30, 2026"
    assert fill(row | {"language": "es"})["body.1"] == "30 de noviembre de 2026"


def test_without_a_column_everybody_gets_the_first():
    fill = LanguageFiller([ENGLISH], {"body.1": {"column": "name"}})
    assert (fill({"name": "Ann"}), fill.template_id({"name": "Ann"}), fill.notes) == ({"body.1": "Ann"}, None, {})


def test_a_column_of_free_text_fills_no_memory():
    fill = LanguageFiller([ENGLISH, SPANISH], MAPPING, "language")
    for number in range(3000):
        fill({"name": "Ann", "language": f"text {number}"})
    assert fill.notes["language_fallback"] == 3000
    assert len(fill._chosen) == 1000


def test_the_slots_of_all_languages_are_mapped():
    assert [slot.key for slot in all_slots([ENGLISH, SPANISH])] == ["body.1", "body.2"]
