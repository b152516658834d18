"""The receiver: what is answered 200 is committed, what is not proven leaves nothing, and no database means 503."""

import asyncio
import re
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from campaign.errors import ConfigurationError
from campaign.settings import Settings
from console.receiver import create_receiver
from models.session import Sessions, session_scope
from tests.console.receiving import ENVIRONMENT, SECRET, TOKEN, DatabaseDoor, running, signed
from tests.factories import make_sender

BODY = b'{"object":"whatsapp_business_account","entry":[]}'


@pytest.fixture
def shop(sessions: Sessions) -> str:
    """A Cloud sender."""
    with session_scope(sessions) as session:
        return make_sender(session).name


@pytest.fixture
async def receiver(settings: Settings, shop: str) -> AsyncIterator[httpx.AsyncClient]:
    async with running(settings) as client:
        yield client


def stored(sessions: Sessions) -> list[Any]:
    with sessions() as session:
        rows = session.execute(
            text("SELECT s.name, e.body FROM webhook_event e JOIN sender s ON s.id = e.sender_id ORDER BY e.id")
        )
        return [tuple(row) for row in rows]


async def counted(receiver: httpx.AsyncClient, name: str, **labels: str) -> float:
    page = (await receiver.get("/metrics")).text
    wanted = ",".join(f'{key}="{value}"' for key, value in sorted(labels.items()))
    found = re.search(rf"^{name}_total{{{wanted}}} (\S+)$", page, re.MULTILINE)
    return float(found.group(1)) if found else 0.0


async def test_a_signed_webhook_is_in_the_inbox_when_it_is_answered(
    receiver: httpx.AsyncClient, sessions: Sessions
) -> None:
    answer = await receiver.post("/webhooks/shop", content=BODY, headers=signed(BODY))
    assert answer.status_code == 200
    assert stored(sessions) == [("shop", BODY)]
    assert await counted(receiver, "campaign_webhooks_received", sender="shop") == 1


async def test_each_of_many_at_once_is_stored_once(receiver: httpx.AsyncClient, sessions: Sessions) -> None:
    bodies = [b'{"n":%d}' % number for number in range(200)]
    answers = await asyncio.gather(
        *(receiver.post("/webhooks/shop", content=body, headers=signed(body)) for body in bodies)
    )
    assert {answer.status_code for answer in answers} == {200}
    assert sorted(body for _, body in stored(sessions)) == sorted(bodies)


@pytest.mark.parametrize(
    ("headers", "reason"),
    [
        ({}, "no_signature"),
        ({"x-hub-signature-256": "sha256=" + "0" * 64}, "bad_signature"),
        ({"x-hub-signature-256": "sha256=zz"}, "bad_signature"),
        ({"x-hub-signature-256": "sha1=" + "0" * 66}, "bad_signature"),
        (signed(BODY + b" "), "bad_signature"),
        (signed(BODY, "another secret"), "bad_signature"),
        ({"authorization": TOKEN}, "no_signature"),
    ],
)
async def test_a_forged_webhook_is_refused_and_leaves_nothing(
    receiver: httpx.AsyncClient, sessions: Sessions, headers: dict[str, str], reason: str
) -> None:
    answer = await receiver.post("/webhooks/shop", content=BODY, headers=headers)
    assert answer.status_code == 401
    assert stored(sessions) == []
    assert await counted(receiver, "campaign_webhooks_refused", sender="shop", reason=reason) == 1
    assert await counted(receiver, "campaign_webhooks_received", sender="shop") == 0


@pytest.mark.parametrize("environment", [{}, {"TEST_APP_SECRET": ""}])
async def test_without_a_secret_nothing_is_believed(
    settings: Settings, shop: str, sessions: Sessions, environment: dict[str, str]
) -> None:
    async with running(settings, environment) as receiver:
        for headers in ({}, signed(BODY), signed(BODY, "")):
            assert (await receiver.post("/webhooks/shop", content=BODY, headers=headers)).status_code == 401
        assert await counted(receiver, "campaign_webhooks_refused", sender="shop", reason="no_secret") == 3
    assert stored(sessions) == []


async def test_the_old_secret_still_opens_while_it_is_being_replaced(
    settings: Settings, shop: str, sessions: Sessions
) -> None:
    async with running(settings, {"TEST_APP_SECRET": "the new one", "TEST_APP_SECRET_PREVIOUS": SECRET}) as receiver:
        for secret in ("the new one", SECRET):
            answer = await receiver.post("/webhooks/shop", content=BODY, headers=signed(BODY, secret))
            assert answer.status_code == 200
    assert len(stored(sessions)) == 2


