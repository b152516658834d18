"""Adding, finding and judging senders."""

from dataclasses import replace

import pytest
from pydantic import SecretStr

from campaign.errors import ConfigurationError, Conflict, NotFound, UsageError
from campaign.senders import (
    NewSender,
    add_sender,
    find_sender,
    list_senders,
    missing_for,
    store_token,
    webhook_address,
)
from campaign.tokens import new_key, token_of
from models.sender import ProviderKind
from models.session import session_scope

CLOUD = NewSender(
    name="shop",
    provider=ProviderKind.CLOUD,
    token_env="SHOP_TOKEN",
    phone_number_id="100000000000020",
    waba_id="100000000000010",
    app_secret_env="SHOP_SECRET",
)
D360 = NewSender(name="help", provider=ProviderKind.D360, token_env="HELP_KEY", webhook_token_env="HELP_HOOK")
SECRETS = {"SHOP_TOKEN": "t", "SHOP_SECRET": "s", "HELP_KEY": "k", "HELP_HOOK": "h"}


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


def add(session, new, environment=SECRETS):
    return add_sender(session, new, environment=environment)


def test_a_cloud_sender_belongs_to_its_business_account(session):
    sender = add(session, CLOUD)
    assert (sender.account, sender.portfolio) == ("100000000000010", "100000000000010")
    assert (sender.base_url, sender.state, sender.tier) == ("https://graph.facebook.com/v23.0", "connected", None)
    assert find_sender(session, "shop") is sender


@pytest.mark.parametrize(
    ("provider", "base_url"),
    [
        (ProviderKind.D360, "https://waba-v2.360dialog.io"),
        (ProviderKind.D360_ONPREM, "https://waba.360dialog.io/v1"),
    ],
)
def test_a_360dialog_sender_needs_no_ids(session, provider, base_url):
    sender = add(session, replace(D360, provider=provider))
    assert (sender.base_url, sender.phone_number_id) == (base_url, None)
    assert sender.account


def test_two_senders_without_ids_do_not_share_templates(session):
    first, second = add(session, D360), add(session, replace(D360, name="help-2"))
    assert first.account != second.account


def test_a_base_url_loses_its_last_slash(session):
    assert add(session, replace(CLOUD, base_url="http://127.0.0.1:9/v23.0/")).base_url == "http://127.0.0.1:9/v23.0"


@pytest.mark.parametrize(
    ("change", "error", "words"),
    [
        ({"name": "My Shop"}, UsageError, "sender name 'My Shop' is not usable"),
        ({"phone_number_id": None}, UsageError, "needs --phone-number-id and --waba-id"),
        ({"waba_id": ""}, UsageError, "needs --phone-number-id and --waba-id"),
        (
            {"base_url": "graph.facebook.com/v23.0"},
            UsageError,
            "--base-url 'graph.facebook.com/v23.0' is not an address",
        ),
        ({"base_url": "ftp://x/"}, UsageError, "is not an address"),
        ({"rate_mps": 0}, UsageError, "--rate 0"),
        ({"tier": 0}, UsageError, "--tier 0"),
        ({"token_env": "SHOP_TOKNE"}, ConfigurationError, "the token variable SHOP_TOKNE is not set; run export"),
    ],
)
def test_bad_values_are_named(session, change, error, words):
    with pytest.raises(error, match=words):
        add(session, replace(CLOUD, **change))
    assert list_senders(session) == []


@pytest.mark.parametrize("option", ["token_env", "app_secret_env", "webhook_token_env"])
def test_a_secret_given_for_a_name_is_not_repeated(session, option):
    secret = "EAAG" + "x" * 200
    with pytest.raises(UsageError, match="takes the name of an environment variable") as caught:
        add(session, replace(CLOUD, **{option: secret}))
    assert "EAAG" not in str(caught.value)


def test_an_empty_token_variable_counts_as_unset(session):
    with pytest.raises(ConfigurationError, match="SHOP_TOKEN is not set"):
        add(session, CLOUD, {"SHOP_TOKEN": ""})


def test_a_name_is_taken_once(session):
    add(session, CLOUD)
    with pytest.raises(Conflict, match="sender shop exists already"):
        add(session, replace(CLOUD, phone_number_id="100000000000021"))


