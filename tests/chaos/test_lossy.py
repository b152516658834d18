"""Reports that are lost, doubled, out of order, a day late or met by nobody: what can be known is known, the rest ends.

A virtual hour is a second here: the longest delay is a day of 24 s, and the receiver, killed in the middle, is away for
an hour at least until it is back. The time to live is the platform's own 30 days; then the clock of the sweeps is moved
on by 31.
"""

import csv
import os
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from campaign.reconciliation import sweep
from campaign.reports.recipients import write_recipients
from campaign.settings import Settings
from models import Campaign, WebhookEvent
from models.states import CampaignState
from tests.chaos.engine_room import EngineRoom, engine_room, scenario_file
from tests.chaos.killer import strike

HOUR_S = 1.0
RATE = 100
LOSSY = [
    "clock_factor = 3600",
    "[webhooks]",
    "lost = 0.02",
    "duplicated = 0.05",
    "reordered = 0.2",
    "late = 0.2",
    f"late_by_s = {24 * HOUR_S}",
    "[people]",
    "delivered = 0.97",
    "read = 0.6",
]
LATEST_S = 24 * HOUR_S + 6
"""A day after the last message was read, and a moment for what is told again."""

FURTHEST = ("read", "delivered", "sent")
"""How far the words of the platform take a message, the furthest first."""


PEOPLE = int(os.environ.get("CHAOS_LOSSY_PEOPLE", "3000"))


@pytest.mark.chaos
def test_the_report_is_the_ledgers_truth_as_far_as_it_was_told(tmp_path: Path) -> None:
    with engine_room(tmp_path / "home", scenario_file(tmp_path, LOSSY)) as room:
        campaign_id = room.launch(PEOPLE, RATE)
        room.wait_for("half of it", lambda: room.counts(campaign_id)["queued"] < PEOPLE / 2, 60 + PEOPLE / RATE)
        assert strike(room, "receiver")
        room.wait_for("handed over", room.nothing_to_send, 60 + PEOPLE / RATE)
        time.sleep(LATEST_S)
        room.wait_for("everything told", lambda: room.ask("/_sandbox/summary")["webhooks"]["queue"] == 0, 90)
        room.wait_for("inbox worked off", lambda: _applied(room), 60)
        truth = _told(room)
        before = _report(room, campaign_id, tmp_path / "before.csv")
        moved_on = datetime.now(UTC) + timedelta(days=31)
        sweep(room.sessions, Settings(_env_file=None), clock=lambda: moved_on)
        after, state = _report(room, campaign_id, tmp_path / "after.csv"), room.campaigns()[campaign_id]
    print(f"\ntold {dict(Counter(truth.values()))}\nafter 31 days {dict(Counter(after.values()))}, campaign {state}")
    assert before == truth
    silent = {"accepted", "sent"}
    assert after == {row: "expired" if word in silent else word for row, word in truth.items()}
    assert state == CampaignState.COMPLETED
    assert len(after) == PEOPLE
    assert "expired" in after.values()


def _told(room: EngineRoom) -> dict[str, str]:
    """By wamid, the furthest that a message came as far as the receiver was told; a silent one was only accepted."""
    told = {}
    for entry in room.taken():
        words = {each["status"] for each in entry["statuses"] if each["delivered_to_receiver"]}
        told[entry["wamid"]] = next((word for word in FURTHEST if word in words), "accepted")
    return told


def _report(room: EngineRoom, campaign_id: int, out: Path) -> dict[str, str]:
    """By wamid, the status in the report that a person would get."""
    with room.sessions() as session:
        write_recipients(session, session.get_one(Campaign, campaign_id), out)
    with out.open(encoding="utf-8-sig", newline="") as lines:
        return {line["wamid"]: line["status"] for line in csv.DictReader(lines)}


def _applied(room: EngineRoom) -> bool:
    with room.sessions() as session:
        return not session.scalar(select(func.count()).where(WebhookEvent.processed_at.is_(None)))
