"""The webhooks of a thousand messages, in any order and with any duplication, end in the same table.

The ordered run is the measure: each webhook once, in the order in which it happened. Every other run begins with the
same rows and is told the same things shuffled, doubled, packed and batched at random, with answers in between.
"""

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any

import hypothesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st

from campaign.providers.base import Accepted
from campaign.sending.record import Sending, decide
from campaign.sending.retry import RetryPolicy, next_step
from campaign.sending.store import Claimed, Recorded, record_outcomes
from campaign.settings import Settings
from campaign.webhooks.store import reopen_unmatched
from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON

COUNT = 1008
BOUNDED = hypothesis.settings(
    max_examples=6, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck)
)
WEEKS_S = 21 * 86_400.0
PRICE = {"pricing": {"billable": True, "category": "marketing", "pricing_model": "PMP", "type": "regular"}}


class NoDice(random.Random):
    """Retries without a spread, so that their hour does not depend on who came first."""

    def random(self) -> float:
        return 0.5

    def uniform(self, a: float, b: float) -> float:
        return (a + b) / 2


@dataclass(frozen=True)
class Story:
    """What the platform tells of the messages, in the order in which it happened, and answers that are on their way."""

    told: list[dict[str, Any]]
    answers: list[Recorded]


def tell_story(desk: Desk, settings: Settings) -> Story:
    """A thousand messages in every situation, and their reports."""
    kinds = [_plain, _unread, _unanswered, _uncertain, _superseded, _expired, _capped, _banned, _two_devices, _dropped]
    kinds += [_unnamed, _two_codes]
    told: list[dict[str, Any]] = []
    answers: list[Recorded] = []
    for kind in kinds:
        for id_ in kind(desk, COUNT // len(kinds), told):
            if kind in (_unanswered, _unnamed):
                answers.append(_answer(desk, id_, settings))
    told.append(status("delivered", "wamid of another engine", 5))
    return Story(sorted(told, key=lambda each: int(each["timestamp"])), answers)


def _answer(desk: Desk, id_: int, settings: Settings) -> Recorded:
    claimed = Claimed(id_, desk.campaign.id, 1, "+12015550100", {}, 0, "12015550100")
    policy = RetryPolicy.from_settings(settings)
    taken = Accepted(f"w{id_}", "12015550100")
    return decide(
        Sending(claimed, "marketing", None), taken, policy, now=NOON, rng=NoDice(), settings=settings
    ).recorded


def _plain(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count)
    for id_ in ids:
        told += [status(word, f"w{id_}", s, **PRICE) for word, s in (("sent", 2), ("delivered", 3), ("read", 60))]
    return ids


def _unread(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count)
    for id_ in ids:
        # Read without delivered, and a voice message that was played.
        told += [status("sent", f"w{id_}", 2), status("read" if id_ % 2 else "played", f"w{id_}", 9)]
    return ids


def _unanswered(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count, state="sending", accepted_at=None)
    for id_ in ids:
        mine = {"biz_opaque_callback_data": desk.callback(id_)}
        told += [status("sent", f"w{id_}", 2, **mine), status("delivered", f"w{id_}", 4, **mine, **PRICE)]
    return ids


def _unnamed(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    """Without callback data: before the answer nobody knows whose they are, so they are heard once more."""
    ids = desk.messages(count, state="sending", accepted_at=None)
    for id_ in ids:
        told += [status("sent", f"w{id_}", 2), status("delivered", f"w{id_}", 4, **PRICE)]
    return ids


TWO_CODES = ((131000, 131026), (131000, 131049), (131049, 131026), (131049, 132015), (131050, 131026), (999999, 131050))


def _two_codes(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    """One attempt, two failures with different codes."""
    ids = desk.messages(count)
    for id_ in ids:
        told += [failed(f"w{id_}", 3 + place, code) for place, code in enumerate(TWO_CODES[id_ % len(TWO_CODES)])]
    return ids


def _uncertain(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count, state="uncertain", accepted_at=None, uncertain_at=NOON)
    for id_ in ids:
        mine = {"biz_opaque_callback_data": desk.callback(id_)}
        told += [status("delivered", f"w{id_}", 4, **mine), status("sent", f"w{id_}", 2, **mine)]
    return ids


def _superseded(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    """The first attempt was thought absent; the second is live. Reports come of both."""
    ids = desk.messages(count, attempt=2)
    desk.write(
        "INSERT INTO attempt (message_id, number, ended_as, claimed_at, ended_at) "
        "SELECT id, 1, 'absent', :at, :at FROM message WHERE id = ANY(:ids)",
        at=NOON - timedelta(hours=1),
        ids=ids,
    )
    for id_ in ids:
        first = {"biz_opaque_callback_data": desk.callback(id_, 1)}
        told += [status("sent", f"old{id_}", 1, **first), status("delivered", f"old{id_}", 7, **first)]
        told += [status("sent", f"w{id_}", 2), status("delivered" if id_ % 2 else "read", f"w{id_}", 5)]
    return ids


def _expired(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count, state="expired", expired_at=NOON)
    for id_ in ids:
        told.append(status("delivered", f"w{id_}", WEEKS_S, **PRICE))
    return ids


def _capped(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count)
    for id_ in ids:
        told += [status("sent", f"w{id_}", 2), failed(f"w{id_}", 5, 131049)]
        if id_ % 3 == 0:
            told.append(status("delivered", f"w{id_}", 8))
    return ids


def _banned(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count)
    for id_ in ids:
        told += [status("sent", f"w{id_}", 2), failed(f"w{id_}", 5, 131026)]
    return ids


def _two_devices(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count)
    for id_ in ids:
        told += [failed(f"w{id_}", 3, 131000), status("delivered", f"w{id_}", 4, **PRICE)]
    return ids


def _dropped(desk: Desk, count: int, told: list[dict[str, Any]]) -> list[int]:
    ids = desk.messages(count, state="held", accepted_at=None, held_at=NOON)
    for id_ in ids:
        told.append(failed(f"w{id_}", 900, 132015) if id_ % 2 else status("sent", f"w{id_}", 900))
    return ids


def keep(desk: Desk) -> None:
    """Remember the rows that every run begins with."""
    desk.write("DROP TABLE IF EXISTS first_message, first_attempt")
    desk.write("CREATE UNLOGGED TABLE first_message AS TABLE message")
    desk.write("CREATE UNLOGGED TABLE first_attempt AS TABLE attempt")


def bring_back(desk: Desk) -> None:
    tables = "message, attempt, webhook_event, webhook_kind, hearing, suppression, marketing_cap, consent_event"
    # The ledger lets nobody delete but who says this.
    desk.write(f"SET LOCAL campaign.emptying = 'on'; TRUNCATE {tables} CASCADE")
    desk.write("INSERT INTO message SELECT * FROM first_message")
    desk.write("INSERT INTO attempt SELECT * FROM first_attempt")


def forget(desk: Desk) -> None:
    desk.write("DROP TABLE IF EXISTS first_message, first_attempt")


def people(desk: Desk) -> list[tuple[Any, ...]]:
    """Who is banned, has opted out, or is spared marketing."""
    found = desk.read("SELECT 'banned', phone_identity, category, reason FROM suppression")
    found = [*found, *desk.read("SELECT 'spared', phone_identity, NULL, NULL FROM marketing_cap")]
    said = "SELECT 'said', phone_identity, category, action || ' ' || proof FROM consent_event"
    return sorted((tuple(row) for row in [*found, *desk.read(said)]), key=str)


def outcome(desk: Desk) -> tuple[list[Any], list[Any]]:
    """All that is known of the messages and their attempts, but for plans that are over.

    Those are when one that has ended would have expired, and when one that waits no more would have been sent.
    """
    desk.write("UPDATE message SET expires_at = NULL WHERE state NOT IN ('accepted', 'held', 'sent')")
    desk.write("UPDATE message SET due_at = queued_at WHERE state <> 'queued'")
    messages = desk.read("SELECT * FROM message ORDER BY id")
    attempts = desk.read("SELECT * FROM attempt ORDER BY message_id, number")
    return [row._asdict() for row in messages], [row._asdict() for row in attempts]


def differences(found: tuple[list[Any], list[Any]], measure: tuple[list[Any], list[Any]]) -> list[Any]:
    """Where two outcomes part, a few of the places."""
    parted = [
        (mine["id"], {name: (mine[name], theirs[name]) for name in mine if mine[name] != theirs[name]})
        for mine, theirs in zip(found[0], measure[0], strict=True)
        if mine != theirs
    ]
    mine, theirs = ({tuple(row.items()) for row in rows} for rows in (found[1], measure[1]))
    return [*parted[:5], *sorted(mine ^ theirs, key=str)[:5]]


def run(desk: Desk, steps: Sequence[dict[str, Any] | Recorded], dice: random.Random | None) -> None:
    """Tell steps one after the other; without dice each report is a webhook of its own, applied by the thousand."""
    waiting: list[dict[str, Any]] = []
    for step in steps:
        if isinstance(step, Recorded):
            _post(desk, waiting, dice)
            desk.apply(batch=dice.choice((1000, 7)) if dice else 1000)
            with desk.sessions() as session, session.begin():
                record_outcomes(session, [step])
        else:
            waiting.append(step)
    _post(desk, waiting, dice)
    desk.apply(batch=dice.choice((1000, 40)) if dice else 1000, budget_s=120)


def hear_again(desk: Desk) -> None:
    """The second hearing of reports that found no message, an hour later."""
    desk.write("UPDATE webhook_event SET received_at = processed_at")
    hour = timedelta(hours=1)
    with desk.sessions() as session, session.begin():
        reopen_unmatched(session, timedelta(seconds=30), desk.now - hour, desk.now + hour)
    desk.apply(budget_s=120)


def _post(desk: Desk, waiting: list[dict[str, Any]], dice: random.Random | None) -> None:
    bodies = []
    while waiting:
        size = dice.choice((1, 1, 3, 60)) if dice else 1
        bodies.append(envelope(*waiting[:size]))
        del waiting[:size]
    if bodies:
        desk.receive(*bodies)


@st.composite
def shuffles(draw: st.DrawFn) -> random.Random:
    return random.Random(draw(st.integers(0, 2**32)))


def test_any_order_and_any_duplication_give_the_same_table(desk: Desk, settings: Settings) -> None:
    policy = partial(next_step, policy=RetryPolicy.from_settings(settings), rng=NoDice())
    desk.rules = replace(desk.rules, policy=policy)
    story = tell_story(desk, settings)
    keep(desk)
    try:
        run(desk, [*story.answers, *story.told], None)
        hear_again(desk)
        measure, known = outcome(desk), people(desk)
        assert {row[0] for row in known} == {"banned", "spared", "said"}
        states = {row["state"] for row in measure[0]}
        assert {"delivered", "read", "failed", "queued", "dropped", "sent"} <= states
        _check(desk, story, measure, known)
    finally:
        forget(desk)


def _check(desk: Desk, story: Story, measure: tuple[list[Any], list[Any]], known: list[tuple[Any, ...]]) -> None:
    @hypothesis.settings(BOUNDED)
    @given(dice=shuffles(), doubled=st.sampled_from((0.0, 0.05, 1.0)), backwards=st.booleans())
    def same(dice: random.Random, doubled: float, backwards: bool) -> None:
        steps: list[dict[str, Any] | Recorded] = [*story.answers[:: 20 if dice.random() < 0.9 else 5], *story.told]
        told_twice = [each for each in story.told if dice.random() < doubled]
        answers = {id(each) for each in steps}
        first = [each for each in story.answers if id(each) not in answers]
        steps += told_twice
        if backwards:
            steps.reverse()
        else:
            dice.shuffle(steps)
        bring_back(desk)
        # Most answers at the end in one go, after every report of theirs.
        run(desk, steps, dice)
        with desk.sessions() as session, session.begin():
            record_outcomes(session, first)
        hear_again(desk)
        assert differences(outcome(desk), measure) == []
        assert set(people(desk)) ^ set(known) == set()
        assert len(people(desk)) == len(known)

    same()
