"""What is uncertain in a campaign, why, and what would resolve it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row
from sqlalchemy.orm import Session

from campaign.lifecycle import find_campaign
from campaign.reconciliation.absence import Evidence, Patience, Unanswered, lacking
from campaign.reconciliation.store import drained_until
from campaign.reconciliation.sweeps import evidence, patience_of
from campaign.settings import Settings
from campaign.uncertain import store
from campaign.uncertain.proof import Part, proof_words
from campaign.uncertain.settling import Settles, what_settles
from models.campaign import Campaign, UncertainPolicy
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
    """What is uncertain in a campaign at `now`, and what keeps a proof of absence from being complete.

    raises  NotFound
    """
    campaign = find_campaign(session, name)
    sender = session.get_one(Sender, campaign.sender_id)
    drained = drained_until(session, now)
    parts = _parts(session, campaign, sender, settings, drained)
    groups = [
        _group(why, [part for part in parts if part.why == why], sender, campaign.uncertain_policy)
        for why in dict.fromkeys(part.why for part in parts)
    ]
    return Doubts(
        name=campaign.name,
        policy=campaign.uncertain_policy,
        sender=sender.name,
        messages=sum(group.messages for group in groups),
        watermark=store.watermark(session, sender.id, min(group.oldest for group in groups)) if groups else None,
        drained_until=drained,
        groups=sorted(groups, key=lambda group: (-group.messages, group.why)),
    )


def _parts(
    session: Session, campaign: Campaign, sender: Sender, settings: Settings, drained: datetime
) -> Sequence[Part]:
    """What is uncertain, in parts of which the same holds: claimed in the same second, with the same template."""
    rows = store.parts(session, sender.id, campaign.id)
    if not rows:
        return ()
    patience, known = patience_of(settings), None
    if what_settles(sender.provider, campaign.uncertain_policy) is Settles.TRAFFIC:
        doubted = [Unanswered(0, row.oldest, row.template_id) for row in rows]
        known = evidence(session, sender.id, doubted, patience, drained)
    return [_part(row, known, patience) for row in rows]


def _part(row: Row[Any], known: Evidence | None, patience: Patience) -> Part:
    # The newest of a second waits longest.
    newest = Unanswered(0, row.newest, row.template_id)
    return Part(
        row.why,
        row.template_id,
        row.messages,
        row.oldest,
        row.newest,
        row.unread,
        ripe_at=row.newest + patience.departure + patience.grace,
        lacking=lacking(newest, known, patience) if known else None,
    )


def _group(why: str, parts: Sequence[Part], sender: Sender, policy: str) -> Group:
    return Group(
        why=why,
        words=WHY[why],
        messages=sum(part.messages for part in parts),
        oldest=min(part.oldest for part in parts),
        newest=max(part.newest for part in parts),
        resolved_by=_resolved_by(sender, policy, parts),
    )


def _resolved_by(sender: Sender, policy: str, parts: Sequence[Part]) -> str:
    """What resolves uncertain messages."""
    if sender.provider == ProviderKind.D360_ONPREM:
        if policy == UncertainPolicy.RESEND:
            by = f"{max(part.ripe_at for part in parts):%Y-%m-%d %H:%M:%S} UTC"
            return f"sent again by {by} as the policy says, without proof: a second message is possible"
        return "a report that names the message's id, or a person: this provider makes proof impossible"
    if policy == UncertainPolicy.ASK:
        return "its own report, or a person: the policy is to ask"
    return f"its own report, or a person, or proof of absence: {proof_words(parts, sender.name)}"
