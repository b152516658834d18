"""`campaign up` and `campaign migrate`; the demo has a test of its own."""

import json
import socket
import subprocess
import sys
import urllib.request


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


def test_the_stand_in_runs_alone_with_a_scenario_and_ends_on_a_signal() -> None:
    command = [sys.executable, "-c", "from console.cli.main import run; run()", "sandbox", "--port", "0"]
    with subprocess.Popen([*command, "--scenario", "busy-day"], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            ready = json.loads(process.stdout.readline())
            with urllib.request.urlopen(f"http://127.0.0.1:{ready['port']}/_sandbox/summary", timeout=5) as answer:
                assert json.load(answer)["requests"] == 0
        finally:
            process.terminate()
        assert process.wait(timeout=10) == 0


def test_an_unknown_scenario_is_said_in_one_line() -> None:
    command = [sys.executable, "-c", "from console.cli.main import run; run()", "sandbox", "--scenario", "no-such-day"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    assert done.returncode == 1
    assert "no-such-day" in done.stderr
    assert "Traceback" not in done.stderr
