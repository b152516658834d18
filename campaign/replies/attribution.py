"""What people wrote, tapped and switched, kept with the campaign that it answers.

    context   the message of ours that it refers to, by wamid of any attempt
    payload   the campaign that a button of ours names, and the person's message in it
    window    the last message that the person was sent before, not longer ago than a setting

What answers no campaign is not kept here: consent and windows are seen to by campaign.consent.replies.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.consent.identity_store import people_by_user_id
from campaign.consent.replies import OPENS_NO_WINDOW, ReplyRules, phone_of, wish_of
from campaign.consent.store import BannedPhone
from campaign.providers.base import InboundMessage, PreferenceChange
from campaign.replies import store
from campaign.replies.store import HeardReply
from models.people import ConsentAction

PREFERENCE = "preference"
"""The kind of a reply that is a switch in the app."""

REPLY_WINDOW = timedelta(days=3)

_OUR_BUTTON = re.compile(r"[\w:.-]*:c(\d{1,18})")
"""A payload that ends with one of our campaigns, such as `optout:marketing:c12`."""


class Answer(NamedTuple):
    """Something a person said, and the sender at whose address it was posted."""

    sender_id: int
    said: InboundMessage | PreferenceChange


def keep_replies(
    session: Session, answers: Sequence[Answer], rules: ReplyRules, window: timedelta = REPLY_WINDOW
) -> int:
    """Keep the answers that belong to a campaign; how many are new. Safe to run twice.

    window  how long after a message an answer that refers to nothing still counts for its campaign
    writes  replies
    """
    spoken = [each for each in answers if _said_by_a_person(each.said)]
    known = people_by_user_id(session, sorted({id_ for each in spoken for id_ in _ids(each)}))
    heard = [reply for each in spoken for reply in _heard(each, _identities(each, known), rules)]
    return store.add_replies(session, heard, window) if heard else 0


def _said_by_a_person(said: InboundMessage | PreferenceChange) -> bool:
    return isinstance(said, PreferenceChange) or said.kind not in OPENS_NO_WINDOW


def _ids(answer: Answer) -> Iterator[str]:
    """What the platform calls the person, phone and user id: either may be new to us while we know the other."""
    said = answer.said
    yield from (id_.removeprefix("+") for id_ in (said.wa_id, said.user_id) if id_)


def _identities(answer: Answer, known: Mapping[str, Sequence[BannedPhone]]) -> Sequence[str | None]:
    """Every identity of the person; None alone where there is none."""
    own = [phone_of(answer.said.wa_id).phone_identity] if answer.said.wa_id else []
    others = [person.phone_identity for id_ in _ids(answer) for person in known.get(id_, ())]
    return list(dict.fromkeys([*own, *others])) or [None]


def _heard(answer: Answer, identities: Sequence[str | None], rules: ReplyRules) -> list[HeardReply]:
    """The answer under each identity of the person: it is kept once, for the message that it is found to answer."""
    first = _reply(answer, rules)
    return [first._replace(identity=identity) for identity in identities]


def _reply(answer: Answer, rules: ReplyRules) -> HeardReply:
    said = answer.said
    if isinstance(said, PreferenceChange):
        return _preference(answer.sender_id, said)
    wish = wish_of(said, rules)
    named = _OUR_BUTTON.fullmatch(said.payload or "")
    return HeardReply(
        inbound_id=said.id,
        sender_id=answer.sender_id,
        identity=None,
        wamid=said.in_reply_to,
        campaign_id=int(named[1]) if named else None,
        kind=said.kind,
        text=said.text,
        payload=said.payload,
        opts_out=wish is not None and wish.action is ConsentAction.OPT_OUT,
        at=said.occurred_at,
    )


def _preference(sender_id: int, said: PreferenceChange) -> HeardReply:
    words = "on" if said.wants else "off"
    return HeardReply(
        # The platform gives no id to a switch: who, when and what tell one from another.
        inbound_id=f"{PREFERENCE}:{said.wa_id or said.user_id}:{said.occurred_at:%Y%m%dT%H%M%S}:{words}",
        sender_id=sender_id,
        identity=None,
        wamid=None,
        campaign_id=None,
        kind=PREFERENCE,
        text=f"marketing switched {words} in WhatsApp",
        payload=None,
        opts_out=not said.wants,
        at=said.occurred_at,
    )
