"""Which slots a template has."""

import pytest

from campaign.templates.components import BUILDERS
from campaign.templates.slots import SLOT_READERS, SlotUse, parts_of, placeholders, slots_of
from tests.campaign.templates.cases import BODY, NAMED_BODY, OTP_BODY, SPRING_OFFER, buttons, quick_reply


def keys(*components, parameter_format="POSITIONAL"):
    return [slot.key for slot in slots_of(components, parameter_format)]


def test_a_listed_template_has_the_slots_of_all_its_parts():
    slots = slots_of(SPRING_OFFER["components"], "POSITIONAL")
    assert [(slot.key, slot.use) for slot in slots] == [
        ("header.1", SlotUse.MEDIA),
        ("body.1", SlotUse.TEXT),
        ("body.2", SlotUse.TEXT),
        ("button.1", SlotUse.ADDRESS_END),
    ]


@pytest.mark.parametrize(
    ("component", "expected"),
    [
        (BODY, ["body.1", "body.2", "body.3"]),
        ({"type": "BODY", "text": "{{2}} before {{1}}, and {{1}} again"}, ["body.1", "body.2"]),
        ({"type": "BODY", "text": "ten comes last: {{10}} {{9}}"}, ["body.9", "body.10"]),
        ({"type": "BODY", "text": "nothing to fill"}, []),
        ({"type": "HEADER", "format": "TEXT", "text": "Hello {{1}}"}, ["header.1"]),
        ({"type": "HEADER", "format": "TEXT", "text": "Hello"}, []),
        ({"type": "HEADER", "format": "VIDEO"}, ["header.1"]),
        ({"type": "FOOTER", "text": "Reply STOP"}, []),
        (buttons({"type": "URL", "text": "Shop", "url": "https://shop.example.com"}), []),
        (buttons({"type": "URL", "text": "Shop", "url": "https://shop.example.com/{{1}}"}), ["button.0"]),
        (buttons(quick_reply("Yes"), {"type": "COPY_CODE", "text": "Copy code"}), ["button.0", "button.1"]),
        (buttons(quick_reply("Stop promotions")), []),
        (buttons({"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+12025550111"}), []),
    ],
)
def test_slots_of_one_component(component, expected):
    assert keys(component) == expected


def test_named_parameters_keep_their_order_of_appearance_and_their_name():
    slots = slots_of([NAMED_BODY], "NAMED")
    assert [(slot.key, slot.name) for slot in slots] == [
        ("body.order_number", "order_number"),
        ("body.first_name", "first_name"),
    ]


@pytest.mark.parametrize(
    "button",
    [
        {"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"},
        {
            "type": "URL",
            "text": "Copy code",
            "url": "https://www.whatsapp.com/otp/code/?otp_type=COPY_CODE&code=otp{{1}}",
        },
    ],
)
def test_the_code_of_an_authentication_template_is_one_slot(button):
    slots = slots_of([OTP_BODY, buttons(button)], "POSITIONAL")
    assert [(slot.key, slot.use) for slot in slots] == [("body.1", SlotUse.CODE)]


def test_a_part_of_an_unheard_of_kind_is_kept():
    assert [part.kind for part in parts_of([{"type": "HOLOGRAM"}, {}])] == ["hologram", "unknown"]


def test_a_kind_with_slots_has_a_builder():
    assert set(SLOT_READERS) <= set(BUILDERS)


def test_spaces_in_a_placeholder_do_not_matter():
    assert placeholders("{{ 1 }} and {{1}}", named=False) == ["1"]
