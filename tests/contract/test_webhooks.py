"""What the platform posts, normalised: one shape whatever the dialect."""

from datetime import UTC, datetime, timedelta
from typing import Any

from campaign.providers.base import Accepted, DeliveryStatus, WebhookContent
from campaign.providers.events import read_webhook
from tests.contract.conftest import PHONE, Bound

S = DeliveryStatus


def contents(bound: Bound) -> list[WebhookContent]:
    return [read_webhook(bound.dialect, post.body) for post in list(bound.receiver.posts)]


def deliveries(bound: Bound) -> list[Any]:
    return [event for content in contents(bound) for event in content.deliveries]


async def taken(bound: Bound, to: str = PHONE) -> str:
    outcome = await bound.provider.send(bound.message(to, callback_data="c1:m2:a3"))
    assert isinstance(outcome, Accepted)
    return outcome.wamid


async def test_a_message_that_was_read_is_told_step_by_step(bound: Bound) -> None:
    bound.client.control("scenario", {"people": {"read": 1.0}})
    wamid = await taken(bound)
    bound.receiver.until(lambda: {e.status for e in deliveries(bound)} >= {S.SENT, S.DELIVERED, S.READ})
    events = deliveries(bound)
    assert {event.wamid for event in events} == {wamid}
    assert {event.callback_data for event in events} == {None if bound.dialect == "d360-onprem" else "c1:m2:a3"}
    for event in events:
        assert abs(event.occurred_at - datetime.now(UTC)) < timedelta(minutes=1)


async def test_a_late_failure_brings_code_and_words(bound: Bound) -> None:
    bound.arm("fail_later", code=131026)
    await taken(bound)
    bound.receiver.until(lambda: any(e.status is S.FAILED for e in deliveries(bound)))
    (failed,) = [event for event in deliveries(bound) if event.status is S.FAILED]
    assert failed.error_code == (1013 if bound.dialect == "d360-onprem" else 131026)
    assert failed.error_text


async def test_a_held_message_is_released_or_dropped(bound: Bound) -> None:
    bound.arm("held")
    bound.arm("held")
    # On-Premise the answer does not tell: only these reports do.
    await bound.provider.send(bound.message("+525555500011"))
    await bound.provider.send(bound.message("+525555500012"))
    bound.client.control("verdict", {"verdict": "bad"})
    bound.receiver.until(lambda: len([e for e in deliveries(bound) if e.status is S.FAILED]) == 2)
    code = 2061 if bound.dialect == "d360-onprem" else 132015
    assert {event.error_code for event in deliveries(bound)} == {code}
    bound.client.control("templates/spring_sale/status", {"status": "APPROVED"})


async def test_a_reply_is_an_inbound_message(bound: Bound) -> None:
    wamid = await taken(bound)
    bound.client.control("inbound", {"from": PHONE, "text": "STOP"})
    button = {"payload": "optout:marketing:c1", "text": "Stop"}
    bound.client.control("inbound", {"from": PHONE, "button": button, "reply_to": wamid})

    def inbound() -> list[Any]:
        return [message for content in contents(bound) for message in content.inbound]

    bound.receiver.until(lambda: len(inbound()) == 2)
    text, pressed = sorted(inbound(), key=lambda message: message.kind, reverse=True)
    assert (text.kind, text.text, text.wa_id) == ("text", "STOP", PHONE[1:])
    assert (pressed.kind, pressed.payload, pressed.in_reply_to) == ("button", "optout:marketing:c1", wamid)


async def test_changes_of_templates_and_preferences_are_told_where_the_dialect_tells(bound: Bound) -> None:
    await taken(bound)
    bound.client.control("templates/spring_sale/status", {"status": "PAUSED", "language": "en_US"})
    bound.client.control("preferences", {"from": PHONE, "value": "stop"})
    bound.client.settled()
    bound.client.control("templates/spring_sale/status", {"status": "APPROVED", "language": "en_US"})
    paused = [event for content in contents(bound) for event in content.template_events if event.status == "PAUSED"]
    wants = [change.wants for content in contents(bound) for change in content.preferences]
    # Flat bodies have no room for templates; an opt-out is heard wherever it comes from.
    told = [] if bound.dialect == "d360-onprem" else [("spring_sale", "en_US")]
    assert [(event.name, event.language) for event in paused] == told
    assert wants == [False]
