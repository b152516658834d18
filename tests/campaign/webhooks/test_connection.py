"""The receiver's connection: it heals, and it is never waited for longer than its bound."""

import asyncio
from typing import Any

import psycopg
import pytest

from campaign.webhooks import connection as connection_module
from campaign.webhooks.connection import Connection, DatabaseAway, HealingConnection


async def one(opened: Connection) -> Any:
    cursor = await opened.execute("SELECT pg_backend_pid()")
    row = await cursor.fetchone()
    return row[0] if row else None


async def test_the_same_connection_serves_again_and_commits_durably(database_url: str) -> None:
    healing = HealingConnection(database_url, timeout_s=5, name="test")

    async def setting(opened: Connection) -> Any:
        cursor = await opened.execute("SHOW synchronous_commit")
        row = await cursor.fetchone()
        return row[0] if row else None

    assert await healing.run(one) == await healing.run(one)
    assert await healing.run(setting) == "on"
    await healing.aclose()


async def test_a_connection_that_the_server_ended_is_replaced(database_url: str) -> None:
    healing = HealingConnection(database_url, timeout_s=5, name="test")
    first = await healing.run(one)
    with psycopg.connect(database_url, autocommit=True) as other:
        other.execute("SELECT pg_terminate_backend(%s)", (first,))
    with pytest.raises(DatabaseAway):
        await healing.run(one)
    await asyncio.sleep(connection_module.RETRY_S)
    assert await healing.run(one) != first
    await healing.aclose()


async def test_a_statement_that_fails_does_not_cost_the_connection(database_url: str) -> None:
    healing = HealingConnection(database_url, timeout_s=5, name="test")
    first = await healing.run(one)
    with pytest.raises(DatabaseAway, match="nowhere"):
        await healing.run(lambda opened: opened.execute("SELECT FROM nowhere"))
    assert await healing.run(one) == first
    await healing.aclose()


async def test_what_takes_too_long_is_let_go(database_url: str) -> None:
    healing = HealingConnection(database_url, timeout_s=0.3, name="test")
    await healing.run(one)
    started = asyncio.get_running_loop().time()
    with pytest.raises(DatabaseAway):
        await healing.run(lambda opened: opened.execute("SELECT pg_sleep(20)"))
    assert asyncio.get_running_loop().time() - started < 2
    await asyncio.sleep(connection_module.RETRY_S)
    assert await healing.run(one)
    await healing.aclose()


async def test_out_of_reach_it_says_no_at_once_between_two_tries() -> None:
    healing = HealingConnection("postgresql://campaign@127.0.0.1:1/none", timeout_s=2, name="test")
    with pytest.raises(DatabaseAway):
        await healing.run(one)
    started = asyncio.get_running_loop().time()
    for _ in range(100):
        with pytest.raises(DatabaseAway, match="a moment ago"):
            await healing.run(one)
    assert asyncio.get_running_loop().time() - started < 0.3
    await healing.aclose()
