"""How a worker works the inbox off, and whom it asks when a webhook left something in doubt."""

from typing import Any

import pytest
from redis import Redis

from campaign.consent.replies import ReplyRules
from campaign.sending.limiter import Limiter
from campaign.sending.reported import Reported
from campaign.settings import Settings
from campaign.webhooks.listening import Listening
from tasks import senders, templates, webhooks, wiring
from tasks.webhooks import ASK_AGAIN_S, ask_again, brake, inbox_rules


@pytest.fixture
def rung(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """What was rung for: the task and its argument."""
    rings: list[tuple[str, Any]] = []
    for task in (templates.refresh, senders.refresh):
        name = task.name
        monkeypatch.setattr(task, "apply_async", lambda args, name=name, **_: rings.append((name, args[0])))
    monkeypatch.setattr(webhooks, "_asked_at", {})
    return rings


def doubtful(*accounts: str, senders: tuple[int, ...] = ()) -> Listening:
    heard = Listening(ReplyRules())
    heard.read_again.update(accounts)
    heard.look_again.update(senders)
    return heard


def test_whom_a_webhook_left_in_doubt_is_asked_once(rung: list[tuple[str, Any]]) -> None:
    heard = doubtful("a", senders=(1, 2))
    ask_again(heard, 100.0)
    ask_again(heard, 200.0)
    assert rung == [("templates.refresh", "a"), ("senders.refresh", 1), ("senders.refresh", 2)]


def test_the_same_one_is_not_asked_again_at_once_and_not_forgotten(rung: list[tuple[str, Any]]) -> None:
    ask_again(doubtful("a"), 100.0)
    heard = doubtful("a", "b")
    ask_again(heard, 101.0)
    assert rung == [("templates.refresh", "a"), ("templates.refresh", "b")]
    assert heard.read_again == {"a"}
    ask_again(heard, 100.0 + ASK_AGAIN_S)
    assert rung[2:] == [("templates.refresh", "a")]


def test_the_inbox_is_worked_off_by_the_settings_with_the_listener_of_the_process(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    changed = settings.model_copy(update={"webhook_batch": 7, "webhook_batch_bytes": 99})
    monkeypatch.setattr(wiring, "settings", lambda: changed)
    rules = inbox_rules()
    assert (rules.batch, rules.batch_bytes) == (7, 99)
    assert rules.listen is webhooks.listening()
    assert rules.on_failures is webhooks.reported()


def test_a_sender_of_which_throttling_was_reported_brakes_once(
    settings: Settings, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings.model_copy(update={"brake_s": 600.0})
    monkeypatch.setattr(wiring, "settings", lambda: settings)
    monkeypatch.setattr(wiring, "limiter", lambda key: Limiter(redis_client, key, settings))
    heard = Reported()
    heard.brakes = {7: 0.0, 8: 3600.0}
    brake(heard)
    assert heard.brakes == {}
    stops = [Limiter(redis_client, f"sender:{id_}", settings).reserve(80, 1).braked_for_s for id_ in (7, 8, 9)]
    assert stops == [pytest.approx(600, abs=60), pytest.approx(3600, abs=60), 0]
