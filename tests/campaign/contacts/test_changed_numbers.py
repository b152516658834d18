"""Which numbers are one person's: what the platform's own events prove, in chains, in circles, and with strangers."""

from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, read_phone
from campaign.consent.replies import ReplyRules, apply_replies
from campaign.contacts.changed_numbers import (
    MOST_NUMBERS,
    Change,
    Number,
    OtherNumbers,
    Told,
    held_by,
    other_numbers,
)
from campaign.providers.base import InboundMessage
from models import Contact
from models.session import Sessions, session_scope
from tests.factories import NOON, grant, withdraw

A, B, C, D = (f"1202555010{last}" for last in range(4))


def at(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def told(*changes: tuple[str, str | None, int], in_use: str = "", **user_ids: str) -> Told:
    ids = {number: frozenset(its.split()) for number, its in user_ids.items()}
    # As they are listed, so they were noted.
    noted = [Change(old, new, at(when), at(99 + place)) for place, (old, new, when) in enumerate(changes)]
    return Told(frozenset(noted), ids, frozenset(in_use))


@pytest.mark.parametrize(
    ("record", "named", "expected", "perhaps"),
    [
        (told(), "A", {"A": None}, ""),
        (told(("A", "B", 1), ("B", "C", 2)), "A", dict.fromkeys("ABC"), ""),
        (told(("A", "B", 1), ("B", "C", 2)), "B", dict.fromkeys("ABC"), ""),
        (told(("A", "B", 1), ("B", "C", 2)), "C", dict.fromkeys("ABC"), ""),
        # Round in a circle, and to and fro at one instant.
        (told(("A", "B", 1), ("B", "A", 2)), "A", dict.fromkeys("AB"), ""),
        (told(("A", "B", 1), ("B", "A", 2)), "B", dict.fromkeys("AB"), ""),
        (told(("A", "B", 1), ("B", "A", 1)), "B", dict.fromkeys("AB"), ""),
        (told(("A", "B", 1), ("B", "A", 2), ("A", "B", 3)), "A", dict.fromkeys("AB"), ""),
        (told(("A", "B", 1), ("D", "A", 1)), "B", {"A": at(1), "B": None}, ""),
        # A was given to D: each of the two keeps to themselves, and who had A is erased there up to the change.
        (told(("A", "B", 1), ("D", "A", 2)), "B", {"A": at(1), "B": None}, ""),
        (told(("A", "B", 1), ("D", "A", 2)), "D", dict.fromkeys("AD"), ""),
        (told(("A", "B", 1), ("D", "A", 2)), "A", dict.fromkeys("AD"), "B"),
        # Whoever has A now came from nowhere.
        (told(("A", "B", 1), in_use="A"), "B", {"A": at(1), "B": None}, ""),
        (told(("A", "B", 1), in_use="A"), "A", {"A": None}, "B"),
        # They had B only until D got it, and went on to C.
        (told(("A", "B", 1), ("B", "C", 2), ("D", "B", 3)), "C", {"A": None, "B": at(2), "C": None}, ""),
        # Whom A was left for is not known any more.
        (told(("A", None, 1)), "A", {"A": None}, ""),
        # The same user ids; more of them at one number; and a number that was left, where nobody knows whose they were.
        (told(A="US.1", B="US.1"), "A", dict.fromkeys("AB"), ""),
        (told(A="US.1 US.2", B="US.1 US.2"), "B", dict.fromkeys("AB"), ""),
        (told(A="US.1 US.9", B="US.1"), "A", {"A": None}, "B"),
        (told(A="US.1 US.9", B="US.1"), "B", {"B": None}, "A"),
        (told(("A", "C", 1), A="US.1", B="US.1"), "A", dict.fromkeys("AC"), "B"),
    ],
)
def test_a_person_is_followed_as_far_as_the_platforms_word_goes(
    record: Told, named: str, expected: dict[str, datetime | None], perhaps: str
) -> None:
    assert held_by(named, record) == (expected, frozenset(perhaps))


def changed(session: Session, old: str, new: str, minutes: int) -> None:
    message = InboundMessage(
        id=f"wamid.{old}.{minutes}", kind="system", occurred_at=at(minutes), wa_id=old, new_wa_id=new
    )
    apply_replies(session, [message], [], ReplyRules(), at(minutes + 1))


def known(session: Session, number: str) -> OtherNumbers:
    phone = read_phone(f"+{number}", None)
    assert isinstance(phone, Phone)
    return other_numbers(session, phone)


def test_a_chain_that_webhooks_told_of_is_found_from_each_of_its_ends(sessions: Sessions) -> None:
    for old, new, minutes in ((A, B, 1), (B, C, 2), (C, A, 3), (A, B, 4)):
        with session_scope(sessions) as session:
            changed(session, old, new, minutes)
    with sessions() as session:
        for named, others in ((A, (B, C)), (B, (A, C)), (C, (A, B))):
            assert sorted(each.phone for each in known(session, named).known) == [f"+{other}" for other in others]
        assert known(session, D) == OtherNumbers([], [])


@pytest.mark.parametrize("heard", ["opt-in", "contact", "nothing", "withdrawal"])
def test_who_is_heard_of_at_a_number_that_was_left_is_somebody_else(sessions: Sessions, heard: str) -> None:
    with session_scope(sessions) as session:
        changed(session, A, B, 1)
    with session_scope(sessions) as session:
        match heard:
            case "opt-in":
                grant(session, [f"+{A}"], occurred_at=at(5))
            case "contact":
                session.add(Contact(phone_identity=A, phone_e164=f"+{A}", created_at=at(5)))
            case "withdrawal":
                withdraw(session, [f"+{A}"], occurred_at=at(5))
    with sessions() as session:
        alone = heard in ("opt-in", "contact")
        assert known(session, B) == OtherNumbers([Number(f"+{A}", at(1) if alone else None)], [])
        assert known(session, A) == (OtherNumbers([], [f"+{B}"]) if alone else OtherNumbers([Number(f"+{B}")], []))


def test_a_stream_of_changes_without_end_is_followed_for_so_long_only(sessions: Sessions) -> None:
    numbers = [f"1202555{number:04d}" for number in range(100, 100 + 2 * MOST_NUMBERS)]
    with session_scope(sessions) as session:
        for minutes, (old, new) in enumerate(pairwise(numbers)):
            changed(session, old, new, minutes)
    with sessions() as session:
        assert len(known(session, numbers[0]).known) == MOST_NUMBERS
