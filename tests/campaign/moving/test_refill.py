"""The values of another template from those that messages keep. Pure."""

import pytest

from campaign.errors import UsageError
from campaign.moving.refill import kept_columns, make_refill, refill_mapping, told_mapping
from campaign.templates.fill import MissingValue
from campaign.templates.mapping import parse_mapping
from models import Template
from tests.factories import NOON, TEXT_COMPONENTS

BEFORE = {"body.1": {"column": "first", "fallback": "friend"}, "body.2": {"text": "15%"}}
VALUES = {"name": "Ann", "body.1": "Ann", "body.2": "15%"}


def template(text: str, parameter_format: str = "POSITIONAL", *components: dict[str, object]) -> Template:
    return Template(
        id=2,
        name="calm_sale",
        language="en_US",
        parameter_format=parameter_format,
        components=[*components, {"type": "BODY", "text": text}],
    )


OLD = Template(name="spring", language="en_US", parameter_format="POSITIONAL", components=TEXT_COMPONENTS)
KEPT = kept_columns([OLD])


def refill(target: Template, *items: str) -> object:
    mapping = refill_mapping(target, parse_mapping(items), KEPT, BEFORE)
    return make_refill(target, mapping, NOON)(VALUES)


def test_messages_keep_their_slots_and_the_name() -> None:
    assert KEPT == ["body.1", "body.2", "name"]


@pytest.mark.parametrize(
    ("text", "items", "values"),
    [
        ("Hello {{1}}, {{2}} off!", (), {"body.1": "Ann", "body.2": "15%"}),
        ("Only {{1}}: {{2}}", ("body.1=body.2", "body.2=body.1"), {"body.1": "15%", "body.2": "Ann"}),
        ("Save {{1}}", ("body.1=body.2",), {"body.1": "15%"}),
        ("Dear {{1}}, {{2}}, {{3}}", ("body.3==Sunday",), {"body.1": "Ann", "body.2": "15%", "body.3": "Sunday"}),
        ("Dear {{1}}", ("body.1=name:upper",), {"body.1": "ANN"}),
        ("No slots", (), {}),
    ],
)
def test_slots_are_filled_from_what_is_kept(text: str, items: tuple[str, ...], values: dict[str, str]) -> None:
    assert refill(template(text), *items) == values


def test_a_slot_that_nothing_fills_is_refused_with_what_there_is() -> None:
    with pytest.raises(UsageError) as refused:
        refill(template("Dear {{1}}, {{2}}, {{3}}"))
    assert str(refused.value) == (
        "template calm_sale (en_US) needs body.3, and of the uploaded rows only body.1, body.2, name are kept; map "
        "each of them from one of these or to a constant, for example --map body.3=body.1 or --map body.3==text"
    )


def test_a_column_of_the_upload_is_refused_as_it_is_not_kept() -> None:
    with pytest.raises(UsageError, match="city"):
        refill(template("From {{1}}"), "body.1=city")


def test_named_slots_are_mapped_from_kept_ones() -> None:
    target = template("Hi {{first_name}}", "NAMED")
    assert refill(target, "body.first_name=body.1") == {"body.first_name": "Ann"}


def test_a_message_without_the_value_is_told() -> None:
    target = template("Hi {{1}}")
    mapping = refill_mapping(target, {}, KEPT, BEFORE)
    assert make_refill(target, mapping, NOON)({"name": "", "body.2": "x"}) == MissingValue("body.1", "body.1")


def test_the_same_header_keeps_its_file() -> None:
    file = {"file": "a.jpg", "sha256": "a" * 64}
    target = template("Hi {{1}}", "POSITIONAL", {"type": "HEADER", "format": "IMAGE"})
    mapping = refill_mapping(target, {}, KEPT, {**BEFORE, "header.1": file})
    assert mapping["header.1"] == file


def test_the_campaign_tells_the_mapping_in_terms_of_the_uploaded_list() -> None:
    mapping = {"body.1": {"column": "body.2"}, "body.2": {"column": "body.1"}, "body.3": {"column": "name"}}
    assert told_mapping(mapping, BEFORE) == {
        "body.1": {"text": "15%"},
        "body.2": {"column": "first"},
        "body.3": {"column": "name"},
    }
