"""Findings before anything is sent."""

import re
from collections import Counter
from pathlib import Path

import pytest

from campaign.templates import lint_rules
from campaign.templates.file import read_templates
from campaign.templates.findings import FINDINGS
from campaign.templates.lint import _NOTE_TEXTS, Level, lint_mapping, lint_rows, lint_template
from campaign.templates.values import Fault
from tests.campaign.templates.cases import BODY, buttons, quick_reply, template

FOOTER = {"type": "FOOTER", "text": "Reply STOP to opt out"}
FULL = {"body.1": {"column": "name"}, "body.2": {"text": "15%"}, "body.3": {"text": "Sunday"}}
COUPON = buttons({"type": "COPY_CODE", "text": "Copy code"})
SHOP = buttons({"type": "URL", "text": "Shop", "url": "https://shop.example.com/{{1}}"})


TEXT = {"type": "BODY", "text": "Our spring sale has begun."}


def codes(findings):
    return [finding.code for finding in findings]


def body(text):
    return {"type": "BODY", "text": text}


def shop(address):
    return buttons({"type": "URL", "text": "Shop", "url": address})


URL = {"type": "URL", "text": "Shop", "url": "https://shop.example.com"}


def test_a_good_template_has_no_finding():
    assert lint_mapping(template(BODY, FOOTER), FULL, ["name"]) == []


@pytest.mark.parametrize(
    ("draft", "code", "level"),
    [
        (template(BODY, FOOTER, status="PAUSED"), "not_sendable", Level.ERROR),
        (template(BODY, FOOTER, {"type": "HOLOGRAM"}), "unsupported", Level.ERROR),
        (template(body("x" * 1025), FOOTER), "too_long", Level.ERROR),
        (template(BODY, {"type": "FOOTER", "text": "stop " * 20}), "too_long", Level.ERROR),
        (template(BODY, FOOTER, buttons(quick_reply("x" * 26))), "long_label", Level.ERROR),
        (template(body("1\n2\n3\n4\n5\n6"), FOOTER), "folded", Level.WARNING),
        (template(BODY), "no_opt_out", Level.WARNING),
        (template(body("{{1}} is here"), FOOTER), "edge_variable", Level.WARNING),
        (template(body("here is {{1}}"), FOOTER), "edge_variable", Level.WARNING),
        (template(BODY, FOOTER, name="Spring Offer"), "bad_name", Level.ERROR),
        (template(BODY, FOOTER, category="adverts"), "bad_category", Level.ERROR),
        (template(BODY, FOOTER, language="en-US"), "unknown_language", Level.WARNING),
        (template({"type": "HEADER", "format": "TEXT", "text": "Hi"}, FOOTER), "no_body", Level.ERROR),
        (template(body("Hi {{1}} and {{3}}!"), FOOTER), "bad_variables", Level.ERROR),
        (template(body("Hi {{1}}!"), FOOTER, parameter_format="NAMED"), "bad_variables", Level.ERROR),
        (template(BODY, {"type": "FOOTER", "text": "Reply STOP, {{1}}"}), "fixed_text", Level.ERROR),
        (template(BODY, FOOTER, shop("https://{{1}}.example.com/a")), "bad_address", Level.ERROR),
        (template(BODY, FOOTER, shop("https://x.example/{{1}}/{{2}}")), "bad_address", Level.ERROR),
        (template(BODY, FOOTER, buttons(*[URL] * 3)), "too_many_buttons", Level.ERROR),
        (template(BODY, FOOTER, buttons(quick_reply("Yes"), URL)), "mixed_buttons", Level.WARNING),
        (template(BODY, FOOTER, buttons(quick_reply("Yes"), URL, quick_reply("No"))), "mixed_buttons", Level.WARNING),
        (template(BODY, FOOTER, {"type": "CAROUSEL", "cards": [{"components": [TEXT]}]}), "bad_cards", Level.ERROR),
        (template(BODY, FOOTER, {"type": "LIMITED_TIME_OFFER"}), "offer_footer", Level.ERROR),
        (template(body("Hi {{1}} {{2}}!"), FOOTER), "adjacent_variables", Level.WARNING),
        (template(body("Hi {{1}}, 20% off today!"), category="utility"), "promotional", Level.WARNING),
    ],
)
def test_each_fault_of_a_template_is_found(draft, code, level):
    assert [(finding.code, finding.level) for finding in lint_template(draft)] == [(code, level)]


