"""`campaign doctor`."""

import socket
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

from campaign.heartbeat import note_beat
from tests.console.cli.conftest import add_sender


def found(answer):
    """What was looked at, with its verdict and words."""
    return {finding["what"]: (finding["verdict"], finding["text"]) for finding in answer.json}


@pytest.fixture
def free_port():
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return listening.getsockname()[1]


@pytest.fixture(autouse=True)
def nobody_receives(monkeypatch, free_port):
    monkeypatch.setenv("CAMPAIGN_RECEIVER_PORT", str(free_port))


def test_what_is_well_is_said(cli):
    answer = cli("doctor", "--json")
    assert answer.code == 0
    findings = found(answer)
    for what in ("variables", "database", "redis", "clock of the database", "clock of Redis"):
        assert findings[what][0] == "ok", what
    assert findings["senders"] == ("warning", "there is none yet; add one with campaign senders add")
    assert findings["receiver"][0] == "warning"
    assert "start it with campaign up" in findings["receiver"][1]


def test_it_reads_well_without_json(cli):
    lines = cli("doctor").out.splitlines()
    assert "ok       database: a server, in reach, its schema is current" in lines


def test_a_variable_that_nothing_reads_is_named(cli, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_CLAIM_BACTH", "5")
    assert "CAMPAIGN_CLAIM_BACTH is set but no setting reads it" in cli("doctor").out


def test_a_store_out_of_reach_fails(cli, monkeypatch, free_port):
    monkeypatch.setenv("CAMPAIGN_REDIS_URL", f"redis://:secret@127.0.0.1:{free_port}/0")
    answer = cli("doctor", "--json")
    assert answer.code == 1
    assert found(answer)["stores"][0] == "failed"
    assert "secret" not in answer.out
    assert "receiver" in found(answer)


def test_a_sender_without_its_token_fails(cli, monkeypatch):
    add_sender(cli)
    assert found(cli("doctor", "--json"))["sender shop"][0] == "warning"
    monkeypatch.delenv("SHOP_TOKEN")
    answer = cli("doctor", "--json")
    assert answer.code == 1
    assert "the token variable SHOP_TOKEN is not set" in found(answer)["sender shop"][1]


def test_a_receiver_that_answers_is_well(cli, monkeypatch):
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200 if self.path == "/healthz" else 404)
            self.end_headers()

        def log_message(self, *_):
            return

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
        monkeypatch.setenv("CAMPAIGN_RECEIVER_PORT", str(server.server_port))
        assert found(cli("doctor", "--json"))["receiver"][0] == "ok"
        server.shutdown()


def test_a_redis_that_throws_keys_away_fails(cli, redis_client):
    redis_client.config_set("maxmemory", "1gb")
    redis_client.config_set("maxmemory-policy", "allkeys-lru")
    try:
        answer = cli("doctor", "--json")
    finally:
        redis_client.config_set("maxmemory-policy", "noeviction")
        redis_client.config_set("maxmemory", "0")
    assert answer.code == 1
    assert any("allkeys-lru" in finding["text"] for finding in answer.json)


def test_beat_is_known_by_its_own_sign_of_life(cli, sessions):
    assert found(cli("doctor", "--json"))["beat"] == (
        "warning", "it was never heard of; start it with campaign up"
    )  # fmt: skip
    note_beat(sessions, datetime.now(UTC) - timedelta(minutes=5))
    verdict, text = found(cli("doctor", "--json"))["beat"]
    assert (verdict, text.partition(" UTC")[0][:12]) == ("warning", "silent since")
    note_beat(sessions, datetime.now(UTC))
    assert found(cli("doctor", "--json"))["beat"][0] == "ok"
