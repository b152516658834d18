"""Business numbers: adding one, finding one, and what is missing for it to work."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

from pydantic import SecretStr
from sqlalchemy import select
from sqlalchemy.orm import Session

from campaign.errors import ConfigurationError, Conflict, NotFound, UsageError
from campaign.names import check_sender_name, nearest
from campaign.planning.warm_up import WarmUp, checked
from campaign.providers.base import WebhookAddress
from campaign.tokens import seal, token_of
from models.sender import ProviderKind, Sender

DEFAULT_BASE_URLS = {
    ProviderKind.CLOUD: "https://graph.facebook.com/v23.0",
    ProviderKind.D360: "https://waba-v2.360dialog.io",
    ProviderKind.D360_ONPREM: "https://waba.360dialog.io/v1",
}
"""Where a provider is reached. Source: platform.md A.1."""

DEFAULT_RATES_MPS = {ProviderKind.CLOUD: 80, ProviderKind.D360: 80, ProviderKind.D360_ONPREM: 50}
"""Messages per second of a number that was not upgraded. Source: platform.md E."""

# A token is longer than any name that a person gives to a variable.
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,63}")


@dataclass(frozen=True, slots=True)
class NewSender:
    """A number to be added. Secrets are named by the environment variables that hold them.

    base_url     None takes the provider's own
    rate_mps     None takes the provider's own; what the gateway takes stands beside it, see campaign.sending.endpoints
    tier         unique recipients in 24 h; None is unlimited
    store_token  keep the token itself, encrypted, so that the variable is needed no more
    """

    name: str
    provider: ProviderKind
    token_env: str
    phone_number_id: str | None = None
    waba_id: str | None = None
    base_url: str | None = None
    app_secret_env: str | None = None
    webhook_token_env: str | None = None
    rate_mps: int | None = None
    tier: int | None = None
    store_token: bool = False


def add_sender(
    session: Session, new: NewSender, *, environment: Mapping[str, str], secret_key: SecretStr | None = None
) -> Sender:
    """Keep a new sender; `environment` is where its secrets are looked for.

    secret_key  encrypts the token where it is to be stored
    raises      UsageError for a value that cannot be used, ConfigurationError for a token variable that is not set or
                a key that is missing, Conflict when the name or the number is taken
    """
    _check_values(new)
    _check_token(new, environment)
    _refuse_taken(session, new)
    account = new.waba_id or new.phone_number_id or f"{new.provider}:{new.name}"
    sender = Sender(
        name=new.name,
        provider=new.provider.value,
        base_url=_base_url(new),
        phone_number_id=new.phone_number_id,
        waba_id=new.waba_id,
        account=account,
        portfolio=account,
        token_env=new.token_env,
        token_encrypted=seal(environment[new.token_env], secret_key) if new.store_token else None,
        app_secret_env=new.app_secret_env,
        webhook_token_env=new.webhook_token_env,
        rate_mps=new.rate_mps if new.rate_mps is not None else DEFAULT_RATES_MPS[new.provider],
        tier=new.tier,
    )
    session.add(sender)
    session.flush()
    return sender


def set_warm_up(session: Session, name: str, warm_up: WarmUp | None) -> Sender:
    """Give a sender a warm-up, in place of one that it had, or end it. It begins with the next message.

    raises  NotFound, UsageError for a plan that makes no sense
    """
    sender = find_sender(session, name)
    sender.warm_up = checked(warm_up).to_keep() if warm_up else None
    sender.warm_up_began_at = None
    return sender


def store_token(session: Session, name: str, *, environment: Mapping[str, str], secret_key: SecretStr | None) -> Sender:
    """Read a sender's token from its variable once and keep it encrypted, in place of one that was kept before.

    raises  NotFound, ConfigurationError when the variable is unset or the key is missing
    """
    sender = find_sender(session, name)
    token = environment.get(sender.token_env)
    if not token:
        raise _unset(sender.token_env)
    sender.token_encrypted = seal(token, secret_key)
    return sender


def webhook_url(sender: Sender, url: str) -> str:
    """Where a sender's webhooks arrive; a URL without a path gets the receiver's.

    raises  UsageError for what is no address
    """
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        example = f"https://example.com/webhooks/{sender.name}"
        raise UsageError(f"--url {url!r} is not an address; write for example {example}")
    return parts._replace(path=parts.path if parts.path not in {"", "/"} else f"/webhooks/{sender.name}").geturl()


def webhook_address(sender: Sender, url: str, environment: Mapping[str, str]) -> WebhookAddress:
    """Where a provider is to post a sender's webhooks, with the secret that the receiver will ask for.

    raises  UsageError for what is no address, ConfigurationError when its secret is not to be had
    """
    address = webhook_url(sender, url)
    secret = environment.get(sender.webhook_token_env or "")
    if not secret:
        advice = sender.webhook_token_env or "a variable, and name it with --webhook-token-env"
        raise ConfigurationError(
            f"the webhook token of sender {sender.name} is not set, so its webhooks would be refused; export {advice}"
        )
    return WebhookAddress(address, secret)


def find_sender(session: Session, name: str) -> Sender:
    """The sender of this name.

    raises  NotFound naming the nearest that exist
    """
    known = list_senders(session)
    for sender in known:
        if sender.name == name:
            return sender
    advice = nearest(name, [s.name for s in known]) if known else f"add it with campaign senders add {name} …"
    raise NotFound(f"there is no sender {name}; {advice}")


def list_senders(session: Session) -> list[Sender]:
    """All senders by name."""
    return list(session.scalars(select(Sender).order_by(Sender.name)))


def missing_for(sender: Sender, environment: Mapping[str, str], secret_key: SecretStr | None = None) -> list[str]:
    """What keeps a sender from working, a sentence each: secrets unset or closed, webhooks that will be refused."""
    named = {
        "token": sender.token_env if sender.token_encrypted is None else None,
        "app secret": sender.app_secret_env,
        "webhook token": sender.webhook_token_env,
    }
    found = [f"the {what} variable {env} is not set" for what, env in named.items() if env and not environment.get(env)]
    closed = token_gap(sender, environment, secret_key) if sender.token_encrypted is not None else None
    return found + [sentence for sentence in (closed, _webhook_gap(sender)) if sentence]


def token_gap(sender: Sender, environment: Mapping[str, str], secret_key: SecretStr | None) -> str | None:
    """Why the sender's token is not to be had, or None."""
    try:
        token_of(sender, environment, secret_key)
    except ConfigurationError as error:
        return str(error)
    return None