@pytest.mark.parametrize(
    ("components", "mapping", "code"),
    [
        ([BODY, FOOTER], FULL | {"body.1": {"column": "nane"}}, "mapping"),
        ([body("Hi {{1}}!"), FOOTER], {"body.1": {"text": "x" * 1021}}, "too_long"),
        ([TEXT, COUPON, FOOTER], {"button.0": {"text": "SPRING-SALE-2026"}}, "bad_code"),
        ([TEXT, SHOP, FOOTER], {"button.0": {"text": "https://shop.example.com/a"}}, "bad_address_end"),
        (
            [{"type": "HEADER", "format": "IMAGE"}, TEXT, FOOTER],
            {"header.1": {"text": "https://cdn.example.com/a.jpg"}},
            "media_link",
        ),
        ([{"type": "HEADER", "format": "IMAGE"}, TEXT, FOOTER], {"header.1": {"text": "pictures/a.jpg"}}, "bad_media"),
    ],
)
def test_each_fault_of_a_mapping_is_found(components, mapping, code):
    assert codes(lint_mapping(template(*components), mapping, ["name"])) == [code]


def test_a_button_that_opts_out_is_an_opt_out_hint():
    assert lint_template(template(BODY, buttons(quick_reply("Stop promotions")))) == []


def test_a_header_without_its_media_is_named_with_an_example():
    (found,) = lint_mapping(template({"type": "HEADER", "format": "VIDEO"}, TEXT, FOOTER), {}, [])
    assert (found.code, found.text.partition(";")[0]) == ("missing_media", "header.1 needs a video and none is mapped")


def test_an_unknown_language_brings_the_nearest():
    (found,) = lint_template(template(BODY, FOOTER, language="es_MEX"))
    assert "did you mean es_MX" in found.text


def test_a_card_has_limits_of_its_own():
    card = {"components": [body("x" * 161), buttons(URL, URL, quick_reply("No"))]}
    found = lint_template(template(BODY, FOOTER, {"type": "CAROUSEL", "cards": [card, card]}))
    assert Counter(codes(found)) == {"too_long": 2, "too_many_buttons": 2}


def test_an_offer_makes_the_body_shorter():
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Offer", "has_expiration": True}}
    assert "too_long" in codes(lint_template(template(offer, body("stop " * 130))))


def test_what_was_mended_in_a_list_is_counted():
    found = lint_rows({"collapsed": 1200, "fallback": 0, "language_fallback": 3})
    assert [(one.code, one.count) for one in found] == [("collapsed", 1200), ("language_fallback", 3)]
    assert found[0].text.startswith("1,200 values of the list had line breaks")


def test_every_code_of_a_rule_is_on_the_list():
    rules = Path(lint_rules.__file__).read_text("utf-8")
    named = set(re.findall(r'finding\(\s*"(\w+)"', rules)) | set(_NOTE_TEXTS) | {fault.value for fault in Fault}
    assert named - {"text_too_long"} | {"mapping", "category_changed"} == set(FINDINGS)


FAULTY = Path(__file__).parents[3] / "samples" / "templates-faulty.json"


def test_the_faulty_sample_names_all_ten_faults():
    found = [finding for one in read_templates(FAULTY) for finding in lint_template(one)]
    assert sorted(codes(found)) == sorted(
        [
            *("bad_variables", "too_long", "long_label", "no_opt_out", "folded"),
            *("bad_address", "too_many_buttons", "unknown_language", "unsupported", "fixed_text"),
        ]
    )


@pytest.mark.parametrize("category", ["utility", "authentication"])
def test_only_marketing_needs_an_opt_out(category):
    assert lint_template(template(BODY, category=category)) == []
