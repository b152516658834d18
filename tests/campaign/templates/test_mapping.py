"""What `--map` may say, and what is said when it is wrong."""

import pytest

from campaign.errors import UsageError
from campaign.templates.mapping import complete_mapping, parse_mapping
from campaign.templates.slots import slots_of
from tests.campaign.templates.cases import BODY, NAMED_BODY

SLOTS = slots_of([BODY], "POSITIONAL")
NAMED_SLOTS = slots_of([NAMED_BODY], "NAMED")
FULL = ["body.1=name", "body.2==15%", "body.3==Sunday"]


@pytest.mark.parametrize(
    ("item", "expected"),
    [
        ("body.1=first_name", {"body.1": {"column": "first_name"}}),
        ("body.first_name=name", {"body.first_name": {"column": "name"}}),
        ("header.1==https://cdn.example.com/a.jpg", {"header.1": {"text": "https://cdn.example.com/a.jpg"}}),
        ("body.2==15%", {"body.2": {"text": "15%"}}),
        ("body.2==a=b|c", {"body.2": {"text": "a=b|c"}}),
        ("button.0=code", {"button.0": {"column": "code"}}),
        ("body.1=name|friend", {"body.1": {"column": "name", "fallback": "friend"}}),
        ("body.1= first name ", {"body.1": {"column": "first name"}}),
        (
            "body.1=name:trim,title|friend",
            {"body.1": {"column": "name", "transforms": "trim,title", "fallback": "friend"}},
        ),
        ("body.1=Price: EUR", {"body.1": {"column": "Price: EUR"}}),
        ("header.1=@a/b.jpg", {"header.1": {"file": "a/b.jpg"}}),
        ("card.0.body.1=name", {"card.0.body.1": {"column": "name"}}),
        ("card.12.button.0=code", {"card.12.button.0": {"column": "code"}}),
        ("button.0.thumbnail==sku-1", {"button.0.thumbnail": {"text": "sku-1"}}),
        ("offer.ends=until", {"offer.ends": {"column": "until"}}),
        ("body.2==two\nlines", {"body.2": {"text": "two lines"}}),
    ],
)
def test_items(item, expected):
    assert parse_mapping([item]) == expected


@pytest.mark.parametrize(
    ("items", "words"),
    [
        (["body.1"], r"--map 'body.1' is not SLOT=COLUMN; write for example body.1=first_name"),
        (["1=name"], "is not SLOT=COLUMN"),
        (["=name"], "is not SLOT=COLUMN"),
        (["footer.1=name"], "is not SLOT=COLUMN"),
        (["button.x=name"], "is not SLOT=COLUMN"),
        (["body.1="], "is not SLOT=COLUMN"),
        (["body.1==  "], "empty constant"),
        (["body.1=name|"], "empty fallback"),
        (["body.1=|friend"], "empty column"),
        (["body.1=name:trim,titel"], "no transform titel"),
        (["header.1=@ "], "empty file"),
        (["card.body.1=name"], "is not SLOT=COLUMN"),
        (["body.1=a", "body.1=b"], r"--map names body.1 twice"),
    ],
)
def test_bad_items_are_named(items, words):
    with pytest.raises(UsageError, match=words):
        parse_mapping(items)


def test_an_unknown_column_names_the_columns():
    with pytest.raises(UsageError, match=r"no column nane \(found name, tel\)"):
        complete_mapping(parse_mapping(["body.1=nane", *FULL[1:]]), SLOTS, ["name", "tel"])


def test_an_unknown_slot_names_the_slots():
    with pytest.raises(UsageError, match=r"no slot body.4 \(it has body.1, body.2, body.3\)"):
        complete_mapping(parse_mapping([*FULL, "body.4=name"]), SLOTS, ["name"])


def test_a_template_without_slots_takes_no_mapping():
    with pytest.raises(UsageError, match="leave --map out"):
        complete_mapping(parse_mapping(["body.1=name"]), [], ["name"])


def test_an_open_slot_is_named_with_an_example():
    with pytest.raises(UsageError, match=r"slot body.3 of the template is not mapped; add for example --map body.3="):
        complete_mapping(parse_mapping(FULL[:2]), SLOTS, ["name"])


def test_a_named_slot_takes_the_column_of_its_name():
    mapping = complete_mapping(parse_mapping(["body.order_number=no"]), NAMED_SLOTS, ["no", "first_name"])
    assert mapping == {"body.order_number": {"column": "no"}, "body.first_name": {"column": "first_name"}}


def test_a_numbered_slot_never_takes_a_column_by_itself():
    with pytest.raises(UsageError, match=r"slot body.1"):
        complete_mapping({}, SLOTS, ["1", "2", "3"])


def test_a_transform_that_does_not_exist_brings_the_nearest():
    with pytest.raises(UsageError, match=r"no transform titel .did you mean title"):
        complete_mapping(parse_mapping(["body.1=name:titel", *FULL[1:]]), SLOTS, ["name"])


@pytest.mark.parametrize(
    ("item", "words"),
    [
        ("header.1==a/b", "header.1: the value is 'a/b', neither an http"),
        ("header.1=picture|a/b", "header.1: the value is 'a/b', neither an http"),
        ("header.filename=@a.pdf", "header.filename=@a.pdf: the slot takes no file"),
    ],
)
def test_a_constant_that_its_slot_does_not_take_is_refused(item, words):
    slots = slots_of([{"type": "HEADER", "format": "DOCUMENT"}], "POSITIONAL")
    items = [item] if item.startswith("header.1") else ["header.1==1", item]
    with pytest.raises(UsageError, match=words):
        complete_mapping(parse_mapping(items), slots, ["picture"])
