"""`campaign senders`: business numbers."""

import asyncio
import os
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli import warm_up
from console.cli.options import AsJson, ProviderName, tier, utc_now
from console.cli.output import say, show_facts, show_listing, warn
from console.cli.stores import open_session, open_stores

if TYPE_CHECKING:
    from campaign.providers.base import WebhookAddress
    from campaign.sender_health import Refreshed
    from console.stores.pace import Share
    from models.sender import Sender
    from models.session import Sessions

app = typer.Typer(no_args_is_help=True, help="Business numbers that messages are sent from.")
app.add_typer(warm_up.app)


Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")]
Tier = Annotated[
    int | None, typer.Option("--tier", parser=tier, metavar="N|unlimited", help="Unique recipients in 24 h.")
]
Rate = Annotated[
    int | None,
    typer.Option(
        min=1, metavar="MPS", help="Messages per second the number may send; 80, d360-onprem 50.", show_default=False
    ),
]
StoreToken = Annotated[
    bool, typer.Option("--store-token", metavar="", help="Keep the token encrypted, with CAMPAIGN_SECRET_KEY.")
]
Secret = Annotated[str | None, typer.Option(metavar="VAR", help="Variable with the app's secret, signing webhooks.")]
WebhookToken = Annotated[
    str | None, typer.Option(metavar="VAR", help="Variable with the verify token; 360dialog: the Authorization header.")
]


@app.command("add")
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="A name of your own; part of the webhook's address.")],
    provider: Annotated[
        ProviderName, typer.Option(metavar="cloud|d360|d360-onprem", help="Whose API the number is reached through.")
    ],
    token_env: Annotated[str, typer.Option(metavar="VAR", help="Environment variable that holds the token or key.")],
    phone_number_id: Annotated[str | None, typer.Option(metavar="ID", help="Meta's id of the number.")] = None,
    waba_id: Annotated[str | None, typer.Option(metavar="ID", help="Meta's id of the business account.")] = None,
    base_url: Annotated[str | None, typer.Option(metavar="URL", help="Another address of the API.")] = None,
    app_secret_env: Secret = None,
    webhook_token_env: WebhookToken = None,
    rate: Rate = None,
    tier: Tier = None,
    store_token: StoreToken = False,
) -> None:
    """Add a business number. Secrets stay in the environment unless the token is to be stored, encrypted."""
    from campaign.senders import NewSender, add_sender, missing_for
    from campaign.sending.endpoints import messages_endpoint
    from campaign.settings import current_settings
    from models.sender import ProviderKind

    key = current_settings().secret_key
    ids = {"phone_number_id": phone_number_id, "waba_id": waba_id, "base_url": base_url}
    secrets = {"token_env": token_env, "app_secret_env": app_secret_env, "webhook_token_env": webhook_token_env}
    limits = {"rate_mps": rate, "tier": tier, "store_token": store_token}
    new = NewSender(name=name, provider=ProviderKind(provider), **limits, **ids, **secrets)  # type: ignore[arg-type]
    with open_session() as session:
        sender = add_sender(session, new, environment=os.environ, secret_key=key)
    mps = sender.rate_mps
    say(f"Sender {name} added: {provider} at {sender.base_url}, {mps} messages/s. Webhooks: POST /webhooks/{name}")
    if (endpoint := messages_endpoint(sender)) and mps > endpoint.per_s:
        most, burst = f"{endpoint.per_s:g}", endpoint.burst
        warn(f"{provider} takes {most} requests/s and {burst} at once, so sender {name} sends {most}/s after a burst")
    for sentence in missing_for(sender, os.environ, key):
        warn(sentence)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the senders."""
    from campaign.senders import list_senders

    with open_stores() as stores, stores.sessions() as session:
        rows = [_facts(sender, stores.share) for sender in list_senders(session)]
    columns = ("name", "provider", "state", "quality", "rate_mps", "rate_effective", "tier", "base_url")
    show_listing(rows, as_json=as_json, columns=columns, empty="No sender yet; add one with campaign senders add.")


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one sender, and what it lacks to work."""
    from campaign.senders import find_sender, missing_for
    from campaign.settings import current_settings

    with open_stores() as stores, stores.sessions() as session:
        sender = find_sender(session, name)
        facts = _facts(sender, stores.share)
    show_facts(facts, as_json=as_json)
    for sentence in missing_for(sender, os.environ, current_settings().secret_key):
        warn(sentence)