def test_one_number_is_one_sender(session):
    add(session, CLOUD)
    with pytest.raises(Conflict, match="number 100000000000020 is already sender shop"):
        add(session, replace(CLOUD, name="shop-2"))
    add(session, replace(CLOUD, name="sandbox", base_url="http://127.0.0.1:9/v23.0"))


def test_an_unknown_sender_brings_the_nearest(session):
    with pytest.raises(NotFound, match="no sender shop; add it with campaign senders add shop"):
        find_sender(session, "shop")
    add(session, CLOUD)
    with pytest.raises(NotFound, match=r"no sender shp; did you mean shop\?"):
        find_sender(session, "shp")


@pytest.mark.parametrize(
    ("new", "environment", "expected"),
    [
        (CLOUD, SECRETS, []),
        (D360, SECRETS, []),
        (CLOUD, {"SHOP_SECRET": "s"}, ["the token variable SHOP_TOKEN is not set"]),
        (CLOUD, {"SHOP_TOKEN": "t"}, ["the app secret variable SHOP_SECRET is not set"]),
        (replace(CLOUD, app_secret_env=None), SECRETS, ["sender shop has no --app-secret-env"]),
        (replace(D360, webhook_token_env=None), SECRETS, ["sender help has no --webhook-token-env"]),
    ],
)
def test_what_is_missing(session, new, environment, expected):
    found = missing_for(add(session, new), environment)
    assert len(found) == len(expected)
    assert all(sentence.startswith(start) for sentence, start in zip(found, expected, strict=True))


@pytest.mark.parametrize(
    ("provider", "asked", "kept"),
    [
        (ProviderKind.D360, None, 80),
        (ProviderKind.D360, 500, 500),
        (ProviderKind.D360_ONPREM, None, 50),
        (ProviderKind.D360_ONPREM, 20, 20),
        (ProviderKind.D360_ONPREM, 80, 80),
    ],
)
def test_a_rate_is_what_was_asked_for_or_what_numbers_have(session, provider, asked, kept):
    assert add(session, replace(D360, provider=provider, rate_mps=asked)).rate_mps == kept


KEY = SecretStr(new_key())


def test_a_token_is_stored_encrypted_where_that_is_asked_for(session):
    sender = add_sender(session, replace(D360, store_token=True), environment=SECRETS, secret_key=KEY)
    assert token_of(sender, {}, KEY) == "k"
    assert missing_for(sender, {"HELP_HOOK": "h"}, KEY) == []
    assert missing_for(sender, SECRETS) == [
        "the token of sender help is stored encrypted and CAMPAIGN_SECRET_KEY is not set; export the key"
    ]


def test_without_a_key_nothing_is_stored(session):
    with pytest.raises(ConfigurationError, match="CAMPAIGN_SECRET_KEY is not set"):
        add_sender(session, replace(D360, store_token=True), environment=SECRETS)
    assert list_senders(session) == []


def test_a_token_is_stored_again_under_the_newest_key(session):
    sender = add(session, D360)
    store_token(session, "help", environment=SECRETS | {"HELP_KEY": "new"}, secret_key=KEY)
    assert token_of(sender, SECRETS, KEY) == "new"
    with pytest.raises(ConfigurationError, match="HELP_KEY is not set"):
        store_token(session, "help", environment={}, secret_key=KEY)


@pytest.mark.parametrize(
    ("url", "kept"),
    [
        ("https://example.com", "https://example.com/webhooks/help"),
        ("https://example.com/", "https://example.com/webhooks/help"),
        ("https://example.com/hooks/wa", "https://example.com/hooks/wa"),
    ],
)
def test_a_webhook_address_without_a_path_gets_the_receivers(session, url, kept):
    address = webhook_address(add(session, D360), url, SECRETS)
    assert (address.url, address.secret) == (kept, "h")
    assert "secret" not in repr(address)


def test_a_webhook_address_needs_an_address_and_a_secret(session):
    sender = add(session, D360)
    with pytest.raises(UsageError, match="is not an address; write for example https"):
        webhook_address(sender, "example.com", SECRETS)
    with pytest.raises(ConfigurationError, match="webhook token of sender help is not set"):
        webhook_address(sender, "https://example.com", {})
