"""What a batch leaves behind: rows, counts, and word to whoever listens."""

import random
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.settings import Settings
from campaign.webhooks.batch import InboxRules, Said
from models import MarketingCap, Message
from models.session import session_scope
from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"


def seconds(count: float) -> object:
    return NOON + timedelta(seconds=count)


def test_statuses_become_milestones_and_state(desk: Desk) -> None:
    first, second = desk.messages(2)
    applied = desk.tell(
        status("read", f"w{first}", 40),
        status("delivered", f"w{first}", 12, pricing={"billable": True, "category": "marketing"}),
        status("sent", f"w{first}", 11),
        status("sent", f"w{second}", 13),
    )
    assert (applied.webhooks, applied.events, applied.unmatched, applied.problems) == (1, 4, 0, 0)
    message = desk.message(first)
    assert (message.state, message.category, message.billable) == ("read", "marketing", True)
    assert (message.sent_at, message.delivered_at, message.read_at) == tuple(map(seconds, (11, 12, 40)))
    assert desk.message(second).state == "sent"


def test_a_capped_message_waits_with_its_attempt_set_aside(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(status("sent", f"w{id_}", 3), failed(f"w{id_}", 5, 131049))
    message = desk.message(id_)
    assert (message.state, message.retries, message.attempt) == ("queued", 1, 1)
    assert (message.wamid, message.claimed_at, message.accepted_at, message.sent_at) == (None, None, None, None)
    assert (message.error_code, message.reason) == (131049, "retry_increasing")
    assert message.due_at >= desk.now + timedelta(hours=24)
    (attempt,) = desk.attempts(id_)
    assert (attempt.ended_as, attempt.wamid, attempt.error_code) == ("failed", f"w{id_}", 131049)
    assert (attempt.claimed_at, attempt.accepted_at, attempt.sent_at) == (NOON, seconds(1), seconds(3))


def test_a_person_at_the_marketing_limit_is_spared_by_every_campaign(desk: Desk) -> None:
    again, given_up = desk.messages(2)
    with session_scope(desk.sessions) as session:
        session.execute(update(Message).where(Message.id == given_up).values(retries=3))
    desk.tell(failed(f"w{again}", 5, 131049), failed(f"w{given_up}", 5, 131049))
    with desk.sessions() as session:
        spared = {cap.phone_identity: cap.until for cap in session.scalars(select(MarketingCap))}
    waiting, ended = desk.message(again), desk.message(given_up)
    assert (waiting.state, ended.state) == ("queued", "failed")
    assert spared[waiting.phone_identity] == waiting.due_at
    assert spared[ended.phone_identity] == desk.now + timedelta(hours=24)


def test_a_waiting_message_that_was_delivered_all_the_same_is_whole_again(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 5, 131049))
    desk.tell(status("delivered", f"w{id_}", 9))
    message = desk.message(id_)
    assert (message.state, message.retries, message.wamid, message.claimed_at) == ("delivered", 0, f"w{id_}", NOON)
    assert (message.error_code, message.error_text, message.reason) == (None, None, None)
    assert desk.attempts(id_) == []


def test_a_failure_is_kept_with_code_and_words(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 5, 999999))
    message = desk.message(id_)
    assert (message.state, message.reason) == ("failed", "unknown_code")
    assert (message.error_code, message.error_text, message.failed_at) == (999999, "words of 999999", seconds(5))


def test_held_and_then_dropped(desk: Desk) -> None:
    (id_,) = desk.messages(state="held", held_at=NOON)
    desk.tell(failed(f"w{id_}", 5, 132015))
    assert (desk.message(id_).state, desk.message(id_).reason) == ("dropped", "pause_template")


def test_a_cancelled_campaign_tries_nothing_again(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.write("UPDATE campaign SET state = 'cancelled'")
    desk.tell(failed(f"w{id_}", 5, 131049))
    assert desk.message(id_).state == "failed"


def test_nothing_waits_beyond_its_campaigns_deadline(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.write("UPDATE campaign SET deadline_at = :at", at=desk.now + timedelta(hours=12))
    desk.tell(failed(f"w{id_}", 5, 131049))
    assert desk.message(id_).state == "failed"


def test_a_template_with_a_time_to_live_of_its_own_ends_sooner(desk: Desk) -> None:
    desk.write("UPDATE template SET ttl_seconds = 43200")
    (id_,) = desk.messages(state="uncertain", accepted_at=None)
    desk.tell(status("sent", "wamid.new", 2, biz_opaque_callback_data=desk.callback(id_)))
    assert desk.message(id_).expires_at == NOON + timedelta(hours=13)


def test_an_end_that_is_set_stays(desk: Desk) -> None:
    (id_,) = desk.messages(expires_at=seconds(99))
    desk.tell(status("sent", f"w{id_}", 2))
    assert desk.message(id_).expires_at == seconds(99)


def test_the_sender_was_heard_of(desk: Desk) -> None:
    desk.tell(status("sent", "wamid.theirs", 2))
    heard = desk.read("SELECT last_webhook_at, received_at FROM sender JOIN webhook_event e ON e.sender_id = sender.id")
    assert heard[0][0] == heard[0][1] is not None


def test_whoever_listens_hears_replies_and_failures_in_the_same_transaction(desk: Desk) -> None:
    heard: list[Sequence[Said]] = []
    codes: list[dict[tuple[int, int | None], datetime]] = []

    def listen(session: Session, said: Sequence[Said], now: datetime) -> None:
        assert session.in_transaction()
        assert now == desk.now
        heard.append(said)

    def on_failures(session: Session, failures: Mapping[tuple[int, int | None], datetime]) -> None:
        codes.append(dict(failures))

    ids = desk.messages(3)
    reply = (FIXTURES / "webhook_inbound_button_stop.json").read_bytes()
    desk.receive(reply, envelope(*(failed(f"w{id_}", 5, 131049) for id_ in ids)), reply)
    applied = desk.apply(listen=listen, on_failures=on_failures)
    [said] = heard
    assert [(each.sender_id, each.content.inbound[0].payload) for each in said] == [
        (desk.sender.id, "optout:marketing:c0001")
    ] * 2
    assert codes == [{(desk.campaign.id, 131049): NOON}], "when the newest of the messages was claimed"
    assert applied.others == {"messages:button": 2}


def test_rules_come_from_the_settings(settings: Settings) -> None:
    changed = settings.model_copy(update={"webhook_batch": 7, "webhook_batch_bytes": 99, "ttl_buffer_s": 5.0})
    rules = InboxRules.from_settings(changed, random.Random(1))
    assert (rules.batch, rules.batch_bytes, rules.buffer_s) == (7, 99, 5.0)
    assert rules.read("cloud", (FIXTURES / "webhook_status_read.json").read_bytes()).deliveries


@pytest.mark.parametrize("path", sorted(FIXTURES.glob("webhook_*.json")), ids=lambda path: path.stem)
def test_every_kind_of_webhook_leaves_the_inbox_without_a_problem(desk: Desk, path: Path) -> None:
    (event,) = desk.receive(path.read_bytes())
    assert desk.apply().problems == 0
    assert desk.event(event).processed_at is not None
