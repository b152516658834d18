"""Each sample scenario does what its first lines promise. Platform hours are shortened, shares and verdicts are not."""

from collections import Counter
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.config import SandboxConfig
from sandbox.scenario import load_scenario
from sandbox.server import running
from tests.sandbox.client import Client
from tests.sandbox.conftest import QUICK
from tests.sandbox.receiver import Receiver

SAMPLES = Path(__file__).parents[2] / "samples" / "scenarios"
HOURS_IN_MOMENTS = 3_600 * 10


class Day:
    """A sandbox under one sample, with everybody's first message."""

    def __init__(self, url: str) -> None:
        self.client = Client(url)
        self.answers: list[httpx.Response | None] = []

    def send(self, people: int) -> None:
        for number in range(people):
            try:
                self.answers.append(self.client.send(f"+5255555{number:05d}", data=f"c1:m{number}:a1"))
            except httpx.HTTPError:
                self.answers.append(None)

    def truths(self) -> Counter[str]:
        return Counter(entry["truth"] for entry in self.client.settled(15))

    def codes(self) -> set[int]:
        return {entry["error_code"] for entry in self.client.entries()} - {None}


@pytest.fixture
def day(request: pytest.FixtureRequest, receiver: Receiver) -> Any:
    name, changes = request.param
    scenario = load_scenario(SAMPLES / f"{name}.toml").patched({"webhooks": QUICK}).patched(changes)
    with running(SandboxConfig(scenario=scenario, webhook_url=receiver.url)) as one:
        found = Day(one.url)
        yield found
        found.client.http.close()


def sample(name: str, **changes: Any) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("day", [(name, changes)], indirect=True, ids=[name])


@sample("calm")
def test_calm_delivers_everything(day: Day) -> None:
    day.send(60)
    truths = day.truths()
    assert set(truths) == {"delivered", "read"}
    assert 30 < truths["read"] < 54
    assert day.client.control("summary")["statuses_not_received"] == 0


@sample("demo")
def test_the_demo_has_few_failures_and_many_readers(day: Day) -> None:
    day.send(150)
    truths = day.truths()
    assert day.codes() == {131026}
    assert 0 < truths["failed"] < 15
    assert truths["read"] > 90


@sample("busy-day", limits={"throughput_per_s": 30}, network={"latency_ms": 1}, people={"reply_after_s": 0.05})
def test_a_busy_day_throttles_and_loses_a_few_people(day: Day, receiver: Receiver) -> None:
    day.send(300)
    answers = Counter(answer.status_code for answer in day.answers if answer is not None)
    assert set(answers) == {200, 400}
    summary = day.client.control("summary")
    assert summary["codes"] == {"130429": answers[400]}
    day.truths()
    assert 131026 in day.codes()
    assert day.codes() <= {131026, 130472, 131050}


@sample("capped-users")
def test_one_in_five_is_capped(day: Day) -> None:
    day.send(200)
    truths = day.truths()
    assert day.codes() == {131049}
    assert 20 < truths["failed"] < 60


@sample("pacing-good", clock_factor=HOURS_IN_MOMENTS, pacing={"release_over_s": 0.2})
def test_good_pacing_holds_and_lets_go(day: Day, receiver: Receiver) -> None:
    day.send(260)
    statuses = Counter(answer.json()["messages"][0]["message_status"] for answer in day.answers if answer is not None)
    assert statuses["accepted"] >= 200
    assert statuses["held_for_quality_assessment"] > 0
    assert set(day.truths()) == {"delivered", "read"}
    assert receiver.values("message_template_quality_update")


@sample("pacing-bad", clock_factor=HOURS_IN_MOMENTS / 10)
def test_bad_pacing_drops_and_pauses(day: Day, receiver: Receiver) -> None:
    day.send(260)
    receiver.until(lambda: receiver.values("message_template_status_update"), 10)
    truths = day.truths()
    assert truths["dropped"] > 0
    assert truths["delivered"] + truths["read"] == 200
    assert day.client.send("+525555599999").json()["error"]["code"] == 132015


@sample("flaky-network", network={"timeout_s": 0.1, "latency_ms": 1, "latency_p95_ms": 2})
def test_a_flaky_network_breaks_before_and_after(day: Day) -> None:
    day.send(400)
    broken = [entry for entry in day.client.settled(15) if entry["http_status"] != 200]
    assert any(entry["truth"] == "lost" for entry in broken)
    assert any(entry["truth"] in ("delivered", "read") for entry in broken)
    assert 4 <= len(broken) <= 40
    silent = sum(answer is None for answer in day.answers)
    assert silent == sum(entry["http_status"] is None for entry in broken)


@sample("lossy-webhooks", webhooks={"late_by_s": 0.2})
def test_lossy_webhooks_leave_the_truth_alone(day: Day, receiver: Receiver) -> None:
    day.send(150)
    assert set(day.truths()) == {"delivered", "read"}
    told = Counter((status["id"], status["status"]) for status in receiver.statuses())
    happened = sum(len(entry["statuses"]) for entry in day.client.entries())
    assert len(told) < happened
    assert max(told.values()) == 2
    assert any(isinstance(error["code"], str) for status in receiver.statuses() for error in status.get("errors", ()))


@sample("warm-up", limits={"throughput_per_s": 0})
def test_a_young_account_reaches_250_people_until_its_tier_is_raised(day: Day, receiver: Receiver) -> None:
    day.send(255)
    answers = [answer.status_code for answer in day.answers if answer is not None]
    assert answers == [200] * 250 + [400] * 5
    day.client.control("quality", {"tier": 2000})
    assert day.client.send("+525555599999").status_code == 200
    receiver.until(lambda: receiver.values("phone_number_quality_update"))
    assert receiver.values("phone_number_quality_update")[0]["event"] == "UPGRADE"
