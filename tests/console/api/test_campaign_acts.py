"""Messages moved, decided about, billed and proven."""

import pytest

from models import Campaign, Message, Sender
from models.session import session_scope
from tests.factories import NOON, make_template


@pytest.fixture
def uncertain(sessions, spring):
    with session_scope(sessions) as session:
        session.get_one(Campaign, spring).state = "paused"
        for message in session.query(Message):
            message.state, message.claimed_at, message.uncertain_at = "uncertain", NOON, NOON
    return spring


def test_what_is_in_doubt_is_shown_and_decided_by_an_approver(ask, uncertain):
    assert ask("GET", f"/campaigns/{uncertain}/uncertain").json()["messages"] == 3
    decision = {"decision": "failed"}
    assert ask("POST", f"/campaigns/{uncertain}/uncertain", json=decision).status_code == 403
    decided = ask("POST", f"/campaigns/{uncertain}/uncertain", json=decision, role="approver")
    assert decided.status_code == 200, decided.text


def test_a_move_is_planned_and_done(ask, spring, sessions):
    with session_scope(sessions) as session:
        campaign = session.get_one(Campaign, spring)
        campaign.state = "paused"
        make_template(session, session.query(Sender).one(), "summer_sale")
    move = {"template": "summer_sale", "what": "unsent"}
    planned = ask("POST", f"/campaigns/{spring}/move/plan", json=move, role="viewer")
    assert planned.json()["messages"] == {"queued": 3}, planned.text
    done = ask("POST", f"/campaigns/{spring}/move", json=move, headers={"Idempotency-Key": "m"})
    assert (done.json()["template"], done.json()["messages"]) == ("summer_sale", {"queued": 3})
    assert ask("POST", f"/campaigns/{spring}/move", json=move, role="viewer").status_code == 403


def test_costs_and_proofs_are_told(ask, spring):
    assert ask("GET", f"/campaigns/{spring}/costs").json()["has_card"] is False
    phone = ask("GET", f"/campaigns/{spring}/recipients").json()[0]["phone"]
    assert ask("GET", f"/campaigns/{spring}/proof", params={"phone": phone}).json()["row"] == 1
    assert len(ask("GET", f"/campaigns/{spring}/proofs").text.splitlines()) == 4
