"""The statements of the sweeps find what they need by an index."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from campaign.reconciliation.sweeps import (
    sweep_campaigns,
    sweep_deadlines,
    sweep_expired,
    sweep_holds,
    sweep_leases,
    sweep_uncertain,
)
from campaign.settings import Settings
from models.session import Sessions, session_scope
from tests.campaign.reconciliation.plans import plans_of, walks_the_table
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

NOW = NOON + timedelta(hours=2)

SWEEPS: dict[str, Callable[[Sessions, Settings], object]] = {
    "leases": lambda sessions, settings: sweep_leases(sessions, now=NOW),
    "uncertain": lambda sessions, settings: sweep_uncertain(sessions, settings, now=NOW),
    "expired": lambda sessions, settings: sweep_expired(sessions, now=NOW),
    "deadlines": lambda sessions, settings: sweep_deadlines(sessions, now=NOW),
    "holds": lambda sessions, settings: sweep_holds(sessions, settings, now=NOW),
    "campaigns": lambda sessions, settings: sweep_campaigns(sessions, now=NOW),
}


@pytest.mark.parametrize("name", SWEEPS)
def test_no_sweep_walks_the_table_of_messages(sessions: Sessions, settings: Settings, name: str) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        make_messages(session, campaign, 1, state="uncertain", attempt=1, claimed_at=NOON)
        make_messages(session, campaign, 1, first=1, state="sent", attempt=1, accepted_at=NOW, sent_at=NOW)
    plans = plans_of(sessions, lambda: SWEEPS[name](sessions, settings), force=True)
    assert plans
    assert [plan for plan in plans if walks_the_table(plan)] == []
