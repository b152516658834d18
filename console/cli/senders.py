"""`campaign senders`: business numbers."""

import os
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated, Any

import typer

from console.cli.options import AsJson, tier
from console.cli.output import say, show_facts, show_listing, warn
from console.cli.stores import open_session

if TYPE_CHECKING:
    from models.sender import Sender

app = typer.Typer(no_args_is_help=True, help="Business numbers that messages are sent from.")


class ProviderName(StrEnum):
    """The providers as the command line names them."""

    CLOUD = "cloud"
    D360 = "d360"
    D360_ONPREM = "d360-onprem"


Name = Annotated[str, typer.Argument(metavar="NAME", help="The sender's name.")]
Tier = Annotated[
    int | None, typer.Option("--tier", parser=tier, metavar="N|unlimited", help="Unique recipients in 24 h.")
]
Rate = Annotated[int, typer.Option(min=1, metavar="MPS", help="Messages per second the number may send.")]
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
    rate: Rate = 80,
    tier: Tier = None,
) -> None:
    """Add a business number. Secrets stay in the environment; only the names of their variables are kept."""
    from campaign.senders import NewSender, add_sender, missing_for
    from models.sender import ProviderKind

    ids = {"phone_number_id": phone_number_id, "waba_id": waba_id, "base_url": base_url}
    secrets = {"token_env": token_env, "app_secret_env": app_secret_env, "webhook_token_env": webhook_token_env}
    new = NewSender(name=name, provider=ProviderKind(provider), rate_mps=rate, tier=tier, **ids, **secrets)  # type: ignore[arg-type]
    with open_session() as session:
        sender = add_sender(session, new, environment=os.environ)
    say(f"Sender {name} added: {provider} at {sender.base_url}, {rate} messages/s. Webhooks: POST /webhooks/{name}")
    for sentence in missing_for(sender, os.environ):
        warn(sentence)


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List the senders."""
    from campaign.senders import list_senders

    with open_session() as session:
        rows = [_facts(sender) for sender in list_senders(session)]
    columns = ("name", "provider", "state", "quality", "rate_mps", "tier", "base_url")
    show_listing(rows, as_json=as_json, columns=columns, empty="No sender yet; add one with campaign senders add.")


@app.command("show")
def show(name: Name, as_json: AsJson = False) -> None:
    """Show one sender, and what it lacks to work."""
    from campaign.senders import find_sender, missing_for

    with open_session() as session:
        sender = find_sender(session, name)
    show_facts(_facts(sender), as_json=as_json)
    for sentence in missing_for(sender, os.environ):
        warn(sentence)


def _facts(sender: "Sender") -> dict[str, Any]:
    names = (
        "name provider base_url phone_number_id waba_id portfolio state restricted_until quality rate_mps tier "
        "token_env app_secret_env webhook_token_env last_webhook_at created_at"
    )
    facts = {name: getattr(sender, name) for name in names.split()}
    return facts | {"tier": sender.tier or "unlimited", "webhook_path": f"/webhooks/{sender.name}"}
