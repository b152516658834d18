"""`campaign subscriptions`."""

import pytest

SECRET = "a secret of sixteen and more"


@pytest.fixture(autouse=True)
def _local(monkeypatch):
    monkeypatch.setenv("CAMPAIGN_NOTICE_LOOPBACK", "true")
    monkeypatch.setenv("CAMPAIGN_NOTICE_TIMEOUT_S", "1")
    monkeypatch.setenv("HOOK_SECRET", SECRET)


def add(cli, *more, url="http://127.0.0.1:1/hook"):
    return cli("subscriptions", "add", "crm", "--url", url, "--secret-env", "HOOK_SECRET", *more)


def test_one_is_added_listed_shown_and_removed(cli):
    assert "is told of campaign.paused" in add(cli, "--events", "campaign.paused").out
    (row,) = cli("subscriptions", "list", "--json").json
    assert (row["name"], row["events"], row["waiting"]) == ("crm", ["campaign.paused"], 0)
    assert cli("subscriptions", "show", "crm", "--json").json["notices"] == []
    assert "campaign.paused" in cli("subscriptions", "show", "crm").out
    assert cli("subscriptions", "retry", "crm").out == "0 notices to crm will be tried again.\n"
    cli("subscriptions", "remove", "crm")
    assert cli("subscriptions", "list").out.startswith("Nobody is told")


def test_without_events_it_is_told_everything(cli):
    add(cli)
    assert len(cli("subscriptions", "list", "--json").json[0]["events"]) == 8


def test_a_test_that_is_not_taken_fails_and_says_why(cli):
    add(cli)
    answer = cli("subscriptions", "test", "crm")
    assert (answer.code, "did not take the test" in answer.err) == (1, True)


def test_a_secret_that_is_not_set_is_said_and_shown_by_the_doctor(cli, monkeypatch):
    monkeypatch.delenv("HOOK_SECRET")
    assert "HOOK_SECRET" in add(cli).err
    found = {each["what"]: each for each in cli("doctor", "--json").json}
    assert "HOOK_SECRET" in found["subscription crm"]["text"]


def test_an_address_that_anybody_could_read_along_is_refused(cli, monkeypatch):
    monkeypatch.delenv("CAMPAIGN_NOTICE_LOOPBACK")
    answer = add(cli, url="http://example.com/hook")
    assert (answer.code, "https" in answer.err) == (2, True)
