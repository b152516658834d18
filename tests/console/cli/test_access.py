"""`campaign users`, `keys`, `audit`."""

import pytest

from campaign.access.api_keys import actor_of_key
from campaign.errors import NotSignedIn
from tests.console.cli.conftest import create
from tests.factories import NOON

PASSWORD = "correct horse battery"


@pytest.fixture
def add(cli, monkeypatch):
    monkeypatch.setenv("ANAS_PASSWORD", PASSWORD)
    return lambda name, role="admin": cli("users", "add", name, "--role", role, "--password-env", "ANAS_PASSWORD")


def test_users_are_added_listed_and_changed(cli, add):
    assert add("Ana").out == "ana may sign in as admin.\n"
    add("vera", "viewer")
    assert cli("users", "role", "vera", "operator").out == "vera is operator now.\n"
    assert cli("users", "disable", "vera").code == cli("users", "enable", "vera").code == 0
    assert [(user["name"], user["role"]) for user in cli("users", "list", "--json").json] == [
        ("ana", "admin"),
        ("vera", "operator"),
    ]


def test_bad_input_is_one_line(cli, add):
    add("ana")
    for arguments, says in (
        (("users", "add", "ana", "--password-env", "ANAS_PASSWORD"), "a user ana already"),
        (("users", "add", "eve", "--password-env", "NO_SUCH"), "NO_SUCH is not set"),
        (("users", "role", "anna", "viewer"), "did you mean ana"),
        (("users", "disable", "ana"), "nobody would be left"),
        (("keys", "revoke", "crm"), "no key crm"),
    ):
        refused = cli(*arguments)
        assert (refused.code != 0, refused.err.count("\n"), says in refused.err) == (True, 1, True), refused.err


def test_a_key_is_printed_once_and_ends_when_revoked(cli, sessions):
    key = cli("keys", "create", "crm", "--role", "operator").out.strip()
    assert actor_of_key(sessions, key, now=NOON).name == "key:crm"
    assert key not in cli("keys", "list", "--json").out
    cli("keys", "revoke", "crm")
    with pytest.raises(NotSignedIn):
        actor_of_key(sessions, key, now=NOON)


def test_what_the_command_line_does_to_a_campaign_is_written_down(ready):
    create(ready)
    ready("launch", "spring")
    ready("pause", "spring")
    log = ready("audit", "--subject", "campaign:spring", "--json").json
    assert [(entry["act"], entry["after"]["state"]) for entry in log] == [("pause", "paused"), ("launch", "running")]
    assert log[0]["actor"].startswith("cli:")
