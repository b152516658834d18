"""Sequences over the API, and the second person's word for one."""

import pytest

from models import Campaign, Sequence
from models.session import session_scope
from tests.console.api.conftest import CSV
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

MAP = ["body.1=name|friend", "body.2==15%"]
STEPS = [
    {"template": "spring_sale", "language": "en_US", "mapping": MAP},
    {"template": "spring_sale", "mapping": MAP, "after": "not_read", "delay": "2d"},
]
BODY = {"name": "hello", "sender": "shop", "steps": STEPS, "us_marketing": True}


@pytest.fixture
def body(sessions, ask):
    with session_scope(sessions) as session:
        make_template(session, make_sender(session))
        grant(session, [fiction_phone(number) for number in range(3)], occurred_at=NOON)
    return BODY | {"upload": ask("POST", "/uploads?name=list.csv", content=CSV.encode()).json()["id"]}


@pytest.fixture
def hello(ask, body):
    made = ask("POST", "/sequences", json=body)
    assert made.status_code == 201, made.text
    return made.json()["id"]


def test_a_sequence_is_made_once_launched_shown_paused_resumed_and_cancelled(ask, body, count):
    once = {"headers": {"Idempotency-Key": "1"}}
    made, again = (ask("POST", "/sequences", json=body, **once) for _ in range(2))
    assert (made.status_code, again.json(), count(Sequence)) == (201, made.json(), 1)
    id_ = made.json()["id"]
    launched = [ask("POST", f"/sequences/{id_}/launch", headers={"Idempotency-Key": "2"}) for _ in range(2)]
    assert [each.json()["state"] for each in launched] == ["running", "running"]
    [line] = ask("GET", "/sequences", role="viewer").json()
    assert (line["name"], line["steps"], line["people"], line["active"]) == ("hello", 2, 3, 3)
    shown = ask("GET", f"/sequences/{id_}", role="viewer").json()
    told = [(step["condition"], step["delay_s"], step["messages"]) for step in shown["steps"]]
    assert told == [(None, 0, {"queued": 3}), ("not_read", 172_800, {})]
    states = [ask("POST", f"/sequences/{id_}/{act}").json()["state"] for act in ("pause", "resume", "cancel")]
    assert states == ["paused", "running", "cancelled"]
    assert ask("POST", f"/sequences/{id_}/resume").status_code == 409


def test_the_list_is_turned_page_by_page(ask, body, hello):
    assert ask("POST", "/sequences", json=body | {"name": "second"}).status_code == 201
    first = ask("GET", "/sequences?limit=1")
    assert [line["name"] for line in first.json()] == ["second"]
    following = first.headers["Link"].partition("?")[2].partition(">")[0]
    assert [line["name"] for line in ask("GET", f"/sequences?{following}").json()] == ["hello"]


@pytest.mark.parametrize(
    ("steps", "words"),
    [
        ([STEPS[0], STEPS[1] | {"delay": None}], "delay is missing"),
        ([STEPS[0], STEPS[1] | {"template": "sprang_sale"}], "step 2"),
        ([STEPS[0] | {"after": "read"}, STEPS[1]], "step 1: after is not known"),
        ([STEPS[0], STEPS[1] | {"mapping": ["body.1=@/etc/passwd"]}], "upload it again"),
        (STEPS[:1], "at least 2"),
    ],
)
def test_steps_that_cannot_be_are_refused_and_leave_nothing(ask, body, count, steps, words):
    refused = ask("POST", "/sequences", json=body | {"steps": steps})
    assert refused.status_code in {404, 422}, refused.text
    assert words in refused.text
    assert (count(Sequence), count(Campaign)) == (0, 0)


def test_a_viewer_starts_nothing(ask, hello, body):
    assert ask("POST", "/sequences", json=body | {"name": "other"}, role="viewer").status_code == 403
    for act in ("launch", "pause", "cancel"):
        assert ask("POST", f"/sequences/{hello}/{act}", role="viewer").status_code == 403


def test_a_sequence_that_is_not_there_is_said_to_be_not_there(ask):
    assert ask("GET", "/sequences/7").json()["detail"].startswith("there is no sequence with the id 7")


@pytest.fixture
def two_eyes_are_too_few(app):
    door = app.state.door
    object.__setattr__(door, "settings", door.settings.model_copy(update={"approval_above": 2}))


def test_a_large_sequence_wants_a_second_persons_word(ask, hello, two_eyes_are_too_few):
    asked = ask("POST", f"/sequences/{hello}/launch", role="approver").json()
    assert (asked["state"], asked["asked_for_approval"]) == ("draft", True)
    shown = ask("GET", f"/sequences/{hello}").json()
    assert shown["asked_by"] == "key:approver"
    own = ask("POST", f"/sequences/{hello}/approve", role="approver")
    assert (own.status_code, "somebody else" in own.json()["detail"]) == (409, True)
    assert ask("POST", f"/sequences/{hello}/approve", role="operator").status_code == 403
    assert ask("POST", f"/sequences/{hello}/approve", role="admin").json()["state"] == "running"


def test_no_step_is_launched_for_itself_and_its_approval_launches_the_sequence(ask, hello, two_eyes_are_too_few):
    first = ask("GET", f"/sequences/{hello}").json()["steps"][0]["campaign_id"]
    alone = ask("POST", f"/campaigns/{first}/launch")
    assert (alone.status_code, "launch the sequence instead" in alone.json()["detail"]) == (409, True)
    ask("POST", f"/sequences/{hello}/launch")
    assert ask("POST", f"/campaigns/{first}/approve", role="approver").json()["state"] == "running"
    assert ask("GET", f"/sequences/{hello}").json()["state"] == "running"
