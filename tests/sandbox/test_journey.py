"""What becomes of messages, person by person, and the same in every run."""

import time
from collections import Counter
from typing import Any

import pytest

from tests.sandbox.client import Client, text_message
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

CLOCK = {"clock_factor": 100_000}
UTILITY = [
    {
        "type": "body",
        "parameters": [
            {"type": "text", "parameter_name": "order_number", "text": "A-1"},
            {"type": "text", "parameter_name": "first_name", "text": "Ann"},
        ],
    },
    {"type": "button", "sub_type": "url", "index": "0", "parameters": [{"type": "text", "text": "A-1"}]},
]


def outcome(start: Start, receiver: Receiver, people: dict[str, Any], **more: Any) -> tuple[list[str], int | None]:
    """The statuses that one message brings, and the code of the failure."""
    client = start({"people": people})
    client.accepted(**more)
    client.settled()
    statuses = receiver.statuses()
    codes = [error["code"] for status in statuses for error in status.get("errors", ())]
    return [status["status"] for status in statuses], codes[0] if codes else None


@pytest.mark.parametrize(
    ("people", "statuses", "code"),
    [
        ({"not_on_whatsapp": 1.0}, ["failed"], 131026),
        ({"capped": 1.0}, ["failed"], 131049),
        ({"experiment": 1.0}, ["failed"], 130472),
        ({"opted_out": 1.0}, ["failed"], 131050),
        ({"capped": 1.0, "failed_after_sent": 1.0}, ["sent", "failed"], 131049),
        ({"read": 0.0}, ["sent", "delivered"], None),
        ({"read": 1.0}, ["sent", "delivered", "read"], None),
        ({"read": 1.0, "read_without_delivered": 1.0}, ["sent", "read"], None),
        ({"delivered": 0.0}, ["sent"], None),
        ({"read": 0.0, "delivered_and_failed": 1.0}, ["sent", "delivered", "failed"], 131026),
    ],
)
def test_a_persons_share_decides(
    start: Start, receiver: Receiver, people: dict[str, Any], statuses: list[str], code: int | None
) -> None:
    # Far TTLs stay on the timetable: let a day pass in a moment.
    client = start({"clock_factor": 86_400_000, "people": people})
    client.accepted()
    client.settled()
    assert [status["status"] for status in receiver.statuses()] == statuses
    codes = [error["code"] for status in receiver.statuses() for error in status.get("errors", ())]
    assert codes == ([code] if code else [])


@pytest.mark.parametrize("people", [{"capped": 1.0}, {"experiment": 1.0}, {"opted_out": 1.0}])
def test_what_concerns_marketing_leaves_utility_alone(start: Start, receiver: Receiver, people: dict[str, Any]) -> None:
    statuses, code = outcome(start, receiver, people | {"read": 0.0}, name="order_shipped", components=UTILITY)
    assert (statuses, code) == (["sent", "delivered"], None)


def test_us_numbers_get_no_marketing_while_that_is_paused(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"us_marketing_paused": True}})
    for to in ("+12025550111", "+14165550111"):
        client.accepted(to)
    entries = client.settled()
    assert [entry["error_code"] for entry in entries] == [131049, None]


def test_a_cap_ends_and_trying_early_prolongs_it(start: Start) -> None:
    # A day passes in 1.5 s.
    client = start({"clock_factor": 57_600, "people": {"capped": 1.0, "read": 0.0}})
    day_s = 86_400 / 57_600

    def fate() -> str:
        client.accepted()
        return str(client.settled()[-1]["truth"])

    assert fate() == "failed"
    time.sleep(day_s * 0.5)
    assert fate() == "failed"
    # A day after the first message, but not after the second, which came too early.
    time.sleep(day_s * 0.6)
    assert fate() == "failed"
    time.sleep(day_s * 1.1)
    assert fate() == "delivered"


def test_nobody_is_told_when_a_ttl_runs_out(start: Start, receiver: Receiver) -> None:
    client = start(CLOCK | {"people": {"offline": 1.0, "offline_for_s": 90_000}, "templates": {"ttl_s": 10_000}})
    client.accepted()
    (entry,) = client.settled()
    assert entry["truth"] == "expired"
    assert [status["status"] for status in receiver.statuses()] == ["sent"]


def test_who_comes_back_in_time_gets_the_message(start: Start, receiver: Receiver) -> None:
    client = start(CLOCK | {"people": {"offline": 1.0, "offline_for_s": 30_000, "read": 0}})
    client.accepted()
    receiver.until(lambda: [status["status"] for status in receiver.statuses()] == ["sent"])
    client.settled()
    assert [status["status"] for status in receiver.statuses()] == ["sent", "delivered"]
    (entry,) = client.entries()
    assert entry["statuses"][1]["at"] - entry["statuses"][0]["at"] > 0.2


def test_a_templates_own_ttl_counts(start: Start) -> None:
    # order_shipped has 12 hours; the person is away for 13.
    client = start(CLOCK | {"people": {"offline": 1.0, "offline_for_s": 13 * 3600, "read": 0}})
    client.accepted("+525555500001", name="order_shipped", components=UTILITY)
    client.accepted("+525555500001")
    assert [entry["truth"] for entry in client.settled()] == ["expired", "delivered"]


def test_free_text_outside_a_window_fails_late(start: Start, receiver: Receiver) -> None:
    client = start({"people": {"read": 0}})
    assert client.post(text_message("+525555500001")).status_code == 200
    client.control("inbound", {"from": "525555500002", "text": "Hello"})
    assert client.post(text_message("+525555500002")).status_code == 200
    first, second = client.settled()
    assert (first["truth"], first["error_code"]) == ("failed", 131047)
    assert second["truth"] == "delivered"
    priced = [status["pricing"]["category"] for status in receiver.statuses(second["wamid"]) if "pricing" in status]
    assert set(priced) == {"service"}


def test_an_open_window_lifts_cap_and_experiment(start: Start) -> None:
    client = start({"people": {"capped": 1.0, "experiment": 1.0, "read": 0}})
    client.control("inbound", {"from": "+525555500001", "text": "Hi"})
    client.accepted("+525555500001")
    assert client.settled()[-1]["truth"] == "delivered"


MIXED = {"not_on_whatsapp": 0.1, "capped": 0.1, "experiment": 0.05, "opted_out": 0.05, "read": 0.5}
TOS = [f"+52555551{number:04d}" for number in range(120)]


def truths(start: Start, tos: list[str], seed: int) -> dict[str, str]:
    client: Client = start({"seed": seed, "people": MIXED})
    for to in tos:
        client.accepted(to)
    return {entry["to"]: f"{entry['truth']} {entry['error_code']}" for entry in client.settled()}


def test_two_runs_treat_everybody_alike_whatever_the_order(start: Start) -> None:
    first = truths(start, TOS, seed=5)
    assert first == truths(start, TOS[::-1], seed=5)
    assert first != truths(start, TOS, seed=6)
    assert len(Counter(first.values())) >= 5
