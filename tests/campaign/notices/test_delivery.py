"""Notices reach a subscriber, or it is known why not."""

import socket
from dataclasses import replace
from datetime import timedelta

import pytest

from campaign.notices.delivery import EACH, deliver_due, send_test
from campaign.notices.retry import WAITS
from campaign.notices.signature import signed_headers
from campaign.notices.subscriptions import find_subscription, retry_given_up, subscriptions, trouble
from models import Notice
from models.session import session_scope
from tests.campaign.notices.conftest import ROOT, SECRET
from tests.factories import NOON


@pytest.fixture
def note(sessions):
    """Writes notices to subscription 1 that are due at noon."""

    def note(count=1):
        with session_scope(sessions) as session:
            for number in range(count):
                body = {"id": f"evt_{number}", "type": "campaign.paused"}
                session.add(Notice(subscription_id=1, event_id=f"evt_{number}", body=body, due_at=NOON))

    return note


@pytest.fixture
def kept(sessions):
    def kept():
        with sessions() as session:
            return session.query(Notice).order_by(Notice.id).all()

    return kept


async def test_a_notice_is_signed_and_delivered_once(sessions, subscriber, subscribe, note, post, kept):
    subscribe(subscriber.url, "campaign.paused")
    note()
    assert (await deliver_due(sessions, post), await deliver_due(sessions, post)) == (1, 0)
    ((path, headers, body),) = subscriber.heard
    assert path == "/campaigns"
    expected = signed_headers(SECRET, "evt_0", NOON, body)
    assert {name.lower(): value for name, value in headers.items()}.items() >= expected.items()
    assert kept()[0].delivered_at == NOON


async def test_what_is_not_taken_is_tried_again_with_growing_waits_and_then_given_up(
    sessions, subscriber, subscribe, note, post, kept
):
    subscribe(subscriber.url, "campaign.paused")
    note()
    subscriber.status, now = 500, NOON
    for wait in WAITS:
        await deliver_due(sessions, replace(post, clock=lambda now=now: now))
        assert (kept()[0].due_at, kept()[0].last_error) == (now + wait, "HTTP 500")
        now += wait
    await deliver_due(sessions, replace(post, clock=lambda: now))
    assert kept()[0].given_up_at == now
    assert len(subscriber.heard) == len(WAITS) + 1
    with sessions() as session:
        (standing,) = subscriptions(session)
    assert "campaign subscriptions retry crm" in trouble(standing)
    subscriber.status = 200
    assert retry_given_up(sessions, ROOT, "crm", now=now) == 1
    assert await deliver_due(sessions, replace(post, clock=lambda: now)) == 1


@pytest.mark.parametrize(
    ("status", "says"), [(301, "redirects are not followed"), (404, "HTTP 404"), (503, "HTTP 503")]
)
async def test_only_a_2xx_counts_and_no_redirect_is_followed(
    sessions, subscriber, subscribe, note, post, kept, status, says
):
    subscribe(subscriber.url, "campaign.paused")
    note()
    subscriber.status, subscriber.headers = status, {"Location": subscriber.url + "/other"}
    await deliver_due(sessions, post)
    assert [path for path, _, _ in subscriber.heard] == ["/campaigns"]
    assert says in kept()[0].last_error


async def test_a_subscriber_that_does_not_answer_costs_a_bounded_time(sessions, subscribe, note, post, kept):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        subscribe(f"http://127.0.0.1:{silent.getsockname()[1]}/", "campaign.paused")
        note()
        quick = replace(post, settings=post.settings.model_copy(update={"notice_timeout_s": 0.2}))
        await deliver_due(sessions, quick)
    assert kept()[0].last_error == "no answer within 0.2 s"


async def test_one_that_fails_is_left_alone_and_keeps_nobody_waiting(sessions, subscriber, subscribe, note, post, kept):
    subscribe("http://127.0.0.1:1/", "campaign.paused")
    subscribe(subscriber.url, "campaign.paused", name="other")
    note(2 * EACH)
    with session_scope(sessions) as session:
        session.add(Notice(subscription_id=2, event_id="evt_x", body={"type": "campaign.paused"}, due_at=NOON))
    assert await deliver_due(sessions, post) == 1
    assert not [notice for notice in kept() if notice.subscription_id == 1 and notice.due_at <= NOON]


async def test_more_than_may_wait_are_given_up_the_oldest_first(sessions, subscribe, note, post, kept):
    subscribe("http://127.0.0.1:1/", "campaign.paused")
    note(5)
    few = replace(post, settings=post.settings.model_copy(update={"notice_waiting": 2}))
    await deliver_due(sessions, few)
    assert [notice.given_up_at is not None for notice in kept()] == [True, True, True, False, False]


async def test_old_notices_are_forgotten(sessions, subscriber, subscribe, note, post, kept):
    subscribe(subscriber.url, "campaign.paused")
    note()
    await deliver_due(sessions, post)
    later = NOON + timedelta(days=31)
    await deliver_due(sessions, replace(post, clock=lambda: later))
    assert kept() == []


async def test_without_its_secret_nothing_leaves_and_the_variable_is_named(
    sessions, subscriber, subscribe, note, post, kept
):
    subscribe(subscriber.url, "campaign.paused")
    note()
    await deliver_due(sessions, replace(post, environment={}))
    assert (subscriber.heard, "HOOK_SECRET" in kept()[0].last_error) == ([], True)


async def test_an_address_that_is_private_by_now_is_not_reached(sessions, subscriber, subscribe, note, post, kept):
    subscribe(subscriber.url, "campaign.paused")
    note()
    strict = replace(post, settings=post.settings.model_copy(update={"notice_loopback": False}))
    await deliver_due(sessions, strict)
    assert subscriber.heard == []
    assert kept()[0].last_error is not None


async def test_a_test_is_delivered_at_once_and_says_how_it_went(sessions, subscriber, subscribe, post):
    subscribe(subscriber.url, "campaign.paused")
    with sessions() as session:
        found = find_subscription(session, "crm")
    assert await send_test(found, post) is None
    assert subscriber.bodies[0]["type"] == "subscription.test"
    subscriber.status = 400
    assert await send_test(found, post) == "HTTP 400"
