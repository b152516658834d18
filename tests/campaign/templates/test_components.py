"""Bodies in the shapes of the platform; golden, one per kind of part."""

import timeit

import pytest

from campaign.errors import Conflict, UsageError
from campaign.templates.components import MessageBuilder, build_components, opt_out_buttons, unsupported_parts
from tests.campaign.templates.cases import BODY, NAMED_BODY, OTP_BODY, buttons, campaign, quick_reply, template


def header(kind: str):
    return {"type": "HEADER", "format": kind.upper()}


@pytest.mark.parametrize(
    ("components", "parameter_format", "values", "expected"),
    [
        (
            [{"type": "BODY", "text": "{{1}} saves {{2}}."}],
            "POSITIONAL",
            {"body.1": "Ann", "body.2": "15%"},
            [{"type": "body", "parameters": [{"type": "text", "text": "Ann"}, {"type": "text", "text": "15%"}]}],
        ),
        (
            [NAMED_BODY],
            "NAMED",
            {"body.first_name": "Ann", "body.order_number": "A-1001"},
            [
                {
                    "type": "body",
                    "parameters": [
                        {"type": "text", "parameter_name": "order_number", "text": "A-1001"},
                        {"type": "text", "parameter_name": "first_name", "text": "Ann"},
                    ],
                }
            ],
        ),
        (
            [{"type": "HEADER", "format": "TEXT", "text": "Hi {{1}}"}],
            "POSITIONAL",
            {"header.1": "Ann"},
            [{"type": "header", "parameters": [{"type": "text", "text": "Ann"}]}],
        ),
        (
            [header("image")],
            "POSITIONAL",
            {"header.1": "1234567890"},
            [{"type": "header", "parameters": [{"type": "image", "image": {"id": "1234567890"}}]}],
        ),
        (
            [header("image")],
            "POSITIONAL",
            {"header.1": "https://cdn.example.com/a.jpg"},
            [{"type": "header", "parameters": [{"type": "image", "image": {"link": "https://cdn.example.com/a.jpg"}}]}],
        ),
        (
            [header("video")],
            "POSITIONAL",
            {"header.1": "1234567891"},
            [{"type": "header", "parameters": [{"type": "video", "video": {"id": "1234567891"}}]}],
        ),
        (
            [header("document")],
            "POSITIONAL",
            {"header.1": "https://cdn.example.com/i.pdf"},
            [
                {
                    "type": "header",
                    "parameters": [{"type": "document", "document": {"link": "https://cdn.example.com/i.pdf"}}],
                }
            ],
        ),
        (
            [buttons(quick_reply("Yes"), {"type": "URL", "text": "Shop", "url": "https://shop.example.com/{{1}}"})],
            "POSITIONAL",
            {"button.1": "abc123"},
            [
                {
                    "type": "button",
                    "sub_type": "quick_reply",
                    "index": "0",
                    "parameters": [{"type": "payload", "payload": "reply:0"}],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "1",
                    "parameters": [{"type": "text", "text": "abc123"}],
                },
            ],
        ),
        (
            [buttons({"type": "COPY_CODE", "text": "Copy code"})],
            "POSITIONAL",
            {"button.0": "SPRING15"},
            [
                {
                    "type": "button",
                    "sub_type": "copy_code",
                    "index": "0",
                    "parameters": [{"type": "coupon_code", "coupon_code": "SPRING15"}],
                }
            ],
        ),
        (
            [OTP_BODY, buttons({"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"})],
            "POSITIONAL",
            {"body.1": "493817"},
            [
                {"type": "body", "parameters": [{"type": "text", "text": "493817"}]},
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "0",
                    "parameters": [{"type": "text", "text": "493817"}],
                },
            ],
        ),
        ([{"type": "BODY", "text": "Static"}, {"type": "FOOTER", "text": "Shop"}], "POSITIONAL", {}, []),
        (
            [
                buttons(
                    {"type": "URL", "text": "Shop", "url": "https://shop.example.com"},
                    {"type": "CATALOG", "text": "See"},
                )
            ],
            "POSITIONAL",
            {},
            [],
        ),
    ],
)
def test_golden_components(components, parameter_format, values, expected):
    assert build_components(components, parameter_format, values) == expected


def test_a_quick_reply_that_says_stop_opts_out_and_others_reply():
    offer = template(buttons(quick_reply("Show me"), quick_reply("Stop promotions")))
    built = MessageBuilder(offer, campaign()).components({})
    assert [button["parameters"][0]["payload"] for button in built] == ["reply:0:c7", "optout:marketing:c7"]


def test_a_button_named_by_a_person_opts_out_for_the_category_of_the_campaign():
    offer = template(buttons(quick_reply("Not for me"), quick_reply("More")))
    mapping = {"button.0": {"opt_out": True}}
    built = MessageBuilder(offer, campaign(mapping, category="utility")).components({})
    assert built[0]["parameters"][0]["payload"] == "optout:utility:c7"
    assert opt_out_buttons(offer.components, mapping) == [0]


def test_unsupported_parts_are_named_and_refused():
    listing = [{"type": "HEADER", "format": "GIF"}, {"type": "LOTTERY_DRAW"}, buttons({"type": "PAY"})]
    assert unsupported_parts(listing) == ["gif header", "lottery draw", "pay button"]
    with pytest.raises(UsageError, match="gif header, lottery draw, pay button"):
        build_components(listing, "POSITIONAL", {})


def test_a_template_that_gained_a_slot_is_refused():
    with pytest.raises(Conflict, match=r"spring_offer .*needs body.2, body.3"):
        MessageBuilder(template(BODY), campaign({"body.1": {"column": "name"}}))


def test_building_takes_at_most_25_microseconds():
    mapping = {f"body.{n}": {"column": "c"} for n in (1, 2, 3)}
    builder = MessageBuilder(template(BODY), campaign(mapping))
    values = {"body.1": "Ann", "body.2": "15%", "body.3": "Sunday"}
    seconds = sorted(timeit.repeat(lambda: builder.components(values), number=1000, repeat=7))[3] / 1000
    assert seconds < 25e-6
