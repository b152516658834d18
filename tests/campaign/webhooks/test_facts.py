"""Rows to facts and back: what is not touched comes out as it went in."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaign.webhooks.facts import (
    attempt_facts,
    attempt_values,
    message_facts,
    message_values,
    needs_attempts,
    set_expiry,
    superseded,
)
from campaign.webhooks.merge import AttemptFacts
from campaign.webhooks.store import ATTEMPT_COLUMNS, MESSAGE_COLUMNS
from models.states import MessageState
from tests.factories import NOON


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def row(number: int = 1, **given: Any) -> tuple[Any, ...]:
    """A row of a message as the store reads it."""
    values: dict[str, Any] = dict.fromkeys(MESSAGE_COLUMNS) | {
        "id": 5,
        "state": "sent",
        "wamid": "w5",
        "sent_at": at(2),
        "due_at": NOON,
        "retries": 0,
        "claimed_at": NOON,
        "accepted_at": at(1),
        "expires_at": at(99),
    }
    return (*(values | given).values(), 7, 3, number)


def set_aside(number: int = 1) -> AttemptFacts:
    return AttemptFacts(number, "failed", "w5", NOON, failed_at=at(3), error_code=131049, ended_at=at(4))


def test_an_untouched_message_is_written_as_it_was_read() -> None:
    read = row(category="marketing", billable=True, delivered_at=at(3), reason="because")
    facts = message_facts(read, [])
    assert (facts.id, facts.campaign_id, facts.sender_id, facts.newest.number) == (5, 7, 3, 1)
    assert message_values(facts) == read[: len(MESSAGE_COLUMNS)]
    assert superseded(facts) == []


def test_a_message_that_failed_keeps_its_error_and_one_that_was_reached_loses_it() -> None:
    failed = row(state="failed", failed_at=at(3), error_code=131026, error_text="words")
    assert message_values(message_facts(failed, [])) == failed[: len(MESSAGE_COLUMNS)]
    facts = message_facts(failed, [])
    facts.state = MessageState.DELIVERED
    assert message_values(facts)[-2:] == (None, None)
    assert at(3) in message_values(facts)


def test_an_error_of_an_earlier_attempt_is_not_the_live_ones() -> None:
    facts = message_facts(row(error_code=131056, error_text="too fast"), [])
    assert (facts.newest.error_code, facts.newest.error_text) == (None, None)


def test_a_waiting_message_has_its_newest_attempt_set_aside() -> None:
    facts = message_facts(row(state="queued", wamid=None, sent_at=None, claimed_at=None), [set_aside()])
    assert (facts.newest.ended_as, facts.newest.wamid, facts.older) == ("failed", "w5", [])
    values = dict(zip(MESSAGE_COLUMNS, message_values(facts), strict=True))
    assert (values["wamid"], values["claimed_at"], values["failed_at"]) == (None, None, None)
    assert values["error_code"] == 131049
    assert superseded(facts) == [facts.newest]


def test_earlier_attempts_stand_beside_the_live_one() -> None:
    facts = message_facts(row(number=2), [set_aside(1)])
    assert (facts.newest.number, facts.newest.ended_as, [each.number for each in facts.older]) == (2, None, [1])


def test_an_attempt_is_written_as_it_was_read() -> None:
    read = (5, 1, "failed", "w5", NOON, at(1), at(2), at(3), at(4), at(5), at(6), 131049, "words", at(7))
    assert len(read) == len(ATTEMPT_COLUMNS)
    assert attempt_values(5, attempt_facts(read[1:])) == read


@pytest.mark.parametrize(
    ("state", "number", "needed"),
    [("sent", 1, False), ("sent", 2, True), ("queued", 0, False), ("queued", 1, True), ("skipped", 1, True)],
)
def test_only_those_that_may_have_earlier_attempts_are_asked_for_them(state: str, number: int, needed: bool) -> None:
    assert needs_attempts(row(state=state, number=number)) is needed


@pytest.mark.parametrize(
    ("state", "expires", "end"),
    [
        ("sent", None, NOON + timedelta(days=30, hours=1)),
        ("sent", at(99), at(99)),
        ("delivered", at(99), None),
        ("read", None, None),
    ],
)
def test_the_end_of_a_message_that_nobody_gave_one(state: str, expires: datetime | None, end: datetime | None) -> None:
    facts = message_facts(row(state=state, expires_at=expires), [])
    set_expiry(facts, "marketing", None, None)
    assert facts.expires_at == end
