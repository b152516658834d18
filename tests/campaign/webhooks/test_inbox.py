"""The inbox: everything is applied once, in any portions, and one bad webhook costs one webhook."""

import random
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import create_engine, text
from sqlalchemy.exc import OperationalError

from campaign.providers.base import DeliveryEvent, DeliveryStatus, WebhookContent
from campaign.providers.events import read_cloud
from campaign.webhooks.store import APPLIER_LOCK
from models.session import make_sessions
from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON

CAPPED, UNREACHABLE, DROPPED = 131049, 131026, 132015


def story(rng: random.Random, wamid: str, callback: str) -> list[dict[str, Any]]:
    """What the platform tells of one attempt: some milestones, perhaps a failure, with or without callback data."""
    words = [word for word in ("sent", "delivered", "read") if rng.random() < 0.6]
    told = [status(word, wamid, rng.randint(1, 9)) for word in words]
    if rng.random() < 0.4:
        told.append(failed(wamid, rng.randint(1, 9), rng.choice([CAPPED, UNREACHABLE, DROPPED, 999999])))
    return [each | {"biz_opaque_callback_data": callback} for each in told]


STATES = ["sending", "uncertain", "accepted", "held", "queued"]


def make(desk: Desk, first: int, count: int) -> list[int]:
    """Messages in various states; the queued ones wait because their attempt was thought absent."""
    ids: list[int] = []
    for place in range(count):
        state = STATES[place % len(STATES)]
        given = {"state": state, "first": first + place} | ({"held_at": NOON} if state == "held" else {})
        ids += desk.messages(1, **given)
    desk.write(
        "INSERT INTO attempt (message_id, number, ended_as, claimed_at, ended_at) "
        "SELECT id, 1, 'absent', :noon, :noon FROM message WHERE id = ANY(:ids) AND state = 'queued'",
        ids=ids,
        noon=NOON,
    )
    desk.write(
        "UPDATE message SET claimed_at = NULL, accepted_at = NULL WHERE id = ANY(:ids) AND state = 'queued'", ids=ids
    )
    return ids


