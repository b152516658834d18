"""Plain reports go a way of their own, and it ends where the general way ends."""

import random
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from sqlalchemy import text

from campaign.providers.base import DeliveryEvent
from campaign.sending.retry import RetryPolicy, next_step
from campaign.settings import Settings
from campaign.webhooks import batch, plain_store
from campaign.webhooks.plain import Plain, merge_plain
from campaign.webhooks.store import PROGRESS_COLUMNS
from models.states import MessageState
from tests.campaign.webhooks.desk import Desk, failed, status
from tests.campaign.webhooks.test_any_order import NoDice, bring_back, forget, keep
from tests.factories import NOON

COUNT = 300
ROW = """
    UPDATE message SET state = :state, attempt = :attempt, claimed_at = :claimed_at, expires_at = :expires_at,
        sent_at = :sent_at, delivered_at = :delivered_at, read_at = :read_at, failed_at = :failed_at,
        error_code = :error_code, reason = :reason, category = :category, billable = :billable,
        pricing_type = :pricing_type, user_id = :user_id
    WHERE id = :id
"""
PRICES: tuple[dict[str, Any], ...] = (
    {},
    {"pricing": {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}},
    {"pricing": {"billable": False, "pricing_model": "PMP", "type": "free_entry_point", "category": "utility"}},
    {"pricing": {"category": "Ärger"}},
)


def some_row(dice: random.Random, id_: int) -> dict[str, Any]:
    """A message as it may stand, or nearly so."""

    def perhaps(value: Any, share: float) -> Any:
        return value if dice.random() < share else None

    def moment() -> Any:
        return NOON + timedelta(seconds=dice.randint(1, 9))

    usual = dice.random() < 0.8
    states = ("accepted", "sent", "delivered", "read") if usual else [each.value for each in MessageState]
    rare = 0.03 if usual else 0.3
    return {
        "id": id_,
        "state": dice.choice(states),
        "attempt": 1 if usual else dice.choice((0, 1, 1, 2)),
        "claimed_at": perhaps(NOON, 0.9),
        "expires_at": perhaps(NOON + timedelta(days=1), 0.8),
        "sent_at": perhaps(moment(), 0.4),
        "delivered_at": perhaps(moment(), 0.2),
        "read_at": perhaps(moment(), 0.1),
        "failed_at": perhaps(moment(), rare),
        "error_code": perhaps(131000, rare),
        "reason": perhaps("unknown", rare),
        "category": perhaps(dice.choice(("marketing", "utility", "service")), 0.3),
        "billable": perhaps(dice.random() < 0.5, 0.3),
        "pricing_type": perhaps("regular", 0.2),
        "user_id": perhaps(dice.choice("ab"), 0.3),
    }


def some_reports(dice: random.Random, ids: Sequence[int]) -> list[dict[str, Any]]:
    told = []
    for id_ in ids:
        for word in dice.choices(("sent", "delivered", "read", "played"), k=dice.randint(0, 4)):
            who = {"recipient_user_id": dice.choice("ab")} if dice.random() < 0.1 else {}
            told.append(status(word, f"w{id_}", dice.randint(1, 9), **dice.choice(PRICES), **who))
        if dice.random() < 0.05:
            told.append(failed(f"w{id_}", dice.randint(1, 9), 131026))
    dice.shuffle(told)
    return [*told, status("read", 'wamid of "another" \\ engine', 5)]


def table(desk: Desk) -> list[Any]:
    rows = [*desk.read("SELECT * FROM message ORDER BY id"), *desk.read("SELECT * FROM attempt ORDER BY message_id")]
    rows += desk.read("SELECT user_id, phone_identity FROM known_user ORDER BY 1, 2")
    return [row._asdict() for row in rows]


@pytest.mark.parametrize("seed", [1, 2])
def test_both_ways_give_the_same_rows(
    desk: Desk, settings: Settings, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    dice = random.Random(seed)
    policy = partial(next_step, policy=RetryPolicy.from_settings(settings), rng=NoDice())
    desk.rules = replace(desk.rules, policy=policy)
    ids = desk.messages(COUNT)
    with desk.sessions() as session, session.begin():
        session.execute(text(ROW), [some_row(dice, id_) for id_ in ids])
    told = some_reports(dice, ids)
    keep(desk)
    try:
        with monkeypatch.context() as general:
            general.setattr(batch, "merge_plain", lambda session, events: Plain())
            measure = desk.tell(*told), table(desk)
        bring_back(desk)
        desk.write("TRUNCATE known_user")
        plainly: list[Plain] = []

        def noted(*given: Any) -> Plain:
            merged = merge_plain(*given)
            plainly.append(merged)
            return merged

        monkeypatch.setattr(batch, "merge_plain", noted)
        assert (desk.tell(*told), table(desk)) == measure
        assert len(plainly[0].changed) > COUNT / 6
    finally:
        forget(desk)


def test_what_is_told_again_is_known_and_changes_nothing(desk: Desk) -> None:
    ids = desk.messages(2)
    told = [status(word, f"w{id_}", 3, **PRICES[1]) for id_ in ids for word in ("sent", "delivered")]
    assert desk.tell(*told).changed == set(ids)
    again = desk.tell(*told)
    assert (again.changed, again.unmatched, again.events) == (set(), 0, 4)


def test_whatever_a_report_says_is_merged_by_both_ways() -> None:
    # A new fact belongs into `plain` too, or makes a report that is not plain.
    assert set(PROGRESS_COLUMNS) == {*plain_store.BECOMES, "id", "wamid"}
    facts = {"wamid", "status", "occurred_at", *plain_store.PRICE_COLUMNS, "user_id"}
    of_failures, of_no_matter = {"error_code", "error_text"}, {"callback_data"}
    assert set(DeliveryEvent._fields) == facts | of_failures | of_no_matter
