"""`campaign senders`."""

import pytest

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
