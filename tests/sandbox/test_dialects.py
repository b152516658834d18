"""Refusals and webhooks in the shapes of the fixtures."""

import json
from pathlib import Path
from typing import Any

import pytest

from sandbox.account import make_numbers
from sandbox.config import SandboxConfig
from sandbox.dialects import make_dialects, signature
from sandbox.refusals import Refusal
from sandbox.wamid import Ids

FIXTURES = Path(__file__).parents[1] / "fixtures"
DIALECTS = make_dialects(SandboxConfig(), Ids())


def answer(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((FIXTURES / "answers" / name).read_text())
    return content


@pytest.mark.parametrize(
    ("fixture", "refusal", "status"),
    [
        ("cloud_error_130429.json", Refusal(130429), 400),
        ("cloud_error_131056.json", Refusal(131056), 400),
        ("cloud_error_132015.json", Refusal(132015), 400),
        ("cloud_error_131000.json", Refusal(131000), 500),
        (
            "cloud_error_132001.json",
            Refusal(132001, "template name (spring_offer) does not exist in en_US"),
            404,
        ),
        (
            "cloud_error_132000.json",
            Refusal(132000, "body: number of localizable_params (1) does not match the expected number of params (2)"),
            400,
        ),
    ],
)
def test_a_refusal_is_what_the_platform_sends(fixture: str, refusal: Refusal, status: int) -> None:
    given_status, body = DIALECTS["cloud"].refused(refusal)
    expected = answer(fixture)
    del expected["error"]["fbtrace_id"]
    given = json.loads(body)
    del given["error"]["fbtrace_id"]
    assert (given_status, given) == (status, expected)


def test_a_refused_token_has_no_number_in_its_message() -> None:
    error = json.loads(DIALECTS["cloud"].refused(Refusal(190))[1])["error"]
    assert set(error) <= set(answer("cloud_error_190.json")["error"])
    assert not error["message"].startswith("(#")


def test_a_frame_is_the_envelope_of_the_platform() -> None:
    number = make_numbers(("100000000000020",), "t")["100000000000020"]
    frame = json.loads(DIALECTS["cloud"].frame(number, "statuses", ['{"id":"x"}'], []))
    expected = json.loads((FIXTURES / "webhooks" / "webhook_status_delivered.json").read_text())
    (change,), (sample,) = frame["entry"][0]["changes"], expected["entry"][0]["changes"]
    assert set(frame) == set(expected)
    assert set(frame["entry"][0]) == set(expected["entry"][0])
    assert change["field"] == sample["field"]
    assert set(change["value"]) == set(sample["value"])
    assert set(change["value"]["metadata"]) == set(sample["value"]["metadata"])


def test_a_signature_is_hmac_sha256_in_hex() -> None:
    # RFC 4231, test case 2.
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert signature("Jefe", b"what do ya want for nothing?") == f"sha256={expected}"


def test_only_the_dialects_asked_for_are_made() -> None:
    assert list(make_dialects(SandboxConfig(dialects=("d360",)), Ids())) == ["d360"]


def test_on_premise_has_no_event_about_templates() -> None:
    assert DIALECTS["d360-onprem"].event("message_template_status_update", {}, 0.0) is None
