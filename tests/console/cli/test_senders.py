"""`campaign senders`."""

import os

import pytest

from campaign.tokens import new_key
from sandbox.config import SandboxConfig
from sandbox.server import running
from tests.console.cli.conftest import add_sender

IDS = ("--phone-number-id", "1", "--waba-id", "2")


def add(cli, *more, provider="cloud", token="SHOP_TOKEN", ids=IDS):
    return cli("senders", "add", "shop", "--provider", provider, "--token-env", token, *ids, *more)


def test_a_sender_is_added_listed_and_shown(cli):
    added = add(
        cli, "--rate", "50", "--tier", "2000", "--app-secret-env", "SHOP_TOKEN", "--webhook-token-env", "SHOP_TOKEN"
    )
    assert (added.code, added.err) == (0, "")
    assert "POST /webhooks/shop" in added.out
    (listed,) = cli("senders", "list", "--json").json
    assert (listed["name"], listed["rate_mps"], listed["tier"]) == ("shop", 50, 2000)
    shown = cli("senders", "show", "shop", "--json").json
    assert shown == listed
    assert (shown["token_env"], shown["webhook_path"]) == ("SHOP_TOKEN", "/webhooks/shop")
    assert "shop" in cli("senders", "list").out
    assert "SHOP_TOKEN" in cli("senders", "show", "shop").out


@pytest.mark.parametrize(("given", "kept"), [("unlimited", "unlimited"), ("250", 250)])
def test_tiers(cli, given, kept):
    add(cli, "--tier", given)
    assert cli("senders", "show", "shop", "--json").json["tier"] == kept


@pytest.mark.parametrize("provider", ["d360", "d360-onprem"])
def test_360dialog_needs_no_ids_and_takes_them(cli, provider):
    assert add(cli, provider=provider, ids=()).code == 0


def test_who_cannot_get_webhooks_is_told(cli):
    assert "Warning: sender shop has no --app-secret-env, so its webhooks will be refused" in add(cli).err


def test_an_empty_listing_says_what_to_do(cli):
    assert "add one with campaign senders add" in cli("senders", "list").out
    assert cli("senders", "list", "--json").json == []


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        ({"token": "SHOP_TOKNE"}, 1, "the token variable SHOP_TOKNE is not set"),
        ({"token": "EAAG" + "x" * 200}, 2, "takes the name of an environment variable, not the secret itself"),
        ({"ids": ()}, 2, "needs --phone-number-id and --waba-id"),
        ({"provider": "clod"}, 2, "clod"),
    ],
)
def test_bad_senders_are_refused_in_one_line(cli, arguments, code, words):
    answer = add(cli, **arguments)
    assert answer.code == code
    assert words in answer.err
    assert "EAAG" not in answer.err
    assert answer.err.startswith("Error: ")
    assert answer.err.count("\n") == 1
    assert cli("senders", "list", "--json").json == []


@pytest.mark.parametrize("option", [("--rate", "0"), ("--tier", "many"), ("--base-url", "nowhere")])
def test_bad_options_are_wrong_use(cli, option):
    answer = add(cli, *option)
    assert answer.code == 2
    assert option[0] in answer.err


def test_a_name_is_taken_once(cli):
    add_sender(cli)
    answer = add(cli)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "sender shop exists already" in answer.err


def test_an_unknown_sender_brings_the_nearest(cli):
    add_sender(cli)
    answer = cli("senders", "show", "shp")
    assert (answer.code, answer.out) == (1, "")
    assert "no sender shp; did you mean shop?" in answer.err


@pytest.fixture
def key(monkeypatch):
    made = new_key()
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", made)
    return made


def test_a_key_is_made_and_kept_nowhere(cli):
    first, second = cli("senders", "new-key"), cli("senders", "new-key")
    assert first.code == 0
    assert first.out != second.out


def test_a_stored_token_needs_its_variable_no_more(cli, key, monkeypatch):
    added = add(cli, "--store-token", "--app-secret-env", "SHOP_TOKEN")
    assert (added.code, added.err) == (0, "")
    monkeypatch.delenv("SHOP_TOKEN")
    shown = cli("senders", "show", "shop", "--json")
    assert shown.json["token"] == "stored encrypted (read from SHOP_TOKEN)"
    assert "the token variable" not in shown.err
    assert key not in shown.out + shown.err


