"""What could not be read is listed with what to do, until somebody settles it."""

import json
from typing import Any

import pytest

from campaign.errors import Conflict, NotFound
from campaign.webhooks.problems import FAULT, HIDES, Problems, advice, dismiss, list_problems, show_webhook
from models.session import session_scope
from tests.campaign.webhooks.desk import Desk, envelope, status
from tests.factories import make_sender


def listed(desk: Desk, sender: str | None = None) -> Problems:
    with session_scope(desk.sessions) as session:
        return list_problems(session, sender)


def notice(field: str, **value: Any) -> bytes:
    return json.dumps({"object": "w", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}).encode()


def test_one_bad_webhook_among_a_thousand_costs_one(desk: Desk) -> None:
    messages = desk.messages(999)
    bodies = [envelope(status("delivered", f"w{id_}", 3)) for id_ in messages]
    bodies.insert(500, b"\xff no JSON")
    desk.receive(*bodies)
    applied = desk.apply()
    assert (applied.webhooks, applied.events, applied.problems) == (1000, 999, 1)
    assert desk.read("SELECT count(*) FROM message WHERE state = 'delivered'")[0][0] == 999
    found = listed(desk)
    assert found.count == 1
    (problem,) = found.problems
    assert (problem.id, problem.sender, problem.hides) == (501, "shop", True)
    assert problem.error.startswith("the body is not JSON")
    assert "something else posts" in problem.advice


def test_one_that_breaks_the_merge_of_a_thousand_costs_one(desk: Desk) -> None:
    messages = desk.messages(999)
    bodies = [envelope(status("delivered", f"w{id_}", 3)) for id_ in messages]
    poison = envelope(status("sent", "poison", 3))
    bodies.insert(700, poison)
    desk.receive(*bodies)

    def read(provider: str, body: bytes) -> Any:
        content = desk.rules.read(provider, body)
        # A fault that shows only when the batch is merged.
        return content if body != poison else type(content)([None])  # type: ignore[list-item]

    applied = desk.apply(read=read)
    assert (applied.webhooks, applied.problems) == (1000, 1)
    assert desk.read("SELECT count(*) FROM message WHERE state = 'delivered'")[0][0] == 999
    (problem,) = listed(desk).problems
    assert (problem.id, problem.hides) == (701, True)
    assert problem.advice.startswith(FAULT)


@pytest.mark.parametrize(
    ("body", "hides"),
    [
        (b"[]", True),
        (envelope({"status": "sent"}), True),
        (notice("user_preferences", user_preferences=[{"value": "perhaps"}]), False),
        (notice("account_update", event=7), False),
        (notice("messages", messages=[{"type": "text"}]), False),
    ],
)
def test_only_what_may_hold_a_status_casts_doubt(desk: Desk, body: bytes, hides: bool) -> None:
    desk.receive(body)
    desk.apply()
    (problem,) = listed(desk).problems
    assert problem.hides is hides
    assert (HIDES in problem.advice) is hides


def test_a_dismissed_problem_is_listed_no_more(desk: Desk) -> None:
    (event,) = desk.receive(b"no JSON")
    desk.apply()
    with session_scope(desk.sessions) as session:
        dismiss(session, event, desk.now)
    assert listed(desk).count == 0
    with pytest.raises(Conflict, match="has no open problem"), session_scope(desk.sessions) as session:
        dismiss(session, event, desk.now)
    with pytest.raises(NotFound), session_scope(desk.sessions) as session:
        dismiss(session, 4711, desk.now)


def test_a_sender_bounds_the_list(desk: Desk) -> None:
    with session_scope(desk.sessions) as session:
        other = make_sender(session, "other", phone_number_id="7")
    desk.receive(b"no JSON", sender=other)
    desk.apply()
    assert (listed(desk, "other").count, listed(desk, "shop").count) == (1, 0)
    with pytest.raises(NotFound):
        listed(desk, "nobody")


def test_what_nothing_acts_on_is_counted_by_kind(desk: Desk) -> None:
    desk.receive(
        notice("a_field_of_tomorrow", x=1),
        notice("a_field_of_tomorrow", x=2),
        notice("account_alerts", alert_info={"alert_severity": "CRITICAL", "alert_type": "OBA_DENIED"}),
        notice("account_update", event="MM_LITE_TERMS_SIGNED"),
        notice("template_category_update", correct_category="MARKETING"),
        notice("messages", errors=[{"code": "130429"}]),
        envelope(status("warning", "w", 1), status("deleted", "w", 1)),
        envelope(status("sent", "w", 1)),
    )
    desk.apply()
    desk.receive(notice("a_field_of_tomorrow"))
    desk.apply()
    kinds = {each.kind: each.count for each in listed(desk).kinds}
    assert kinds == {
        "a_field_of_tomorrow": 3,
        "account_alerts:CRITICAL:OBA_DENIED": 1,
        "account_update:MM_LITE_TERMS_SIGNED": 1,
        "template_category_update:MARKETING": 1,
        "error:130429": 1,
        "status:warning": 1,
        "status:deleted": 1,
    }
    newest = next(each for each in listed(desk).kinds if each.kind == "a_field_of_tomorrow")
    assert newest.last_event_id == 9


def test_one_webhook_is_shown_whole(desk: Desk) -> None:
    good, bad = desk.receive(envelope(status("sent", "w9", 1)), b"\xff\x00 broken")
    desk.apply()
    with desk.sessions() as session:
        assert show_webhook(session, good)["body"] == json.loads(envelope(status("sent", "w9", 1)))
        shown = show_webhook(session, bad)
        assert shown["body"] == "\\xff\x00 broken"
        assert f"campaign webhooks retry {bad}" in shown["advice"]
        with pytest.raises(NotFound):
            show_webhook(session, 4711)


def test_an_error_that_we_do_not_know_is_ours() -> None:
    assert advice("KeyError: 'x'", None) == FAULT
