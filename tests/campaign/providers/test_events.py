"""Webhook bodies to events: every kind that the platform sends, and whatever else may arrive."""

import json
from collections.abc import Mapping
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.providers.base import DeliveryStatus, UnreadableWebhook, WebhookContent
from campaign.providers.events import acted_on, read_cloud, read_onprem, read_webhook

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"


def fixture(name: str) -> bytes:
    return (FIXTURES / f"{name}.json").read_bytes()


def at(clock: str) -> datetime:
    return datetime.fromisoformat(f"2026-11-20T{clock}").replace(tzinfo=UTC)


def change(value: Any, field: Any = "messages") -> bytes:
    return json.dumps({"object": "w", "entry": [{"id": "1", "changes": [{"field": field, "value": value}]}]}).encode()


def told(**changed: Any) -> WebhookContent:
    """What one status says that departs from the ordinary; None leaves a field out."""
    ordinary = {"id": "wamid.1", "status": "sent", "timestamp": "1795176003", "recipient_id": "12025550111"}
    status = {key: value for key, value in (ordinary | changed).items() if value is not None}
    return read_cloud(change({"statuses": [status]}))


def test_a_delivered_status_whole() -> None:
    (event,) = read_cloud(fixture("webhook_status_delivered")).deliveries
    assert event.wamid == "wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAwMDAwMDEA"
    assert (event.status, event.occurred_at) == (DeliveryStatus.DELIVERED, at("12:00:03"))
    assert (event.callback_data, event.category, event.billable) == ("c0001:r0111:a1", "marketing", True)
    assert (event.error_code, event.error_text) == (None, None)


@pytest.mark.parametrize(
    ("name", "status", "code"),
    [
        ("webhook_status_sent_v23", "sent", None),
        ("webhook_status_read", "read", None),
        ("webhook_status_released_after_hold", "sent", None),
        ("webhook_status_bsuid_no_recipient_id", "delivered", None),
        ("webhook_status_failed_131026", "failed", 131026),
        ("webhook_status_failed_131049", "failed", 131049),
        ("webhook_status_failed_131050", "failed", 131050),
        ("webhook_status_failed_132015_after_hold", "failed", 132015),
    ],
)
def test_each_kind_of_status(name: str, status: str, code: int | None) -> None:
    content = read_webhook("cloud", fixture(name))
    assert [(event.status, event.error_code) for event in content.deliveries] == [(status, code)]
    assert content.others == {}


def test_360dialogs_cloud_speaks_the_same_envelope() -> None:
    body = fixture("webhook_status_batch_out_of_order")
    assert read_webhook("d360", body) == read_webhook("cloud", body)


def test_a_batch_keeps_every_status_in_its_order() -> None:
    content = read_cloud(fixture("webhook_status_batch_out_of_order"))
    assert [str(event.status) for event in content.deliveries] == [
        *("read", "delivered", "delivered", "sent", "delivered", "failed")
    ]


@pytest.mark.parametrize(
    ("name", "status", "code", "words"),
    [
        ("onprem_status_delivered", "delivered", None, None),
        ("onprem_failed_2061", "failed", 2061, "Template was paused because of low quality"),
    ],
)
def test_the_flat_bodies_of_the_on_premise_api(name: str, status: str, code: int | None, words: str | None) -> None:
    (event,) = read_webhook("d360-onprem", fixture(name)).deliveries
    assert (event.status, event.error_code, event.error_text, event.callback_data) == (status, code, words, None)


@pytest.mark.parametrize(
    "timestamp", ["1795176003", 1795176003, "1795176003000", 1795176003000, 1795176003.0, " 1795176003 "]
)
def test_timestamps_in_seconds_and_milliseconds_strings_and_numbers(timestamp: Any) -> None:
    (event,) = told(timestamp=timestamp).deliveries
    assert event.occurred_at == at("12:00:03")


