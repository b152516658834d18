"""Webhooks as they arrive, through the inbox, to what they stop."""

import json
import time
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.consent.replies import ReplyRules
from campaign.sending.store import claim_due
from campaign.webhooks.batch import Said
from campaign.webhooks.listening import Listening
from models import Campaign, ConsentEvent, Contact, Sender
from models.session import session_scope
from tests.campaign.webhooks.desk import Desk, status
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"
WABA = "100000000000010"


@pytest.fixture
def listening() -> Listening:
    return Listening(ReplyRules())


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def body(field: str, value: dict[str, Any], *, account: str = WABA, minutes: float = 5) -> bytes:
    at = int((NOON + timedelta(minutes=minutes)).timestamp())
    entry = {"id": account, "time": at, "changes": [{"field": field, "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


def template_status(event: str, name: str = "spring_sale", **given: Any) -> bytes:
    key = {"message_template_id": 9, "message_template_name": name, "message_template_language": "en-US"}
    return body("message_template_status_update", {"event": event, "reason": "NONE"} | key, **given)


def inbound(phone: str, said: str = "STOP", **given: Any) -> bytes:
    message = {"from": phone.lstrip("+"), "id": f"wamid.in.{phone}", "timestamp": str(int(NOON.timestamp()))}
    text = {"type": "text", "text": {"body": said}}
    return body("messages", {"contacts": [], "messages": [message | text | given]})


def campaign(desk: Desk) -> tuple[str, str | None, str]:
    ((state, reason, category),) = desk.read("SELECT state, state_reason, category FROM campaign")
    return state, reason, category


def claimed(desk: Desk) -> list[str]:
    """Phones that a claim would send to now."""
    with session_scope(desk.sessions) as session:
        found, _ = claim_due(session, {desk.campaign.id: 50}, limit=50, now=desk.now, lease=timedelta(seconds=60))
        return sorted(each.phone_e164 for each in found)


def waiting(desk: Desk, count: int, category: str = "marketing") -> list[str]:
    phones = [fiction_phone(number) for number in range(count)]
    with session_scope(desk.sessions) as session:
        make_messages(session, desk.campaign, count)
        grant(session, phones, category)
    return phones


class TestTemplates:
    def test_a_paused_template_pauses_and_an_approved_one_resumes(self, desk: Desk, listening: Listening) -> None:
        desk.receive(template_status("PAUSED"))
        desk.apply(listen=listening)
        assert campaign(desk)[:2] == ("paused", "template_paused")
        desk.receive(template_status("APPROVED", minutes=9))
        desk.apply(listen=listening)
        assert campaign(desk)[:2] == ("running", None)

    def test_a_persons_pause_is_not_resumed(self, desk: Desk, listening: Listening) -> None:
        desk.write("UPDATE campaign SET state = 'paused', state_reason = 'operator'")
        desk.receive(template_status("PAUSED"), template_status("APPROVED", minutes=9))
        desk.apply(listen=listening)
        assert campaign(desk)[:2] == ("paused", "operator")

    def test_a_new_category_asks_for_its_own_consent(self, desk: Desk, listening: Listening) -> None:
        desk.write("UPDATE template SET category = 'utility'")
        desk.write("UPDATE campaign SET category = 'utility'")
        waiting(desk, 2, "utility")
        fields = json.loads(fixture("webhook_template_category_update"))["entry"][0]["changes"][0]["value"]
        desk.receive(body("template_category_update", fields | {"message_template_name": "spring_sale"}))
        desk.apply(listen=listening)
        assert campaign(desk) == ("running", None, "marketing")
        assert claimed(desk) == []
        assert {row[0] for row in desk.read("SELECT reason FROM message")} == {"no_consent"}

    def test_what_has_ended_keeps_its_category(self, desk: Desk, listening: Listening) -> None:
        desk.write("UPDATE campaign SET state = 'completed', category = 'utility'")
        desk.receive(template_status("PAUSED"))
        desk.apply(listen=listening)
        assert campaign(desk)[2] == "utility"

    def test_a_reinstated_template_is_to_be_read_again(self, desk: Desk, listening: Listening) -> None:
        desk.receive(template_status("REINSTATED"))
        desk.apply(listen=listening)
        assert listening.read_again == {WABA}

    def test_the_account_of_somebody_else_changes_nothing(self, desk: Desk, listening: Listening) -> None:
        desk.receive(template_status("PAUSED", account="77"))
        desk.apply(listen=listening)
        assert campaign(desk)[0] == "running"

    def test_one_address_serves_all_accounts_of_one_app(self, desk: Desk, listening: Listening) -> None:
        with session_scope(desk.sessions) as session:
            other = make_sender(session, "other", phone_number_id="2", waba_id="2", account="2")
            make_campaign(session, other, make_template(session, other), "autumn")
        desk.receive(template_status("PAUSED", account="2"))
        desk.apply(listen=listening)
        states = dict(map(tuple, desk.read("SELECT name, state FROM campaign")))
        assert states == {"spring": "running", "autumn": "paused"}

    def test_a_sender_without_an_account_of_its_own_is_meant_by_its_address(
        self, desk: Desk, listening: Listening
    ) -> None:
        desk.write("UPDATE sender SET waba_id = NULL, account = 'd360:shop'")
        desk.write("UPDATE template SET account = 'd360:shop'")
        desk.receive(template_status("PAUSED", account="whatever"))
        desk.apply(listen=listening)
        assert campaign(desk)[0] == "paused"


class TestSenders:
    def test_a_restriction_pauses_and_is_looked_into(self, desk: Desk, listening: Listening) -> None:
        desk.receive(fixture("webhook_account_update_restriction"))
        desk.apply(listen=listening)
        assert campaign(desk)[:2] == ("paused", "sender_restricted")
        assert listening.look_again == {desk.sender.id}
        desk.receive(body("account_update", {"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}))
        desk.apply(listen=listening)
        assert campaign(desk)[:2] == ("running", None)

    def test_a_limit_is_kept(self, desk: Desk, listening: Listening) -> None:
        desk.write("UPDATE sender SET tier = 250, messaging_limit = 'TIER_250'")
        desk.receive(fixture("webhook_phone_number_quality_update"))
        desk.apply(listen=listening)
        with desk.sessions() as session:
            assert session.get_one(Sender, desk.sender.id).tier is None

    def test_a_template_that_comes_back_does_not_wake_a_restricted_sender(
        self, desk: Desk, listening: Listening
    ) -> None:
        desk.receive(template_status("PAUSED"))
        desk.apply(listen=listening)
        desk.receive(fixture("webhook_account_update_restriction"), template_status("APPROVED", minutes=9))
        desk.apply(listen=listening)
        assert campaign(desk)[0] == "paused"


class TestReplies:
    def test_whoever_says_stop_is_not_claimed_any_more(self, desk: Desk, listening: Listening) -> None:
        phones = waiting(desk, 4)
        desk.receive(inbound(phones[1]), inbound(phones[2], "Thanks, I will have a look"))
        desk.apply(listen=listening)
        assert claimed(desk) == [phones[0], phones[2], phones[3]]
        skipped = desk.read("SELECT phone_e164, reason FROM message WHERE state = 'skipped'")
        assert list(map(tuple, skipped)) == [(phones[1], "consent_withdrawn")]

    @pytest.mark.parametrize(
        "name", ["webhook_inbound_text_stop", "webhook_inbound_button_stop", "webhook_user_preferences_stop"]
    )
    def test_each_way_to_say_so_counts_and_counts_once(self, desk: Desk, listening: Listening, name: str) -> None:
        desk.receive(fixture(name), fixture(name))
        desk.apply(listen=listening)
        desk.receive(fixture(name))
        desk.apply(listen=listening)
        with desk.sessions() as session:
            (event,) = session.scalars(select(ConsentEvent))
        assert event.action == "opt_out"
        assert event.category == ("all" if "text" in name else "marketing")

    def test_a_button_of_one_category_leaves_the_others(self, desk: Desk, listening: Listening) -> None:
        phones = waiting(desk, 1, "all")
        payload = {"type": "button", "button": {"payload": "optout:utility:c1", "text": "Stop updates"}}
        desk.receive(inbound(phones[0], **payload))
        desk.apply(listen=listening)
        assert claimed(desk) == phones

    def test_a_mexican_reply_in_the_other_spelling_is_the_same_person(self, desk: Desk, listening: Listening) -> None:
        with session_scope(desk.sessions) as session:
            person = {"phone_identity": "525555551234", "phone_e164": "+525555551234"}
            make_messages(session, desk.campaign, 1, **person)
            grant(session, ["+525555551234"])
        desk.receive(inbound("+5215555551234"))
        desk.apply(listen=listening)
        assert claimed(desk) == []

    def test_a_reply_that_cannot_be_kept_costs_only_its_own_webhook(self, desk: Desk, listening: Listening) -> None:
        phones = waiting(desk, 2)
        desk.write(
            "ALTER TABLE contact ADD CONSTRAINT odd CHECK (phone_identity <> :one)".replace(
                ":one", f"'{phones[0][1:]}'"
            )
        )
        try:
            events = desk.receive(inbound(phones[0], "hello"), inbound(phones[1]))
            desk.apply(listen=listening)
        finally:
            desk.write("ALTER TABLE contact DROP CONSTRAINT odd")
        assert "odd" in (desk.event(events[0]).error or "")
        assert claimed(desk) == [phones[0]]


def test_statuses_alone_do_not_wake_the_listener(desk: Desk) -> None:
    def deaf(*_: object) -> None:
        raise AssertionError

    desk.receive(fixture("webhook_status_read"))
    assert desk.apply(listen=deaf).problems == 0


def test_every_fixture_leaves_the_inbox_with_the_real_listener(desk: Desk, listening: Listening) -> None:
    desk.receive(*(path.read_bytes() for path in sorted(FIXTURES.glob("webhook_*.json"))))
    assert desk.apply(listen=listening).problems == 0
    with desk.sessions() as session:
        assert session.scalars(select(Campaign)).one().state == "paused"


class TestAnswers:
    def test_a_reply_is_kept_with_the_campaign_that_it_answers_and_once(self, desk: Desk, listening: Listening) -> None:
        (message,) = desk.messages()
        said = inbound(fiction_phone(0), "Thanks", context={"id": f"w{message}"})
        switch = {"wa_id": fiction_phone(0).lstrip("+"), "category": "marketing_messages", "value": "stop"}
        at = int((NOON + timedelta(minutes=5)).timestamp())
        desk.receive(said, said, body("user_preferences", {"user_preferences": [switch | {"timestamp": at}]}))
        desk.apply(listen=listening)
        kept = desk.read("SELECT message_id, kind, text, attributed_by, opts_out FROM reply ORDER BY kind DESC")
        assert [tuple(row) for row in kept] == [
            (message, "text", "Thanks", "context", False),
            (message, "preference", "marketing switched off in WhatsApp", "window", True),
        ]


class TestIdentities:
    """Another number, a hidden phone: what follows from the webhook as it is posted."""

    def test_who_has_another_number_is_not_written_to_at_the_old_one(self, desk: Desk, listening: Listening) -> None:
        old, other = waiting(desk, 2)
        new = fiction_phone(7)
        system = {"type": "user_changed_number", "wa_id": new[1:], "body": "User Hal changed"}
        desk.receive(inbound(old, type="system", id="wamid.in.9", system=system))
        desk.apply(listen=listening)
        assert claimed(desk) == [other]
        assert dict(map(tuple, desk.read("SELECT phone_e164, reason FROM message")))[old] == "consent_withdrawn"
        # From the new number they answer what they were sent at the old one, and what they say holds there.
        desk.write("UPDATE campaign SET launched_at = :at", at=NOON - timedelta(hours=1))
        desk.write("UPDATE message SET state = 'delivered', attempt = 1, claimed_at = :at", at=NOON)
        desk.receive(inbound(new))
        desk.apply(listen=listening)
        ((answered,),) = desk.read("SELECT m.phone_e164 FROM reply JOIN message m ON m.id = reply.message_id")
        assert answered == old
        newest = desk.read("SELECT action, source FROM consent_event WHERE phone_e164 = :phone", phone=new)
        assert [tuple(each) for each in newest] == [("opt_out", "reply")]

    @pytest.mark.parametrize("beside", [False, True])
    def test_a_stop_of_somebody_whose_phone_is_hidden_is_theirs(
        self, desk: Desk, listening: Listening, beside: bool
    ) -> None:
        (sent,) = desk.messages(state="sent")
        person, known = fiction_phone(0), {"recipient_user_id": "US.14"}
        report = status("delivered", f"w{sent}", 9, **({} if beside else known))
        contacts = {"contacts": [{"wa_id": report["recipient_id"], "user_id": "US.14"}]} if beside else {}
        stop = {"messages": [json.loads(inbound("x"))["entry"][0]["changes"][0]["value"]["messages"][0]]}
        stop["messages"][0] |= {"from": None, "from_user_id": "US.14", "id": "wamid.in.1"}
        # In one batch, the words before the report that tells whose they are.
        desk.receive(body("messages", stop), body("messages", {"statuses": [report]} | contacts))
        desk.apply(listen=listening)
        assert desk.message(sent).user_id == "US.14"
        (event,) = desk.read("SELECT phone_e164, action FROM consent_event")
        assert tuple(event) == (person, "opt_out")

    def test_a_message_keeps_how_it_is_priced_in_whatever_order_it_is_told(
        self, desk: Desk, listening: Listening
    ) -> None:
        (sent,) = desk.messages(state="sent")
        price = {"pricing_model": "PMP", "type": "free_customer_service", "category": "utility"}
        words = [status("delivered", f"w{sent}", 9, pricing=price), status("read", f"w{sent}", 12)]
        for each in (*words, *reversed(words)):
            desk.tell(each)
        found = desk.message(sent)
        assert (found.pricing_model, found.pricing_type) == ("PMP", "free_customer_service")
        assert (found.category, found.billable) == ("utility", False)


class TestWhatCannotWait:
    def test_an_opt_out_is_on_record_while_the_rest_waits_for_a_lock(self, desk: Desk, listening: Listening) -> None:
        (phone,) = waiting(desk, 1)
        desk.receive(inbound(phone))
        with desk.sessions() as importer:
            # As an import does with somebody new in its list, until it commits.
            importer.add(Contact(phone_identity=phone[1:], phone_e164=phone))
            importer.flush()
            applier = Thread(target=desk.apply, kwargs={"listen": listening, "listen_first": listening.first})
            applier.start()
            try:
                assert eventually(lambda: desk.read("SELECT action FROM consent_event WHERE source = 'reply'"))
                assert claimed(desk) == []
                assert desk.read("SELECT id FROM webhook_event WHERE processed_at IS NULL")
            finally:
                importer.rollback()
                applier.join(timeout=30)
        assert desk.read("SELECT id FROM webhook_event WHERE processed_at IS NULL") == []
        assert [row[0] for row in desk.read("SELECT action FROM consent_event WHERE source = 'reply'")] == ["opt_out"]
        assert desk.read("SELECT last_inbound_at FROM contact")

    def test_what_cannot_be_heard_first_is_heard_in_its_turn(self, desk: Desk, listening: Listening) -> None:
        def fails(session: Session, said: Sequence[Said], now: datetime) -> None:
            raise ValueError("not now")

        (phone,) = waiting(desk, 1)
        desk.receive(inbound(phone), b'{"messages": 7}')
        desk.apply(listen=listening, listen_first=fails)
        assert claimed(desk) == []


def eventually(look: Callable[[], Any]) -> Any:
    """What a look finds as soon as it finds something, within 30 s."""
    for _ in range(600):
        if found := look():
            return found
        time.sleep(0.05)
    return None
