"""What people write, tap and switch: opt-outs, opt-ins where they count, and the window that opens.

    a message that is a STOP word          opts out of everything: the person did not say of what
    a button of ours that opts out         opts out of the category that the campaign had
    marketing switched off in WhatsApp     opts out of marketing; switched on again, it opts in
    a message that is a START word         opts in to everything, where the settings allow it
    another number for the same person     what they opted out of goes with them; what they agreed to does not, and
                                           nobody is written to at the number that they left

A claim asks the gate, so an opt-out holds for every message that is not yet claimed.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import NamedTuple

import structlog
from sqlalchemy.orm import Session

from campaign.audience.phone import Phone, identity_of, read_phone
from campaign.consent import identity_store, store
from campaign.consent.confirmation_store import Due, add_confirmations
from campaign.consent.identity_store import Known, Moved
from campaign.consent.store import BannedPhone, Writer
from campaign.consent.words import edited_words
from campaign.providers.base import InboundMessage, PreferenceChange
from campaign.settings import Settings
from campaign.stop_words import bare, says_start, says_stop
from models.consent import WordKind
from models.people import Category, ConsentAction, ConsentEvent

log = structlog.get_logger(__name__)

RECORDED_BY = "webhook"
OPENS_NO_WINDOW = frozenset({"system", "unsupported", "request_welcome"})
"""Kinds of inbound messages that no person wrote. Source: platform.md D.5."""

_OUR_OPT_OUT = re.compile(r"optout:([a-z]+):c\d+")


@dataclass(frozen=True, slots=True)
class ReplyRules:
    """Which words count, all of them bare as campaign.stop_words has them, and whether opt-outs are answered."""

    more_stop_words: frozenset[str] = frozenset()
    start_words_opt_in: bool = False
    fewer_stop_words: frozenset[str] = frozenset()
    more_start_words: frozenset[str] = frozenset()
    fewer_start_words: frozenset[str] = frozenset()
    confirm: bool = False

    @classmethod
    def from_settings(cls, settings: Settings) -> "ReplyRules":
        """The rules that the settings describe."""
        words = frozenset(word for word in map(bare, settings.stop_words) if word)
        return cls(words, settings.start_words_opt_in, confirm=settings.opt_out_confirmation is not None)

    def edited(self, session: Session) -> "ReplyRules":
        """The same with the words that people added or took off; one look at a short table."""
        edits = edited_words(session)
        if not edits:
            return self
        return replace(
            self,
            more_stop_words=self.more_stop_words | edits.of(WordKind.STOP, active=True),
            fewer_stop_words=edits.of(WordKind.STOP, active=False),
            more_start_words=edits.of(WordKind.START, active=True),
            fewer_start_words=edits.of(WordKind.START, active=False),
        )


class Wish(NamedTuple):
    """What a person wants of a category; `proof` names the message, so that one told twice is known."""

    action: ConsentAction
    category: Category
    source: str
    proof: str


def wish_of(message: InboundMessage, rules: ReplyRules) -> Wish | None:
    """The wish that a message expresses, or None where it is about something else. Pure."""
    if payload := _OUR_OPT_OUT.fullmatch(message.payload or ""):
        category = Category(payload[1]) if payload[1] in set(Category) else Category.ALL
        return Wish(ConsentAction.OPT_OUT, category, "button", _proof(message))
    said = message.text or ""
    if says_stop(said, rules.more_stop_words, rules.fewer_stop_words):
        return Wish(ConsentAction.OPT_OUT, Category.ALL, "reply", _proof(message))
    starts = message.kind == "text" and says_start(said, rules.more_start_words, rules.fewer_start_words)
    if rules.start_words_opt_in and starts:
        return Wish(ConsentAction.OPT_IN, Category.ALL, "reply", _proof(message))
    return None


def preference_of(change: PreferenceChange) -> Wish:
    """The wish that a switch in WhatsApp expresses. Pure. Source: platform.md G.2."""
    action, words = (ConsentAction.OPT_IN, "on") if change.wants else (ConsentAction.OPT_OUT, "off")
    proof = f"marketing switched {words} in WhatsApp at {change.occurred_at:%Y-%m-%d %H:%M:%S} UTC"
    return Wish(action, Category.MARKETING, "preference", proof)


def _proof(message: InboundMessage) -> str:
    return f"message {message.id}: {(message.text or message.payload or '').strip()[:200]}"


WINDOW = timedelta(hours=24)
"""How long a service window is open after a person wrote. Source: platform.md G.3."""


NOWHERE: Mapping[str, int] = {}


def apply_replies(
    session: Session,
    messages: Sequence[InboundMessage],
    changes: Sequence[PreferenceChange],
    rules: ReplyRules,
    now: datetime,
    posted_to: Mapping[str, int] = NOWHERE,
) -> int:
    """Record what people want and open their windows; consent events that are new. Safe to run twice.

    posted_to  message id to the sender that it was written to, who answers an opt-out where the rules say so
    writes     consent events, contacts and their last_inbound_at, whom user ids mean, answers to be sent, and lifts the
               platform's word of those who want marketing again
    """
    everything: list[InboundMessage | PreferenceChange] = [*messages, *changes]
    known = identity_store.note_users(session, [pair for each in everything for pair in _told(each)])
    people = _People(session, messages, changes)
    known += identity_store.note_users(session, people.found())
    moved = identity_store.move_people(session, [each for message in messages for each in _moves(message, people, now)])
    wishes = [(wish, person, min(each.occurred_at, now)) for each, wish, person in _wishes(people, rules)]
    recorded = store.add_new_events(session, [_event(*each) for each in wishes])
    resumed = [
        (person.phone_identity, at)
        for wish, person, at in wishes
        if wish.source == "preference" and wish.action is ConsentAction.OPT_IN
    ]
    store.lift_opt_outs(session, resumed)
    writers = [_writer(each, person, now) for each, person in people.writers()]
    store.open_windows(session, writers)
    store.release_spared(session, [writer.phone_identity for writer in writers if now - writer.at < WINDOW], now)
    if rules.confirm:
        add_confirmations(session, _confirmations(people, rules, posted_to, now), now)
    if recorded or moved or known or people.unknown:
        log.info("people replied", consent_events=recorded, carried=moved + known, people_unknown=people.unknown)
    return recorded + moved + known


def record_wishes(
    session: Session,
    messages: Sequence[InboundMessage],
    changes: Sequence[PreferenceChange],
    rules: ReplyRules,
    now: datetime,
) -> int:
    """Record what people want whose phone is known, and no more: no lock is waited for. How many events are new.

    `apply_replies` does the rest, and finds these events known.
    """
    wishes = _wishes(_People(session, messages, changes), rules)
    known = [(wish, person, min(each.occurred_at, now)) for each, wish, person in wishes if person.phone_e164]
    return store.add_new_events(session, [_event(*each) for each in known])


def _told(each: InboundMessage | PreferenceChange) -> Iterator[Known]:
    """Whose a user id is, where one webhook names both."""
    system = isinstance(each, InboundMessage) and each.kind == "system"
    wa_id = each.new_wa_id if isinstance(each, InboundMessage) and system else each.wa_id
    if each.user_id and wa_id:
        yield Known(each.user_id, *phone_of(wa_id))


def _moves(message: InboundMessage, people: "_People", now: datetime) -> Iterable[Moved]:
    """A change of number, where a message tells of one. Source: platform.md D.5."""
    if message.kind != "system" or not message.new_wa_id:
        return
    new, proof, at = phone_of(message.new_wa_id), f"message {message.id}", min(message.occurred_at, now)
    for old in people.before(message):
        if old.phone_identity != new.phone_identity:
            yield Moved(*old, *new, message.new_wa_id.removeprefix("+"), proof, at)


def _confirmations(people: "_People", rules: ReplyRules, posted_to: Mapping[str, int], now: datetime) -> list[Due]:
    """The answers that opt-outs call for: to who wrote, from the number they wrote to, while the window is open."""
    due = []
    for message in people.messages:
        wish, sender_id = wish_of(message, rules), posted_to.get(message.id)
        if wish is None or wish.action is not ConsentAction.OPT_OUT or sender_id is None or not message.wa_id:
            continue
        until = min(message.occurred_at, now) + WINDOW
        if until > now:
            due.append(Due(sender_id, *phone_of(message.wa_id), wish.proof, until))
    return due


def _wishes(
    people: "_People", rules: ReplyRules
) -> Iterable[tuple[InboundMessage | PreferenceChange, Wish, BannedPhone]]:
    for message in people.messages:
        if wish := wish_of(message, rules):
            yield from ((message, wish, person) for person in people.of_message(message) or _by_id_alone(message))
    for change in people.changes:
        found = people.of_change(change) or _by_id_alone(change)
        yield from ((change, preference_of(change), person) for person in found)


def _by_id_alone(each: InboundMessage | PreferenceChange) -> list[BannedPhone]:
    """Somebody of whom only the user id is known: what they want is kept until we know who that is."""
    return [BannedPhone(each.user_id, "")] if each.user_id else []


def _event(wish: Wish, person: BannedPhone, at: datetime) -> ConsentEvent:
    return ConsentEvent(
        phone_identity=person.phone_identity,
        phone_e164=person.phone_e164,
        category=wish.category.value,
        action=wish.action.value,
        source=wish.source,
        proof=wish.proof,
        # Nothing is taken from the future: no later word could undo it.
        occurred_at=at,
        recorded_by=RECORDED_BY,
    )


def _writer(message: InboundMessage, person: BannedPhone, now: datetime) -> Writer:
    return Writer(*person, message.wa_id, message.user_id, min(message.occurred_at, now))


class _People:
    """Who is behind messages and changes: by phone, by user id, and by the message of ours that was answered."""

    def __init__(
        self, session: Session, messages: Sequence[InboundMessage], changes: Sequence[PreferenceChange]
    ) -> None:
        self.messages, self.changes = messages, changes
        everyone: list[InboundMessage | PreferenceChange] = [*messages, *changes]
        nameless = {each.user_id for each in everyone if each.wa_id is None and each.user_id}
        before = {each.old_user_id for each in messages if each.old_user_id}
        self._by_user_id = identity_store.people_by_user_id(session, sorted(nameless | before))
        answered = {each.in_reply_to for each in messages if each.in_reply_to}
        self._by_wamid = identity_store.recipients_of(session, sorted(answered))
        self.unknown = sum(not self.of_message(each) for each in messages)
        self.unknown += sum(not self.of_change(each) for each in changes)

    def of_message(self, message: InboundMessage) -> list[BannedPhone]:
        """The person, under each identity: the platform may know them by a number other than the one we wrote to."""
        return _each_once([*self._named(message), self._by_wamid.get(message.in_reply_to or "")])

    def of_change(self, change: PreferenceChange) -> list[BannedPhone]:
        return _each_once(self._named(change))

    def before(self, message: InboundMessage) -> list[BannedPhone]:
        """The person of a system message, as we knew them before."""
        named = [phone_of(message.wa_id)] if message.wa_id else []
        return _each_once([*named, *self._by_user_id.get(message.old_user_id or "", ())])

    def found(self) -> list[Known]:
        """Whose user ids and new numbers are, as the messages that they answer and their former ids tell."""
        pairs: list[Known] = []
        for message in self.messages:
            if message.kind == "system":
                new = [message.user_id, message.new_wa_id and message.new_wa_id.removeprefix("+")]
                # Another number is another person to everyone but the platform: what it answers is found by its digits.
                ids = new[1:] if message.new_wa_id else new[:1]
                pairs += [Known(id_, *person) for id_ in ids if id_ for person in self.before(message)]
            elif message.user_id:
                pairs += [Known(message.user_id, *person) for person in self.of_message(message)]
        return pairs

    def writers(self) -> list[tuple[InboundMessage, BannedPhone]]:
        """Messages that open a window, and whose."""
        opening = [each for each in self.messages if each.kind not in OPENS_NO_WINDOW]
        return [(each, person) for each in opening for person in self.of_message(each)]

    def _named(self, each: InboundMessage | PreferenceChange) -> Sequence[BannedPhone]:
        return [phone_of(each.wa_id)] if each.wa_id else self._by_user_id.get(each.user_id or "", ())


def phone_of(wa_id: str) -> BannedPhone:
    """A person by the id that the platform knows them by; one that is no known number is kept as it is."""
    digits = wa_id.removeprefix("+")
    phone = read_phone(f"+{digits}", None, any_type=True)
    return BannedPhone(identity_of(digits), phone.e164 if isinstance(phone, Phone) else f"+{digits}")


def _each_once(people: Iterable[BannedPhone | None]) -> list[BannedPhone]:
    known: Mapping[str, BannedPhone] = {person.phone_identity: person for person in people if person is not None}
    return list(known.values())
