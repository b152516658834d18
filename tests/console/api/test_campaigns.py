"""`/campaigns` and `/uploads`."""

import pytest

from models import AuditEntry, Campaign, Message
from models.session import session_scope
from tests.console.api.conftest import CSV
from tests.factories import make_sender, make_template

MAP = ["body.1=name|friend", "body.2==15%"]


@pytest.fixture
def template(sessions):
    with session_scope(sessions) as session:
        make_template(session, make_sender(session))


def uploaded(ask, text=CSV, name="list.csv", **more):
    return ask("POST", f"/uploads?name={name}", content=text.encode(), **more)


def created(ask, **changes):
    body = {
        "name": "spring", "sender": "shop", "template": "spring_sale", "language": "en_US", "mapping": MAP,
        "upload": uploaded(ask).json()["id"],
    } | changes  # fmt: skip
    headers = {"Idempotency-Key": body.pop("key")} if "key" in body else {}
    return ask("POST", "/campaigns", json=body, headers=headers)


def test_a_list_is_uploaded_and_made_into_a_campaign_and_launched(ask, template, sessions, count):
    made = created(ask)
    assert (made.status_code, made.json()["state"]) == (201, "draft")
    id_ = made.json()["id"]
    checked = ask("GET", f"/campaigns/{id_}/check").json()
    assert (checked["rows"], checked["state"]) == (4, "draft")
    assert ask("GET", f"/campaigns/{id_}").json()["line"]["refused"] == 4 - count(Message)
    assert ask("POST", f"/campaigns/{id_}/launch").json()["state"] == "running"
    with sessions() as session:
        assert [entry.act for entry in session.query(AuditEntry).order_by(AuditEntry.id)][-2:] == [
            "create_campaign",
            "launch",
        ]


def test_the_same_request_with_the_same_key_makes_one_campaign(ask, template, count):
    upload = uploaded(ask).json()["id"]
    first, again = (created(ask, key="k1", upload=upload) for _ in range(2))
    assert first.json() == again.json()
    assert count(Campaign) == 1
    other = created(ask, key="k1", upload=upload, name="summer")
    assert (other.status_code, other.headers["content-type"]) == (422, "application/problem+json")


def test_without_a_key_a_second_one_is_a_conflict(ask, template):
    created(ask)
    assert created(ask).status_code == 409


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"mapping": []}, "body.1"),
        ({"template": "spring_sail"}, "did you mean spring_sale"),
        ({"upload": "x" * 43}, "upload it again"),
        ({"upload": None}, "one audience"),
        ({"contacts": []}, "one audience"),
        ({"colour": "red"}, "Extra inputs"),
        ({"start_at": "2026-11-20T12:00:00"}, "timezone"),
    ],
)
def test_what_cannot_be_made_says_why_and_makes_nothing(ask, template, count, changes, says):
    refused = created(ask, **changes)
    assert refused.status_code in {404, 422}
    assert says in refused.json()["detail"]
    assert count(Campaign) == 0


def test_an_upload_that_is_too_large_is_refused(ask, app):
    door = app.state.door
    object.__setattr__(door, "settings", door.settings.model_copy(update={"list_max_bytes": 10}))
    assert uploaded(ask).json()["detail"].startswith("list.csv is larger than")


@pytest.mark.parametrize("act", ["launch", "pause", "resume", "cancel", "approve"])
def test_a_viewer_looks_and_does_nothing(ask, spring, act):
    assert ask("GET", f"/campaigns/{spring}", role="viewer").status_code == 200
    refused = ask("POST", f"/campaigns/{spring}/{act}", role="viewer")
    assert (refused.status_code, "viewer" in refused.json()["detail"]) == (403, True)


def test_a_campaign_is_paused_resumed_and_cancelled(ask, spring):
    states = [
        ask("POST", f"/campaigns/{spring}/{act}").json()["state"] for act in ("launch", "pause", "resume", "cancel")
    ]
    assert states == ["running", "paused", "running", "cancelled"]
    again = ask("POST", f"/campaigns/{spring}/pause")
    assert (again.status_code, again.json()["title"]) == (409, "Conflict")


def test_a_large_launch_asks_for_a_second_person(ask, app, spring):
    door = app.state.door
    object.__setattr__(door, "settings", door.settings.model_copy(update={"approval_above": 1}))
    asked = ask("POST", f"/campaigns/{spring}/launch").json()
    assert (asked["state"], asked["asked_for_approval"]) == ("draft", True)
    assert ask("POST", f"/campaigns/{spring}/approve", role="approver").json()["state"] == "running"


def test_a_draft_is_taken_back(ask, spring):
    assert ask("DELETE", f"/campaigns/{spring}").status_code == 204
    assert ask("GET", f"/campaigns/{spring}").status_code == 404


def test_recipients_come_page_by_page_with_a_timeline_each(ask, spring):
    first = ask("GET", f"/campaigns/{spring}/recipients?limit=2").json()
    assert [one["row"] for one in first] == [1, 2]
    rest = ask("GET", f"/campaigns/{spring}/recipients?after={first[-1]['cursor']}").json()
    assert [one["row"] for one in rest] == [3]
    (step,) = [s for s in ask("GET", f"/campaigns/{spring}/messages/{first[0]['id']}").json() if s["what"] == "queued"]
    assert step["detail"] == "row 1"


def test_a_report_is_a_csv_file(ask, spring):
    report = ask("GET", f"/campaigns/{spring}/reports/recipients", role="viewer")
    assert report.headers["content-type"].startswith("text/csv")
    assert len(report.text.splitlines()) == 4
    assert ask("GET", f"/campaigns/{spring}/reports/nonsense").status_code == 422


def test_status_and_preview_and_the_list(ask, spring):
    assert ask("GET", f"/campaigns/{spring}/status").json()["counts"]["queued"] == 3
    assert "Ann" in ask("GET", f"/campaigns/{spring}/rows/1/preview").json()["text"]
    assert [one["name"] for one in ask("GET", "/campaigns?search=SPR&state=draft").json()] == ["spring"]
    assert ask("GET", "/campaigns?search=nothing").json() == []
