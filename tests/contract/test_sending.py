"""What becomes of a message, in every dialect alike."""

import pytest

from campaign.providers.base import Accepted, Held, NotSent, Refused
from campaign.settings import Settings
from tests.contract.conftest import AUTHORIZATION, PHONE, Bound, make_provider


async def test_a_message_is_taken_and_its_id_is_the_platforms(bound: Bound) -> None:
    outcome = await bound.provider.send(bound.message())
    assert isinstance(outcome, Accepted)
    entry = bound.entry()
    assert (entry["outcome"], entry["wamid"], entry["dialect"]) == ("accepted", outcome.wamid, bound.dialect)
    assert entry["to"] == (PHONE if bound.dialect == "cloud" else PHONE[1:])
    assert outcome.wa_id == (None if bound.dialect == "d360-onprem" else PHONE[1:])


async def test_callback_data_goes_where_it_is_brought_back(bound: Bound) -> None:
    await bound.provider.send(bound.message(callback_data="c7:m8:a9"))
    assert bound.entry()["callback_data"] == (None if bound.dialect == "d360-onprem" else "c7:m8:a9")


async def test_a_static_template_needs_no_components(bound: Bound) -> None:
    outcome = await bound.provider.send(bound.message(components=[]))
    # The template has two slots: the platform counts them, which shows that it understood the rest.
    assert isinstance(outcome, Refused)
    assert outcome.code == (2000 if bound.dialect == "d360-onprem" else 132000)


@pytest.mark.parametrize("kind", ["held", "paused"])
async def test_held_and_paused_are_told_where_the_dialect_tells(bound: Bound, kind: str) -> None:
    bound.arm(kind)
    outcome = await bound.provider.send(bound.message())
    if bound.dialect == "d360-onprem":  # its answer has the id alone; the verdict comes by webhook
        assert isinstance(outcome, Accepted)
        return
    assert isinstance(outcome, Held)
    assert outcome.paused is (kind == "paused")


async def test_an_answer_without_a_status_is_accepted(bound: Bound) -> None:
    bound.arm("without_status")
    assert isinstance(await bound.provider.send(bound.message()), Accepted)


async def test_the_platforms_spelling_of_a_person_is_kept(bound: Bound) -> None:
    bound.client.control("scenario", {"people": {"other_spelling": 1.0}})
    outcome = await bound.provider.send(bound.message("+525555500002"))
    assert isinstance(outcome, Accepted)
    assert outcome.wa_id == (None if bound.dialect == "d360-onprem" else "5215555500002")


async def test_a_person_without_a_phone_has_no_wa_id(bound: Bound) -> None:
    bound.client.control("scenario", {"people": {"hidden_phone": 1.0}})
    outcome = await bound.provider.send(bound.message("+525555500003"))
    assert isinstance(outcome, Accepted)
    assert outcome.wa_id is None


async def test_a_wrong_key_is_a_refusal_that_pauses(bound: Bound, settings: Settings) -> None:
    provider = make_provider(bound.dialect, bound.client.url, settings, token="wrong")
    outcome = await provider.send(bound.message())
    await provider.aclose()
    assert isinstance(outcome, Refused)
    assert outcome.http_status == 401
    assert outcome.code == (190 if bound.dialect == "cloud" else None)
    assert "wrong" not in outcome.text


async def test_nobody_at_the_address_means_not_sent(bound: Bound, settings: Settings) -> None:
    provider = make_provider(bound.dialect, "http://127.0.0.1:1", settings)
    assert isinstance(await provider.send(bound.message()), NotSent)
    await provider.aclose()


async def test_throttling_is_told_in_the_dialects_own_words(bound: Bound) -> None:
    bound.client.control("scenario", {"limits": {"throughput_per_s": 1, "retry_after_s": 7.0}})
    outcomes = [await bound.provider.send(bound.message(f"+5255555001{n:02d}")) for n in range(5)]
    refused = [outcome for outcome in outcomes if isinstance(outcome, Refused)]
    assert refused
    assert {outcome.code for outcome in refused} == ({130429} if bound.dialect == "cloud" else {None})
    assert {outcome.retry_after_s for outcome in refused} == {7.0}


async def test_a_wrapped_error_is_read(bound: Bound) -> None:
    bound.client.control("scenario", {"webhooks": {"quirks": ["wrapped_errors"]}})
    bound.arm("refuse", code=132015)
    outcome = await bound.provider.send(bound.message())
    assert isinstance(outcome, Refused)
    assert outcome.code == (2061 if bound.dialect == "d360-onprem" else 132015)


async def test_free_form_text_is_taken(bound: Bound) -> None:
    outcome = await bound.provider.send_text(bound.text(preview_url=True, body="See https://example.com"))
    assert isinstance(outcome, Accepted)
    assert bound.entry()["outcome"] == "accepted"


async def test_a_text_may_answer_an_inbound_message(bound: Bound) -> None:
    inbound = bound.client.control("inbound", {"from": PHONE, "text": "Hello"})["id"]
    assert isinstance(await bound.provider.send_text(bound.text(reply_to=inbound)), Accepted)


async def test_an_inbound_message_is_marked_as_read(bound: Bound) -> None:
    inbound = bound.client.control("inbound", {"from": PHONE, "text": "Hello"})["id"]
    before = len(bound.client.entries())
    await bound.provider.mark_read(inbound)
    assert len(bound.client.entries()) == before  # it is no message


async def test_an_unknown_contact_is_checked_and_taken_at_the_next_try(bound: Bound) -> None:
    bound.client.control("scenario", {"people": {"contact_check": True}})
    first = await bound.provider.send(bound.message("+525555500004"))
    second = await bound.provider.send(bound.message("+525555500004"))
    assert isinstance(second, Accepted)
    if bound.dialect == "d360-onprem":
        assert isinstance(first, Refused)
        assert first.code == 1006


async def test_webhooks_bring_the_header_that_was_registered(bound: Bound) -> None:
    await bound.provider.send(bound.message())
    bound.receiver.until(lambda: bound.receiver.posts)
    headers = {name.lower(): value for name, value in bound.receiver.posts[0].headers.items()}
    if bound.dialect == "cloud":
        assert headers["x-hub-signature-256"].startswith("sha256=")
    else:
        assert headers["authorization"] == AUTHORIZATION
