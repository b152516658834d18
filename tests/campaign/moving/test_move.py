"""A move on a real database: who goes to the new template, who stays, and that nobody is written to twice."""

from collections import Counter
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from campaign.errors import Conflict, NotFound, UsageError
from campaign.lifecycle import follow_templates
from campaign.moving import move as moving
from campaign.moving.move import Move, What, move, plan_move
from campaign.sending.lines import running_lines
from campaign.sending.store import claim_due
from models import Attempt, Campaign, Message, Sender, Template
from models.session import Sessions, session_scope
from models.states import MessageState
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

CALM = [{"type": "BODY", "text": "Only for {{1}}: {{2}}"}]
DROPPED = {"state": "dropped", "attempt": 1, "claimed_at": NOON, "accepted_at": NOON, "held_at": NOON}
FAILED = {"failed_at": NOON, "error_code": 132015, "error_text": "Template is paused", "reason": "pause_template"}
PAUSED = {"state": "paused", "state_reason": "template_paused", "state_text": "The template is PAUSED."}
SWAP = ("body.1=body.2", "body.2=body.1")
LATER = NOON + timedelta(hours=1)


def make(session: Session, **campaign: Any) -> Campaign:
    """A campaign whose template was judged badly: 3 dropped, 4 queued, 2 on their way, 1 read; and a calmer one."""
    sender = make_sender(session)
    spring = make_template(session, sender, "spring_sale", status="PAUSED")
    make_template(session, sender, "calm_sale", components=CALM, **campaign.pop("calm", {}))
    made = make_campaign(session, sender, spring, **PAUSED | campaign)
    for number in range(3):
        make_messages(session, made, 1, first=number, **DROPPED, **FAILED, wamid=f"w{number}")
    make_messages(session, made, 4, first=3)
    make_messages(session, made, 2, first=7, state="accepted", attempt=1, accepted_at=NOON)
    make_messages(session, made, 1, first=9, state="read", attempt=1, read_at=NOON)
    grant(session, [fiction_phone(number) for number in range(10)])
    return made


def asked(what: What = What.ALL, mapping: tuple[str, ...] = SWAP, **given: Any) -> Move:
    return Move("spring", "calm_sale", mapping=mapping, what=what, **given)


def by_template(sessions: Sessions) -> Counter[tuple[str, str]]:
    """Messages by the template that each would be sent with, and state."""
    with sessions() as session:
        own = session.scalars(select(Campaign)).first()
        assert own is not None
        names = {template.id: template.name for template in session.scalars(select(Template))}
        rows = session.scalars(select(Message))
        return Counter((names[row.template_id or own.template_id], row.state) for row in rows)


