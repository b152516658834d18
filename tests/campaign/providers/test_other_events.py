"""Replies, changes of templates and preferences, in one shape each."""

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from campaign.providers.base import InboundMessage, PreferenceChange, TemplateEvent
from campaign.providers.events import acted_on, read_cloud, read_onprem
from campaign.providers.fields import Odd
from campaign.providers.other_events import Origin, inbound_message, origin_of, preference_change, template_event

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"
MOMENT = {"id": "wamid.1", "timestamp": "1795176061"}


def inbound(name: str) -> InboundMessage:
    body = (FIXTURES / f"{name}.json").read_bytes()
    (message,) = (read_onprem if name.startswith("onprem") else read_cloud)(body).inbound
    return message


def test_a_text() -> None:
    message = inbound("webhook_inbound_text_stop")
    assert (message.kind, message.text, message.wa_id) == ("text", " Stop. ", "12025550113")
    assert inbound("onprem_inbound_text").text == "STOP"


def test_a_button_carries_its_payload_and_what_it_answers() -> None:
    message = inbound("webhook_inbound_button_stop")
    assert (message.kind, message.text, message.payload) == ("button", "Stop promotions", "optout:marketing:c0001")
    assert message.in_reply_to == "wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAwMDAwMDEA"


def test_a_change_of_number_carries_the_new_one() -> None:
    message = inbound("webhook_system_user_changed_number")
    assert (message.wa_id, message.new_wa_id) == ("12025550118", "12025550128")


@pytest.mark.parametrize(
    ("said", "text", "payload"),
    [
        ({"type": "interactive", "interactive": {"button_reply": {"id": "b1", "title": "Yes"}}}, "Yes", "b1"),
        ({"type": "interactive", "interactive": {"list_reply": {"id": "l1", "title": "Two"}}}, "Two", "l1"),
        ({"type": "interactive", "interactive": {"nfm_reply": {}}}, None, None),
        ({"type": "image", "image": {"caption": "look"}}, "look", None),
        ({"type": "unsupported"}, None, None),
        ({}, None, None),
    ],
)
def test_what_is_said_in_other_ways(said: dict[str, Any], text: str | None, payload: str | None) -> None:
    message = inbound_message(MOMENT | said, [])
    assert (message.text, message.payload) == (text, payload)


def test_a_person_without_a_phone_is_known_by_their_user_id() -> None:
    message = inbound_message(MOMENT | {"type": "text"}, [{"user_id": "US.90000000000000000114"}])
    assert (message.wa_id, message.user_id) == (None, "US.90000000000000000114")


def test_with_several_people_beside_it_nobody_is_guessed() -> None:
    people = [{"wa_id": "12025550111"}, {"wa_id": "12025550112"}]
    assert inbound_message(MOMENT | {"type": "text"}, people).wa_id is None


@pytest.mark.parametrize(
    ("name", "event"),
    [
        (
            "webhook_template_status_paused",
            TemplateEvent(
                "spring_offer",
                "en_US",
                platform_id="900000000000001",
                status="PAUSED",
                reason="Your WhatsApp message template has been paused for 3 hours because it continued to have "
                "issues with quality.",
            ),
        ),
        (
            "webhook_quality_update",
            TemplateEvent("spring_offer", "en_US", platform_id="900000000000001", quality="RED"),
        ),
        (
            "webhook_template_category_update",
            TemplateEvent("order_shipped", "en_US", platform_id="900000000000002", category="marketing"),
        ),
    ],
)
def test_changes_of_a_template(name: str, event: TemplateEvent) -> None:
    (told,) = read_cloud((FIXTURES / f"{name}.json").read_bytes()).template_events
    assert told.account == "100000000000010"
    assert told.occurred_at is not None
    assert replace(told, account=None, occurred_at=None) == event


def test_an_entry_without_id_or_time_has_no_origin() -> None:
    assert origin_of({"changes": []}) == origin_of("nothing") == Origin(None, None)
    with pytest.raises(Odd):
        origin_of({"time": "yesterday"})


TEMPLATE = {"message_template_name": "sale", "message_template_language": "en"}