def _webhook_gap(sender: Sender) -> str | None:
    refused = "so its webhooks will be refused and nothing will be known of deliveries"
    if sender.provider == ProviderKind.CLOUD and not sender.app_secret_env:
        return f"sender {sender.name} has no --app-secret-env, {refused}"
    if sender.provider != ProviderKind.CLOUD and not (sender.webhook_token_env or sender.app_secret_env):
        return f"sender {sender.name} has no --webhook-token-env, {refused}"
    return None


def _check_values(new: NewSender) -> None:
    check_sender_name(new.name)
    if new.provider is ProviderKind.CLOUD and not (new.phone_number_id and new.waba_id):
        raise UsageError(
            "provider cloud needs --phone-number-id and --waba-id; both stand in the app's API set-up page"
        )
    for what, number_id in (("--phone-number-id", new.phone_number_id), ("--waba-id", new.waba_id)):
        if number_id is not None and not number_id.isascii():
            raise UsageError(
                f"{what} {number_id!r} is not an id of the platform; copy it from the app's API set-up page"
            )
    if new.rate_mps is not None and new.rate_mps < 1:
        raise UsageError(f"--rate {new.rate_mps} is not a rate; give at least 1 message per second")
    if new.tier is not None and new.tier < 1:
        raise UsageError(f"--tier {new.tier} is not a tier; give a number of recipients, or unlimited")


def _check_token(new: NewSender, environment: Mapping[str, str]) -> None:
    options = {
        "--token-env": new.token_env,
        "--app-secret-env": new.app_secret_env,
        "--webhook-token-env": new.webhook_token_env,
    }
    for option, variable in options.items():
        # The value is not repeated: it may be the secret itself.
        if variable is not None and not _VARIABLE.fullmatch(variable):
            raise UsageError(f"{option} takes the name of an environment variable, not the secret itself")
    if not environment.get(new.token_env):
        raise _unset(new.token_env)


def _unset(variable: str) -> ConfigurationError:
    return ConfigurationError(f"the token variable {variable} is not set; run export {variable}=… and try again")


def _base_url(new: NewSender) -> str:
    url = (new.base_url or DEFAULT_BASE_URLS[new.provider]).rstrip("/")
    parts = urlsplit(url)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise UsageError(f"--base-url {url!r} is not an address; write for example {DEFAULT_BASE_URLS[new.provider]}")
    return url


def _refuse_taken(session: Session, new: NewSender) -> None:
    for sender in list_senders(session):
        if sender.name == new.name:
            raise Conflict(
                f"sender {new.name} exists already; choose another name, or see campaign senders show {new.name}"
            )
        same_number = new.phone_number_id and sender.phone_number_id == new.phone_number_id
        if same_number and sender.base_url == _base_url(new):
            # Two senders for one number would each send at its full rate.
            raise Conflict(f"number {new.phone_number_id} is already sender {sender.name}; use that one")
