"""A sequence made, launched, paused and cancelled as a whole: all of it or nothing, and on record."""

from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text, update

from campaign.access.roles import Actor
from campaign.contacts.erasure_store import STATEMENTS
from campaign.errors import CampaignError, Conflict, Forbidden, NotFound, UsageError
from campaign.sequences import acts
from campaign.sequences.views import view, views
from campaign.settings import Settings
from models import AuditEntry, Template
from models.access import Role
from models.session import Sessions, session_scope
from models.states import CampaignState
from tests.campaign.sequences.journey import BY, THREE_STEPS, new_sequence, shop, write_list
from tests.factories import NOON, fiction_phone, grant

VIEWER = Actor("user:vera", Role.VIEWER)


def made(
    sessions: Sessions, settings: Settings, folder: Path, content: dict[str, Any] | None = None, **given: Any
) -> None:
    acts.create(sessions, BY, new_sequence(write_list(folder, 2), content, **given), now=NOON, settings=settings)


def nothing_is_left(sessions: Sessions) -> bool:
    with sessions() as session:
        count = "SELECT (SELECT count(*) FROM campaign) + (SELECT count(*) FROM sequence) + count(*) FROM audit_entry"
        return session.scalar(text(count)) == 0


def test_a_sequence_is_a_draft_of_a_campaign_for_each_step(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    with sessions() as session:
        found = view(session, "hello")
        assert views(session) == [found]
    assert (found.state, found.people, found.active) == ("draft", 2, 2)
    assert [(step.campaign, step.state, step.when) for step in found.steps] == [
        ("hello 1", "draft", "everybody on the list"),
        ("hello 2", "draft", "2 days after it was delivered"),
        ("hello 3", "draft", "5 days after it was delivered"),
    ]


@pytest.mark.parametrize("status", ["PAUSED", "PENDING", "REJECTED"])
def test_a_step_whose_template_is_not_approved_is_refused_with_the_step(
    sessions: Sessions, settings: Settings, tmp_path: Path, status: str
) -> None:
    shop(sessions, 2)
    with session_scope(sessions) as session:
        session.execute(update(Template).where(Template.name == "offer").values(status=status))
    with pytest.raises(Conflict, match=f"step 3: template offer .* is {status}, not APPROVED"):
        made(sessions, settings, tmp_path)
    assert nothing_is_left(sessions)


@pytest.mark.parametrize(
    ("step", "said"),
    [
        ({"map": ["body.1=plan"]}, "step 2: .* no column plan"),
        ({"map": []}, "step 2: slot body.1 of the template is not mapped"),
        ({"template": "gone"}, "step 2: sender shop has no template gone"),
        ({"language": "fr"}, "step 2: template tips has no language fr"),
    ],
)
def test_a_step_that_cannot_be_filled_is_refused_with_the_step(
    sessions: Sessions, settings: Settings, tmp_path: Path, step: dict[str, Any], said: str
) -> None:
    shop(sessions, 2)
    steps = THREE_STEPS["step"]
    with pytest.raises(CampaignError, match=said):
        made(sessions, settings, tmp_path, {"step": [steps[0], steps[1] | step]})
    assert nothing_is_left(sessions)


def test_a_deadline_before_the_last_step_could_leave_is_refused(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    with pytest.raises(UsageError, match="step 3 comes 2026-11-27 12:00 UTC at the earliest"):
        made(sessions, settings, tmp_path, deadline_at=NOON.replace(day=27))
    assert nothing_is_left(sessions)


def test_a_row_that_would_not_fit_a_later_step_is_refused_when_it_is_read(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    path = tmp_path / "list.csv"
    path.write_text(f"phone,name,city\n{fiction_phone(0)},Ann,\n{fiction_phone(1)},Bob,Lima\n")
    acts.create(sessions, BY, new_sequence(path), now=NOON, settings=settings)
    with sessions() as session:
        assert view(session, "hello").people == 1
        refused = session.execute(text("SELECT reason, text FROM rejected_row")).all()
    assert refused == [("missing_value", "city is empty, body.1 of step 2 needs it.")]


def test_a_name_is_given_once(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    with pytest.raises(Conflict, match="hello"):
        made(sessions, settings, tmp_path)


def test_what_is_done_is_written_down_and_needs_the_role(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    with pytest.raises(Forbidden):
        acts.launch(sessions, VIEWER, "hello", now=NOON)
    acts.launch(sessions, BY, "hello", now=NOON)
    acts.pause(sessions, BY, "hello")
    acts.resume(sessions, BY, "hello", now=NOON)
    acts.cancel(sessions, BY, "hello", now=NOON)
    with sessions() as session:
        entries = session.query(AuditEntry).filter_by(subject="sequence:hello").order_by(AuditEntry.id).all()
    assert [entry.act for entry in entries] == ["create_campaign", "launch", "pause", "resume", "cancel"]


def test_what_does_not_fit_the_state_is_refused(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    with pytest.raises(Conflict, match="is draft, so it cannot be paused"):
        acts.pause(sessions, BY, "hello")
    acts.launch(sessions, BY, "hello", now=NOON)
    with pytest.raises(Conflict, match="is running, so it cannot be launched"):
        acts.launch(sessions, BY, "hello", now=NOON)
    with pytest.raises(NotFound, match="did you mean hello"):
        acts.pause(sessions, BY, "helo")


def test_a_step_that_cannot_be_resumed_keeps_all_of_it_paused(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    acts.launch(sessions, BY, "hello", now=NOON)
    acts.pause(sessions, BY, "hello")
    with session_scope(sessions) as session:
        session.execute(update(Template).where(Template.name == "tips").values(status="PAUSED"))
    with pytest.raises(Conflict, match="PAUSED"):
        acts.resume(sessions, BY, "hello", now=NOON)
    with sessions() as session:
        found = view(session, "hello")
    assert {found.state, *(step.state for step in found.steps)} == {CampaignState.PAUSED.value}


def test_a_sequence_of_which_a_step_was_deleted_is_not_launched(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    with session_scope(sessions) as session:
        session.execute(text("DELETE FROM campaign WHERE name = 'hello 2'"))
    with pytest.raises(Conflict, match="a step of sequence hello was deleted"):
        acts.launch(sessions, BY, "hello", now=NOON)


def test_an_erased_person_leaves_nothing_in_a_sequence(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    made(sessions, settings, tmp_path)
    identity = fiction_phone(0)[1:]
    with session_scope(sessions) as session:
        values = {"identity": identity, "pseudonym": "erased 1", "until": None}
        session.execute(text(STATEMENTS["sequence_person"]), values)
        kept = session.execute(
            text("SELECT parameters, ended_as FROM sequence_person WHERE phone_identity = 'erased 1'")
        ).one()
    assert tuple(kept) == ({}, "erased")


def test_consent_to_one_category_is_enough_for_the_steps_of_it(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 0, welcome="utility")
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(0)], "utility")
        grant(session, [fiction_phone(1)])
    made(sessions, settings, tmp_path)
    with sessions() as session:
        assert view(session, "hello").people == 1
