"""Sequences on a virtual clock: who gets which step when, and that nobody gets one too early, twice or out of order."""

import time
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from campaign.reports.summary import campaign_status
from campaign.scheduling.timing import Timing
from campaign.sequences import acts, store, sweep
from campaign.sequences.sweep import sweep_sequences
from campaign.settings import Settings
from models.session import Sessions, session_scope
from tests.campaign.sequences.journey import BY, THREE_STEPS, Journey, Sent, begin, new_sequence, shop, write_list
from tests.factories import NOON, fiction_phone, withdraw

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
ANN, BOB = fiction_phone(0), fiction_phone(1)


@pytest.fixture
def journey(sessions: Sessions, settings: Settings, tmp_path: Path) -> Journey:
    """Two people in a sequence of three steps, launched at noon."""
    shop(sessions, 2)
    return begin(sessions, settings, tmp_path, 2)


def steps(*conditions: tuple[str, str], **given: Any) -> dict[str, Any]:
    """Steps after the first, each of another template: condition and delay."""
    later = [
        {"template": template, "after": after, "delay": delay, "map": ["body.1=name"]}
        for template, (after, delay) in zip(("tips", "offer"), conditions, strict=False)
    ]
    return {"step": [THREE_STEPS["step"][0], *later]} | given


def test_each_step_follows_its_delay_after_the_delivery(journey: Journey) -> None:
    journey.run(NOON + 10 * DAY, HOUR)
    assert [sorted({sent.at - NOON for sent in journey.sent if sent.step == n}) for n in (1, 2, 3)] == [
        [timedelta(0)],
        [2 * DAY],
        [7 * DAY],
    ]
    assert journey.ended() == {"completed": 2}
    assert journey.states() == ["completed"] * 4


def test_every_step_has_a_report_that_adds_up(journey: Journey) -> None:
    journey.run(NOON + 3 * DAY, HOUR)
    with journey.sessions() as session:
        found = [campaign_status(session, f"hello {n}", journey.now) for n in (1, 2, 3)]
    assert [(status.rows, sum(status.counts.values())) for status in found] == [(2, 2), (2, 2), (0, 0)]
    assert [status.state for status in found] == ["completed", "settling", "scheduled"]


def test_each_step_is_filled_from_the_first_list(journey: Journey) -> None:
    journey.run(NOON + 8 * DAY, HOUR)
    with journey.sessions() as session:
        rows = session.execute(
            text(
                "SELECT s.number, m.row_number, m.parameters FROM message m "
                "JOIN sequence_step s USING (campaign_id) WHERE m.row_number = 1 AND s.number > 1 ORDER BY 1"
            )
        ).all()
    assert [tuple(row) for row in rows] == [(2, 1, {"body.1": "Lima 0"}), (3, 1, {"body.1": "Ann 0"})]


def test_who_was_not_reached_gets_nothing_more(journey: Journey) -> None:
    failed = {"state": "failed", "failed_at": NOON, "delivered_at": None}
    journey.answer = lambda sent: failed if sent.phone == ANN else {}
    journey.run(NOON + 8 * DAY, HOUR)
    assert journey.steps() == [[ANN, BOB], [BOB], [BOB]]
    assert journey.ended() == {"failed": 1, "completed": 1}


def test_a_reply_ends_it(journey: Journey) -> None:
    journey.tick()
    journey.reply(ANN, 1)
    journey.run(NOON + 8 * DAY, HOUR)
    assert journey.steps()[1:] == [[BOB], [BOB]]
    assert journey.ended() == {"replied": 1, "completed": 1}


