"""Broken requests: what the client sees, and what the platform did."""

import json
import time
from typing import Any

import httpx
import pytest

from tests.sandbox.client import CLOUD_KEY, NUMBER, Client, message, refusal
from tests.sandbox.conftest import Start

CUT = (httpx.RemoteProtocolError, httpx.ReadError)


def armed(start: Start, kind: str, **fault: Any) -> Client:
    client = start({"people": {"read": 0.0}})
    client.control("faults", {"kind": kind, **fault})
    return client


def last(client: Client) -> dict[str, Any]:
    return client.settled()[-1]


@pytest.mark.parametrize(("kind", "truth"), [("reset_before", "lost"), ("reset_after", "delivered")])
def test_a_reset_cuts_the_connection(start: Start, kind: str, truth: str) -> None:
    client = armed(start, kind)
    with pytest.raises(CUT):
        client.send()
    entry = last(client)
    assert (entry["truth"], entry["http_status"]) == (truth, None)
    assert client.send("+525555500002").status_code == 200


@pytest.mark.parametrize(("kind", "truth"), [("timeout_before", "lost"), ("timeout_after", "delivered")])
def test_a_timeout_says_nothing(start: Start, kind: str, truth: str) -> None:
    client = armed(start, kind)
    with pytest.raises(httpx.ReadTimeout):
        client.http.post(f"/v23.0/{NUMBER}/messages", json=message("+525555500001"), headers=CLOUD_KEY, timeout=0.3)
    entry = last(client)
    assert (entry["truth"], entry["http_status"]) == (truth, None)


def test_a_silence_ends_when_the_platform_gives_up(start: Start) -> None:
    client = start({"network": {"timeout_s": 0.2}})
    client.control("faults", {"kind": "timeout_after"})
    with pytest.raises(CUT):
        client.send()


def test_an_answer_can_break_off(start: Start) -> None:
    client = armed(start, "truncated")
    with pytest.raises(CUT):
        client.send()
    assert last(client)["truth"] == "delivered"


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("not_json", lambda answer: answer.status_code == 200 and answer.text.startswith("<!DOCTYPE")),
        ("empty", lambda answer: answer.json() == {}),
        ("huge", lambda answer: len(answer.content) > 5_000_000),
        ("without_status", lambda answer: "message_status" not in answer.json()["messages"][0]),
        ("error_after", lambda answer: answer.status_code == 500),
    ],
)
def test_a_strange_answer_hides_a_message_that_was_taken(start: Start, kind: str, holds: Any) -> None:
    client = armed(start, kind)
    assert holds(client.send())
    assert last(client)["truth"] == "delivered"


@pytest.mark.parametrize(
    ("fault", "status", "code"),
    [
        ({"kind": "refuse", "code": 131048}, 400, 131048),
        ({"kind": "refuse", "code": 80007, "status": 429}, 429, 80007),
        ({"kind": "refuse", "code": 368}, 403, 368),
        ({"kind": "refuse", "code": 987654}, 400, 987654),
        ({"kind": "error_before"}, 500, 131000),
    ],
)
def test_any_code_can_be_armed(start: Start, fault: dict[str, Any], status: int, code: int) -> None:
    client = start()
    client.control("faults", fault)
    assert refusal(client.send())[:2] == (status, code)
    assert client.send().status_code == 200


def test_a_bare_status_comes_with_a_page(start: Start) -> None:
    client = armed(start, "http", status=502)
    answer = client.send()
    assert (answer.status_code, answer.headers["content-type"]) == (502, "text/html")
    assert last(client)["truth"] == "refused"


def test_a_gateways_sentence_has_no_code(start: Start) -> None:
    client = armed(start, "gateway", status=400, text="API has been disabled")
    headers = {"D360-API-KEY": "sandbox-token"}
    answer = client.http.post("/messages", json=message("+525555500001"), headers=headers)
    assert answer.json()["meta"]["developerMessage"] == "API has been disabled"
    assert (last(client)["code"], last(client)["http_status"]) == (None, 400)


def test_a_late_failure_can_have_any_code(start: Start) -> None:
    client = armed(start, "fail_later", code=131053)
    assert client.send().status_code == 200
    assert (last(client)["truth"], last(client)["error_code"]) == ("failed", 131053)


def test_a_slow_answer_arrives(start: Start) -> None:
    client = armed(start, "slow", after_s=0.4)
    begun = time.monotonic()
    assert client.send().status_code == 200
    assert time.monotonic() - begun >= 0.4


