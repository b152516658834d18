"""Signed webhooks taken per second with a durable group commit, against a bare handler that verifies and discards.

Both run as one uvicorn process on uvloop and httptools, in turns, under the same load. Goal: a ratio of 0.60.
"""

import os
import socket
import statistics
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import psutil
import pytest
import uvloop
from sqlalchemy import text

from campaign.webhooks.authenticity import sign
from models.session import Sessions, session_scope
from tests.bench.load import Result, closed_loop, open_loop
from tests.factories import make_sender

GOAL = 0.60
ROUNDS, SECONDS, CONNECTIONS = 3, 4.0, 128
SECRET = "a secret of this bench"


def request_of(number: int) -> bytes:
    status = (
        b'{"id":"wamid.HBgLMTIwMjU1NTAxMTEVAgARGBJGMUM3MDAwMDAwMDAwMDA%06d","status":"delivered","timestamp":'
        b'"1795176003","recipient_id":"12025550111","biz_opaque_callback_data":"c1:m%d:a1","pricing":{"billable":true,'
        b'"pricing_model":"PMP","type":"regular","category":"marketing"}}'
    ) % (number, number)
    body = (
        b'{"object":"whatsapp_business_account","entry":[{"id":"100000000000010","changes":[{"value":'
        b'{"messaging_product":"whatsapp","metadata":{"display_phone_number":"12025550100","phone_number_id":'
        b'"100000000000020"},"statuses":[' + status + b']},"field":"messages"}]}]}'
    )
    head = (
        b"POST /webhooks/shop HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: application/json\r\n"
        b"x-hub-signature-256: %s\r\ncontent-length: %d\r\n\r\n"
    ) % (sign(SECRET.encode(), body), len(body))
    return head + body


@contextmanager
def serving(factory: str, environment: dict[str, str]) -> Iterator[tuple[int, psutil.Process]]:
    """The port of an application that is served by a process of its own, and the process."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen(1024)
        command = ["uvicorn", "--factory", factory, "--fd", str(listening.fileno()), "--no-access-log"]
        process = subprocess.Popen(
            [sys.executable, "-m", *command, "--log-level", "warning"],
            env=os.environ | environment,
            pass_fds=(listening.fileno(),),
        )
        try:
            yield listening.getsockname()[1], psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)


def cpu_s(process: psutil.Process) -> float:
    times = process.cpu_times()
    return times.user + times.system


def saturate(port: int, requests: Sequence[bytes], seconds: float = SECONDS) -> Result:
    return uvloop.run(closed_loop("127.0.0.1", port, requests, connections=CONNECTIONS, seconds=seconds))


@pytest.mark.bench
def test_receiver(sessions: Sessions, database_url: str) -> None:
    with session_scope(sessions) as session:
        make_sender(session)
    requests = [request_of(number) for number in range(2000)]
    environment = {"TEST_APP_SECRET": SECRET, "CAMPAIGN_DATABASE_URL": database_url}
    ours: list[Result] = []
    bare: list[Result] = []
    with serving("tests.bench.bare_receiver:app", environment) as (bare_port, bare_process):
        with serving("console.receiver:app", environment) as (our_port, our_process):
            saturate(bare_port, requests, 1.0)
            saturate(our_port, requests, 1.0)
            before = cpu_s(bare_process), cpu_s(our_process)
            for _ in range(ROUNDS):
                bare.append(saturate(bare_port, requests))
                ours.append(saturate(our_port, requests))
            cpu = cpu_s(bare_process) - before[0], cpu_s(our_process) - before[1]
            paced = {
                rate: uvloop.run(open_loop("127.0.0.1", our_port, requests, rate=rate, seconds=5.0))
                for rate in (3 * 80, 3 * 1000)
            }
    assert all(set(result.statuses) == {200} for result in (*ours, *bare, *paced.values()))
    theirs, mine = (statistics.median(result.per_second for result in results) for results in (bare, ours))
    print(f"\nreceiver with durable group commit: {mine:,.0f} webhooks/s, {CONNECTIONS} connections")
    print(f"  bare handler {theirs:,.0f}/s · ratio {mine / theirs:.2f} (goal {GOAL:.2f})")
    bare_us, our_us = (
        spent / sum(result.statuses.total() for result in results) * 1e6
        for spent, results in zip(cpu, (bare, ours), strict=True)
    )
    print(f"  CPU of the process per webhook {our_us:.0f} µs, bare {bare_us:.0f} µs · ratio {bare_us / our_us:.2f}")
    for rate, result in paced.items():
        p50, p99 = (result.percentile_ms(share) for share in (0.5, 0.99))
        print(f"  at {rate:,}/s: p50 {p50:.1f} ms, p99 {p99:.1f} ms (goal 250)")
    # What was acknowledged is in the inbox, all of it.
    acknowledged = sum(result.statuses[200] for result in (*ours, *paced.values()))
    with session_scope(sessions) as session:
        stored = session.execute(text("SELECT count(*) FROM webhook_event")).scalar_one()
    assert stored >= acknowledged
