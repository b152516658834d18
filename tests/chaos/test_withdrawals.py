"""People withdraw while a campaign runs at full pace: nothing reaches them two seconds after they said so."""

import json
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import func, select

from models import Message
from models.session import session_scope
from tests.chaos.engine_room import EngineRoom, engine_room
from tests.factories import fiction_phone, withdraw

RATE = 500
LATEST_S = 2.0
WRITERS = 5


@pytest.mark.parametrize(
    ("people", "withdrawing"),
    [pytest.param(3_000, 300, id="short"), pytest.param(20_000, 2_000, id="long", marks=pytest.mark.chaos)],
)
def test_nobody_is_written_to_later_than_two_seconds_after_they_withdrew(
    tmp_path: Path, people: int, withdrawing: int
) -> None:
    """By the platform's ledger. Some are recorded by the operator, some write STOP; all of them are queued by then."""
    # From the end of the list, so that their turn comes after they spoke.
    gone = [fiction_phone(place) for place in range(people - withdrawing, people)]
    with engine_room(tmp_path) as room:
        campaign_id = room.launch(people, RATE)
        room.wait_for("a first part sent", lambda: room.counts(campaign_id)["queued"] < 0.9 * people, 60)
        for phone in gone[:WRITERS]:
            _write(room, phone, "STOP")
        with session_scope(room.sessions) as session:
            withdraw(session, gone[WRITERS:], source_text="test", now=datetime.now(UTC))
        said_at = time.time()
        room.wait_for("everything handed over", room.nothing_to_send, 180)
        to_them = [entry for entry in room.taken() if entry["to"].lstrip("+") in _digits(gone)]
        late = [entry for entry in to_them if entry["at"] > said_at + LATEST_S]
        assert late == []
        with room.sessions() as session:
            skipped = select(func.count()).where(Message.state == "skipped", Message.reason == "consent_withdrawn")
            spared = session.scalar(skipped) or 0
    print(f"{withdrawing:,} withdrew: {spared:,} spared, {len(to_them):,} written to before, {len(late):,} late")
    assert spared + len(to_them) == withdrawing
    assert spared >= 0.9 * withdrawing


def _digits(phones: list[str]) -> set[str]:
    return {phone.lstrip("+") for phone in phones}


def _write(room: EngineRoom, phone: str, text: str) -> None:
    """A person writes to our number."""
    body = json.dumps({"from": phone.lstrip("+"), "text": text}).encode()
    request = urllib.request.Request(f"{room.engine.sandbox_url}/_sandbox/inbound", body, method="POST")
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200
