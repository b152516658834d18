"""What people answer, and to which campaign it is counted."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, text

from campaign.consent.replies import ReplyRules
from campaign.providers.base import InboundMessage, PreferenceChange
from campaign.replies.attribution import Answer, keep_replies
from campaign.replies.store import count_replies, people_who_replied
from models import Attempt, Campaign, Contact, KnownUser, Reply, Sender
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, make_campaign, make_messages, make_sender, make_template

WINDOW = timedelta(days=3)


class Room:
    """A sender with one campaign; people are numbered as their messages."""

    def __init__(self, sessions: Sessions) -> None:
        self.sessions = sessions
        with session_scope(sessions) as session:
            self.sender = make_sender(session)
            self.template = make_template(session, self.sender)
            self.campaign = make_campaign(session, self.sender, self.template)

    def another_campaign(self, name: str = "summer", sender: Sender | None = None, **given: Any) -> Campaign:
        with session_scope(self.sessions) as session:
            return make_campaign(session, sender or self.sender, self.template, name, **given)

    def sent(self, campaign: Campaign | None = None, person: int = 0, *, at: datetime = NOON, **given: Any) -> int:
        values = {"state": "delivered", "attempt": 1, "claimed_at": at} | given
        with session_scope(self.sessions) as session:
            return make_messages(session, campaign or self.campaign, 1, first=person, **values)[0]

    def hear(self, *said: InboundMessage | PreferenceChange, sender: Sender | None = None) -> int:
        with session_scope(self.sessions) as session:
            return keep_replies(session, [Answer((sender or self.sender).id, it) for it in said], ReplyRules(), WINDOW)

    def replies(self) -> Sequence[Reply]:
        with self.sessions() as session:
            return session.scalars(select(Reply).order_by(Reply.id)).all()

    def kept(self) -> list[tuple[int, str]]:
        return [(reply.message_id, reply.attributed_by) for reply in self.replies()]


@pytest.fixture
def room(sessions: Sessions) -> Room:
    return Room(sessions)


def wrote(words: str | None = "Thanks", person: int = 0, *, minutes: float = 5, **given: Any) -> InboundMessage:
    values = {
        "id": f"wamid.in.{person}.{minutes}",
        "kind": "text",
        "occurred_at": NOON + timedelta(minutes=minutes),
        "wa_id": fiction_phone(person).lstrip("+"),
        "text": words,
    }
    return InboundMessage(**values | given)


def test_an_answer_to_a_message_of_ours_belongs_to_its_campaign_whatever_was_sent_since(room: Room) -> None:
    first = room.sent(wamid="w.first")
    room.sent(room.another_campaign(), at=NOON + timedelta(minutes=3))
    assert room.hear(wrote(in_reply_to="w.first")) == 1
    assert room.kept() == [(first, "context")]


def test_an_answer_to_a_superseded_attempt_belongs_to_its_message(room: Room) -> None:
    message = room.sent(wamid="w.new", attempt=2)
    with session_scope(room.sessions) as session:
        session.add(Attempt(message_id=message, number=1, ended_as="failed", wamid="w.old", ended_at=NOON))
    room.hear(wrote(in_reply_to="w.old"))
    assert room.kept() == [(message, "context")]


def test_a_button_of_ours_names_its_campaign(room: Room) -> None:
    first = room.sent()
    room.sent(room.another_campaign(), at=NOON + timedelta(minutes=3))
    payload = f"optout:marketing:c{room.campaign.id:04d}"
    room.hear(wrote("Stop offers", kind="button", payload=payload))
    assert room.kept() == [(first, "payload")]
    (reply,) = room.replies()
    assert (reply.kind, reply.text, reply.payload, reply.opts_out) == ("button", "Stop offers", payload, True)


def test_without_a_reference_the_last_message_before_it_counts(room: Room) -> None:
    room.sent(at=NOON - timedelta(days=1))
    last = room.sent(room.another_campaign(), at=NOON)
    room.sent(room.another_campaign("later"), at=NOON + timedelta(minutes=30))
    room.hear(wrote())
    assert room.kept() == [(last, "window")]


@pytest.mark.parametrize(
    ("given", "minutes"),
    [
        ({"at": NOON - WINDOW - timedelta(minutes=1)}, 0),
        ({"at": NOON + timedelta(minutes=1)}, 0),
        ({"state": "queued", "attempt": 0}, 5),
    ],
    ids=["too long ago", "sent afterwards", "not sent"],
)
def test_what_answers_no_message_is_not_kept(room: Room, given: dict[str, Any], minutes: float) -> None:
    room.sent(**given)
    assert room.hear(wrote(minutes=minutes)) == 0
    assert room.kept() == []


def test_the_platforms_clock_in_whole_seconds_may_precede_ours(room: Room) -> None:
    message = room.sent(at=NOON + timedelta(seconds=0.9))
    room.hear(wrote(minutes=0))
    assert room.kept() == [(message, "window")]


def test_a_campaign_that_ended_long_ago_is_not_looked_at(room: Room) -> None:
    room.sent(room.another_campaign("old", ended_at=NOON - WINDOW - timedelta(days=1)), at=NOON)
    assert room.hear(wrote()) == 0


def test_somebody_else_is_not_credited(room: Room) -> None:
    room.sent(person=0)
    assert room.hear(wrote(person=1)) == 0


def test_a_sender_of_another_secret_cannot_answer_for_us(room: Room) -> None:
    room.sent(wamid="w.ours")
    with session_scope(room.sessions) as session:
        stranger = make_sender(session, "stranger", app_secret_env="OTHER", account="9", portfolio="9")
    payload = f"optout:marketing:c{room.campaign.id}"
    assert room.hear(wrote(in_reply_to="w.ours"), wrote(payload=payload, minutes=6), sender=stranger) == 0


def test_a_number_of_the_same_app_may_bring_it(room: Room) -> None:
    message = room.sent(wamid="w.ours")
    with session_scope(room.sessions) as session:
        sibling = make_sender(session, "sibling", phone_number_id="2")
    room.hear(wrote(in_reply_to="w.ours"), sender=sibling)
    assert room.kept() == [(message, "context")]


def test_told_twice_is_kept_once(room: Room) -> None:
    room.sent()
    assert room.hear(wrote(), wrote()) == 1
    assert room.hear(wrote()) == 0
    assert len(room.replies()) == 1


def test_what_no_person_wrote_is_no_reply(room: Room) -> None:
    room.sent()
    assert room.hear(wrote(kind="system"), wrote(kind="unsupported", minutes=6)) == 0


def test_a_person_known_by_their_user_id_alone_is_found(room: Room) -> None:
    message = room.sent()
    with session_scope(room.sessions) as session:
        phone = fiction_phone(0)
        session.add(Contact(phone_identity=phone.lstrip("+"), phone_e164=phone, user_id="MX.1"))
    room.hear(wrote(wa_id=None, user_id="MX.1"))
    assert room.kept() == [(message, "window")]


def test_a_switch_in_the_app_counts_as_an_opt_out_and_as_no_reply(room: Room) -> None:
    room.sent()
    switch = PreferenceChange(wants=False, occurred_at=NOON + timedelta(minutes=5), wa_id=fiction_phone(0).lstrip("+"))
    assert (room.hear(switch), room.hear(switch)) == (1, 0)
    with room.sessions() as session:
        found = people_who_replied(session, room.campaign.id)
    assert found == (0, 0, 1)


def test_counts_by_kind(room: Room) -> None:
    for person in range(3):
        room.sent(person=person)
    room.hear(
        wrote("STOP", 0),
        wrote("no more", 0, minutes=6),
        wrote("nice", 1),
        wrote("Yes", 2, kind="button", payload="yes"),
    )
    with room.sessions() as session:
        assert count_replies(session, room.campaign.id) == [("text", 3, 2, 1), ("button", 1, 1, 0)]


def test_many_replies_are_kept_at_once(room: Room) -> None:
    for person in range(20):
        room.sent(person=person)
    assert room.hear(*(wrote(person=person) for person in range(20))) == 20


def test_a_deleted_campaign_takes_its_replies_along(room: Room) -> None:
    room.sent()
    room.hear(wrote())
    with session_scope(room.sessions) as session:
        session.execute(text("DELETE FROM campaign"))
    assert room.replies() == []


def test_who_has_another_number_or_is_known_by_an_id_alone_answers_what_they_were_sent(room: Room) -> None:
    first = room.sent()
    with session_scope(room.sessions) as session:
        for known in ("12025550177", "US.1"):
            session.add(KnownUser(user_id=known, phone_identity=fiction_phone(0)[1:], phone_e164=fiction_phone(0)))
    room.hear(wrote(minutes=5, wa_id="12025550177"), wrote(minutes=6, wa_id=None, user_id="US.1"))
    room.hear(wrote(minutes=7, wa_id="12025550178"), wrote(minutes=8, wa_id=None, user_id="US.2"))
    assert room.kept() == [(first, "window")] * 2