@pytest.mark.parametrize("provider", ["d360", "d360-onprem"])
async def test_360dialog_proves_itself_by_its_authorization_header(
    settings: Settings, sessions: Sessions, provider: str
) -> None:
    with session_scope(sessions) as session:
        make_sender(session, "desk", provider=provider, app_secret_env=None)
    async with running(settings, {"TEST_VERIFY_TOKEN": "Bearer of these tests"}) as receiver:
        right = await receiver.post("/webhooks/desk", content=BODY, headers={"authorization": "Bearer of these tests"})
        wrong = await receiver.post("/webhooks/desk", content=BODY, headers={"authorization": "Bearer of others"})
        in_address = [
            (await receiver.post(f"/webhooks/desk/{token}", content=BODY)).status_code
            for token in ("of%20these%20tests", "of%20others", "")
        ]
        assert in_address == [200, 401, 401]
        none = await receiver.post("/webhooks/desk", content=BODY)
    assert (right.status_code, wrong.status_code, none.status_code) == (200, 401, 401)
    assert stored(sessions) == [("desk", BODY)] * 2


async def test_at_meta_an_address_with_a_token_is_nobodys(receiver: httpx.AsyncClient, sessions: Sessions) -> None:
    for token in (TOKEN, SECRET, ""):
        answer = await receiver.post(f"/webhooks/shop/{token}", content=BODY, headers=signed(BODY))
        assert answer.status_code == 404
    assert stored(sessions) == []


async def test_the_receiver_keeps_that_it_stands_ready(receiver: httpx.AsyncClient, sessions: Sessions) -> None:
    def pulses() -> list[Any]:
        with sessions() as session:
            return [tuple(row) for row in session.execute(text("SELECT sender_id, until_at > since_at FROM hearing"))]

    for _ in range(100):
        if (None, True) in pulses():
            break
        await asyncio.sleep(0.05)
    assert (None, True) in pulses()


async def test_the_challenge_is_answered_to_whoever_knows_the_token(receiver: httpx.AsyncClient) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": TOKEN}
    answer = await receiver.get("/webhooks/shop", params=query)
    assert (answer.status_code, answer.text) == (200, "1158201444")
    assert answer.headers["content-type"].startswith("text/plain")


@pytest.mark.parametrize(
    "changed", [{"hub.verify_token": "guessed"}, {"hub.verify_token": ""}, {"hub.mode": "unsubscribe"}]
)
async def test_a_challenge_without_the_token_is_refused(receiver: httpx.AsyncClient, changed: dict[str, str]) -> None:
    query = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": TOKEN} | changed
    answer = await receiver.get("/webhooks/shop", params=query)
    assert answer.status_code == 403
    assert "1158201444" not in answer.text


async def test_a_sender_that_does_not_exist_is_not_found_nor_named_in_the_counters(receiver: httpx.AsyncClient) -> None:
    for name in ("nobody", "nobody/else", "", "%00"):
        assert (await receiver.post(f"/webhooks/{name}", content=BODY, headers=signed(BODY))).status_code == 404
    assert await counted(receiver, "campaign_webhooks_refused", sender="unknown", reason="unknown_sender") == 4
    assert "nobody" not in (await receiver.get("/metrics")).text


async def test_a_sender_that_was_just_added_is_known_within_seconds(
    receiver: httpx.AsyncClient, sessions: Sessions
) -> None:
    assert (await receiver.post("/webhooks/new", content=BODY, headers=signed(BODY))).status_code == 404
    with session_scope(sessions) as session:
        make_sender(session, "new")
    await asyncio.sleep(1.1)
    assert (await receiver.post("/webhooks/new", content=BODY, headers=signed(BODY))).status_code == 200


async def test_other_methods_are_refused(receiver: httpx.AsyncClient) -> None:
    assert (await receiver.delete("/webhooks/shop")).status_code == 405


async def test_a_body_up_to_the_bound_is_taken_and_one_byte_more_is_not(
    settings: Settings, shop: str, sessions: Sessions
) -> None:
    async with running(settings.model_copy(update={"webhook_max_bytes": 1000})) as receiver:
        for size, status in ((1000, 200), (1001, 413)):
            body = b"x" * size
            answer = await receiver.post("/webhooks/shop", content=body, headers=signed(body))
            assert answer.status_code == status
        assert await counted(receiver, "campaign_webhooks_refused", sender="shop", reason="too_large") == 1
    assert [len(body) for _, body in stored(sessions)] == [1000]