def test_a_reply_that_comes_while_the_next_step_waits_takes_it_back(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 1)
    timing = Timing(window="12:00-13:00", zone="UTC", zone_column="zone")
    path = tmp_path / "list.csv"
    path.write_text(f"phone,name,city,zone\n{ANN},Ann,Lima,UTC\n")
    acts.create(sessions, BY, new_sequence(path, timing=timing), now=NOON, settings=settings)
    acts.launch(sessions, BY, "hello", now=NOON)
    journey = Journey(sessions, NOON + timedelta(minutes=30))
    # Delivered at half past, so the next step falls due in the window, but is queued when that has just closed.
    journey.run(NOON + 2 * DAY, HOUR)
    journey.now = NOON + 2 * DAY + timedelta(minutes=90)
    journey.tick()
    with sessions() as session:
        due_at = session.scalar(text("SELECT due_at FROM message WHERE state = 'queued'"))
    assert due_at == NOON + 3 * DAY
    journey.reply(ANN, 1)
    journey.tick()
    with sessions() as session:
        assert session.execute(text("SELECT state, reason FROM message ORDER BY id")).all() == [
            ("delivered", None),
            ("skipped", "replied"),
        ]


def test_a_reply_ends_nothing_where_the_sequence_says_so(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 1)
    journey = begin(sessions, settings, tmp_path, 1, THREE_STEPS | {"reply_ends": False})
    journey.tick()
    journey.reply(ANN, 1)
    journey.run(NOON + 8 * DAY, HOUR)
    assert journey.steps() == [[ANN], [ANN], [ANN]]


def test_an_opt_out_ends_it_even_then(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 1)
    journey = begin(sessions, settings, tmp_path, 1, THREE_STEPS | {"reply_ends": False})
    journey.tick()
    journey.reply(ANN, 1, opts_out=True)
    journey.run(NOON + 8 * DAY, HOUR)
    assert (journey.steps(), journey.ended()) == ([[ANN], [], []], {"opted_out": 1})


def test_the_gate_is_asked_again_at_each_step(journey: Journey) -> None:
    journey.tick()
    with session_scope(journey.sessions) as session:
        withdraw(session, [ANN], occurred_at=NOON + HOUR)
    journey.run(NOON + 8 * DAY, HOUR)
    assert journey.steps()[1:] == [[BOB], [BOB]]
    assert journey.ended() == {"consent_withdrawn": 1, "completed": 1}
    with journey.sessions() as session:
        status = campaign_status(session, "hello 2", journey.now)
    assert (status.rows, status.counts["skipped"], status.counts["delivered"]) == (2, 1, 1)


