"""The edge of the program: exit codes, one line per error, help."""

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
import typer

from campaign.errors import Conflict
from console.cli import main as edge
from console.cli.main import app, main

CAMPAIGN = [sys.executable, "-m", "console.cli.main"]


def leaves(group, path=()):
    """Every command of the program as the words that call it."""
    for name, command in group.commands.items():
        here = (*path, name)
        yield here
        if hasattr(command, "commands"):
            yield from leaves(command, here)


COMMANDS = sorted(leaves(typer.main.get_command(app)))
PROMISED = """
    demo up doctor migrate create check launch pause resume cancel status report
    senders/add senders/list senders/show templates/sync templates/list templates/show templates/lint templates/preview
    consent/import consent/grant consent/withdraw consent/show suppressions/list suppressions/add suppressions/remove
"""


@pytest.fixture
def failing(monkeypatch, tmp_path):
    """Makes `campaign senders list` raise."""
    monkeypatch.setenv("CAMPAIGN_HOME", str(tmp_path))
    monkeypatch.delenv("CAMPAIGN_DEBUG", raising=False)

    def failing(error):
        def command():
            raise error

        monkeypatch.setattr(edge, "app", lambda **_: command())
        return main(["senders", "list"])

    return failing


def test_every_promised_command_is_there():
    assert set(PROMISED.split()) <= {"/".join(words) for words in COMMANDS}


@pytest.mark.parametrize("words", [(), *COMMANDS], ids=" ".join)
def test_help_of_every_command_explains_it(words, capsys):
    assert main([*words, "--help"]) == 0
    page = capsys.readouterr().out
    assert "Usage: campaign" in page
    assert len(page.split("Usage:")[1].splitlines()) > 3
    assert not re.search(r"[│*] +(--[a-z-]+|[A-Z|]+) +(<[a-z]+>)? +│", page), (
        "an option or argument without an explanation"
    )


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["foo"], "no such command 'foo'; see campaign --help"),
        (["senders", "lst"], "Did you mean 'list'"),
        (["launch"], "missing argument 'NAME'; see campaign launch --help"),
        (
            ["consent", "grant", "+12015550101", "--category", "sms", "--source", "form"],
            "invalid value for '--category': 'sms' is not one of 'marketing', 'utility', 'authentication', 'all'; "
            "see campaign consent grant --help",
        ),
        (["status", "spring", "--wach"], "--wach"),
        (["demo", "--rows", "0"], "--rows"),
        (["demo", "--rows", "many"], "--rows"),
        (["create", "spring"], "missing option '--sender'"),
        (
            ["create", "s", "--sender", "s", "--template", "t", "--language", "l", "--audience", "a", "--at", "now"],
            "'now' is no moment",
        ),
        (["report", "spring"], "needs --out FILE"),
        (["report", "spring", "--out", "a.csv", "--kind", "all"], "--kind"),
    ],
)
def test_wrong_use_is_one_line_and_exit_2(arguments, words, capsys):
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert words in said
    assert said.startswith("Error: ")
    assert said.count("\n") == 1


@pytest.mark.parametrize("arguments", [[], ["senders"]])
def test_a_group_without_a_command_shows_its_help(arguments, capsys):
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert "Usage: campaign" in printed.out + printed.err
    assert "Error" not in printed.err


def test_the_version_is_printed(capsys):
    assert main(["--version"]) == 0
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", capsys.readouterr().out)


def test_an_error_for_people_is_its_own_sentence(failing, capsys):
    assert failing(Conflict("campaign spring exists already;\nchoose another name")) == 1
    assert capsys.readouterr().err == "Error: campaign spring exists already; choose another name\n"


def test_an_unexpected_error_is_one_line_and_a_file(failing, capsys):
    assert failing(ValueError("something odd")) == 1
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert "unexpected ValueError: something odd" in said
    path = Path(said.split("the details are in ")[1].strip())
    assert "Traceback (most recent call last)" in path.read_text()
    assert path.stat().st_mode & 0o077 == 0


def test_debug_shows_the_traceback(failing, capsys, monkeypatch):
    monkeypatch.setenv("CAMPAIGN_DEBUG", "1")
    assert failing(ValueError("something odd")) == 1
    assert "Traceback (most recent call last)" in capsys.readouterr().err


def test_a_home_that_cannot_be_written_does_not_hide_the_error(failing, capsys, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("CAMPAIGN_HOME", str(tmp_path / "file"))
    assert failing(ValueError("something odd")) == 1
    path = Path(capsys.readouterr().err.split("the details are in ")[1].strip())
    assert path.exists()
    path.unlink()


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        (
            "CAMPAIGN_DATABASE_URL",
            "postgresql://me:secret@127.0.0.1:9/x",
            "no connection to the database postgresql://127.0.0.1:9/x",
        ),
        ("CAMPAIGN_DATABASE_URL", "mysql://localhost/x", "has to look like postgresql://"),
        ("CAMPAIGN_REDIS_URL", "redis://:secret@127.0.0.1:9", "no connection to Redis at redis://127.0.0.1:9"),
        ("CAMPAIGN_CLAIM_BATCH", "0", "CAMPAIGN_CLAIM_BATCH='0' is not usable"),
    ],
)
def test_a_wrong_address_or_setting_is_named_without_its_password(cli, monkeypatch, variable, value, words):
    monkeypatch.setenv(variable, value)
    answer = cli("senders", "list")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert words in answer.err
    assert "secret" not in answer.err


@pytest.fixture
def empty_database(database_url):
    """The address of a database without tables, on the same server."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute("CREATE DATABASE without_tables")
        yield re.sub(r"/campaign\?", "/without_tables?", database_url)
        connection.execute("DROP DATABASE without_tables WITH (FORCE)")


def test_a_server_behind_the_code_is_not_migrated_silently(cli, monkeypatch, empty_database):
    monkeypatch.setenv("CAMPAIGN_DATABASE_URL", empty_database)
    behind = cli("senders", "list")
    assert behind.code == 1
    assert "run `campaign migrate`" in behind.err
    assert cli("migrate").out == "The schema was brought up to date.\n"
    assert cli("migrate").out == "The schema is up to date; nothing to do.\n"
    assert cli("senders", "list").code == 0


def test_help_comes_at_once():
    best = min(_seconds([*CAMPAIGN, "--help"]) for _ in range(3))
    assert best < 0.5


SLEEPER = """
import sys, time
from console.cli import main as edge

edge.app = lambda **_: (print("up", flush=True), time.sleep(60))
sys.exit(edge.main())
"""


def test_ctrl_c_ends_quietly_with_130():
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    with subprocess.Popen([sys.executable, "-c", SLEEPER], **pipes) as child:
        assert child.stdout.readline() == "up\n"
        child.send_signal(signal.SIGINT)
        _, said = child.communicate(timeout=10)
    assert (child.returncode, said) == (130, "")


def _seconds(command):
    started = time.monotonic()
    subprocess.run(command, check=True, capture_output=True, env=os.environ | {"NO_COLOR": "1"}, timeout=30)
    return time.monotonic() - started