@pytest.mark.parametrize(
    "odd",
    [
        {"timestamp": "yesterday"},
        {"timestamp": None},
        {"timestamp": "0"},
        {"timestamp": -1795176003},
        {"timestamp": True},
        {"timestamp": 10**400},
        {"timestamp": "99999999999999999999"},
        {"id": None},
        {"id": ""},
        {"id": 7},
        {"id": "wamid.\x00"},
        {"id": "wamid.ü"},
        {"id": "w" * 513},
        {"status": 7},
        {"status": ["sent"]},
        {"status": None},
    ],
)
def test_an_odd_status_is_counted_and_does_not_spoil_the_others(odd: Mapping[str, Any]) -> None:
    good = {"id": "wamid.2", "status": "read", "timestamp": "1795176004"}
    status = {"id": "wamid.1", "status": "sent", "timestamp": "1795176003"} | odd
    status = {key: value for key, value in status.items() if value is not None}
    content = read_cloud(change({"statuses": [status, good, "no object", None]}))
    assert [event.wamid for event in content.deliveries] == ["wamid.2"]
    assert content.others == {"unreadable_status": 3}


@pytest.mark.parametrize("word", ["warning", "deleted", "some_new_word"])
def test_statuses_that_are_not_deliveries_are_counted_by_their_word(word: str) -> None:
    content = told(status=word)
    assert (content.deliveries, content.others) == ([], {f"status:{word}": 1})


@pytest.mark.parametrize(
    ("errors", "code", "words"),
    [
        ([{"code": "132015", "title": "Template is paused"}], 132015, "Template is paused"),
        ([{"code": 131026, "message": "m", "title": "t", "error_data": {"details": "d"}}], 131026, "d"),
        ([{"code": 131026, "message": "m", "title": "t", "error_data": "d"}], 131026, "m"),
        ([{"code": 2061, "title": "t", "details": "d"}], 2061, "d"),
        ([{"title": "t"}], None, "t"),
        ([{"code": "many", "title": "t"}], None, "t"),
        ([{"code": 10**30, "title": "t"}], None, "t"),
        ([{"code": 1, "title": "nul\x00 and half \ud800"}], 1, "nul and half ?"),
        (["no object"], None, None),
        ([], None, None),
        (None, None, None),
        ("no list", None, None),
    ],
)
def test_the_error_of_a_failure_in_all_its_shapes(errors: Any, code: int | None, words: str | None) -> None:
    (event,) = told(status="failed", errors=errors).deliveries
    assert (event.error_code, event.error_text) == (code, words)


def test_endless_words_are_cut() -> None:
    (event,) = told(status="failed", errors=[{"code": 1, "title": "x" * 100_000}]).deliveries
    assert len(event.error_text or "") == 1000


@pytest.mark.parametrize(
    ("pricing", "category", "billable"),
    [
        ({"billable": False, "category": "utility"}, "utility", False),
        ({"category": "service", "billable": "yes"}, "service", None),
        ({"billable": True}, None, True),
        ({"category": 7}, None, None),
        (None, None, None),
        ("no object", None, None),
    ],
)
def test_the_price_as_far_as_it_is_told(pricing: Any, category: str | None, billable: bool | None) -> None:
    (event,) = told(pricing=pricing).deliveries
    assert (event.category, event.billable) == (category, billable)


@pytest.mark.parametrize(
    ("name", "others"),
    [
        ("webhook_account_update_restriction", {"account_update": 1}),
        ("webhook_phone_number_quality_update", {"phone_number_quality_update": 1}),
        ("webhook_quality_update", {"message_template_quality_update": 1}),
        ("webhook_template_category_update", {"template_category_update": 1}),
        ("webhook_template_status_paused", {"message_template_status_update": 1}),
        ("webhook_user_preferences_stop", {"user_preferences": 1}),
        ("webhook_inbound_text_stop", {"messages:text": 1}),
        ("webhook_inbound_button_stop", {"messages:button": 1}),
        ("webhook_system_user_changed_number", {"messages:system": 1}),
        ("webhook_value_errors", {"error:130429": 1}),
    ],
)
def test_what_is_not_a_delivery_is_counted_by_kind(name: str, others: Mapping[str, int]) -> None:
    content = read_cloud(fixture(name))
    assert (content.deliveries, content.others) == ([], others)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no json",
        b"\xff\xfe\x00",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"entry": {}}',
        b'{"statuses": []}',
        b"[" * 100_000,
        b'{"entry": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        read_cloud(body)


@pytest.mark.parametrize("body", [b"no json", b"{}", b'{"entry": []}', b'{"statuses": 7}'])
def test_a_flat_body_of_another_shape_is_unreadable(body: bytes) -> None:
    with pytest.raises(UnreadableWebhook):
        read_onprem(body)


