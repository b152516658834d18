"""The inbox: everything is applied once, in any portions, and one bad webhook costs one webhook."""

from datetime import timedelta

from tests.campaign.webhooks.desk import Desk, envelope, failed, status
from tests.factories import NOON


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
    assert message.state == "read"
    assert (message.sent_at, message.delivered_at, message.read_at) == tuple(
        NOON + timedelta(seconds=s) for s in (11, 12, 40)
    )
    assert (message.category, message.billable) == ("marketing", True)
    assert desk.message(second).state == "sent"


def test_a_capped_message_waits_with_its_attempt_set_aside(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(status("sent", f"w{id_}", 3), failed(f"w{id_}", 5, 131049))
    message = desk.message(id_)
    assert (message.state, message.retries, message.attempt, message.wamid) == ("queued", 1, 1, None)
    assert message.due_at >= desk.now + timedelta(hours=24)
    (attempt,) = desk.attempts(id_)
    assert (attempt.ended_as, attempt.wamid, attempt.error_code) == ("failed", f"w{id_}", 131049)

    desk.tell(status("delivered", f"w{id_}", 9))
    message = desk.message(id_)
    assert (message.state, message.retries, message.wamid, message.error_code) == ("delivered", 0, f"w{id_}", None)
    assert desk.attempts(id_) == []
    assert envelope
