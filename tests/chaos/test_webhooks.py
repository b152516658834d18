"""Receiver and apply-worker killed under load: what was answered 200 is kept, and the table ends as undisturbed."""

import asyncio
import os
import random
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from campaign.webhooks.authenticity import sign
from models.session import session_scope
from tests.campaign.webhooks.desk import envelope, failed, status
from tests.chaos.engine_room import EngineRoom, engine_room
from tests.chaos.killer import AGAIN, SEED, Killer, kinds
from tests.factories import NOON

AT_ONCE = 24
UNREACHABLE = 131026
COLUMNS = "state, reason, error_code, error_text, accepted_at, sent_at, delivered_at, read_at, failed_at"


@pytest.mark.parametrize(
    ("people", "kills"), [(400, 6), pytest.param(4000, 40, marks=pytest.mark.chaos)], ids=["short", "long"]
)
def test_every_webhook_answered_200_is_applied_once(tmp_path: Path, people: int, kills: int) -> None:
    rng = random.Random(SEED)
    with engine_room(tmp_path, sandbox=False, workers=0) as room:
        disturbed, undisturbed = (_taken_messages(room, people, mark) for mark in "ab")
        shuffled = _told(people, "a")
        shuffled += rng.sample(shuffled, len(shuffled) // 10)
        rng.shuffle(shuffled)
        parts = ("receiver", "housekeeper, parent", "housekeeper, child")
        killer = Killer({name: kind for name, kind in kinds(room).items() if name in parts}, kills, every_s=0.7)
        acknowledged = asyncio.run(_post_all(room, shuffled, killer))
        room.wait_for("inbox worked off", lambda: _waiting(room) == 0, 60)
        asyncio.run(_post_all(room, _told(people, "b"), None))
        room.wait_for("inbox worked off", lambda: _waiting(room) == 0, 60)
        kept = _bodies(room)
        tables = [_rows(room, campaign_id) for campaign_id in (disturbed, undisturbed)]
    missing = [body for body in acknowledged if body not in kept]
    print(f"\n{len(acknowledged):,} webhooks acknowledged, {len(missing)} of them missing, killed {dict(killer.kills)}")
    assert set(acknowledged) == set(shuffled)
    assert not missing, f"{len(missing)} acknowledged and not kept{AGAIN}"
    assert tables[0] == tables[1], AGAIN


def _taken_messages(room: EngineRoom, people: int, mark: str) -> int:
    """A campaign whose messages the platform has taken, a second after noon; its id."""
    campaign_id = room.launch(people, 80)
    with session_scope(room.sessions) as session:
        session.execute(_TAKE, {"campaign": campaign_id, "mark": mark, "noon": NOON})
    return campaign_id


_TAKE = text("""
    UPDATE message SET state = 'accepted', attempt = 1, claimed_at = :noon, accepted_at = :noon + interval '1 second',
                       expires_at = :noon + interval '40 days', wamid = :mark || row_number
    WHERE campaign_id = :campaign
""")


def _told(people: int, mark: str) -> list[bytes]:
    """What the platform tells of each, one webhook for each word."""
    bodies = []
    for place in range(1, people + 1):
        wamid, ends_well = f"{mark}{place}", place % 10 != 0
        words = [("sent", 2), *([("delivered", 3), ("read", 4)] if ends_well else [])]
        bodies += [envelope(status(word, wamid, at + place % 60)) for word, at in words]
        bodies += [] if ends_well else [envelope(failed(wamid, 5, UNREACHABLE))]
    return bodies


async def _post_all(room: EngineRoom, bodies: Sequence[bytes], killer: Killer | None) -> list[bytes]:
    """Post as the platform does, again until the answer is 200, and all of it anew while there is somebody to kill.

    returns  the bodies that were acknowledged, as often as they were
    """
    waiting: list[bytes] = []
    acknowledged: list[bytes] = []
    url = f"{room.engine.receiver_url}/webhooks/sandbox"
    secret = os.environ["SANDBOX_APP_SECRET"].encode()

    async def post(client: httpx.AsyncClient) -> None:
        while waiting:
            body = waiting.pop()
            if await _acknowledges(client, url, body, {"x-hub-signature-256": sign(secret, body).decode()}):
                acknowledged.append(body)
            else:
                waiting.append(body)
                await asyncio.sleep(0.05)

    async def kill() -> None:
        while killer is not None and waiting:
            await asyncio.to_thread(killer)
            await asyncio.sleep(0.05)

    async with httpx.AsyncClient(timeout=10, trust_env=False) as client:
        while not acknowledged or (killer is not None and not killer.done):
            waiting += reversed(bodies)
            await asyncio.gather(kill(), *(post(client) for _ in range(AT_ONCE)))
    return acknowledged


async def _acknowledges(client: httpx.AsyncClient, url: str, body: bytes, headers: Mapping[str, str]) -> bool:
    try:
        return (await client.post(url, content=body, headers=headers)).status_code == 200
    except httpx.HTTPError:
        return False


def _waiting(room: EngineRoom) -> int:
    with room.sessions() as session:
        return int(session.execute(text("SELECT count(*) FROM webhook_event WHERE processed_at IS NULL")).scalar_one())


def _bodies(room: EngineRoom) -> set[bytes]:
    with room.sessions() as session:
        return {bytes(body) for body in session.scalars(text("SELECT body FROM webhook_event"))}


def _rows(room: EngineRoom, campaign_id: int) -> list[Any]:
    listed = text(f"SELECT row_number, {COLUMNS} FROM message WHERE campaign_id = :id ORDER BY row_number")
    with room.sessions() as session:
        return list(map(tuple, session.execute(listed, {"id": campaign_id})))
