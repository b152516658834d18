"""What the platform tells of numbers and accounts, and what their campaigns do."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from campaign.lifecycle import find_campaign
from campaign.providers.base import SenderEvent
from campaign.sender_changes import (
    SenderChanges,
    ToldSender,
    apply_sender_events,
    state_after_event,
    sweep_restrictions,
)
from campaign.senders import find_sender
from models import Campaign, Sender, Template
from models.sender import SenderState
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template

ACCOUNT = "100000000000010"
LATER = NOON + timedelta(hours=1)
TOMORROW = NOON + timedelta(days=1)


@pytest.fixture
def stored(sessions: Sessions) -> Sessions:
    """Two numbers of one account and one of another, each with a running campaign named after it."""
    with session_scope(sessions) as session:
        for name, account in (("shop", ACCOUNT), ("desk", ACCOUNT), ("else", "2")):
            own = {"phone_number_id": name, "account": account, "waba_id": account, "portfolio": f"p{account}"}
            sender = make_sender(session, name, tier=1000, messaging_limit="TIER_1K", **own)
            make_campaign(session, sender, make_template(session, sender, f"text-{name}"), name)
    return sessions


def event(kind: str = "ACCOUNT_RESTRICTION", minutes: float = 1, **given: Any) -> ToldSender:
    return ToldSender(ACCOUNT, SenderEvent(kind, **{"occurred_at": NOON + timedelta(minutes=minutes)} | given))


def restricted(until: datetime | None = TOMORROW, **given: Any) -> ToldSender:
    return event(state="restricted", until=until, **given)


def tell(sessions: Sessions, *told: ToldSender) -> SenderChanges:
    with session_scope(sessions) as session:
        return apply_sender_events(session, told, LATER)


def sender(sessions: Sessions, name: str = "shop") -> Sender:
    with sessions() as session:
        return find_sender(session, name)


def campaign(sessions: Sessions, name: str = "shop") -> Campaign:
    with sessions() as session:
        return find_campaign(session, name)


def write(sessions: Sessions, model: type[Any], **values: Any) -> None:
    with session_scope(sessions) as session:
        session.query(model).update(values)


def test_a_restriction_stops_every_number_of_the_account_and_no_other(stored: Sessions) -> None:
    changed = tell(stored, restricted())
    assert changed.moved == changed.look_again == {sender(stored).id, sender(stored, "desk").id}
    assert (sender(stored).state, sender(stored).restricted_until) == ("restricted", TOMORROW)
    assert [campaign(stored, name).state for name in ("shop", "desk", "else")] == ["paused", "paused", "running"]
    assert campaign(stored).state_reason == "sender_restricted"
    assert campaign(stored).state_text == (
        "Sender shop is restricted until 2026-11-21 12:00 UTC. Goes on by itself when the platform has cleared it."
    )


def test_it_ends_by_itself_and_the_campaigns_go_on(stored: Sessions) -> None:
    tell(stored, restricted())
    assert sweep_restrictions(stored, now=TOMORROW - timedelta(seconds=1)) == 0
    assert campaign(stored).state == "paused"
    assert sweep_restrictions(stored, now=TOMORROW) == 2
    assert (sender(stored).state, sender(stored).restricted_until) == ("connected", None)
    assert [campaign(stored, name).state for name in ("shop", "desk")] == ["running", "running"]
    assert sweep_restrictions(stored, now=TOMORROW) == 0


def test_a_campaign_whose_template_was_paused_meanwhile_stays_paused_for_that(stored: Sessions) -> None:
    tell(stored, restricted())
    write(stored, Template, status="PAUSED")
    sweep_restrictions(stored, now=TOMORROW)
    assert (campaign(stored).state, campaign(stored).state_reason) == ("paused", "template_paused")


def test_a_persons_pause_stays(stored: Sessions) -> None:
    tell(stored, restricted())
    write(stored, Campaign, state_reason="operator")
    sweep_restrictions(stored, now=TOMORROW)
    assert campaign(stored).state == "paused"


def test_a_restriction_without_an_end_counts_for_a_day(stored: Sessions) -> None:
    tell(stored, restricted(None))
    assert sender(stored).restricted_until == NOON + timedelta(days=1, minutes=1)


def test_a_restriction_that_is_over_changes_nothing(stored: Sessions) -> None:
    assert tell(stored, restricted(LATER)).moved == frozenset()
    assert (sender(stored).state, sender(stored).restricted_until) == ("connected", None)


def test_the_same_restriction_twice_changes_nothing_more(stored: Sessions) -> None:
    tell(stored, restricted())
    assert tell(stored, restricted()).moved == frozenset()
    assert sender(stored).restricted_until == TOMORROW


def test_a_disabled_account_stops_until_it_is_reinstated(stored: Sessions) -> None:
    tell(stored, event("DISABLED_UPDATE", state="disabled"))
    assert (sender(stored).state, campaign(stored).state) == ("disabled", "paused")
    assert sweep_restrictions(stored, now=TOMORROW) == 0
    tell(stored, event("DISABLED_UPDATE", 9, state="connected"))
    assert (sender(stored).state, campaign(stored).state) == ("connected", "running")


def test_the_last_word_counts_whatever_the_order_of_arrival(stored: Sessions) -> None:
    tell(stored, event("DISABLED_UPDATE", 9, state="connected"), event("DISABLED_UPDATE", 3, state="disabled"))
    assert sender(stored).state == "connected"


def test_flags_of_the_only_number_of_an_account_are_kept(stored: Sessions) -> None:
    flag = event("FLAGGED", state="flagged", quality="RED", phone="12025550100")
    tell(stored, flag._replace(account="2"))
    assert (sender(stored, "else").state, sender(stored, "else").quality) == ("flagged", "RED")
    assert campaign(stored, "else").state == "running"


def test_which_of_several_numbers_is_flagged_only_a_look_can_tell(stored: Sessions) -> None:
    changed = tell(stored, event("FLAGGED", state="flagged", quality="RED", phone="12025550100"))
    assert (changed.moved, len(changed.look_again)) == (frozenset(), 2)
    assert {sender(stored, name).state for name in ("shop", "desk")} == {"connected"}


def test_a_messaging_limit_is_shared_by_the_portfolio(stored: Sessions) -> None:
    with session_scope(stored) as session:
        session.query(Sender).filter_by(name="else").update({"portfolio": f"p{ACCOUNT}"})
    tell(stored, event("CAPABILITY", messaging_limit="TIER_10K"))
    assert [sender(stored, name).tier for name in ("shop", "desk", "else")] == [10_000] * 3
    tell(stored, event("CAPABILITY", 2, messaging_limit="TIER_UNLIMITED"))
    assert (sender(stored).tier, sender(stored).messaging_limit) == (None, "TIER_UNLIMITED")


def test_a_lower_limit_that_a_person_gave_stands(stored: Sessions) -> None:
    write(stored, Sender, tier=300)
    tell(stored, event("CAPABILITY", messaging_limit="TIER_10K"))
    assert sender(stored).tier == 300


def test_what_is_older_than_the_last_look_at_the_number_is_not_written(stored: Sessions) -> None:
    write(stored, Sender, refreshed_at=NOON + timedelta(minutes=5), status="CONNECTED", quality="GREEN")
    old = {"phone": "12025550100", "quality": "RED", "state": "flagged", "messaging_limit": "TIER_250"}
    changed = tell(stored, event("FLAGGED", **old)._replace(account="2"))
    assert (changed.moved, len(changed.look_again)) == (frozenset(), 1)
    kept = sender(stored, "else")
    assert (kept.state, kept.quality, kept.tier) == ("connected", "GREEN", 1000)


def test_but_a_restriction_that_still_lasts_is(stored: Sessions) -> None:
    write(stored, Sender, refreshed_at=NOON + timedelta(minutes=5), status="CONNECTED")
    tell(stored, restricted())
    assert sender(stored).state == "restricted"


def test_an_account_that_is_not_ours_changes_nothing(stored: Sessions) -> None:
    assert tell(stored, restricted()._replace(account="3")) == SenderChanges(frozenset(), frozenset())


S = SenderState


@pytest.mark.parametrize(
    ("state", "word", "of_number", "after"),
    [
        (S.CONNECTED, "flagged", True, S.FLAGGED),
        (S.FLAGGED, "connected", True, S.CONNECTED),
        (S.RESTRICTED, "flagged", True, S.RESTRICTED),
        (S.RESTRICTED, "connected", True, S.RESTRICTED),
        (S.RESTRICTED, "connected", False, S.CONNECTED),
        (S.DISABLED, "connected", True, S.DISABLED),
        (S.DISABLED, "connected", False, S.CONNECTED),
        (S.DISABLED, "restricted", False, S.DISABLED),
        (S.FLAGGED, "restricted", False, S.RESTRICTED),
        (S.RESTRICTED, "disabled", False, S.DISABLED),
        (S.CONNECTED, None, True, S.CONNECTED),
    ],
)
def test_states_follow_words(state: S, word: str | None, of_number: bool, after: S) -> None:
    told = SenderEvent("WORD", phone="1" if of_number else None, state=word, until=TOMORROW)
    assert state_after_event(state, told, NOON) is after
