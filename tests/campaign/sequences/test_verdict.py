"""What a verdict says in rows; and that SQL says the same of anybody."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from sqlalchemy import text

from campaign.sequences.verdict import LOOK_AT_SQL, VERDICT_SQL, Onward, Standing, Verdict, judge
from models.sequence import Condition
from models.session import Sessions
from models.states import MessageState
from tests.factories import NOON

DAY = timedelta(days=1)
AT = NOON - 2 * DAY
HAS_IT: dict[str, Any] = {"state": "delivered", "moved_at": NOON - 3 * DAY, "delivered_at": AT}


def onward(condition: str = "delivered", **given: Any) -> Onward:
    return Onward(Condition(condition), **{"delay": DAY, "patience": 30 * DAY} | given)


ROWS = [
    ("delivered, and the delay is over", {}, onward(), "go"),
    ("delivered too lately", {"delivered_at": NOON - DAY + timedelta(seconds=1)}, onward(), "wait"),
    (
        "a read without a delivered is a delivery",
        {"state": "read", "delivered_at": None, "read_at": AT},
        onward(),
        "go",
    ),
    ("a request of it may be under way", {"leased": True}, onward(), "wait"),
    ("the last step has come", {}, None, "completed"),
    ("read, as was asked", {"state": "read", "read_at": AT}, onward("read"), "go"),
    ("not read yet", {}, onward("read"), "wait"),
    ("never read", {"delivered_at": NOON - 30 * DAY}, onward("read"), "not_read"),
    ("not read, as was asked", {}, onward("not_read"), "go"),
    ("read in time after all", {"state": "read", "read_at": AT + timedelta(hours=23)}, onward("not_read"), "read"),
    ("read, but later than was waited", {"state": "read", "read_at": AT + 1.5 * DAY}, onward("not_read"), "go"),
    ("replied, as was asked", {"replied_at": AT}, onward("replied"), "go"),
    ("never replied", {"delivered_at": NOON - 30 * DAY}, onward("replied"), "not_replied"),
    ("not replied, as was asked", {}, onward("not_replied"), "go"),
    ("replied in time, which ends nothing here", {"replied_at": AT}, onward("not_replied"), "replied"),
    ("a reply ends it", {"answered": True}, onward(), "replied"),
    ("an opt-out ends it before anything else", {"answered": True, "opted_out": True}, onward(), "opted_out"),
    ("nobody is left to send the next step", {}, onward(open=False), "cancelled"),
    ("the deadline has passed", {}, onward(deadline_at=NOON), "deadline"),
    ("not sent yet", {"state": "queued", "delivered_at": None}, onward(), "wait"),
    ("sent, not delivered", {"state": "sent", "delivered_at": None}, onward(), "wait"),
    ("maybe sent", {"state": "uncertain", "delivered_at": None}, onward(), "wait"),
    ("failed for good", {"state": "failed", "delivered_at": None, "failed_at": AT}, onward(), "failed"),
    ("failed just now: a delivered may follow", {"state": "failed", "failed_at": NOON}, onward(), "wait"),
    ("dropped: a person may send it again", {"state": "dropped", "failed_at": AT}, onward(), "wait"),
    ("dropped at the last step", {"state": "dropped", "failed_at": AT}, None, "dropped"),
    ("expired", {"state": "expired", "delivered_at": None}, onward(), "expired"),
    ("withheld by the gate", {"state": "skipped", "reason": "no_consent"}, onward(), "no_consent"),
]


@pytest.mark.parametrize(("facts", "step", "word"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_a_person_goes_where_they_should(facts: dict[str, Any], step: Onward | None, word: str) -> None:
    assert judge(Standing(**HAS_IT | facts), step, now=NOON, told=NOON).word == word


@pytest.mark.parametrize("condition", ["not_read", "not_replied"])
def test_absence_counts_only_as_far_as_webhooks_were_read(condition: str) -> None:
    """A `read` may wait in the inbox."""
    assert judge(Standing(**HAS_IT), onward(condition), now=NOON, told=AT + DAY - timedelta(seconds=1)).word == "wait"
    assert judge(Standing(**HAS_IT), onward(condition), now=NOON, told=AT + DAY).word == "go"


def test_who_has_it_is_looked_at_when_the_delay_is_over_and_not_before() -> None:
    early = judge(Standing(**HAS_IT | {"delivered_at": NOON - timedelta(hours=1)}), onward(), now=NOON, told=NOON)
    assert early == Verdict("wait", NOON + timedelta(hours=23))


def test_who_has_it_not_cannot_fall_due_before_the_delay_from_now_on() -> None:
    waiting = Standing("sent", moved_at=NOON)
    assert judge(waiting, onward(delay=timedelta(minutes=9)), now=NOON, told=NOON).look_at == NOON + timedelta(
        minutes=9
    )
    assert judge(waiting, onward(delay=30 * DAY), now=NOON, told=NOON).look_at == NOON + timedelta(hours=1)


MOMENTS = st.integers(-400, 60).map(lambda hours: NOON + timedelta(hours=hours))
STANDINGS = st.builds(
    Standing,
    state=st.sampled_from([state.value for state in MessageState]),
    moved_at=st.integers(-400, 0).map(lambda hours: NOON + timedelta(hours=hours)),
    reason=st.sampled_from([None, "no_consent"]),
    delivered_at=st.none() | MOMENTS,
    read_at=st.none() | MOMENTS,
    failed_at=st.none() | MOMENTS,
    replied_at=st.none() | MOMENTS,
    leased=st.booleans(),
    answered=st.booleans(),
    opted_out=st.integers(0, 9).map(lambda n: n == 0),
)
ONWARDS = st.none() | st.builds(
    Onward,
    condition=st.sampled_from(Condition),
    delay=st.integers(0, 200).map(lambda hours: timedelta(hours=hours)),
    patience=st.integers(1, 200).map(lambda hours: timedelta(hours=hours)),
    open=st.booleans(),
    deadline_at=st.none() | MOMENTS,
)

_COLUMNS = {
    "state": "text", "moved_at": "timestamptz", "reason": "text", "delivered_at": "timestamptz",
    "read_at": "timestamptz", "failed_at": "timestamptz", "replied_at": "timestamptz", "leased": "boolean",
    "answered": "boolean", "opted_out": "boolean", "condition": "text", "delay": "interval", "patience": "interval",
    "open": "boolean", "deadline_at": "timestamptz",
}  # fmt: skip
_JUDGE = text(
    f"SELECT {VERDICT_SQL}, {LOOK_AT_SQL} FROM (SELECT "
    + ", ".join(f"CAST(:{name} AS {kind}) AS {name}" for name, kind in _COLUMNS.items())
    + ") AS standing"
)


@hypothesis_settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(person=STANDINGS, step=ONWARDS, lag=st.integers(0, 100))
def test_sql_says_the_same_of_anybody(sessions: Sessions, person: Standing, step: Onward | None, lag: int) -> None:
    told = NOON - timedelta(hours=lag)
    if step is not None:
        person_and_step = {name: getattr(person, name, None) for name in _COLUMNS} | {
            name: getattr(step, name) for name in ("delay", "patience", "open", "deadline_at")
        }
        person_and_step["condition"] = step.condition.value
    else:
        person_and_step = {name: getattr(person, name, None) for name in _COLUMNS}
    with sessions() as session:
        word, look_at = session.execute(_JUDGE, person_and_step | {"now": NOON, "told": told}).one()
    verdict = judge(person, step, now=NOON, told=told)
    assert word == verdict.word
    if verdict.word == "wait":
        assert abs(look_at - verdict.look_at) < timedelta(milliseconds=1)
