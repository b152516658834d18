"""What people write, tap and switch, and what the ledger holds of it."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.event import listen

from campaign.consent.gate import may_write
from campaign.consent.replies import ReplyRules, Wish, apply_replies, phone_of, preference_of, wish_of
from campaign.consent.store import BannedPhone, add_suppressions
from campaign.consent.words import add_word, remove_word
from campaign.providers.base import InboundMessage, PreferenceChange
from campaign.settings import Settings
from models import ConsentEvent, Contact, MarketingCap, Message, Suppression
from models.consent import WordKind
from models.people import Category, ConsentAction, SuppressionReason
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

WA_ID = "12025550111"
STARTS = ReplyRules(start_words_opt_in=True)


def message(text: str | None = "STOP", *, seconds: float = 0, **given: Any) -> InboundMessage:
    values = {"id": "wamid.in.1", "kind": "text", "wa_id": WA_ID, "text": text}
    return InboundMessage(occurred_at=NOON + timedelta(seconds=seconds), **values | given)


def button(payload: str, **given: Any) -> InboundMessage:
    return message(**{"text": "Stop promotions", "kind": "button", "payload": payload} | given)


def switch(wants: bool, *, seconds: float = 0, **given: Any) -> PreferenceChange:
    return PreferenceChange(wants, NOON + timedelta(seconds=seconds), **{"wa_id": WA_ID} | given)


def reply(
    sessions: Sessions,
    *said: InboundMessage | PreferenceChange,
    rules: ReplyRules = ReplyRules(),
    now: datetime = NOON + timedelta(minutes=1),
) -> int:
    messages = [each for each in said if isinstance(each, InboundMessage)]
    changes = [each for each in said if isinstance(each, PreferenceChange)]
    with session_scope(sessions) as session:
        return apply_replies(session, messages, changes, rules, now)


def ledger(sessions: Sessions) -> list[ConsentEvent]:
    with sessions() as session:
        return list(session.scalars(select(ConsentEvent).order_by(ConsentEvent.id)))


def contacts(sessions: Sessions) -> list[Contact]:
    with sessions() as session:
        return list(session.scalars(select(Contact).order_by(Contact.phone_identity)))


class TestWish:
    @pytest.mark.parametrize(
        ("said", "category", "source"),
        [
            (message(" Stop. "), Category.ALL, "reply"),
            (message("¡BAJA! 🙏"), Category.ALL, "reply"),
            (button("optout:marketing:c7"), Category.MARKETING, "button"),
            (button("optout:utility:c7"), Category.UTILITY, "button"),
            (button("optout:unheard:c7"), Category.ALL, "button"),
            (button("foreign", text="Unsubscribe"), Category.ALL, "reply"),
            (message("stop", kind="interactive", payload="b1"), Category.ALL, "reply"),
        ],
    )
    def test_an_opt_out(self, said: InboundMessage, category: Category, source: str) -> None:
        wish = wish_of(said, ReplyRules())
        assert wish is not None
        assert (wish.action, wish.category, wish.source) == (ConsentAction.OPT_OUT, category, source)
        assert said.id in wish.proof

    @pytest.mark.parametrize(
        "said",
        [
            message("Don't stop!"),
            message(None, kind="image"),
            button("reply:0:c7", text="Yes please"),
            button("optout", text="Tell me more"),
            message("START"),
        ],
    )
    def test_what_is_about_something_else(self, said: InboundMessage) -> None:
        assert wish_of(said, ReplyRules()) is None

    def test_start_counts_where_the_settings_allow_it_and_only_when_written(self) -> None:
        wish = wish_of(message("Start!"), STARTS)
        assert wish == Wish(ConsentAction.OPT_IN, Category.ALL, "reply", "message wamid.in.1: Start!")
        assert wish_of(button("reply:0:c7", text="Start"), STARTS) is None

    def test_words_of_ones_own_come_from_the_settings(self, settings: Settings) -> None:
        rules = ReplyRules.from_settings(settings.model_copy(update={"stop_words": ("Genug!", " ")}))
        assert wish_of(message("genug"), rules) is not None
        assert wish_of(message("…"), rules) is None

    def test_a_switch_is_about_marketing(self) -> None:
        assert preference_of(switch(False))[:2] == (ConsentAction.OPT_OUT, Category.MARKETING)
        assert preference_of(switch(True))[:2] == (ConsentAction.OPT_IN, Category.MARKETING)


def test_stop_withdraws_everything_also_of_somebody_who_is_no_contact(sessions: Sessions) -> None:
    assert reply(sessions, message()) == 1
    (event,) = ledger(sessions)
    assert (event.phone_identity, event.phone_e164) == (WA_ID, f"+{WA_ID}")
    assert (event.category, event.action, event.occurred_at) == ("all", "opt_out", NOON)
    assert (event.source, event.proof) == ("reply", "message wamid.in.1: STOP")


def test_the_same_webhook_twice_is_one_event(sessions: Sessions) -> None:
    said = (message(), button("optout:marketing:c7", id="wamid.in.2"), switch(False))
    assert reply(sessions, *said, *said) == 3
    assert reply(sessions, *said) == 0
    assert len(ledger(sessions)) == 3


def test_stop_twice_in_two_messages_is_two_events(sessions: Sessions) -> None:
    assert reply(sessions, message(), message(id="wamid.in.2", seconds=5)) == 2


@pytest.mark.parametrize(
    ("wa_id", "identity", "e164"),
    [
        ("5215555551234", "525555551234", "+525555551234"),
        ("5491122345678", "541122345678", "+5491122345678"),
        ("551187654321", "5511987654321", "+5511987654321"),
        ("999", "999", "+999"),
    ],
)
def test_each_spelling_of_a_person_is_the_same_person(wa_id: str, identity: str, e164: str) -> None:
    assert phone_of(wa_id) == BannedPhone(identity, e164)


def test_an_answer_to_our_message_counts_for_the_phone_that_we_wrote_to(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_messages(session, make_campaign(session, sender, make_template(session, sender)), 1, wamid="wamid.ours")
    reply(sessions, message(in_reply_to="wamid.ours", wa_id="447700900123"))
    assert {event.phone_e164 for event in ledger(sessions)} == {fiction_phone(0), "+447700900123"}


def test_a_person_without_a_phone_is_found_by_user_id_or_by_the_message_answered(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_messages(session, make_campaign(session, sender, make_template(session, sender)), 1, wamid="wamid.ours")
    nameless = {"wa_id": None, "user_id": "US.1"}
    assert reply(sessions, message(in_reply_to="wamid.ours", **nameless)) == 1
    # From the answer on, the id is known to be theirs.
    assert reply(sessions, switch(False, **nameless)) == 1
    assert {event.phone_e164 for event in ledger(sessions)} == {fiction_phone(0)}


def test_what_somebody_behind_an_unknown_id_wants_is_theirs_once_the_id_is_known(sessions: Sessions) -> None:
    assert reply(sessions, message(wa_id=None, user_id="US.1", id="wamid.in.0")) == 1
    assert [(event.phone_identity, event.phone_e164) for event in ledger(sessions)] == [("US.1", "")]
    # The same person writes of something else, with both ids.
    hello = message("hello", user_id="US.1", id="wamid.in.2", seconds=5)
    assert reply(sessions, hello) == 1
    assert reply(sessions, hello, message(wa_id=None, user_id="US.1", id="wamid.in.0")) == 0
    newest = ledger(sessions)[-1]
    assert (newest.phone_identity, newest.action, newest.source) == (WA_ID, "opt_out", "reply")
    assert newest.occurred_at == NOON
    assert len(contacts(sessions)) == 1


def test_start_opts_in_to_everything_only_where_allowed(sessions: Sessions) -> None:
    reply(sessions, message())
    assert reply(sessions, message("START", id="wamid.in.2", seconds=9)) == 0
    assert reply(sessions, message("START", id="wamid.in.2", seconds=9), rules=STARTS) == 1
    assert ledger(sessions)[-1].action == "opt_in"
    assert not hasattr(may_write("marketing", ledger(sessions), [], NOON), "reason")


def test_nothing_is_taken_from_the_future(sessions: Sessions) -> None:
    reply(sessions, message("START", seconds=9999), rules=STARTS, now=NOON)
    assert ledger(sessions)[0].occurred_at == NOON
    assert contacts(sessions)[0].last_inbound_at == NOON


class TestSwitch:
    def ban(self, sessions: Sessions, reason: SuppressionReason, source: str) -> None:
        with session_scope(sessions) as session:
            terms = Suppression(category="marketing", reason=reason.value, source=source, until=None)
            add_suppressions(session, [BannedPhone(WA_ID, f"+{WA_ID}")], terms)

    def bans(self, sessions: Sessions) -> list[str]:
        with sessions() as session:
            return sorted(session.scalars(select(Suppression.reason)))

    def test_on_again_lifts_the_platforms_ban_and_no_other(self, sessions: Sessions) -> None:
        self.ban(sessions, SuppressionReason.OPTED_OUT, "webhook")
        self.ban(sessions, SuppressionReason.MANUAL, "operator")
        reply(sessions, switch(True))
        assert self.bans(sessions) == ["manual"]
        assert ledger(sessions)[0].action == "opt_in"

    def test_what_a_person_listed_as_opted_out_stays(self, sessions: Sessions) -> None:
        self.ban(sessions, SuppressionReason.OPTED_OUT, "operator")
        reply(sessions, switch(True))
        assert self.bans(sessions) == ["opted_out"]

    def test_an_old_word_does_not_lift_a_newer_ban(self, sessions: Sessions) -> None:
        self.ban(sessions, SuppressionReason.OPTED_OUT, "webhook")
        reply(sessions, switch(False, seconds=9), switch(True, seconds=3))
        assert self.bans(sessions) == ["opted_out"]
        assert may_write("marketing", ledger(sessions), [], NOON).reason == "consent_withdrawn"  # type: ignore[union-attr]

    def test_start_in_writing_does_not_lift_it(self, sessions: Sessions) -> None:
        self.ban(sessions, SuppressionReason.OPTED_OUT, "webhook")
        reply(sessions, message("START"), rules=STARTS)
        assert self.bans(sessions) == ["opted_out"]


class TestWindow:
    def test_whatever_a_person_writes_opens_it(self, sessions: Sessions) -> None:
        reply(sessions, message("Where is my order?", user_id="US.1", seconds=5), message(None, kind="image"))
        (contact,) = contacts(sessions)
        assert (contact.phone_identity, contact.wa_id, contact.user_id) == (WA_ID, WA_ID, "US.1")
        assert contact.last_inbound_at == NOON + timedelta(seconds=5)
        assert ledger(sessions) == []

    def test_it_never_moves_back_and_what_is_known_stays(self, sessions: Sessions) -> None:
        with session_scope(sessions) as session:
            known = {"phone_e164": f"+{WA_ID}", "name": "Ann", "last_inbound_at": NOON + timedelta(seconds=30)}
            session.add(Contact(phone_identity=WA_ID, **known))
        reply(sessions, message("earlier", seconds=10))
        assert contacts(sessions)[0].last_inbound_at == NOON + timedelta(seconds=30)
        reply(sessions, message("later", seconds=40))
        assert contacts(sessions)[0].last_inbound_at == NOON + timedelta(seconds=40)
        assert contacts(sessions)[0].name == "Ann"

    @pytest.mark.parametrize("kind", ["system", "unsupported", "request_welcome"])
    def test_what_nobody_wrote_opens_none(self, sessions: Sessions, kind: str) -> None:
        reply(sessions, message(None, kind=kind))
        assert contacts(sessions) == []

    def test_a_switch_opens_none(self, sessions: Sessions) -> None:
        reply(sessions, switch(False))
        assert contacts(sessions) == []


def test_thousands_of_replies_take_a_handful_of_statements(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(number) for number in range(2000)])
    said = [
        message(id=f"wamid.{number}", wa_id=fiction_phone(number).lstrip("+"), in_reply_to=f"wamid.out.{number}")
        for number in range(2000)
    ]
    statements: list[str] = []
    with session_scope(sessions) as session:
        listen(session.connection(), "before_cursor_execute", lambda *seen: statements.append(seen[2]))
        assert apply_replies(session, said, [], ReplyRules(), NOON) == 2000
    assert len(statements) <= 4


def test_who_writes_may_get_marketing_again(sessions: Sessions) -> None:
    """Two people wait for the end of their marketing limit; one of them writes."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        later = NOON + timedelta(hours=20)
        ids = make_messages(session, campaign, 2, due_at=later, reason="retry_increasing")
        for number in range(2):
            session.add(MarketingCap(phone_identity=fiction_phone(number).lstrip("+"), until=later))
    reply(sessions, message("what is this?", wa_id=fiction_phone(0).lstrip("+")))
    with sessions() as session:
        due = [session.get_one(Message, id_).due_at for id_ in ids]
        spared = session.scalars(select(MarketingCap.phone_identity)).all()
    assert due == [NOON + timedelta(minutes=1), later]
    assert spared == [fiction_phone(1).lstrip("+")]