async def raw_request(receiver: httpx.AsyncClient, *parts: bytes, pause_s: float = 0.0) -> bytes:
    """What comes back when bytes are sent as they are, part by part."""
    reader, writer = await asyncio.open_connection("127.0.0.1", receiver.base_url.port)
    try:
        for part in parts:
            writer.write(part)
            await writer.drain()
            await asyncio.sleep(pause_s)
        return await asyncio.wait_for(reader.read(), 10)
    finally:
        writer.close()


def head(length: str, *, body: bytes = BODY) -> bytes:
    signature = signed(body)["x-hub-signature-256"]
    return f"POST /webhooks/shop HTTP/1.1\r\nhost: x\r\nx-hub-signature-256: {signature}\r\n{length}\r\n\r\n".encode()


async def test_a_body_that_never_ends_is_not_read_to_its_end(settings: Settings, shop: str) -> None:
    async with running(settings.model_copy(update={"webhook_max_bytes": 1000})) as receiver:
        chunks = [b"258\r\n" + b"x" * 600 + b"\r\n"] * 2
        answer = await raw_request(receiver, head("transfer-encoding: chunked"), *chunks)
        assert answer.startswith(b"HTTP/1.1 413")


async def test_a_client_that_dawdles_is_sent_away(settings: Settings, shop: str, sessions: Sessions) -> None:
    async with running(settings.model_copy(update={"webhook_read_timeout_s": 0.3})) as receiver:
        answer = await raw_request(receiver, head(f"content-length: {len(BODY)}"), BODY[:10])
        assert answer.startswith(b"HTTP/1.1 408")
        assert await counted(receiver, "campaign_webhooks_refused", sender="shop", reason="too_slow") == 1
    assert stored(sessions) == []


async def test_bodies_beyond_the_memory_are_refused_until_there_is_room(settings: Settings, shop: str) -> None:
    async with running(settings.model_copy(update={"webhook_memory_bytes": 1500})) as receiver:
        body = b"x" * 1000
        part = head("content-length: 1000", body=body) + body[:900]
        begun = asyncio.create_task(raw_request(receiver, part, pause_s=5))
        await asyncio.sleep(0.3)
        assert (await receiver.post("/webhooks/shop", content=body, headers=signed(body))).status_code == 503
        begun.cancel()
        await asyncio.gather(begun, return_exceptions=True)
        await asyncio.sleep(0.2)
        assert (await receiver.post("/webhooks/shop", content=body, headers=signed(body))).status_code == 200


@pytest.fixture
async def door(database_url: str, tmp_path: Path) -> AsyncIterator[DatabaseDoor]:
    door = DatabaseDoor(database_url, tmp_path)
    await door.open()
    yield door
    door.thaw()
    await door.shut()


async def post(receiver: httpx.AsyncClient, body: bytes = BODY) -> int:
    return (await receiver.post("/webhooks/shop", content=body, headers=signed(body))).status_code


async def until_stored(receiver: httpx.AsyncClient) -> None:
    async with asyncio.timeout(10):
        while await post(receiver) != 200:
            await asyncio.sleep(0.1)


async def test_without_the_database_it_answers_503_and_comes_back_by_itself(
    settings: Settings, door: DatabaseDoor, shop: str, sessions: Sessions
) -> None:
    async with running(
        settings.model_copy(update={"database_url": Settings(database_url=door.url).database_url})
    ) as it:
        assert await post(it) == 200
        assert (await it.get("/readyz")).status_code == 200
        await door.shut()
        assert {await post(it, b"lost?") for _ in range(5)} == {503}
        assert (await it.get("/healthz")).status_code == 200
        await asyncio.sleep(1.1)
        assert (await it.get("/readyz")).status_code == 503
        await door.open()
        await until_stored(it)
        await asyncio.sleep(1.1)
        assert (await it.get("/readyz")).status_code == 200
        assert await counted(it, "campaign_webhooks_refused", sender="shop", reason="not_stored") >= 5
    assert b"lost?" not in {body for _, body in stored(sessions)}


async def test_it_starts_without_the_database(settings: Settings, door: DatabaseDoor, shop: str) -> None:
    await door.shut()
    async with running(
        settings.model_copy(update={"database_url": Settings(database_url=door.url).database_url})
    ) as it:
        # Whether there is such a sender is not known, so it is not said that there is none.
        assert await post(it) == 503
        await door.open()
        await until_stored(it)


