"""Tokens in variables and in the database."""

import pytest
from pydantic import SecretStr

from campaign.errors import ConfigurationError
from campaign.tokens import new_key, seal, token_of, token_source
from models.sender import Sender

TOKEN = "EAAG-a-token-that-nobody-may-see"
KEY, OTHER = new_key(), new_key()


def sender(sealed: str | None = None) -> Sender:
    return Sender(name="shop", token_env="SHOP_TOKEN", token_encrypted=sealed)


def key(*parts: str) -> SecretStr:
    return SecretStr(",".join(parts))


def test_a_stored_token_comes_back_and_is_not_readable() -> None:
    sealed = seal(TOKEN, key(KEY))
    assert TOKEN not in sealed
    assert token_of(sender(sealed), {}, key(KEY)) == TOKEN


def test_a_stored_token_goes_before_the_variable() -> None:
    assert token_of(sender(seal("stored", key(KEY))), {"SHOP_TOKEN": "named"}, key(KEY)) == "stored"
    assert token_of(sender(), {"SHOP_TOKEN": "named"}, None) == "named"


def test_keys_are_rotated_without_a_gap() -> None:
    old = seal(TOKEN, key(KEY))
    both = key(OTHER, KEY)
    assert token_of(sender(old), {}, both) == TOKEN
    renewed = seal(TOKEN, both)
    assert token_of(sender(renewed), {}, key(OTHER)) == TOKEN
    with pytest.raises(ConfigurationError):
        token_of(sender(renewed), {}, key(KEY))


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (None, "CAMPAIGN_SECRET_KEY is not set"),
        (SecretStr(""), "is not a key"),
        (SecretStr("not-a-key"), "is not a key"),
        (SecretStr("ключ"), "is not a key"),
        (SecretStr(f"{KEY},short"), "is not a key"),
    ],
)
def test_a_missing_or_malformed_key_is_said(given: SecretStr | None, words: str) -> None:
    sealed = seal(TOKEN, key(KEY))
    for attempt in (lambda: seal(TOKEN, given), lambda: token_of(sender(sealed), {}, given)):
        with pytest.raises(ConfigurationError, match=words) as raised:
            attempt()
        assert TOKEN not in str(raised.value)
        assert KEY not in str(raised.value)
        assert raised.value.__cause__ is None


def test_another_key_is_said_with_the_senders_name() -> None:
    with pytest.raises(ConfigurationError, match="does not open the stored token of sender shop"):
        token_of(sender(seal(TOKEN, key(KEY))), {}, key(OTHER))


@pytest.mark.parametrize("environment", [{}, {"SHOP_TOKEN": ""}])
def test_an_unset_variable_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(ConfigurationError, match="SHOP_TOKEN, the token of sender shop, is not set"):
        token_of(sender(), environment, None)


def test_where_a_token_comes_from_is_told_without_the_token() -> None:
    assert token_source(sender()) == "environment variable SHOP_TOKEN"
    sealed = seal(TOKEN, key(KEY))
    told = token_source(sender(sealed))
    assert told == "stored encrypted (read from SHOP_TOKEN)"
    assert sealed not in told
