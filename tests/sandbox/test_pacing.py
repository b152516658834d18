"""Holds and verdicts."""

from typing import Any

from tests.sandbox.client import Client, refusal
from tests.sandbox.conftest import Start
from tests.sandbox.receiver import Receiver

HELD = "held_for_quality_assessment"


def paced(start: Start, **pacing: Any) -> Client:
    rules = {"held_after": 3, "verdict_after_s": 3_600_000, **pacing}
    return start({"people": {"read": 0.0}, "pacing": rules})


def send_six(client: Client) -> list[str]:
    answers = [client.send(f"+52555550{number:04d}").json() for number in range(6)]
    return [answer["messages"][0]["message_status"] for answer in answers]


def test_messages_beyond_the_threshold_are_held(start: Start, receiver: Receiver) -> None:
    client = paced(start)
    assert send_six(client) == ["accepted"] * 3 + [HELD] * 3
    receiver.until(lambda: len(receiver.statuses()) == 6)
    assert [entry["truth"] for entry in client.entries()] == ["delivered"] * 3 + ["held"] * 3
    assert client.control("summary")["held"] == 3


def test_a_good_verdict_releases_them_and_ends_the_pacing(start: Start, receiver: Receiver) -> None:
    client = paced(start)
    send_six(client)
    assert client.control("verdict", {"verdict": "good"}) == {"held": 0}
    receiver.until(lambda: len(receiver.statuses()) == 12)
    assert {entry["truth"] for entry in client.entries()} == {"delivered"}
    assert receiver.values("message_template_quality_update")[0]["new_quality_score"] == "GREEN"
    assert client.send("+525555509999").json()["messages"][0]["message_status"] == "accepted"


def test_a_bad_verdict_drops_them_and_pauses_the_template(start: Start, receiver: Receiver) -> None:
    client = paced(start)
    send_six(client)
    client.control("verdict", {"verdict": "bad", "template": "spring_sale"})
    receiver.until(lambda: len(receiver.statuses()) == 9)
    dropped = [status for status in receiver.statuses() if status["status"] == "failed"]
    assert {error["code"] for status in dropped for error in status["errors"]} == {132015}
    assert [entry["truth"] for entry in client.entries()] == ["delivered"] * 3 + ["dropped"] * 3
    (event,) = receiver.values("message_template_status_update")
    assert (event["event"], event["message_template_language"]) == ("PAUSED", "en_US")
    assert refusal(client.send("+525555509999"))[1] == 132015
    # The other language of the template goes on.
    assert client.send("+525555509999", language="es_MX").status_code == 200


def test_a_paused_template_comes_back_by_hand_and_is_paced_again(start: Start, receiver: Receiver) -> None:
    client = paced(start)
    send_six(client)
    client.control("verdict", {"verdict": "bad"})
    template_id = client.get("100000000000010/message_templates", name="spring_sale").json()["data"][0]["id"]
    answer = client.http.post(f"/v23.0/{template_id}/unpause", headers={"Authorization": "Bearer sandbox-token"})
    assert answer.json() == {"success": True}
    receiver.until(lambda: len(receiver.values("message_template_status_update")) == 2)
    assert receiver.values("message_template_status_update")[1]["event"] == "APPROVED"
    client.control("scenario", {"limits": {"pair_interval_s": 0}})
    assert send_six(client) == ["accepted"] * 3 + [HELD] * 3


def test_portfolio_pacing_drops_and_leaves_the_template_active(start: Start, receiver: Receiver) -> None:
    client = paced(start, whole_portfolio=True)
    send_six(client)
    client.control("verdict", {"verdict": "bad"})
    receiver.until(lambda: len(receiver.statuses()) == 9)
    assert client.send("+525555509998").status_code == 200
    assert not receiver.values("message_template_status_update")


def test_the_verdict_comes_by_itself(start: Start, receiver: Receiver) -> None:
    client = paced(start, verdict="bad", verdict_after_s=0.2)
    send_six(client)
    receiver.until(lambda: [entry["truth"] for entry in client.entries()].count("dropped") == 3)


def test_a_release_can_take_its_time(start: Start, receiver: Receiver) -> None:
    client = paced(start, release_over_s=0.6)
    send_six(client)
    client.control("verdict", {"verdict": "good"})
    receiver.until(lambda: len(receiver.statuses()) == 12)
    held = client.entries()[3:]
    released = [entry["statuses"][0]["at"] for entry in held]
    assert max(released) - min(released) > 0.3


def test_only_the_categories_named_are_paced(start: Start) -> None:
    client = paced(start, categories=["UTILITY"])
    assert send_six(client) == ["accepted"] * 6