def test_held_and_paused_can_be_armed(start: Start) -> None:
    client = armed(start, "held")
    client.control("faults", {"kind": "paused"})
    statuses = [client.send(to).json()["messages"][0]["message_status"] for to in ("+525555500001", "+525555500002")]
    assert statuses == ["held_for_quality_assessment", "paused"]


def test_a_fault_strikes_so_often_and_whom_it_is_for(start: Start) -> None:
    client = start()
    client.control("faults", {"kind": "refuse", "code": 131026, "count": 2, "to": "+525555500002"})
    codes = [client.send(f"+52555550000{last}").status_code for last in (1, 2, 1, 2, 2)]
    assert codes == [200, 400, 200, 400, 200]
    assert client.control("faults") == {"faults": []}


def broken(start: Start, share: str) -> tuple[Client, int]:
    """A sandbox with a share of broken requests, and how many of 100 people met it."""
    client = start({"seed": 2, "people": {"read": 0.0}, "network": {share: 0.2, "timeout_s": 0.05}})
    met = 0
    for number in range(100):
        try:
            met += client.send(f"+52555552{number:04d}").status_code != 200
        except CUT:
            met += 1
    return client, met


@pytest.mark.parametrize(
    ("share", "truth"),
    [
        ("reset_before", "lost"),
        ("reset_after", "delivered"),
        ("timeout_before", "lost"),
        ("timeout_after", "delivered"),
        ("error_500_before", "refused"),
        ("error_500_after", "delivered"),
    ],
)
def test_a_share_of_people_is_struck_once_and_then_let_through(start: Start, share: str, truth: str) -> None:
    client, met = broken(start, share)
    assert 8 <= met <= 34
    struck = [entry for entry in client.settled() if entry["http_status"] != 200]
    assert len(struck) == met
    assert {entry["truth"] for entry in struck} == {truth}
    assert all(client.send(entry["to"]).status_code == 200 for entry in struck)


def test_latency_has_the_median_and_the_tail_that_were_asked_for(start: Start) -> None:
    client = start({"network": {"latency_ms": 20, "latency_p95_ms": 80}})
    took = sorted(client.send(f"+52555553{number:04d}").elapsed.total_seconds() for number in range(60))
    assert 0.015 < took[30] < 0.2
    assert took[57] > 0.05
    assert took[57] > 1.4 * took[30]


def test_a_spell_of_503_ends_and_tells_when_to_come_back(start: Start) -> None:
    spells = {"unavailable_every_s": 1.0, "unavailable_for_s": 0.5}
    client = start({"network": spells, "limits": {"retry_after_s": 2.0, "pair_interval_s": 0}})
    answers = list[httpx.Response]()
    ends = time.monotonic() + 1.6
    while time.monotonic() < ends:
        answers.append(client.send())
    away = [answer for answer in answers if answer.status_code == 503]
    assert answers[0].status_code == 200
    assert 0 < len(away) < len(answers)
    assert json.loads(away[0].content)["error"]["code"] == 2
    assert away[0].headers["retry-after"] == "2"


def test_above_the_throughput_a_cloud_number_gets_130429(start: Start) -> None:
    client = start({"limits": {"throughput_per_s": 5, "retry_after_s": 1.0}})
    answers = [client.send(f"+52555554{number:04d}") for number in range(12)]
    refused = [answer for answer in answers if answer.status_code != 200]
    assert refusal(refused[0])[:2] == (400, 130429)
    assert refused[0].headers["retry-after"] == "1"
    client.control("scenario", {"limits": {"throttle_status": 429}})
    assert client.send().status_code == 429


def test_a_pair_gets_131056_after_its_burst(start: Start) -> None:
    client = start({"limits": {"pair_burst": 2}})
    assert [client.send().status_code for _ in range(3)] == [200, 200, 400]
    assert refusal(client.send("+5215555500001"))[1] == 131056
    assert client.send("+525555500002").status_code == 200


def test_beyond_the_tier_new_people_are_refused(start: Start) -> None:
    client = start({"limits": {"tier": 2}})
    codes = [client.send(f"+52555550000{number}").status_code for number in (1, 2, 3, 1)]
    assert codes == [200, 200, 400, 200]
    assert refusal(client.send("+525555500003"))[1] == 131048
    client.control("inbound", {"from": "525555500003", "text": "Hi"})
    assert client.send("+525555500003").status_code == 200
    assert client.control("summary")["tier_used"] == 2