def table(desk: Desk, ids: list[int]) -> list[Any]:
    """Messages and attempts, without what differs between two copies of the same story."""
    changing = "ARRAY['id', 'row_number', 'phone_identity', 'phone_e164', 'wamid', 'message_id', 'due_at']"
    attempts = f"SELECT jsonb_agg(to_jsonb(a) - {changing} ORDER BY a.number) FROM attempt a WHERE a.message_id = m.id"
    return desk.read(
        f"SELECT m.id - :first AS place, to_jsonb(m) - {changing} AS message, m.wamid IS NOT NULL AS named, "
        f"  CASE WHEN m.state = 'queued' THEN m.due_at > :now END AS due, ({attempts}) AS attempts "
        f"FROM message m WHERE m.id = ANY(:ids) ORDER BY m.id",
        first=ids[0],
        now=desk.now,
        ids=ids,
    )


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
def test_any_order_and_any_duplication_end_in_the_same_rows(desk: Desk, seed: int) -> None:
    count = 15
    first = desk.read("SELECT count(*) FROM message")[0][0]
    ordered, shuffled = make(desk, first, count), make(desk, first + count, count)

    def told(ids: list[int]) -> list[dict[str, Any]]:
        rng = random.Random(seed)
        return [each for id_ in ids for each in story(rng, f"w{id_}", desk.callback(id_))]

    for each in sorted(told(ordered), key=lambda each: int(each["timestamp"])):
        desk.receive(envelope(each))
    desk.apply(batch=1)

    rng = random.Random(seed + 1)
    events = told(shuffled)
    events += [rng.choice(events) for _ in range(len(events) // 2)]
    rng.shuffle(events)
    while events:
        portion = rng.randint(1, 8)
        desk.receive(envelope(*events[:portion]))
        del events[:portion]
    desk.apply(batch=rng.randint(1, 20))

    assert table(desk, shuffled) == table(desk, ordered)


def test_a_webhook_is_applied_once(desk: Desk) -> None:
    (id_,) = desk.messages()
    first = desk.tell(status("sent", f"w{id_}", 2))
    again = desk.apply()
    assert (first.webhooks, again.webhooks) == (1, 0)


def test_applying_everything_again_changes_nothing(desk: Desk) -> None:
    ids = make(desk, 0, 30)
    rng = random.Random(3)
    for id_ in ids:
        for each in story(rng, f"w{id_}", desk.callback(id_)):
            desk.receive(envelope(each))
    desk.apply(batch=7)
    before = table(desk, ids), desk.read("SELECT * FROM suppression"), desk.read("SELECT * FROM consent_event")
    desk.write("UPDATE webhook_event SET processed_at = NULL")
    assert desk.apply(batch=50).webhooks > 0
    assert (
        table(desk, ids),
        desk.read("SELECT * FROM suppression"),
        desk.read("SELECT * FROM consent_event"),
    ) == before


def test_a_body_that_cannot_be_read_is_kept_with_its_error_and_blocks_nothing(desk: Desk) -> None:
    (id_,) = desk.messages()
    events = desk.receive(b"no json", envelope(status("sent", f"w{id_}", 2)), b'{"object":"page"}')
    applied = desk.apply()
    assert (applied.webhooks, applied.problems) == (3, 2)
    assert desk.message(id_).state == "sent"
    first, second, third = (desk.event(event) for event in events)
    assert "not JSON" in (first.error or "")
    assert "no list `entry`" in (third.error or "")
    assert (first.body, second.error) == (b"no json", None)
    assert None not in {first.processed_at, second.processed_at, third.processed_at}


def test_an_odd_status_is_told_of_and_the_others_beside_it_count(desk: Desk) -> None:
    (id_,) = desk.messages()
    odd = status("delivered", f"w{id_}", 3) | {"timestamp": "yesterday"}
    (event,) = desk.receive(envelope(odd, status("sent", f"w{id_}", 2)))
    desk.apply()
    assert desk.message(id_).state == "sent"
    # Where it is odd, and not what it says: that may be somebody's number.
    assert desk.event(event).error == "not understood: 1 unreadable_status (its timestamp is in no form that we know)"


def poison(found: Callable[[], WebhookContent]) -> Callable[[str, bytes], WebhookContent]:
    """Reads every body as it should be, but for the one that says poison."""
    return lambda provider, body: found() if body == b"poison" else read_cloud(body)


def broken() -> WebhookContent:
    raise KeyError("a fault of our own")


def unstorable() -> WebhookContent:
    # PostgreSQL's text cannot hold a NUL; the reader keeps such ids out, here it does not.
    return WebhookContent([DeliveryEvent("w\x00", DeliveryStatus.SENT, NOON)])


@pytest.mark.parametrize("fault", [broken, unstorable])
@pytest.mark.parametrize("place", [0, 13, 39])
def test_one_bad_webhook_among_many_costs_one_webhook(
    desk: Desk, fault: Callable[[], WebhookContent], place: int
) -> None:
    ids = desk.messages(39)
    bodies = [envelope(status("sent", f"w{id_}", 2)) for id_ in ids]
    bodies.insert(place, b"poison")
    events = desk.receive(*bodies)
    applied = desk.apply(read=poison(fault))
    assert (applied.webhooks, applied.events, applied.problems) == (40, 39, 1)
    assert {desk.message(id_).state for id_ in ids} == {"sent"}
    assert desk.event(events[place]).error is not None
    assert desk.read("SELECT count(*) FROM webhook_event WHERE processed_at IS NULL")[0][0] == 0


def test_what_is_the_databases_fault_is_no_webhooks_fault(desk: Desk, database_url: str) -> None:
    (id_,) = desk.messages()
    desk.receive(envelope(status("sent", f"w{id_}", 2)))
    engine = create_engine(
        database_url.replace("postgresql://", "postgresql+psycopg://"),
        connect_args={"options": "-c lock_timeout=200ms"},
    )
    impatient = Desk(make_sessions(engine), desk.rules, desk.sender, desk.campaign)
    with desk.sessions() as session, session.begin():
        session.execute(text("SELECT FROM message FOR UPDATE"))
        with pytest.raises(OperationalError):
            impatient.apply()
    engine.dispose()
    assert desk.read("SELECT error, processed_at FROM webhook_event") == [(None, None)]
    assert desk.apply().webhooks == 1


def test_while_another_applies_nothing_is_done(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.receive(envelope(status("sent", f"w{id_}", 2)))
    with desk.sessions() as session, session.begin():
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": APPLIER_LOCK})
        assert desk.apply().webhooks == 0
    assert desk.apply().webhooks == 1


def test_when_the_time_is_used_up_the_run_ends_with_its_batch(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.receive(*[envelope(status("sent", f"w{id_}", 2))] * 10)
    assert desk.apply(batch=3, budget_s=-1.0).webhooks == 3
    assert desk.apply(batch=3).webhooks == 7


def test_large_bodies_make_small_batches_and_all_are_applied(desk: Desk) -> None:
    ids = desk.messages(5)
    desk.receive(*(envelope(status("sent", f"w{id_}", 2)) for id_ in ids))
    assert desk.apply(batch_bytes=1, budget_s=-1.0).webhooks == 1
    assert desk.apply(batch_bytes=1).webhooks == 4


def test_a_webhook_that_became_visible_late_is_not_passed_over(desk: Desk) -> None:
    first, second = desk.messages(2)
    with desk.sessions() as slow, slow.begin():
        early = "INSERT INTO webhook_event (sender_id, body) VALUES (:sender, :body)"
        body = envelope(status("sent", f"w{first}", 2))
        slow.execute(text(early), {"sender": desk.sender.id, "body": body})
        # This one gets the higher id and is seen first.
        desk.tell(status("sent", f"w{second}", 2))
        assert desk.message(first).state == "accepted"
    desk.apply()
    assert {desk.message(first).state, desk.message(second).state} == {"sent"}


def test_an_empty_inbox_is_nothing_to_do(desk: Desk) -> None:
    applied = desk.apply()
    assert (applied.webhooks, applied.events) == (0, 0)