def test_parts_of_another_shape_are_counted_one_by_one() -> None:
    entries = [7, {"changes": 7}, {"changes": [7, {"field": "messages", "value": 7}, {"field": 7, "value": {}}]}]
    content = read_cloud(json.dumps({"entry": entries}).encode())
    assert content.others == {"unreadable_change": 5}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=20,
)
KNOWN_KEYS = ["statuses", "messages", "contacts", "errors", "user_preferences", "event", "new_quality_score"]
FIELDS = ["messages", "user_preferences", "message_template_status_update", "template_category_update"]


@given(value=st.dictionaries(st.sampled_from(KNOWN_KEYS), JSON), field=st.sampled_from(FIELDS) | JSON)
def test_whatever_stands_in_a_change_it_is_read_or_counted(value: dict[str, Any], field: Any) -> None:
    content = read_cloud(change(value, field))
    assert all(isinstance(kind, str) and "\x00" not in kind for kind in content.others)


@given(body=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
def test_whatever_arrives_it_is_read_or_called_unreadable(body: bytes) -> None:
    for read in (read_cloud, read_onprem):
        with suppress(UnreadableWebhook):
            assert isinstance(read(body), WebhookContent)


def test_a_voice_message_that_was_played_has_been_read() -> None:
    content = told(status="played")
    assert [(event.status, content.others) for event in content.deliveries] == [(DeliveryStatus.READ, {})]


@pytest.mark.parametrize(
    ("pricing", "billable"),
    [
        ({"billable": False, "type": "regular"}, False),
        ({"type": "regular"}, True),
        ({"type": "free_customer_service"}, False),
        ({"type": "free_entry_point"}, False),
        ({"type": "a_type_of_tomorrow"}, None),
        ({"type": ["regular"]}, None),
    ],
)
def test_whether_it_costs_money_is_taken_from_the_type_where_nothing_else_says_it(
    pricing: Mapping[str, Any], billable: bool | None
) -> None:
    (event,) = told(pricing=dict(pricing)).deliveries
    assert event.billable is billable


def test_errors_are_found_in_all_three_places() -> None:
    """Of a status, of a message that came in, and out of band."""
    inbound = {"id": "m1", "from": "12025550111", "timestamp": "1795176003", "type": "unsupported"}
    failed = {"id": "wamid.1", "status": "failed", "timestamp": "1795176003", "errors": [{"code": "131049"}]}
    value = {"messages": [inbound | {"errors": [{"code": 131051}]}], "errors": [{"code": "130429"}]}
    content = read_cloud(change({"statuses": [failed], **value}))
    assert [event.error_code for event in content.deliveries] == [131049]
    assert content.others == {"messages:unsupported": 1, "error:131051": 1, "error:130429": 1}


@pytest.mark.parametrize(
    ("field", "value", "kind", "acted"),
    [
        ("account_alerts", {"alert_info": {"alert_severity": "CRITICAL", "alert_type": "OBA_DENIED"}}, None, False),
        ("account_update", {"event": "PARTNER_ADDED"}, "account_update:PARTNER_ADDED", False),
        ("account_update", {"event": "ACCOUNT_DELETED"}, "account_update", True),
        ("template_category_update", {"correct_category": "MARKETING"}, "template_category_update:MARKETING", False),
        ("business_capability_update", {"max_daily_conversations_per_business": 2000}, None, True),
        ("a_field_of_tomorrow", {"x": 1}, "a_field_of_tomorrow", False),
    ],
)
def test_what_nothing_acts_on_is_counted_by_a_word_of_its_own(
    field: str, value: Mapping[str, Any], kind: str | None, acted: bool
) -> None:
    notice = dict(value)
    if field in ("template_category_update",):
        notice |= {"message_template_name": "spring_offer", "message_template_language": "en_US"}
    (found,) = read_cloud(change(notice, field)).others
    assert found == (kind or {"account_alerts": "account_alerts:CRITICAL:OBA_DENIED"}.get(field, field))
    assert acted_on(found) is acted


@pytest.mark.parametrize("kind", ["unreadable_status", "unreadable_notice", "messages:text", "user_preferences"])
def test_what_is_handled_or_parked_is_not_listed_besides(kind: str) -> None:
    assert acted_on(kind)


def test_an_inbound_kind_that_nobody_knows_is_listed() -> None:
    assert not acted_on("messages:a_kind_of_tomorrow")


@pytest.mark.parametrize("name", sorted(path.stem for path in FIXTURES.glob("*.json")))
def test_every_field_of_the_known_bodies_is_known(name: str) -> None:
    body = fixture(name)
    content = (read_onprem if "onprem" in name else read_cloud)(body)
    assert [kind for kind in content.others if kind.startswith("field:")] == []


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (change({"statuses": [], "surprise": 1}), "field:value.surprise"),
        (
            change({"statuses": [{"id": "w", "status": "sent", "timestamp": "1795176003", "mood": "good"}]}),
            "field:statuses.mood",
        ),
        (
            change(
                {"statuses": [{"id": "w", "status": "read", "timestamp": "1795176003", "pricing": {"tier": "2"}}]},
            ),
            "field:pricing.tier",
        ),
        (
            change({"messages": [{"id": "w", "type": "text", "timestamp": "1795176003", "from": "1", "mood": 1}]}),
            "field:messages.mood",
        ),
        (
            change({"user_preferences": [{"value": "stop", "timestamp": 1795176003, "mood": 1}]}, "user_preferences"),
            "field:user_preferences.mood",
        ),
        (change({"event": "ACCOUNT_DELETED", "mood": 1}, "account_update"), "field:account_update.mood"),
    ],
)
def test_a_field_that_we_do_not_know_is_counted_by_its_name_and_spoils_nothing(body: bytes, kind: str) -> None:
    content = read_cloud(body)
    assert content.others[kind] == 1
    assert not acted_on(kind)
    assert not any(word.startswith("unreadable") for word in content.others)


