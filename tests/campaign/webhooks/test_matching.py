"""Whose event it is: by wamid of any attempt, then by callback data, and only where it is really ours."""

from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.callback import callback_data
from models.session import session_scope
from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON, make_sender


def named(desk: Desk, message_id: int, attempt: int = 1) -> dict[str, str]:
    return {"biz_opaque_callback_data": desk.callback(message_id, attempt)}


@pytest.mark.parametrize("state", ["sending", "uncertain"])
def test_a_report_before_the_answer_finds_its_message_and_brings_its_wamid(desk: Desk, state: str) -> None:
    (id_,) = desk.messages(state=state, accepted_at=None)
    applied = desk.tell(status("sent", "wamid.new", 2, **named(desk, id_)))
    message = desk.message(id_)
    assert (message.state, message.wamid, applied.unmatched) == ("sent", "wamid.new", 0)
    # Nobody may come to record the answer, so the end of its time to live is set here.
    assert message.expires_at == NOON + timedelta(days=30, hours=1)


def test_the_wamid_decides_where_it_is_known(desk: Desk) -> None:
    first, second = desk.messages(2)
    desk.tell(status("delivered", f"w{first}", 2, **named(desk, second)))
    assert (desk.message(first).state, desk.message(second).state) == ("delivered", "accepted")


def test_an_event_without_callback_data_follows_one_that_has_it(desk: Desk) -> None:
    (id_,) = desk.messages(state="sending")
    told = [status("delivered", "wamid.new", 3), status("sent", "wamid.new", 2, **named(desk, id_))]
    assert desk.tell(*told).unmatched == 0
    assert desk.message(id_).state == "delivered"


def test_a_superseded_attempt_is_found_by_its_wamid_and_by_its_number(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 3, 131049))
    desk.write("UPDATE message SET state = 'accepted', attempt = 2, wamid = 'wamid.second', claimed_at = due_at")
    desk.tell(status("sent", f"w{id_}", 2))
    assert desk.attempts(id_)[0].sent_at == NOON + timedelta(seconds=2)
    desk.tell(status("delivered", "wamid.elsewhere", 9, **named(desk, id_, attempt=1)))
    message = desk.message(id_)
    assert (message.state, message.wamid, message.attempt) == ("delivered", "wamid.second", 2)
    assert message.delivered_at == NOON + timedelta(seconds=9)


@pytest.mark.parametrize("wrong", ["campaign", "message", "attempt", "form"])
def test_callback_data_that_names_nothing_of_ours_is_counted_and_changes_nothing(desk: Desk, wrong: str) -> None:
    (id_,) = desk.messages(state="sending")
    data = {
        "campaign": callback_data(desk.campaign.id + 1, id_, 1),
        "message": callback_data(desk.campaign.id, id_ + 1, 1),
        "attempt": callback_data(desk.campaign.id, id_, 2),
        "form": f"order {id_}",
    }[wrong]
    applied = desk.tell(status("sent", "wamid.new", 2, biz_opaque_callback_data=data))
    assert (applied.events, applied.unmatched) == (1, 1)
    assert desk.message(id_).state == "sending"
    assert [tuple(row) for row in desk.read("SELECT events, unmatched FROM webhook_event")] == [(1, 1)]


def test_callback_data_counts_only_at_the_senders_own_address(desk: Desk) -> None:
    (id_,) = desk.messages(state="sending")
    with session_scope(desk.sessions) as session:
        stranger = make_sender(session, "stranger", app_secret_env="ANOTHER_SECRET")
        same_app = make_sender(session, "same_app")
    body = envelope(status("sent", "wamid.new", 2, **named(desk, id_)))
    desk.receive(body, sender=stranger)
    assert desk.apply().unmatched == 1
    # One app posts for all its numbers to one address: what its secret signed is its word for each of them.
    desk.receive(body, sender=same_app)
    assert desk.apply().unmatched == 0
    assert desk.message(id_).state == "sent"


def test_events_of_other_systems_on_the_same_number_are_counted(desk: Desk) -> None:
    applied = desk.tell(status("sent", "wamid.theirs", 2), status("read", "wamid.theirs", 3))
    assert (applied.events, applied.unmatched, applied.problems) == (2, 2, 0)


def test_another_desk_is_the_same_inbox(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.receive(envelope(status("sent", f"w{id_}", 2)))
    assert replace(desk).apply().webhooks == 1
