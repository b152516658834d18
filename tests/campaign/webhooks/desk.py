"""A sender with a campaign, webhooks put into its inbox as the receiver would, and a look at what they became."""

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import text

from campaign.callback import callback_data
from campaign.webhooks.batch import Applied, InboxRules
from campaign.webhooks.inbox import apply_webhooks
from models import Attempt, Campaign, Message, Sender, WebhookEvent
from models.session import Sessions
from tests.factories import NOON, make_messages


def status(word: str, wamid: str, seconds: float, **given: Any) -> dict[str, Any]:
    """One entry of `statuses`, `seconds` after noon."""
    moment = int((NOON + timedelta(seconds=seconds)).timestamp())
    return {"id": wamid, "status": word, "timestamp": str(moment), "recipient_id": "12025550111"} | given


def failed(wamid: str, seconds: float, code: int, **given: Any) -> dict[str, Any]:
    error = {"code": code, "title": "Failed", "error_data": {"details": f"words of {code}"}}
    return status("failed", wamid, seconds, errors=[error], **given)


def envelope(*statuses: dict[str, Any]) -> bytes:
    """Meta's envelope around statuses."""
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": list(statuses)}
    entry = {"id": "100000000000010", "changes": [{"field": "messages", "value": value}]}
    return json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()


@dataclass
class Desk:
    """Everything a test of the inbox works with."""

    sessions: Sessions
    rules: InboxRules
    sender: Sender
    campaign: Campaign
    now: datetime = NOON + timedelta(hours=1)
    applied: list[Applied] = field(default_factory=list)
    made: int = 0

    def messages(self, count: int = 1, **given: Any) -> list[int]:
        """Messages that the platform took a second after noon, with wamids w1, w2, … by id."""
        values = {"state": "accepted", "attempt": 1, "claimed_at": NOON, "accepted_at": NOON + timedelta(seconds=1)}
        with self.sessions() as session, session.begin():
            ids = make_messages(session, self.campaign, count, **{"first": self.made} | values | given)
            if (values | given)["state"] not in ("queued", "sending", "uncertain", "skipped"):
                session.execute(text("UPDATE message SET wamid = 'w' || id WHERE id = ANY(:ids)"), {"ids": ids})
        self.made += count
        return ids

    def receive(self, *bodies: bytes, sender: Sender | None = None) -> list[int]:
        """Put bodies into the inbox; their ids."""
        with self.sessions() as session, session.begin():
            events = [WebhookEvent(sender_id=(sender or self.sender).id, body=body) for body in bodies]
            session.add_all(events)
            session.flush()
            return [event.id for event in events]

    def tell(self, *statuses: dict[str, Any]) -> Applied:
        """One webhook with these statuses, applied."""
        self.receive(envelope(*statuses))
        return self.apply()

    def apply(self, **changed: Any) -> Applied:
        rules = InboxRules(**{name: getattr(self.rules, name) for name in InboxRules.__slots__} | changed)
        self.applied.append(apply_webhooks(self.sessions, rules, clock=lambda: self.now))
        return self.applied[-1]

    def message(self, message_id: int) -> Message:
        with self.sessions() as session:
            return session.get_one(Message, message_id)

    def attempts(self, message_id: int) -> list[Attempt]:
        with self.sessions() as session:
            return list(session.query(Attempt).filter_by(message_id=message_id).order_by(Attempt.number))

    def event(self, event_id: int) -> WebhookEvent:
        with self.sessions() as session:
            return session.get_one(WebhookEvent, event_id)

    def callback(self, message_id: int, attempt: int = 1) -> str:
        return callback_data(self.campaign.id, message_id, attempt)

    def write(self, statement: str, **values: Any) -> None:
        with self.sessions() as session, session.begin():
            session.execute(text(statement), values)

    def read(self, statement: str, **values: Any) -> Sequence[Any]:
        with self.sessions() as session:
            return session.execute(text(statement), values).all()