def test_a_reason_is_kept_unless_it_is_none() -> None:
    (event,) = template_event("message_template_status_update", TEMPLATE | {"event": "rejected", "reason": "SCAM"})
    assert (event.status, event.reason) == ("REJECTED", "SCAM")


def test_notice_of_a_later_change_is_no_change() -> None:
    assert template_event("template_category_update", TEMPLATE | {"correct_category": "MARKETING"}) == []


def test_a_quality_event_under_the_wrong_field_is_known_by_its_keys() -> None:
    body = (FIXTURES / "webhook_quality_update.json").read_bytes()
    mislabelled = body.replace(
        b'"field": "message_template_quality_update"', b'"field": "message_template_status_update"'
    )
    assert mislabelled != body
    assert read_cloud(mislabelled).template_events == read_cloud(body).template_events


def test_a_person_stops_marketing_in_the_app() -> None:
    (change,) = read_cloud((FIXTURES / "webhook_user_preferences_stop.json").read_bytes()).preferences
    assert (change.wants, change.wa_id) == (False, "12025550117")


@pytest.mark.parametrize(("value", "wants"), [("stop", False), ("resume", True), ("signup", True)])
def test_preferences(value: str, wants: bool) -> None:
    change = preference_change({"wa_id": "12025550117", "value": value, "timestamp": 1795176050})
    assert isinstance(change, PreferenceChange)
    assert change.wants is wants


@pytest.mark.parametrize("item", [{"value": "perhaps"}, {}, "stop", {"value": "stop"}, {"value": ["stop"]}])
def test_a_preference_that_is_not_understood_is_never_taken_for_consent(item: Any) -> None:
    with pytest.raises(Odd):
        preference_change(item)


def system(**said: Any) -> InboundMessage:
    ids = {name: said.pop(name) for name in ("from", "from_user_id") if name in said}
    return inbound_message({**MOMENT, **ids, "type": "system", "system": said}, [])


def test_a_change_of_number_without_a_phone_carries_both_user_ids() -> None:
    moved = system(type="user_changed_number", wa_id="12025550128", previous_user_id="US.1", user_id="US.2")
    assert (moved.wa_id, moved.new_wa_id, moved.old_user_id, moved.user_id) == (None, "12025550128", "US.1", "US.2")
    again = system(type="user_changed_user_id", from_user_id="US.1", user_id="US.2")
    assert (again.new_wa_id, again.old_user_id, again.user_id) == (None, "US.1", "US.2")
    older = system(type="customer_changed_number", customer="12025550118", new_wa_id="12025550128")
    assert (older.wa_id, older.new_wa_id) == ("12025550118", "12025550128")


def test_another_identity_of_the_same_number_is_no_change_of_number_and_counted_by_its_name() -> None:
    changed = {"type": "customer_identity_changed", "wa_id": "12025550128", "identity": "hash"}
    assert system(**{"from": "12025550118"}, **changed).new_wa_id is None
    message = {**MOMENT, "from": "12025550118", "type": "system", "system": changed}
    value = {"entry": [{"changes": [{"field": "messages", "value": {"messages": [message]}}]}]}
    assert read_cloud(json.dumps(value).encode()).others == {"messages:system:customer_identity_changed": 1}
    assert not acted_on("messages:system:customer_identity_changed")


def test_a_reaction_and_a_form_say_what_they_are_about() -> None:
    reaction = {"type": "reaction", "reaction": {"message_id": "wamid.ours", "emoji": "👍"}}
    found = inbound_message({**MOMENT, "from": "1", **reaction}, [])
    assert (found.text, found.in_reply_to) == ("👍", "wamid.ours")
    form = {"type": "interactive", "interactive": {"nfm_reply": {"body": "Sent", "response_json": '{"a":1}'}}}
    found = inbound_message({**MOMENT, "from": "1", **form}, [])
    assert (found.text, found.payload) == ("Sent", '{"a":1}')


def test_a_wish_for_something_else_than_marketing_is_no_consent_to_it() -> None:
    stop = {"wa_id": "1", "timestamp": 1795176003, "category": "other", "value": "stop"}
    assert preference_change(stop).wants is False
    with pytest.raises(Odd):
        preference_change(stop | {"value": "resume"})
    assert preference_change(stop | {"value": "resume", "category": "marketing_messages"}).wants