def test_unknown_fields_without_end_are_counted_to_an_end() -> None:
    content = read_cloud(change({"statuses": [], **{f"f{number}": 1 for number in range(5000)}}))
    assert len(content.others) == 20


@pytest.mark.parametrize(
    ("given", "contacts", "user_id"),
    [
        ({"recipient_user_id": "US.1"}, [], "US.1"),
        ({}, [{"wa_id": "12025550111", "user_id": "US.2"}, {"wa_id": "12025550112", "user_id": "US.3"}], "US.2"),
        ({}, [{"user_id": "US.2"}, "odd", {"wa_id": 7}], None),
        ({"recipient_user_id": "not\x00an id"}, [], None),
    ],
)
def test_the_person_of_a_status_by_user_id_and_an_odd_one_costs_nothing(
    given: dict[str, Any], contacts: list[Any], user_id: str | None
) -> None:
    status = {"id": "wamid.1", "status": "sent", "timestamp": "1795176003", "recipient_id": "12025550111"} | given
    (event,) = read_cloud(change({"contacts": contacts, "statuses": [status]})).deliveries
    assert event.user_id == user_id


def test_how_a_message_is_priced() -> None:
    pricing = {"billable": False, "pricing_model": "PMP", "type": "free_entry_point", "category": "marketing"}
    (event,) = told(pricing=pricing).deliveries
    assert (event.pricing_model, event.pricing_type, event.billable) == ("PMP", "free_entry_point", False)
    (odd,) = told(pricing={"pricing_model": 3, "type": ["regular"]}).deliveries
    assert (odd.pricing_model, odd.pricing_type, odd.billable) == (None, None, None)


@pytest.mark.parametrize(
    ("status", "why"),
    [
        ({"status": "sent", "timestamp": "1795176003"}, "it has no id"),
        ({"id": "w", "status": "sent", "timestamp": "+12025550111"}, "its timestamp is in no form that we know"),
        ({"id": 5, "status": "sent", "timestamp": "1795176003"}, "its id is in no form that we know"),
        ("sent", "it is no object"),
    ],
)
def test_where_a_status_is_odd_is_told_and_never_what_it_says(status: Any, why: str) -> None:
    content = read_cloud(change({"statuses": [status, {"id": "w", "status": "read", "timestamp": "soon"}]}))
    assert content.others["unreadable_status"] == 2
    assert content.odd == {"unreadable_status": why}
