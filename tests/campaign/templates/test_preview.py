"""The text that a person will see."""

import pytest

from campaign.errors import UsageError
from campaign.templates.preview import FOLD, examples, preview
from tests.campaign.templates.cases import NAMED_BODY, OTP_BODY, SPRING_OFFER, buttons


def test_header_body_footer_and_buttons():
    values = {"header.1": "https://cdn.example.com/a.jpg", "body.1": "Ann", "body.2": "15%", "button.1": "abc"}
    assert preview(SPRING_OFFER["components"], "POSITIONAL", values).splitlines() == [
        "(image: https://cdn.example.com/a.jpg)",
        "Hi Ann, your spring code saves 15% until Sunday.",
        "Reply STOP to opt out",
        "[ Stop promotions ]",
        "[ Shop now -> https://shop.example.com/s/abc ]",
    ]


def test_codes_and_names():
    assert preview([NAMED_BODY], "NAMED", {"body.order_number": "A-1", "body.first_name": "Ann"}) == (
        "Order A-1 is on its way, Ann."
    )
    coupon = buttons({"type": "COPY_CODE", "text": "Copy code"})
    assert preview([coupon], "POSITIONAL", {"button.0": "SPRING15"}) == "[ Copy code: SPRING15 ]"


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is():
    assert preview([OTP_BODY], "POSITIONAL", {"body.1": r"{{1}} \1"}) == r"*{{1}} \1* is your verification code."


def test_missing_values_are_named():
    with pytest.raises(UsageError, match=r"no value for body\.2, button\.1"):
        preview(SPRING_OFFER["components"], "POSITIONAL", {"header.1": "1", "body.1": "Ann"})


def test_examples_fill_every_slot():
    components = SPRING_OFFER["components"]
    assert "Hi {1}, your spring code saves {2}" in preview(components, "POSITIONAL", examples(components, "POSITIONAL"))


def test_a_part_that_cannot_be_filled_is_shown_by_its_kind():
    assert preview([{"type": "HOLOGRAM"}], "POSITIONAL", {}) == "(hologram)"


@pytest.mark.parametrize(
    ("category", "lines", "folded"), [("marketing", 5, False), ("marketing", 6, True), ("utility", 6, False)]
)
def test_a_marketing_text_is_folded_after_five_lines(category, lines, folded):
    body = {"type": "BODY", "text": "\n".join(f"line {number}" for number in range(1, lines + 1))}
    shown = preview([body], "POSITIONAL", {}, category=category).splitlines()
    assert (FOLD in shown) is folded
    if folded:
        assert shown.index(FOLD) == 5
