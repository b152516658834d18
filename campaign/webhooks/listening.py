"""What follows from webhooks beside delivery statuses: replies, preferences, changes of templates and senders."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from campaign.consent.replies import ReplyRules, apply_replies, record_wishes
from campaign.lifecycle import follow_templates
from campaign.replies.attribution import REPLY_WINDOW, Answer, keep_replies
from campaign.sender_changes import ToldSender, apply_sender_events
from campaign.templates.changes import apply_template_events
from campaign.templates.store import ToldTemplate
from campaign.webhooks import store
from campaign.webhooks.batch import Said

log = structlog.get_logger(__name__)


class Listening:
    """The listener of the inbox. What only a question to the platform can settle is noted for whoever asks it.

    read_again  accounts whose templates should be read again
    look_again  ids of senders to be looked at again
    """

    def __init__(self, rules: ReplyRules, reply_window: timedelta = REPLY_WINDOW) -> None:
        self._rules = rules
        self._reply_window = reply_window
        self.read_again: set[str] = set()
        self.look_again: set[int] = set()

    def __call__(self, session: Session, said: Sequence[Said], now: datetime) -> None:
        """Act on a batch: senders and templates first, so that what they stop has stopped when anybody is asked."""
        accounts = _Accounts(session, said)
        self._hear_senders(session, said, accounts, now)
        self._hear_templates(session, said, accounts, now)
        messages = [message for each in said for message in each.content.inbound]
        changes = [change for each in said for change in each.content.preferences]
        if messages or changes:
            rules = self._rules.edited(session)
            posted_to = {message.id: each.sender_id for each in said for message in each.content.inbound}
            apply_replies(session, messages, changes, rules, now, posted_to)
            keep_replies(session, _answers(said), rules, self._reply_window)
        if accounts.foreign:
            log.info("events of accounts that are not ours", events=accounts.foreign)

    def first(self, session: Session, said: Sequence[Said], now: datetime) -> None:
        """Record what people want, before anything else is done; safe to be told again."""
        messages = [message for each in said for message in each.content.inbound]
        changes = [change for each in said for change in each.content.preferences]
        record_wishes(session, messages, changes, self._rules.edited(session), now)

    def _hear_senders(self, session: Session, said: Sequence[Said], accounts: "_Accounts", now: datetime) -> None:
        events = ((each.sender_id, event) for each in said for event in each.content.sender_events)
        told = [
            ToldSender(account, event)
            for sender_id, event in events
            for account in accounts.of(sender_id, event.account)
        ]
        if told:
            self.look_again |= apply_sender_events(session, told, now).look_again

    def _hear_templates(self, session: Session, said: Sequence[Said], accounts: "_Accounts", now: datetime) -> None:
        events = ((each.sender_id, event) for each in said for event in each.content.template_events)
        told = [
            ToldTemplate(account, event)
            for sender_id, event in events
            for account in accounts.of(sender_id, event.account)
        ]
        if told:
            changed = apply_template_events(session, told, now)
            self.read_again |= changed.read_again
            if changed.ours:
                follow_templates(session)


def _answers(said: Iterable[Said]) -> list[Answer]:
    found: list[Answer] = []
    for each in said:
        found += [Answer(each.sender_id, message) for message in each.content.inbound]
        found += [Answer(each.sender_id, change) for change in each.content.preferences]
    return found


class _Accounts:
    """Whose account an event is about: one app posts the events of all its accounts to one address."""

    def __init__(self, session: Session, said: Iterable[Said]) -> None:
        telling = {each.sender_id for each in said if each.content.template_events or each.content.sender_events}
        self._known = store.accounts_of_one_secret(session, telling) if telling else {}
        self.foreign = 0

    def of(self, sender_id: int, named: str | None) -> list[str]:
        """The account that an event names, when it is one of ours; that of the sender where neither has a name."""
        found = {
            known.account
            for known in self._known.get(sender_id, ())
            if (known.waba_id == named if named and known.waba_id else known.sender_id == sender_id)
        }
        self.foreign += not found
        return sorted(found)