def test_a_step_of_another_category_needs_its_own_consent(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    shop(sessions, 1, tips="utility")
    journey = begin(sessions, settings, tmp_path, 1)
    journey.run(NOON + 3 * DAY, HOUR)
    assert (journey.steps()[1], journey.ended()) == ([], {"no_consent": 1})


@pytest.mark.parametrize(
    ("condition", "reached", "why"),
    [("read", [ANN], "not_read"), ("not_read", [BOB], "read")],
)
def test_a_step_goes_to_those_who_read_or_did_not(
    sessions: Sessions, settings: Settings, tmp_path: Path, condition: str, reached: list[str], why: str
) -> None:
    shop(sessions, 2)
    journey = begin(sessions, settings, tmp_path, 2, steps((condition, "2d")))
    journey.answer = lambda sent: {"state": "read", "read_at": NOON + HOUR} if sent.phone == ANN else {}
    journey.run(NOON + 4 * DAY, HOUR)
    assert journey.steps()[1] == reached
    journey.run(NOON + 31 * DAY, 6 * HOUR)
    assert journey.ended() == {"completed": 1, why: 1}


def test_a_step_goes_to_those_who_replied(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    """Their reply leads on, and does not end it."""
    shop(sessions, 2)
    journey = begin(sessions, settings, tmp_path, 2, steps(("replied", "1h"), ("delivered", "1d")))
    journey.tick()
    journey.reply(BOB, 1)
    journey.run(NOON + 3 * DAY, HOUR)
    assert journey.steps()[1:] == [[BOB], [BOB]]


def test_the_deadline_holds_for_every_step(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    journey = begin(sessions, settings, tmp_path, 2, steps(("delivered", "2d")), deadline_at=NOON + 2 * DAY + 2 * HOUR)
    journey.answer = lambda sent: {"delivered_at": NOON + (2 * HOUR if sent.phone == ANN else 0 * HOUR)}
    journey.run(NOON + 3 * DAY, HOUR)
    assert journey.steps()[1] == [BOB]
    assert journey.ended() == {"deadline": 1, "completed": 1}


def test_windows_hold_for_every_step(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    timing = Timing(window="12:00-14:00", zone_column="city")
    path = tmp_path / "list.csv"
    path.write_text(f"phone,name,city\n{ANN},Ann,Asia/Tokyo\n{BOB},Bob,UTC\n")
    acts.create(sessions, BY, new_sequence(path, timing=timing), now=NOON, settings=settings)
    acts.launch(sessions, BY, "hello", now=NOON)
    journey = Journey(sessions)
    journey.run(NOON + 14 * DAY, timedelta(minutes=30))
    assert [len(phones) for phones in journey.steps()] == [2, 2, 2]
    hours = {(sent.phone, sent.at.hour) for sent in journey.sent}
    assert {hour for phone, hour in hours if phone == ANN} <= {3, 4}
    assert {hour for phone, hour in hours if phone == BOB} <= {12, 13}


def test_nobody_goes_on_while_a_request_may_be_under_way(journey: Journey) -> None:
    """An attempt thought absent was delivered after all, while the next one is on its way."""
    journey.answer = lambda sent: {"lease_until": NOON + 3 * DAY} if sent.phone == ANN else {}
    journey.run(NOON + 2.5 * DAY, HOUR)
    assert journey.steps()[1] == [BOB]
    journey.answer = None
    journey.run(NOON + 4 * DAY, HOUR)
    assert journey.steps()[1] == [BOB, ANN]


def test_paused_nobody_goes_on_and_resumed_everybody_does(journey: Journey) -> None:
    journey.run(NOON + DAY, HOUR)
    acts.pause(journey.sessions, BY, "hello")
    journey.run(NOON + 4 * DAY, HOUR)
    assert journey.steps()[1] == []
    assert journey.states()[0] == "paused"
    acts.resume(journey.sessions, BY, "hello", now=journey.now)
    journey.run(NOON + 10 * DAY, HOUR)
    assert [len(phones) for phones in journey.steps()] == [2, 2, 2]


def test_a_step_that_a_person_paused_collects_people_and_sends_nothing(journey: Journey) -> None:
    from campaign.lifecycle import pause, resume

    pause(journey.sessions, "hello 2")
    journey.run(NOON + 3 * DAY, HOUR)
    assert journey.steps()[1] == []
    resume(journey.sessions, "hello 2", now=journey.now)
    journey.run(NOON + 4 * DAY, HOUR)
    assert len(journey.steps()[1]) == 2


def test_cancelled_nobody_gets_anything_more(journey: Journey) -> None:
    journey.run(NOON + DAY, HOUR)
    acts.cancel(journey.sessions, BY, "hello", now=journey.now)
    journey.run(NOON + 4 * DAY, HOUR)
    assert (journey.steps()[1], journey.ended()) == ([], {"cancelled": 2})
    assert journey.states() == ["cancelled", "completed", "cancelled", "cancelled"]


def test_a_step_that_was_cancelled_ends_who_would_come_to_it(journey: Journey) -> None:
    from campaign.lifecycle import cancel

    cancel(journey.sessions, "hello 2", now=NOON)
    journey.run(NOON + 4 * DAY, HOUR)
    assert journey.ended() == {"cancelled": 2}
    assert journey.states()[0] == "completed"


def test_two_sweeps_at_once_move_everybody_once(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 500)
    journey = begin(sessions, settings, tmp_path, 500)
    journey.tick()
    ready, moved = Barrier(4), []

    def sweep_at_once() -> None:
        ready.wait()
        moved.append(sweep_sequences(sessions, now=NOON + 2 * DAY))

    threads = [Thread(target=sweep_at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sweep_sequences(sessions, now=NOON + 2 * DAY)
    with sessions() as session:
        assert session.execute(text("SELECT step, count(*) FROM sequence_person GROUP BY step")).all() == [(2, 500)]
        assert campaign_status(session, "hello 2", journey.now).rows == 500


def test_killed_between_the_steps_of_a_sweep_nothing_is_half_done(
    journey: Journey, monkeypatch: pytest.MonkeyPatch
) -> None:
    journey.tick()

    def killed(*arguments: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(sweep, "_receive", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep_sequences(journey.sessions, now=NOON + 2 * DAY)
    with journey.sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM message")) == 2
    journey.now = NOON + 2 * DAY
    journey.run(NOON + 3 * DAY, HOUR)
    assert sorted(journey.steps()[1]) == [ANN, BOB]


REPORTS = st.lists(
    st.tuples(
        st.sampled_from(["sent", "delivered", "read", "failed", "queued", "reply"]),
        st.integers(1, 3),
        st.integers(0, 1),
        st.integers(0, 60),
    ),
    max_size=30,
)


@hypothesis_settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(reports=REPORTS)
def test_whatever_is_reported_in_whatever_order_steps_are_never_mixed_up(
    sessions: Sessions, settings: Settings, tmp_path: Path, reports: list[tuple[str, int, int, int]]
) -> None:
    """Each message goes through the table of moves on what webhooks tell; a step leaves only after one that arrived."""
    from tests.campaign.sequences.disorder import tell

    with session_scope(sessions) as session:
        empty(session)
    shop(sessions, 2)
    journey = begin(sessions, settings, tmp_path, 2, steps(("delivered", "0s"), ("read", "0s")))
    journey.answer = lambda sent: {"state": "accepted", "delivered_at": None}
    arrived: dict[tuple[str, int], Any] = {}
    for word, step, person, minutes in reports:
        journey.tick()
        tell(journey, word, fiction_phone(person), step, arrived)
        journey.now += timedelta(minutes=minutes)
    journey.run(journey.now + 2 * HOUR, 20 * timedelta(minutes=1))
    in_order(journey, arrived)


def in_order(journey: Journey, arrived: dict[tuple[str, int], Any]) -> None:
    """Nobody got a step before the step before it had arrived, nobody a step after a later one, nobody one twice."""
    last: dict[str, Sent] = {}
    for sent in journey.sent:
        before = last.get(sent.phone)
        assert sent.step in ({1} if before is None else {before.step, before.step + 1})
        if before is not None and sent.step > before.step:
            assert arrived[sent.phone, before.step] <= sent.at
        last[sent.phone] = sent
    with journey.sessions() as session:
        doubled = session.execute(
            text("SELECT 1 FROM message GROUP BY campaign_id, phone_identity HAVING count(*) > 1")
        ).all()
    assert doubled == []


def empty(session: Any) -> None:
    """Forget the example before."""
    session.execute(text("SET LOCAL campaign.emptying = 'on'"))
    session.execute(text("TRUNCATE campaign, message, sequence, template, sender, consent_event, audit_entry CASCADE"))


def test_two_weeks_of_a_sequence_take_less_than_a_minute(
    sessions: Sessions, settings: Settings, tmp_path: Path
) -> None:
    people, began = 1_500, time.monotonic()
    shop(sessions, people)
    journey = begin(sessions, settings, tmp_path, people)
    journey.run(NOON + 14 * DAY, timedelta(minutes=30))
    assert [len(phones) for phones in journey.steps()] == [people] * 3
    assert journey.states() == ["completed"] * 4
    assert time.monotonic() - began < 60


def test_a_sweep_looks_at_those_alone_who_may_fall_due(sessions: Sessions, settings: Settings, tmp_path: Path) -> None:
    shop(sessions, 2)
    journey = begin(sessions, settings, tmp_path, 2)
    journey.tick()
    journey.now += HOUR
    journey.tick()
    with sessions() as session:
        assert store.steps_due(session, NOON + 2 * DAY - timedelta(seconds=1)) == []
        assert [step.number for step in store.steps_due(session, NOON + 2 * DAY)] == [1]


def test_the_list_is_read_once(journey: Journey, tmp_path: Path) -> None:
    write_list(tmp_path, 0)
    journey.run(NOON + 8 * DAY, HOUR)
    assert len(journey.sent) == 6
