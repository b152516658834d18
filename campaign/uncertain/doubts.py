"""What is uncertain in a campaign, why, and what would resolve it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from campaign.lifecycle import find_campaign
from campaign.reconciliation.store import drained_until
from campaign.settings import Settings
from campaign.uncertain import store
from models.campaign import UncertainPolicy
from models.sender import ProviderKind, Sender

WHY: Mapping[str, str] = {
    "timeout": "no answer came in time",
    "broken_connection": "the connection broke after the request had left",
    "killed_worker": "the worker vanished while the request may have been on its way",
    "unclear_answer": "the platform answered with a fault that does not say whether it took the message",
}
"""Why a message is uncertain, in words."""


@dataclass(frozen=True, slots=True)
class Group:
    """Uncertain messages of one kind. `oldest` and `newest` are instants of their claim."""

    why: str
    words: str
    messages: int
    oldest: datetime
    newest: datetime
    resolved_by: str


@dataclass(frozen=True, slots=True)
class Doubts:
    """What is uncertain in a campaign.

    watermark      when the newest message was accepted that the sender's webhooks have reported since the oldest claim;
                   None: nothing later has been reported
    drained_until  until when every webhook received has been applied
    """

    name: str
    policy: str
    sender: str
    messages: int
    watermark: datetime | None
    drained_until: datetime
    groups: Sequence[Group]


def find_doubts(session: Session, name: str, settings: Settings, *, now: datetime) -> Doubts:
    """What is uncertain in a campaign at `now`.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    sender = session.get_one(Sender, campaign.sender_id)
    rows = store.groups(session, sender.id, campaign.id)
    wait = timedelta(seconds=settings.departure_window_s + settings.answer_timeout_s + settings.uncertain_grace_s)
    groups = [
        Group(
            why=row.why,
            words=WHY[row.why],
            messages=row.messages,
            oldest=row.oldest,
            newest=row.newest,
            resolved_by=_resolved_by(sender, campaign.uncertain_policy, row.newest + wait),
        )
        for row in rows
    ]
    return Doubts(
        name=campaign.name,
        policy=campaign.uncertain_policy,
        sender=sender.name,
        messages=sum(group.messages for group in groups),
        watermark=store.watermark(session, sender.id, min(group.oldest for group in groups)) if groups else None,
        drained_until=drained_until(session, now),
        groups=groups,
    )


def _resolved_by(sender: Sender, policy: str, provable_at: datetime) -> str:
    """What resolves uncertain messages. `provable_at`: when the last of them has had its grace."""
    moment = f"{provable_at:%Y-%m-%d %H:%M:%S} UTC"
    if sender.provider == ProviderKind.D360_ONPREM:
        if policy == UncertainPolicy.RESEND:
            return f"sent again by {moment} as the policy says, without proof: a second message is possible"
        return "a report that names the message's id, or a person: this provider makes proof impossible"
    if policy == UncertainPolicy.ASK:
        return "its own report, or a person: the policy is to ask"
    return (
        f"its own report; or, from {moment} at the latest, proof of absence once later messages of {sender.name} have "
        "been reported; or a person"
    )
