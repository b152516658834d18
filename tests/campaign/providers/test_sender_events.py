"""What webhooks say of a number or its account, in one shape."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from campaign.providers.base import SenderEvent
from campaign.providers.events import read_cloud
from campaign.providers.fields import Odd
from campaign.providers.other_events import Origin
from campaign.providers.sender_events import sender_event, tier_word

FIXTURES = Path(__file__).parents[2] / "fixtures" / "webhooks"
BIZ = "RESTRICTED_BIZ_INITIATED_MESSAGING"
LATER, LATEST = 1795780800, 1795880800


def of_fixture(name: str) -> SenderEvent:
    (event,) = read_cloud((FIXTURES / f"{name}.json").read_bytes()).sender_events
    return event


def of_account(**value: Any) -> list[SenderEvent]:
    return sender_event("account_update", value)


def restricted(*limits: dict[str, Any]) -> list[SenderEvent]:
    return of_account(event="ACCOUNT_RESTRICTION", restriction_info=list(limits))


def test_a_restriction_tells_whose_and_until_when() -> None:
    event = of_fixture("webhook_account_update_restriction")
    assert (event.state, event.until) == ("restricted", datetime.fromtimestamp(LATER, UTC))
    assert (event.account, event.phone) == ("100000000000010", None)
    assert event.occurred_at == datetime.fromtimestamp(1795176300, UTC)


def test_an_upgrade_tells_the_number_and_its_limit() -> None:
    event = of_fixture("webhook_phone_number_quality_update")
    assert (event.kind, event.phone, event.messaging_limit) == ("THROUGHPUT_UPGRADE", "12025550100", "TIER_UNLIMITED")
    assert (event.state, event.quality) == (None, None)


def test_the_last_restriction_to_end_decides_and_one_without_end_outlasts_all() -> None:
    (event,) = restricted(
        {"restriction_type": BIZ, "expiration": LATER},
        {"restriction_type": "RESTRICTED_CUSTOMER_INITIATED_MESSAGING", "expiration": str(LATEST)},
    )
    assert event.until == datetime.fromtimestamp(LATEST, UTC)
    (event,) = restricted({"restriction_type": BIZ, "expiration": LATER}, {"restriction_type": BIZ})
    assert (event.state, event.until) == ("restricted", None)


def test_what_does_not_stop_messages_stops_nothing() -> None:
    assert restricted({"restriction_type": "RESTRICTED_ADD_PHONE_NUMBER_ACTION", "expiration": LATER}) == []
    assert restricted() == []
    assert of_account(event="ACCOUNT_RESTRICTION", restriction_info="odd") == []
    assert of_account(event="MM_LITE_TERMS_SIGNED") == []


@pytest.mark.parametrize(
    ("value", "state"),
    [
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "DISABLE"}}, "disabled"),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "REINSTATE"}}, "connected"),
        ({"event": "DISABLED_UPDATE", "ban_info": {"waba_ban_state": "SCHEDULE_FOR_DISABLE"}}, None),
        ({"event": "DISABLED_UPDATE"}, None),
        ({"event": "ACCOUNT_DELETED"}, "disabled"),
        ({"event": "account_offboarded"}, "disabled"),
    ],
)
def test_the_end_of_an_account_and_its_return(value: dict[str, Any], state: str | None) -> None:
    assert [event.state for event in of_account(**value)] == ([state] if state else [])


@pytest.mark.parametrize(
    ("word", "state", "quality"),
    [("FLAGGED", "flagged", "RED"), ("UNFLAGGED", "connected", None), ("ONBOARDING", None, None)],
)
def test_low_quality_flags_a_number(word: str, state: str | None, quality: str | None) -> None:
    (event,) = sender_event("phone_number_quality_update", {"event": word, "display_phone_number": "+1 202-555-0100"})
    assert (event.phone, event.state, event.quality) == ("12025550100", state, quality)


@pytest.mark.parametrize(
    ("limit", "word"),
    [
        ("TIER_250", "TIER_250"),
        ("TIER_2K", "TIER_2K"),
        ("tier_100k", "TIER_100K"),
        ("TIER_UNLIMITED", "TIER_UNLIMITED"),
        (10000, "TIER_10K"),
        ("10000", "TIER_10K"),
        (250, "TIER_250"),
        (-1, "TIER_UNLIMITED"),
        ("-1", "TIER_UNLIMITED"),
        ("TIER_NOT_SET", None),
        (0, None),
        (True, None),
        (2.5, None),
        (None, None),
        ("²50", None),
    ],
)
def test_a_limit_in_all_its_spellings(limit: Any, word: str | None) -> None:
    assert tier_word(limit) == word


def test_a_limit_of_the_whole_business() -> None:
    limit = {"max_daily_conversations_per_business": "TIER_10K", "max_phone_numbers_per_business": 20}
    (event,) = sender_event("business_capability_update", limit, Origin("100000000000010", None))
    assert (event.account, event.messaging_limit, event.state) == ("100000000000010", "TIER_10K", None)
    assert sender_event("business_capability_update", {"max_phone_numbers_per_business": 20}) == []


def test_what_departs_from_the_shape_is_odd() -> None:
    with pytest.raises(Odd):
        of_account(event=["ACCOUNT_RESTRICTION"])
    with pytest.raises(Odd):
        restricted({"restriction_type": BIZ, "expiration": "soon"})
