"""`campaign up` and `campaign migrate`; the demo has a test of its own."""

import socket


def test_a_port_that_is_taken_is_one_line_and_starts_nothing(cli):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = cli("up", "--port", port)
    assert answer.code == 1
    assert f"port {port} of 127.0.0.1 cannot be listened on" in answer.err
    assert answer.err.count("\n") == 1


def test_a_schema_that_is_current_needs_no_migration(cli):
    assert cli("migrate").out == "The schema is up to date; nothing to do.\n"


def test_the_embedded_database_is_brought_up_to_date(cli, monkeypatch):
    monkeypatch.delenv("CAMPAIGN_DATABASE_URL")
    monkeypatch.delenv("CAMPAIGN_REDIS_URL")
    answer = cli("migrate")
    assert (answer.code, answer.out) == (0, "The embedded database is up to date.\n")
    assert cli("senders", "list", "--json").json == []