def test_the_plan_counts_before_anything_is_done(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
    with sessions() as session:
        plan = plan_move(session, asked(), now=LATER)
    assert (plan.messages, plan.unfit, plan.staying) == ({"dropped": 3, "queued": 4}, {}, 0)
    assert plan.example == "Only for 15%: Ann"
    assert by_template(sessions)["spring_sale", "dropped"] == 3


def test_all_that_was_not_delivered_goes_to_the_new_template_and_runs(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
    done = move(sessions, asked(), now=LATER)
    assert (done.total, done.state) == (7, "running")
    assert by_template(sessions) == {
        ("calm_sale", "queued"): 7,
        ("spring_sale", "accepted"): 2,
        ("spring_sale", "read"): 1,
    }
    with sessions() as session:
        first = session.scalars(select(Message).order_by(Message.id)).first()
        assert first is not None
        assert (first.parameters, first.reason, first.due_at) == ({"body.1": "15%", "body.2": "Ann"}, "moved", LATER)
        assert (first.wamid, first.error_code, first.held_at, first.attempt) == (None, None, None, 1)


def test_the_attempt_before_is_kept_with_its_id(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
    move(sessions, asked(), now=LATER)
    with sessions() as session:
        kept = session.scalars(select(Attempt).order_by(Attempt.message_id)).all()
    assert [(a.number, a.ended_as, a.wamid, a.error_code, a.held_at) for a in kept] == [
        (1, "refused", f"w{number}", 132015, NOON) for number in range(3)
    ]


@pytest.mark.parametrize(
    ("what", "moved"),
    [(What.DROPPED, {"dropped": 3}), (What.UNSENT, {"queued": 4}), (What.ALL, {"dropped": 3, "queued": 4})],
)
def test_only_what_was_meant_is_moved(sessions: Sessions, what: What, moved: dict[str, int]) -> None:
    with session_scope(sessions) as session:
        make(session)
    assert move(sessions, asked(what), now=LATER).messages == moved


def test_while_unsent_messages_stay_with_a_paused_template_the_campaign_stays_paused(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
    done = move(sessions, asked(What.DROPPED, mapping=()), now=LATER)
    assert (done.staying, done.state) == (4, "paused")
    assert "spring_sale (en_US), PAUSED" in done.staying_with
    with session_scope(sessions) as session:
        assert follow_templates(session) == ([], [])
        session.execute(update(Template).values(status="APPROVED"))
        paused, resumed = follow_templates(session)
    assert (paused, len(resumed)) == ([], 1)


def test_moving_twice_moves_nothing_the_second_time(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="paused"))
    assert move(sessions, asked(), now=LATER).messages == {}


def test_what_the_platform_once_reported_as_sent_is_never_moved(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
        session.execute(update(Message).where(Message.wamid == "w1").values(sent_at=NOON))
    assert move(sessions, asked(), now=LATER).messages == {"dropped": 2, "queued": 4}
    with sessions() as session:
        assert session.scalars(select(Message).where(Message.wamid == "w1")).one().state == "dropped"


@hypothesis_settings(max_examples=24, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(state=st.sampled_from(list(MessageState)))
def test_no_other_state_is_ever_moved(sessions: Sessions, state: MessageState) -> None:
    with sessions() as session:
        campaign = make(session)
        session.execute(update(Message).values(state=state))
        movable = plan_move(session, asked(), now=LATER).messages
        assert bool(movable) is (state in {MessageState.QUEUED, MessageState.DROPPED})
        assert campaign.state == "paused"
        session.rollback()


def test_a_message_that_cannot_be_filled_stays_and_is_counted(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session)
        session.execute(update(Message).where(Message.wamid == "w0").values(parameters={"body.1": "Ann"}))
    done = move(sessions, asked(), now=LATER)
    assert done.unfit == {"nothing in body.2 for body.1": 1}
    assert by_template(sessions)["spring_sale", "dropped"] == 1


def test_more_than_a_chunk_is_moved(sessions: Sessions, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(moving, "AT_ONCE", 2)
    with session_scope(sessions) as session:
        make(session)
    assert move(sessions, asked(), now=LATER).total == 7


def test_consent_is_asked_again_for_the_new_category(sessions: Sessions) -> None:
    """From utility to marketing: who agreed to utility alone is left out at the claim."""
    with session_scope(sessions) as session:
        campaign = make(session, category="utility")
        session.execute(update(Template).where(Template.name == "spring_sale").values(category="utility"))
        session.execute(
            update(Message).where(Message.row_number > 5).values(phone_identity=Message.phone_identity + "9")
        )
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        assert session.get_one(Campaign, campaign.id).category == "marketing"
        claimed, withheld = claim_due(session, {campaign.id: 50}, limit=50, now=LATER, lease=timedelta(minutes=1))
    assert (len(claimed), withheld) == (5, 2)


def test_a_campaign_that_was_marketing_keeps_asking_for_marketing(sessions: Sessions) -> None:
    """What was handed over as marketing may be tried again."""
    with session_scope(sessions) as session:
        campaign = make(session, calm={"category": "utility"})
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        follow_templates(session)
        assert session.get_one(Campaign, campaign.id).category == "marketing"


def test_a_retry_of_what_was_handed_over_before_goes_with_its_own_template(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = make(session)
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        session.execute(update(Message).where(Message.state == "accepted").values(state="queued"))
        session.execute(update(Template).values(status="APPROVED"))
        sender = session.get_one(Sender, campaign.sender_id)
        line = running_lines(session, sender, LATER)[campaign.id]
        claimed, _ = claim_due(session, {campaign.id: 50}, limit=50, now=LATER, lease=timedelta(minutes=1))
        assert not any(line.rests(each, ()) for each in claimed)
        texts = Counter(line.outbound(each).name for each in claimed)
    assert texts == {"calm_sale": 7, "spring_sale": 2}


def test_a_retry_rests_while_its_former_template_is_out_of_service(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = make(session)
        stale = running_lines(session, session.get_one(Sender, campaign.sender_id), LATER)
        assert stale == {}
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        session.execute(update(Message).where(Message.state == "accepted").values(state="queued"))
        line = running_lines(session, session.get_one(Sender, campaign.sender_id), LATER)[campaign.id]
        claimed, _ = claim_due(session, {campaign.id: 50}, limit=50, now=LATER, lease=timedelta(minutes=1))
        resting = [line.template_id(each) for each in claimed if line.rests(each, ())]
        names = {session.get_one(Template, id_).name for id_ in resting}
    assert (len(resting), names) == (2, {"spring_sale"})


def test_a_lane_from_before_the_move_leaves_moved_messages_alone(sessions: Sessions) -> None:
    """It still has the old template for its own; the new values must not be sent with it."""
    with session_scope(sessions) as session:
        campaign = make(session, state="running")
        session.execute(update(Template).values(status="APPROVED"))
        stale = running_lines(session, session.get_one(Sender, campaign.sender_id), LATER)[campaign.id]
        session.expunge_all()
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(**PAUSED))
    move(sessions, asked(), now=LATER)
    with session_scope(sessions) as session:
        claimed, _ = claim_due(session, {campaign.id: 50}, limit=50, now=LATER, lease=timedelta(minutes=1))
    assert len(claimed) == 7
    assert all(stale.rests(each, ()) for each in claimed)


def test_a_completed_campaign_runs_again_for_what_was_dropped(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session, state="completed", state_reason=None, ended_at=NOON)
        session.execute(update(Message).where(Message.state == "queued").values(state="read"))
    done = move(sessions, asked(), now=LATER)
    with sessions() as session:
        campaign = session.scalars(select(Campaign)).one()
    assert (done.state, campaign.ended_at) == ("running", None)


def test_a_pause_of_a_person_stays_one(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        make(session, state_reason="operator")
    assert move(sessions, asked(), now=LATER).state == "paused"


@pytest.mark.parametrize(
    ("campaign", "request_", "error", "words"),
    [
        ({"state": "running"}, asked(), Conflict, "pause it first with campaign pause spring"),
        ({"state": "draft"}, asked(), Conflict, "nothing of it was sent yet"),
        ({"state": "cancelled"}, asked(), Conflict, "cancelled for good"),
        ({"calm": {"status": "PENDING"}}, asked(), Conflict, "is PENDING, not APPROVED"),
        ({"deadline_at": NOON}, asked(), Conflict, "had its deadline"),
        ({}, Move("spring", "calm_sael"), NotFound, "calm_sale"),
        ({}, asked(language="de"), NotFound, "exists in en_US"),
        ({}, asked(mapping=("body.3==x",)), UsageError, "no slot body.3"),
        ({}, asked(mapping=("body.1=city",)), UsageError, "no column city"),
    ],
)
def test_what_cannot_be_moved_is_refused_and_nothing_is_changed(
    sessions: Sessions, campaign: dict[str, Any], request_: Move, error: type[Exception], words: str
) -> None:
    with session_scope(sessions) as session:
        make(session, **campaign)
    before = by_template(sessions)
    with pytest.raises(error, match=words):
        move(sessions, request_, now=LATER)
    assert by_template(sessions) == before
