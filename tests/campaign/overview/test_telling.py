"""The sentence of a campaign."""

from datetime import timedelta

import pytest

from campaign.overview.telling import KEYS, Standing, tell
from models.states import CampaignState, PauseReason
from tests.factories import NOON

LATER = NOON + timedelta(hours=2)
SOON = NOON + timedelta(seconds=20)


def told(state, **more):
    return tell(Standing(state, NOON, **more))


@pytest.mark.parametrize(
    ("state", "given", "key", "values"),
    [
        ("draft", {"counts": {"queued": 5}}, "draft", {"messages": 5}),
        ("draft", {"counts": {"queued": 5}, "asked_by": "olga"}, "draft_asked", {"who": "olga", "messages": 5}),
        ("draft", {"refused": 9}, "draft_empty", {"refused": 9}),
        ("scheduled", {"counts": {"queued": 5}, "start_at": LATER}, "scheduled", {"at": LATER, "messages": 5}),
        ("preparing", {}, "preparing", {}),
        ("running", {"counts": {"sending": 3}}, "running_last", {"messages": 3}),
        ("running", {"counts": {"accepted": 2, "read": 1}}, "settling_reports", {
            "awaited": 2, "doubtful": 0, "sender": ""}),
        ("running", {"counts": {"read": 3}}, "settling", {"awaited": 0, "doubtful": 0, "sender": ""}),
        (
            "running",
            {"counts": {"queued": 5}, "due": 1, "effective_mps": 2.0, "eta": LATER},
            "running_until",
            {"messages": 5, "at": LATER},
        ),
        ("running", {"counts": {"queued": 5}, "due": 1, "effective_mps": 2.0, "eta": SOON}, "running", {"messages": 5}),
        ("running", {"counts": {"queued": 5}, "due": 1, "sender": "shop"}, "running_stopped",
         {"messages": 5, "sender": "shop"}),
        ("running", {"counts": {"queued": 5, "read": 1}, "next_due_at": LATER}, "running_retries",
         {"messages": 5, "at": LATER}),
        ("running", {"counts": {"queued": 5}, "next_due_at": LATER}, "running_waiting", {"messages": 5, "at": LATER}),
        ("running", {"counts": {"queued": 5}, "due": 1, "effective_mps": 2.0, "canary_people": 2}, "running_canary",
         {"people": 2, "messages": 5}),
        ("settling", {"counts": {"uncertain": 2}, "sender": "shop"}, "settling_uncertain",
         {"doubtful": 2, "awaited": 0, "sender": "shop"}),
        ("settling", {"counts": {"uncertain": 2}, "traffic_settles": False}, "settling_asks",
         {"doubtful": 2, "awaited": 0, "sender": ""}),
        ("settling", {"counts": {"sent": 4}}, "settling_reports", {"doubtful": 0, "awaited": 4, "sender": ""}),
        ("settling", {"counts": {"sent": 4, "uncertain": 2}}, "settling_both",
         {"doubtful": 2, "awaited": 4, "sender": ""}),
        ("settling", {"counts": {"read": 4}}, "settling", {"doubtful": 0, "awaited": 0, "sender": ""}),
        ("completed", {"counts": {"read": 3, "delivered": 2, "failed": 1}, "ended_at": LATER}, "completed",
         {"at": LATER, "arrived": 5, "messages": 6}),
        ("completed", {"refused": 3}, "completed_nobody", {"refused": 3}),
        ("cancelled", {"counts": {"skipped": 7}, "ended_at": LATER}, "cancelled", {"at": LATER, "skipped": 7}),
    ],
)  # fmt: skip
def test_each_standing_has_its_sentence_and_its_numbers(state, given, key, values):
    found = told(state, **given)
    assert (found.key, dict(found.values)) == (key, values)


@pytest.mark.parametrize("reason", PauseReason)
def test_each_pause_has_a_sentence_of_its_own(reason):
    found = told("paused", reason=reason.value, counts={"queued": 5})
    assert found.key == ("paused_canary_judged" if reason is PauseReason.CANARY else f"paused_{reason.value}")
    assert found.values["messages"] == 5


@pytest.mark.parametrize(
    ("reason", "given", "key"),
    [
        ("sender_restricted", {"restricted_until": LATER}, "paused_sender_restricted_until"),
        ("outside_window", {"next_due_at": LATER}, "paused_outside_window_until"),
        ("canary", {"canary_until": LATER}, "paused_canary"),
    ],
)
def test_a_pause_whose_end_is_known_names_it(reason, given, key):
    found = told("paused", reason=reason, **given)
    assert (found.key, found.values["at"]) == (key, LATER)


def test_a_pause_for_a_reason_without_a_sentence_still_says_that_it_is_paused():
    assert told("paused", reason="of_the_future").key == "paused"


def test_every_state_is_told():
    assert {told(state.value).key for state in CampaignState} <= set(KEYS)