class TestAnotherNumber:
    """Somebody changes their number: the platform tells of it in a message that no person wrote."""

    OLD, NEW = "+12025550111", "+12025550199"

    def changed(self, sessions: Sessions, **given: Any) -> int:
        values = {"kind": "system", "id": "wamid.in.9", "wa_id": self.OLD[1:], "new_wa_id": self.NEW[1:]}
        return reply(sessions, message(None, **values | given))

    def said(self, sessions: Sessions, phone: str) -> list[tuple[str, str]]:
        return [(event.action, event.source) for event in ledger(sessions) if event.phone_e164 == phone]

    def test_what_they_withdrew_holds_for_the_new_number(self, sessions: Sessions) -> None:
        with session_scope(sessions) as session:
            grant(session, [self.OLD, self.NEW])
            grant(session, [self.OLD], "utility")
        reply(sessions, button("optout:marketing:c1", wa_id=self.OLD[1:], seconds=-60))
        self.changed(sessions)
        (newest,) = [event for event in ledger(sessions) if event.source == "number_change"]
        assert (newest.phone_e164, newest.category, newest.action) == (self.NEW, "marketing", "opt_out")

    def test_what_they_agreed_to_does_not_and_nobody_writes_to_the_number_that_they_left(
        self, sessions: Sessions
    ) -> None:
        with session_scope(sessions) as session:
            grant(session, [self.OLD])
        self.changed(sessions)
        assert self.said(sessions, self.NEW) == []
        assert self.said(sessions, self.OLD)[-1] == ("opt_out", "number_left")
        # Whoever gets the number next may agree again.
        with session_scope(sessions) as session:
            grant(session, [self.OLD], occurred_at=NOON + timedelta(hours=1))
        with sessions() as session:
            own = session.scalars(select(ConsentEvent).where(ConsentEvent.phone_e164 == self.OLD)).all()
        assert not hasattr(may_write("marketing", own, [], NOON + timedelta(hours=2)), "reason")

    def test_what_was_said_at_the_new_number_before_is_not_said_of_the_old_one(self, sessions: Sessions) -> None:
        with session_scope(sessions) as session:
            grant(session, [self.NEW])
        self.changed(sessions)
        assert self.said(sessions, self.OLD) == [("opt_out", "number_left")]

    def test_told_twice_it_is_recorded_once(self, sessions: Sessions) -> None:
        reply(sessions, message(wa_id=self.OLD[1:]))
        assert self.changed(sessions) == 4
        assert self.changed(sessions) == 0

    def test_having_left_a_number_is_no_opt_out_that_goes_along(self, sessions: Sessions) -> None:
        with session_scope(sessions) as session:
            grant(session, [self.OLD])
        for _ in range(2):
            self.changed(sessions)
            self.changed(sessions, id="wamid.in.10", wa_id=self.NEW[1:], new_wa_id="12025550177", seconds=9)
        assert self.said(sessions, "+12025550177") == []

    def test_the_contact_goes_with_them_and_adds_to_what_the_new_number_knew(self, sessions: Sessions) -> None:
        before = {"created_at": NOON - timedelta(days=1), "last_inbound_at": NOON - timedelta(hours=1)}
        with session_scope(sessions) as session:
            known = {"name": "Ann", "region": "US", "attributes": {"city": "Reno", "plan": "old"}}
            session.add(Contact(phone_identity=self.OLD[1:], phone_e164=self.OLD, **known, **before))
            session.add(Contact(phone_identity=self.NEW[1:], phone_e164=self.NEW, attributes={"plan": "new"}))
        self.changed(sessions)
        (found,) = contacts(sessions)
        assert (found.phone_e164, found.name, found.wa_id) == (self.NEW, "Ann", self.NEW[1:])
        assert found.attributes == {"city": "Reno", "plan": "new"}
        assert found.last_inbound_at is None
        # Somebody else has the old number now, and stays when the webhook comes again.
        reply(sessions, message("hello", id="wamid.in.11", seconds=30, wa_id=self.OLD[1:]))
        self.changed(sessions)
        assert [each.phone_e164 for each in contacts(sessions)] == [self.OLD, self.NEW]

    def test_what_they_wrote_before_makes_no_contact_of_the_old_number_again(self, sessions: Sessions) -> None:
        before = message("hello", id="wamid.in.0", seconds=-60)
        reply(sessions, before)
        with session_scope(sessions) as session:
            session.execute(update(Contact).values(created_at=NOON - timedelta(seconds=30)))
        self.changed(sessions)
        reply(sessions, before)
        assert [each.phone_e164 for each in contacts(sessions)] == [self.NEW]

    def test_a_user_id_leads_to_the_person_when_the_old_phone_is_hidden(self, sessions: Sessions) -> None:
        reply(sessions, message("hello", user_id="US.1", id="wamid.in.1", seconds=-90))
        with session_scope(sessions) as session:
            grant(session, [self.OLD])
        self.changed(sessions, wa_id=None, old_user_id="US.1", user_id="US.2")
        assert self.said(sessions, self.OLD)[-1] == ("opt_out", "number_left")
        # The new id means the new number.
        reply(sessions, message(wa_id=None, user_id="US.2", id="wamid.in.12", seconds=20))
        assert self.said(sessions, self.NEW) == [("opt_out", "reply")]

    def test_another_user_id_alone_means_the_same_person(self, sessions: Sessions) -> None:
        reply(sessions, message("hello", user_id="US.1", id="wamid.in.1", seconds=-90))
        self.changed(sessions, wa_id=None, new_wa_id=None, old_user_id="US.1", user_id="US.2")
        reply(sessions, message(wa_id=None, user_id="US.2", id="wamid.in.12"))
        assert self.said(sessions, self.OLD) == [("opt_out", "reply")]

    def test_whom_the_platform_spares_marketing_it_spares_at_the_new_number(self, sessions: Sessions) -> None:
        until = NOON + timedelta(days=2)
        with session_scope(sessions) as session:
            session.add(MarketingCap(phone_identity=self.OLD[1:], until=until))
        self.changed(sessions)
        with sessions() as session:
            assert session.get_one(MarketingCap, self.NEW[1:]).until == until

    def test_a_ban_goes_with_them(self, sessions: Sessions) -> None:
        with session_scope(sessions) as session:
            terms = Suppression(category="all", reason=SuppressionReason.MANUAL, source="call", until=None)
            add_suppressions(session, [BannedPhone(self.OLD[1:], self.OLD)], terms)
        self.changed(sessions)
        with sessions() as session:
            assert session.scalars(select(Suppression.phone_e164).order_by(Suppression.id)).all() == [
                self.OLD,
                self.NEW,
            ]


def test_words_that_people_added_or_took_off_count_from_the_next_batch_on(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        add_word(session, "genug!", kind=WordKind.STOP, language="de", recorded_by="test", now=NOON)
        remove_word(session, "Parar", kind=WordKind.STOP, recorded_by="test", now=NOON)
        rules = ReplyRules().edited(session)
    assert wish_of(message("Genug"), rules)
    assert wish_of(message("parar"), rules) is None
    assert wish_of(message("STOP"), rules)
