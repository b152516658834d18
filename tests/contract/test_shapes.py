"""The sandbox's answers against recorded ones: the same keys with the same kinds of values."""

from typing import Any

import httpx
import pytest

from sandbox.templates import NAMESPACE
from tests.contract.conftest import ACCOUNT, NUMBER, TOKEN
from tests.fixtures.reading import answer
from tests.sandbox.client import Client, message, on_premise_message

CLOUD, D360 = {"Authorization": f"Bearer {TOKEN}"}, {"D360-API-KEY": TOKEN}
PATHS = {
    "cloud": (f"/v23.0/{NUMBER}/messages", CLOUD),
    "d360": ("/messages", D360),
    "d360-onprem": ("/v1/messages", D360),
}


def shape(value: Any) -> Any:
    """Keys and kinds of a JSON value; of a list its first item."""
    if isinstance(value, dict):
        return {key: shape(inner) for key, inner in value.items()}
    return [shape(inner) for inner in value[:1]] if isinstance(value, list) else type(value).__name__


def post(platform: Client, dialect: str, phone: str) -> httpx.Response:
    path, key = PATHS[dialect]
    body = on_premise_message(phone[1:]) if dialect == "d360-onprem" else message(phone)
    return platform.http.post(path, json=body, headers=key)


@pytest.fixture(autouse=True)
def _calm(platform: Client) -> None:
    platform.http.delete("/_sandbox/faults")


@pytest.mark.parametrize(
    ("recorded", "dialect", "fault"),
    [
        ("cloud_send_accepted", "cloud", None),
        ("cloud_send_accepted", "d360", None),
        ("cloud_send_held", "cloud", {"kind": "held"}),
        ("cloud_send_paused", "cloud", {"kind": "paused"}),
        ("cloud_send_no_message_status", "cloud", {"kind": "without_status"}),
        ("d360_onprem_send_ok", "d360-onprem", None),
        ("cloud_error_130429", "cloud", {"kind": "refuse", "code": 130429}),
        ("cloud_error_131056", "d360", {"kind": "refuse", "code": 131056}),
        ("cloud_error_132001", "cloud", {"kind": "refuse", "code": 132001}),
        ("cloud_error_190", "cloud", {"kind": "refuse", "code": 190}),
        ("d360_cloud_error_rate_limit", "d360", {"kind": "gateway", "text": "You have exceeded the rate limit."}),
        ("d360_onprem_error_1006", "d360-onprem", {"kind": "refuse", "code": 1006}),
    ],
)
def test_an_answer_has_the_recorded_shape(
    platform: Client, recorded: str, dialect: str, fault: dict[str, Any] | None
) -> None:
    if fault is not None:
        platform.control("faults", fault)
    given, known = shape(post(platform, dialect, "+525555500051").json()), shape(answer(recorded))
    # A trace or a subcode may come or not; whatever is read must be there.
    for one in (given, known):
        one.get("error", {}).pop("error_subcode", None)
        one.get("error", {}).pop("is_transient", None)
    assert given == known


def test_a_number_has_the_recorded_fields(platform: Client) -> None:
    given = platform.http.get(f"/v23.0/{NUMBER}", headers=CLOUD).json()
    known = answer("cloud_phone_number_info")
    assert set(given) == set(known)
    assert set(given["health_status"]) == set(known["health_status"])


def test_a_page_of_templates_has_the_recorded_fields(platform: Client) -> None:
    given = platform.http.get(f"/v23.0/{ACCOUNT}/message_templates", headers=CLOUD, params={"limit": 1}).json()
    known = answer("cloud_templates_page")
    assert set(given) == set(known)
    assert set(given["paging"]["cursors"]) == set(known["paging"]["cursors"])
    read = {"id", "name", "language", "status", "category", "components"}
    assert read <= set(given["data"][0]) & set(known["data"][0])


def test_360dialogs_list_is_named_as_recorded(platform: Client) -> None:
    given = platform.http.get("/v1/configs/templates", headers=D360).json()
    assert {"name", "namespace", "language", "category", "status", "components"} <= set(given["waba_templates"][0])
    assert given["waba_templates"][0]["namespace"] == NAMESPACE
