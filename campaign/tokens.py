"""A sender's token: in an environment variable, or stored encrypted. Never printed, never logged.

Stored tokens are Fernet tokens (AES-128-CBC with HMAC-SHA256) under the keys of CAMPAIGN_SECRET_KEY. With several keys,
comma-separated, the first encrypts and each decrypts: a key is replaced by putting the new one in front, storing the
tokens again, and taking the old one away.
"""

from collections.abc import Mapping

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from pydantic import SecretStr

from campaign.errors import ConfigurationError
from models.sender import Sender

MAKE_A_KEY = "make one with campaign senders new-key"


def new_key() -> str:
    """A fresh key for CAMPAIGN_SECRET_KEY."""
    return Fernet.generate_key().decode()


def seal(token: str, key: SecretStr | None) -> str:
    """A token encrypted for the database.

    raises  ConfigurationError when the key is missing or is none
    """
    if key is None:
        raise ConfigurationError(f"CAMPAIGN_SECRET_KEY is not set, so no token can be stored; {MAKE_A_KEY}")
    return _fernet(key).encrypt(token.encode()).decode()


def token_of(sender: Sender, environment: Mapping[str, str], key: SecretStr | None) -> str:
    """The token of a sender: the stored one, else what its variable holds.

    raises  ConfigurationError when the variable is unset, or the key is missing, malformed or another one
    """
    if sender.token_encrypted is not None:
        return _unseal(sender.name, sender.token_encrypted, key)
    token = environment.get(sender.token_env)
    if not token:
        raise ConfigurationError(
            f"{sender.token_env}, the token of sender {sender.name}, is not set; export it and restart"
        )
    return token


def token_source(sender: Sender) -> str:
    """Where the token comes from, in words; never the token."""
    if sender.token_encrypted is not None:
        return f"stored encrypted (read from {sender.token_env})"
    return f"environment variable {sender.token_env}"


def _unseal(name: str, sealed: str, key: SecretStr | None) -> str:
    if key is None:
        raise ConfigurationError(
            f"the token of sender {name} is stored encrypted and CAMPAIGN_SECRET_KEY is not set; export the key"
        )
    try:
        return _fernet(key).decrypt(sealed).decode()
    except InvalidToken:
        raise ConfigurationError(
            f"CAMPAIGN_SECRET_KEY does not open the stored token of sender {name}; "
            f"set the key that it was stored with, or store it again with campaign senders store-token {name}"
        ) from None


def _fernet(key: SecretStr) -> MultiFernet:
    parts = [part.strip() for part in key.get_secret_value().split(",") if part.strip()]
    try:
        return MultiFernet([Fernet(part) for part in parts])
    except ValueError:
        # Neither the key nor the cause, which may quote it, is repeated.
        raise ConfigurationError(
            f"CAMPAIGN_SECRET_KEY is not a key (32 bytes in URL-safe base64, comma-separated if several); {MAKE_A_KEY}"
        ) from None
