"""Findings before anything is sent."""

import pytest

from campaign.templates.lint import Level, lint_mapping, lint_template
from tests.campaign.templates.cases import BODY, buttons, quick_reply, template

FOOTER = {"type": "FOOTER", "text": "Reply STOP to opt out"}
FULL = {"body.1": {"column": "name"}, "body.2": {"text": "15%"}, "body.3": {"text": "Sunday"}}
COUPON = buttons({"type": "COPY_CODE", "text": "Copy code"})
SHOP = buttons({"type": "URL", "text": "Shop", "url": "https://shop.example.com/{{1}}"})


def codes(findings):
    return [finding.code for finding in findings]


def body(text):
    return {"type": "BODY", "text": text}


def test_a_good_template_has_no_finding():
    assert lint_mapping(template(BODY, FOOTER), FULL, ["name"]) == []


@pytest.mark.parametrize(
    ("draft", "code", "level"),
    [
        (template(BODY, FOOTER, status="PAUSED"), "not_sendable", Level.ERROR),
        (template(BODY, FOOTER, {"type": "CAROUSEL"}), "unsupported", Level.ERROR),
        (template(body("x" * 1025), FOOTER), "too_long", Level.ERROR),
        (template(BODY, {"type": "FOOTER", "text": "stop " * 20}), "too_long", Level.ERROR),
        (template(BODY, FOOTER, buttons(quick_reply("x" * 26))), "long_label", Level.ERROR),
        (template(body("1\n2\n3\n4\n5\n6"), FOOTER), "folded", Level.WARNING),
        (template(BODY), "no_opt_out", Level.WARNING),
        (template(body("{{1}} is here"), FOOTER), "edge_variable", Level.WARNING),
        (template(body("here is {{1}}"), FOOTER), "edge_variable", Level.WARNING),
    ],
)
def test_each_fault_of_a_template_is_found(draft, code, level):
    assert [(finding.code, finding.level) for finding in lint_template(draft)] == [(code, level)]


@pytest.mark.parametrize(
    ("components", "mapping", "code"),
    [
        ([BODY, FOOTER], FULL | {"body.1": {"column": "nane"}}, "mapping"),
        ([body("Hi {{1}}!"), FOOTER], {"body.1": {"text": "x" * 1021}}, "too_long"),
        ([COUPON, FOOTER], {"button.0": {"text": "SPRING-SALE-2026"}}, "long_code"),
        ([SHOP, FOOTER], {"button.0": {"text": "https://shop.example.com/a"}}, "whole_address"),
        (
            [{"type": "HEADER", "format": "IMAGE"}, FOOTER],
            {"header.1": {"text": "https://cdn.example.com/a.jpg"}},
            "media_link",
        ),
        ([{"type": "HEADER", "format": "IMAGE"}, FOOTER], {"header.1": {"text": "pictures/a.jpg"}}, "bad_media"),
    ],
)
def test_each_fault_of_a_mapping_is_found(components, mapping, code):
    assert codes(lint_mapping(template(*components), mapping, ["name"])) == [code]


def test_a_button_that_opts_out_is_an_opt_out_hint():
    assert lint_template(template(BODY, buttons(quick_reply("Stop promotions")))) == []


@pytest.mark.parametrize("category", ["utility", "authentication"])
def test_only_marketing_needs_an_opt_out(category):
    assert lint_template(template(BODY, category=category)) == []