def test_a_token_is_stored_later_too(cli, key):
    add(cli)
    assert cli("senders", "show", "shop", "--json").json["token"] == "environment variable SHOP_TOKEN"
    assert "SHOP_TOKEN is needed no more" in cli("senders", "store-token", "shop").out
    assert cli("senders", "show", "shop", "--json").json["token"].startswith("stored encrypted")


def test_without_a_key_no_token_is_stored(cli):
    answer = add(cli, "--store-token")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "CAMPAIGN_SECRET_KEY is not set" in answer.err
    assert cli("senders", "list", "--json").json == []


def test_another_key_is_told(cli, key, monkeypatch):
    add(cli, "--store-token")
    monkeypatch.setenv("CAMPAIGN_SECRET_KEY", new_key())
    assert "does not open the stored token of sender shop" in cli("senders", "show", "shop").err
    assert "does not open the stored token" in cli("senders", "refresh", "shop").err


def test_what_a_gateway_takes_is_told_and_shows_in_the_effective_rate(cli):
    answer = add(cli, "--rate", "80", "--webhook-token-env", "SHOP_TOKEN", provider="d360-onprem", ids=())
    assert answer.code == 0
    assert "takes 50 requests/s and 150 at once" in answer.err
    shown = cli("senders", "show", "shop", "--json").json
    assert (shown["rate_mps"], shown["rate_effective"]) == (80, 50)


@pytest.fixture
def stand_in(monkeypatch):
    """A whole platform, whose keys and ids are those of the senders of this module."""
    monkeypatch.setenv("HOOK", "Bearer hook")
    config = SandboxConfig(token=os.environ["SHOP_TOKEN"], phone_number_ids=("1",), waba_id="2")
    with running(config) as one:
        yield one


URLS = {"cloud": "/v23.0", "d360": "", "d360-onprem": "/v1"}


@pytest.fixture
def at_platform(cli, stand_in):
    """Adds the sender in a dialect of the stand-in."""

    def add_there(provider):
        where = ("--base-url", f"{stand_in.url}{URLS[provider]}", "--webhook-token-env", "HOOK")
        return add(cli, *where, provider=provider, ids=IDS if provider == "cloud" else ())

    return add_there


@pytest.mark.parametrize(
    ("provider", "expected"),
    [
        ("cloud", ["CONNECTED", "GREEN", "AVAILABLE", "TIER_UNLIMITED"]),
        ("d360", [None, None, "AVAILABLE", None]),
        ("d360-onprem", [None, None, None, None]),
    ],
)
def test_a_number_is_read_from_the_platform(cli, at_platform, provider, expected):
    at_platform(provider)
    answer = cli("senders", "refresh", "shop", "--json")
    assert answer.code == 0
    assert [answer.json[name] for name in ("status", "quality", "health", "messaging_limit")] == expected
    assert answer.json["refreshed_at"]
    assert ("nothing was learned" in answer.err) is (provider == "d360-onprem")


@pytest.mark.parametrize("provider", URLS)
def test_templates_are_read_in_every_dialect(cli, at_platform, provider):
    at_platform(provider)
    assert cli("templates", "sync", "--sender", "shop").code == 0
    assert "spring_sale" in {row["name"] for row in cli("templates", "list", "--json").json}


@pytest.mark.parametrize("provider", ["d360", "d360-onprem"])
def test_a_webhook_address_is_registered_at_360dialog(cli, at_platform, stand_in, provider):
    at_platform(provider)
    answer = cli("senders", "webhook", "shop", "--url", "https://example.com")
    assert answer.out == "Webhooks of sender shop go to https://example.com/webhooks/shop\n"
    (number,) = stand_in.platform.numbers.values()
    assert (number.override.url, number.override.headers) == (
        "https://example.com/webhooks/shop",
        {"Authorization": "Bearer hook"},
    )


def test_at_meta_the_dashboard_takes_the_address(cli, at_platform, stand_in):
    at_platform("cloud")
    answer = cli("senders", "webhook", "shop", "--url", "https://example.com")
    assert (answer.code, answer.out.count("\n")) == (0, 1)
    assert "https://example.com/webhooks/shop" in answer.out
    assert "dashboard" in answer.out
    assert "Bearer hook" not in answer.out


def test_a_webhook_address_needs_its_secret(cli):
    add(cli, provider="d360", ids=())
    answer = cli("senders", "webhook", "shop", "--url", "https://example.com")
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "webhook token of sender shop is not set" in answer.err