async def test_a_database_that_hangs_means_503_in_time_not_200(
    settings: Settings, door: DatabaseDoor, shop: str, sessions: Sessions
) -> None:
    changed = {"database_url": Settings(database_url=door.url).database_url, "webhook_commit_timeout_s": 0.5}
    async with running(settings.model_copy(update=changed)) as it:
        assert await post(it) == 200
        door.freeze()
        started = asyncio.get_running_loop().time()
        assert set(await asyncio.gather(*(post(it) for _ in range(20)))) == {503}
        assert asyncio.get_running_loop().time() - started < 3
        door.thaw()
        await until_stored(it)
    assert len(stored(sessions)) >= 2


async def test_when_the_queue_is_full_it_answers_503(settings: Settings, door: DatabaseDoor, shop: str) -> None:
    changed = {
        "database_url": Settings(database_url=door.url).database_url,
        "webhook_queue": 5,
        "webhook_commit_timeout_s": 1.0,
    }
    async with running(settings.model_copy(update=changed)) as it:
        assert await post(it) == 200
        door.freeze()
        await asyncio.gather(*(post(it) for _ in range(40)))
        assert await counted(it, "campaign_webhooks_refused", sender="shop", reason="full") > 0
        door.thaw()
        await until_stored(it)


def test_without_a_database_address_it_says_so(settings: Settings) -> None:
    with pytest.raises(ConfigurationError, match="CAMPAIGN_DATABASE_URL is not set"):
        create_receiver(settings.model_copy(update={"database_url": None}), ENVIRONMENT)


def test_as_a_program_it_says_where_it_listens_and_ends_on_sigterm(database_url: str, shop: str) -> None:
    environment = {
        "CAMPAIGN_DATABASE_URL": database_url,
        "CAMPAIGN_RECEIVER_PORT": "0",
        "PATH": "/usr/bin",
    } | ENVIRONMENT
    process = subprocess.Popen(
        [sys.executable, "-m", "console.receiver"], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert process.stderr is not None
        line = next(line for line in process.stderr if "receiver listening on" in line)
        found = re.search(r"http://127\.0\.0\.1:(\d+)", line)
        assert found is not None
        address = f"{found.group()}/webhooks/shop"
        assert httpx.post(address, content=BODY, headers=signed(BODY), trust_env=False).status_code == 200
    finally:
        process.terminate()
        assert process.wait(10) in (0, -15)
        process.stderr.close()


async def test_what_was_acknowledged_before_a_kill_is_in_the_inbox(
    database_url: str, shop: str, sessions: Sessions
) -> None:
    environment = {"CAMPAIGN_DATABASE_URL": database_url, "PATH": "/usr/bin"} | ENVIRONMENT
    acknowledged: list[bytes] = []
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        number = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "console.receiver", "--fd", str(number)], env=environment, pass_fds=(number,)
        )
        address = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/shop"

        async def tell(client: httpx.AsyncClient, teller: int) -> None:
            for count in range(100_000):
                body = b"%d-%d" % (teller, count)
                answer = await client.post(address, content=body, headers=signed(body))
                if answer.status_code == 200:
                    acknowledged.append(body)

        async with httpx.AsyncClient(trust_env=False, timeout=30) as client:
            tellers = [asyncio.create_task(tell(client, teller)) for teller in range(16)]
            async with asyncio.timeout(60):
                while len(acknowledged) < 200:
                    await asyncio.sleep(0.01)
            process.kill()
            process.wait(10)
            listening.close()
            for teller in tellers:
                teller.cancel()
            await asyncio.gather(*tellers, return_exceptions=True)
    bodies = {body for _, body in stored(sessions)}
    assert set(acknowledged) <= bodies
    # At most what was on its way is there without an acknowledgement.
    assert len(bodies) <= len(acknowledged) + 16


def test_as_a_program_it_takes_a_socket_that_listens_already(database_url: str, shop: str) -> None:
    environment = {"CAMPAIGN_DATABASE_URL": database_url, "PATH": "/usr/bin"} | ENVIRONMENT
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        number = listening.fileno()
        process = subprocess.Popen(
            [sys.executable, "-m", "console.receiver", "--fd", str(number)], env=environment, pass_fds=(number,)
        )
        try:
            address = f"http://127.0.0.1:{listening.getsockname()[1]}/webhooks/shop"
            answer = httpx.post(address, content=BODY, headers=signed(BODY), trust_env=False, timeout=30)
            assert answer.status_code == 200
        finally:
            process.terminate()
            process.wait(10)


def test_as_a_program_without_a_database_it_ends_with_one_line() -> None:
    process = subprocess.run(
        [sys.executable, "-m", "console.receiver"], env={"PATH": "/usr/bin"}, capture_output=True, text=True, timeout=30
    )
    assert process.returncode == 1
    assert process.stderr.startswith("Error: CAMPAIGN_DATABASE_URL is not set")
    assert process.stderr.count("\n") == 1