@app.command("refresh")
def refresh(name: Name, as_json: AsJson = False) -> None:
    """Read from the platform what the number may do: status, quality, tier, throughput, health."""
    from campaign.senders import find_sender

    with open_stores() as stores:
        with stores.sessions() as session:
            sender = find_sender(session, name)
        result = asyncio.run(_refresh(stores.sessions, sender))
        with stores.sessions() as session:
            facts = _facts(find_sender(session, name), stores.share)
    show_facts(facts, as_json=as_json)
    if result.told_nothing:
        warn(f"{sender.provider} does not tell anything about a number, so nothing was learned")


@app.command("webhook")
def webhook(
    name: Name,
    url: Annotated[str, typer.Option(metavar="URL", help="Public HTTPS address of the receiver.")],
    override: Annotated[
        bool, typer.Option("--override", metavar="", help="At Meta: override the app's address for this account.")
    ] = False,
) -> None:
    """Tell the provider where webhooks go. At Meta the app's dashboard does, unless --override is given."""
    from campaign.senders import find_sender, webhook_address, webhook_url
    from models.sender import ProviderKind

    with open_session() as session:
        sender = find_sender(session, name)
    if sender.provider == ProviderKind.CLOUD and not override:
        say(
            f"Nothing was registered: Meta takes {webhook_url(sender, url)} and its verify token in the app's dashboard"
            " (WhatsApp, Configuration); --override sets the address for this account, for messages only"
        )
        return
    address = webhook_address(sender, url, os.environ)
    asyncio.run(_register(sender, address))
    say(f"Webhooks of sender {name} go to {address.url}")


@app.command("store-token")
def store_token(name: Name) -> None:
    """Read the token from its variable and keep it encrypted; also after the key or the token has changed."""
    from campaign.senders import store_token
    from campaign.settings import current_settings

    with open_session() as session:
        sender = store_token(session, name, environment=os.environ, secret_key=current_settings().secret_key)
    say(f"The token of sender {name} is stored, encrypted; {sender.token_env} is needed no more")


@app.command("new-key")
def new_key() -> None:
    """Print a fresh key for CAMPAIGN_SECRET_KEY. It is kept nowhere."""
    from campaign.tokens import new_key

    say(new_key())


async def _refresh(sessions: "Sessions", sender: "Sender") -> "Refreshed":
    from campaign.sender_health import refresh_sender
    from tasks.wiring import provider_for

    provider = provider_for(sender)
    try:
        return await refresh_sender(sessions, sender, provider, now=utc_now())
    finally:
        await provider.aclose()


async def _register(sender: "Sender", address: "WebhookAddress") -> None:
    from tasks.wiring import provider_for

    provider = provider_for(sender)
    try:
        await provider.register_webhook(address)
    finally:
        await provider.aclose()


def _facts(sender: "Sender", share: "Share") -> dict[str, Any]:
    from campaign.tokens import token_source
    from console.cli.warm_up import warm_up_words
    from console.stores.pace import effective_rate

    names = (
        "name provider base_url phone_number_id waba_id portfolio state restricted_until status quality health "
        "health_reason throughput messaging_limit rate_mps tier token_env app_secret_env webhook_token_env "
        "last_webhook_at refreshed_at created_at"
    )
    facts = {name: getattr(sender, name) for name in names.split()}
    found: dict[str, Any] = {"tier": sender.tier or "unlimited", "token": token_source(sender)}
    found |= {"rate_effective": effective_rate(sender, share), "warm_up": warm_up_words(sender, utc_now())}
    return facts | found | {"webhook_path": f"/webhooks/{sender.name}"}
