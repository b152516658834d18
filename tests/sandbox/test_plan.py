"""What a template asks of a message."""

import pytest

from sandbox.plan import make_plan, text_plan


@pytest.mark.parametrize(
    ("text", "named", "names", "uses", "fixed"),
    [
        ("Hello", False, (), (), 5),
        ("Hi {{1}}, {{2}}!", False, ("1", "2"), (1, 1), 6),
        ("{{2}} before {{1}}", False, ("1", "2"), (1, 1), 8),
        ("{{1}} and {{1}}", False, ("1",), (2,), 5),
        ("{{10}} {{9}}", False, ("9", "10"), (1, 1), 1),
        ("{{ first_name }}", True, ("first_name",), (1,), 0),
        ("{{b}} {{a}}", True, ("b", "a"), (1, 1), 1),
    ],
)
def test_placeholders_are_found(
    text: str, named: bool, names: tuple[str, ...], uses: tuple[int, ...], fixed: int
) -> None:
    plan = text_plan("body", text, 1024, named=named)
    assert (plan.names, plan.uses, plan.fixed) == (names, uses, fixed)


@pytest.mark.parametrize(
    ("components", "bare"),
    [
        ([{"type": "BODY", "text": "Hi"}], True),
        ([{"type": "BODY", "text": "Hi {{1}}"}], False),
        ([{"type": "HEADER", "format": "TEXT", "text": "Hi"}, {"type": "BODY", "text": "Hi"}], True),
        ([{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Hi"}], False),
        ([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "QUICK_REPLY"}]}], True),
        ([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "COPY_CODE"}]}], False),
        ([{"type": "BODY", "text": "Hi"}, {"type": "BUTTONS", "buttons": [{"type": "URL", "url": "https://x"}]}], True),
    ],
)
def test_a_template_without_variables_asks_for_nothing(components: list[dict[str, object]], bare: bool) -> None:
    assert make_plan(components).bare is bare


def test_a_button_of_a_code_to_log_in_is_recognised_in_both_spellings() -> None:
    body = {"type": "BODY", "text": "*{{1}}* is your code."}
    otp = make_plan([body, {"type": "BUTTONS", "buttons": [{"type": "OTP"}]}], category="AUTHENTICATION")
    url = {"type": "URL", "url": "https://www.whatsapp.com/otp/code/?code=otp{{1}}"}
    listed = make_plan([body, {"type": "BUTTONS", "buttons": [url]}], category="AUTHENTICATION")
    assert otp.buttons == listed.buttons
    assert otp.body is not None
    assert otp.body.value_limit == 15


def test_the_body_of_an_offer_is_shorter() -> None:
    offer = {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Soon", "has_expiration": True}}
    plan = make_plan([offer, {"type": "BODY", "text": "Hurry"}])
    assert plan.offer
    assert plan.body is not None
    assert plan.body.limit == 600
