"""What a person does to a number: permission checked, done, and written down."""

from collections.abc import Mapping
from datetime import datetime

from pydantic import SecretStr

from campaign import senders
from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.planning.warm_up import WarmUp
from campaign.providers.base import Provider
from campaign.sender_health import Refreshed, keep_refreshed
from models.sender import Sender
from models.session import Sessions, session_scope

KEPT_OF_NEW = (
    "provider", "base_url", "phone_number_id", "waba_id", "rate_mps", "tier", "token_env", "app_secret_env",
    "webhook_token_env",
)  # fmt: skip
"""What the audit log keeps of a number that was added: of its secrets only the names of their variables."""


def add(
    sessions: Sessions,
    by: Actor,
    new: senders.NewSender,
    *,
    environment: Mapping[str, str],
    secret_key: SecretStr | None = None,
) -> Sender:
    """`campaign.senders.add_sender`, audited.

    raises  Forbidden, and what add_sender raises
    """
    with audited(sessions, by, Act.CHANGE_SENDER, f"sender:{new.name}") as act, session_scope(act.sessions) as session:
        sender = senders.add_sender(session, new, environment=environment, secret_key=secret_key)
        act.after = {name: getattr(sender, name) for name in KEPT_OF_NEW}
        return sender


def set_warm_up(sessions: Sessions, by: Actor, name: str, plan: WarmUp | None) -> None:
    """Give a sender a warm-up, or end it.

    raises  Forbidden, NotFound, UsageError
    """
    with audited(sessions, by, Act.CHANGE_SENDER, f"sender:{name}") as act, session_scope(act.sessions) as session:
        act.before = {"warm_up": senders.find_sender(session, name).warm_up}
        act.after = {"warm_up": senders.set_warm_up(session, name, plan).warm_up}


async def refresh(sessions: Sessions, by: Actor, sender: Sender, provider: Provider, *, now: datetime) -> Refreshed:
    """Ask the platform what a number may do, and keep what it tells.

    raises  Forbidden, PlatformError
    """
    by.require(Act.REFRESH_SENDER)
    # Asked before the transaction begins: nothing is locked while the platform thinks.
    info = await provider.read_number()
    with audited(sessions, by, Act.REFRESH_SENDER, f"sender:{sender.name}") as act:
        result = keep_refreshed(act.sessions, sender, info, now)
        act.before, act.after = {"state": result.before.value}, {"state": result.after.value}
        return result
