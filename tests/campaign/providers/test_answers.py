"""Answers of the platform, from its own shapes and from broken ones."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.providers.answers import LONGEST_RETRY_AFTER_S, read_send_answer
from campaign.providers.base import Accepted, Held, Refused, Uncertain
from campaign.providers.transport import Answer

ANSWERS = Path(__file__).parents[2] / "fixtures" / "answers"


def answer(name: str, status: int = 200, **headers: str) -> Answer:
    return Answer(status, (ANSWERS / f"{name}.json").read_bytes(), headers)


def test_an_accepted_message_has_its_ids() -> None:
    outcome = read_send_answer(answer("cloud_send_accepted"))
    assert outcome == Accepted("wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAwMDAwMDEA", "12025550111")


def test_a_missing_status_is_accepted() -> None:
    assert isinstance(read_send_answer(answer("cloud_send_no_message_status")), Accepted)


def test_the_platforms_spelling_of_the_person_is_kept() -> None:
    outcome = read_send_answer(answer("cloud_send_wa_id_differs"))
    assert isinstance(outcome, Accepted)
    contact = json.loads((ANSWERS / "cloud_send_wa_id_differs.json").read_text())["contacts"][0]
    assert outcome.wa_id == contact["wa_id"] != contact["input"]


@pytest.mark.parametrize(("name", "paused"), [("cloud_send_held", False), ("cloud_send_paused", True)])
def test_held_and_paused_are_held(name: str, paused: bool) -> None:
    outcome = read_send_answer(answer(name))
    assert isinstance(outcome, Held)
    assert outcome.paused is paused


def test_an_on_premise_answer_has_no_contacts() -> None:
    outcome = read_send_answer(answer("d360_onprem_send_ok", 201))
    assert isinstance(outcome, Accepted)
    assert outcome.wa_id is None


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("cloud_error_130429", 400, 130429),
        ("cloud_error_131056", 400, 131056),
        ("cloud_error_132000", 400, 132000),
        ("cloud_error_132001", 404, 132001),
        ("cloud_error_132015", 400, 132015),
        ("cloud_error_190", 401, 190),
        ("cloud_error_131000", 500, 131000),
        ("d360_onprem_error_1006", 404, 1006),
        ("d360_cloud_error_rate_limit", 400, None),
    ],
)
def test_each_envelope_of_an_error_is_read(name: str, status: int, code: int | None) -> None:
    outcome = read_send_answer(answer(name, status))
    assert isinstance(outcome, Refused)
    assert outcome.code == code
    assert outcome.http_status == status
    assert outcome.text


def test_a_wrapped_error_and_a_code_as_text_are_read() -> None:
    body = json.dumps({"detail": {"error": {"message": "(#132015) paused", "code": "132015"}}}).encode()
    outcome = read_send_answer(Answer(400, body, {}))
    assert isinstance(outcome, Refused)
    assert outcome.code == 132015


NOON = "Fri, 20 Nov 2026 12:00:00 GMT"


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"retry-after": "30"}, 30),
        ({"retry-after": " 0 "}, 0),
        ({"retry-after": "9" * 400}, LONGEST_RETRY_AFTER_S),
        # By the clock of whoever answers, however wrong it is.
        ({"retry-after": "Fri, 20 Nov 2026 12:00:45 GMT", "date": NOON}, 45),
        ({"retry-after": "Friday, 20-Nov-26 12:01:00 GMT", "date": NOON}, 60),
        ({"retry-after": "Fri, 20 Nov 2026 11:59:00 GMT", "date": NOON}, 0),
        ({"retry-after": "Fri, 20 Nov 2099 12:00:00 GMT", "date": NOON}, LONGEST_RETRY_AFTER_S),
        ({"retry-after": "Fri, 31 Dec 9999 23:59:59 GMT", "date": NOON}, LONGEST_RETRY_AFTER_S),
        ({"retry-after": "Fri, 20 Nov 2026 12:00:45 GMT"}, None),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "-5"}, None),
        ({"retry-after": "\xb2"}, None),
        ({"retry-after": "1.5"}, None),
        ({}, None),
    ],
)
def test_retry_after_is_read_as_seconds_or_as_a_date_and_has_a_bound(
    headers: dict[str, str], seconds: float | None
) -> None:
    outcome = read_send_answer(answer("cloud_error_130429", 429, **headers))
    assert isinstance(outcome, Refused)
    assert outcome.retry_after_s == seconds


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b""),
        (200, b"{"),
        (200, b"[]"),
        (200, b'{"messages": []}'),
        (200, b'{"messages": [{"id": ""}]}'),
        (200, b"\xff\xfe"),
        (500, b"<html>broken</html>"),
        (502, b""),
        (504, b"{}"),
        (408, b""),
        (599, b""),
    ],
)
def test_an_answer_that_does_not_tell_is_uncertain(status: int, body: bytes) -> None:
    assert isinstance(read_send_answer(Answer(status, body, {})), Uncertain)


@pytest.mark.parametrize("status", [400, 401, 403, 404, 429, 503])
def test_a_refusal_without_a_readable_body_is_a_refusal(status: int) -> None:
    outcome = read_send_answer(Answer(status, b"no json", {}))
    assert isinstance(outcome, Refused)
    assert outcome.code is None


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=10),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["messages", "error", "errors", "contacts", "code", "id", "meta", "detail"]), inner
        )
    ),
    max_leaves=12,
)


@given(st.integers(200, 599), JSON | st.binary(max_size=50))
def test_no_answer_breaks_the_reader(status: int, body: object) -> None:
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    assert isinstance(read_send_answer(Answer(status, raw, {})), Accepted | Held | Refused | Uncertain)
