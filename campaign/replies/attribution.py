"""What people wrote, tapped and switched, kept with the campaign that it answers.

    context   the message of ours that it refers to, by wamid of any attempt
    payload   the campaign that a button of ours names, and the person's message in it
    window    the last message that the person was sent before, not longer ago than a setting

What answers no campaign is not kept here: consent and windows are seen to by campaign.consent.replies.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.consent.replies import OPENS_NO_WINDOW, ReplyRules, phone_of, wish_of
from campaign.consent.store import people_by_user_id
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
    known = people_by_user_id(session, sorted(set(_nameless(spoken))))
    identities = {user_id: person.phone_identity for user_id, person in known.items()}
    heard = [_heard(each, identities, rules) for each in spoken]
    return store.add_replies(session, heard, window) if heard else 0


def _said_by_a_person(said: InboundMessage | PreferenceChange) -> bool:
    return isinstance(said, PreferenceChange) or said.kind not in OPENS_NO_WINDOW


def _nameless(answers: Sequence[Answer]) -> Iterator[str]:
    return (each.said.user_id for each in answers if each.said.wa_id is None and each.said.user_id)


def _heard(answer: Answer, identities: dict[str, str], rules: ReplyRules) -> HeardReply:
    said = answer.said
    identity = phone_of(said.wa_id).phone_identity if said.wa_id else identities.get(said.user_id or "")
    if isinstance(said, PreferenceChange):
        return _preference(answer.sender_id, said, identity)
    wish = wish_of(said, rules)
    named = _OUR_BUTTON.fullmatch(said.payload or "")
    return HeardReply(
        inbound_id=said.id,
        sender_id=answer.sender_id,
        identity=identity,
        wamid=said.in_reply_to,
        campaign_id=int(named[1]) if named else None,
        kind=said.kind,
        text=said.text,
        payload=said.payload,
        opts_out=wish is not None and wish.action is ConsentAction.OPT_OUT,
        at=said.occurred_at,
    )


def _preference(sender_id: int, said: PreferenceChange, identity: str | None) -> HeardReply:
    words = "on" if said.wants else "off"
    return HeardReply(
        # The platform gives no id to a switch: who, when and what tell one from another.
        inbound_id=f"{PREFERENCE}:{said.wa_id or said.user_id}:{said.occurred_at:%Y%m%dT%H%M%S}:{words}",
        sender_id=sender_id,
        identity=identity,
        wamid=None,
        campaign_id=None,
        kind=PREFERENCE,
        text=f"marketing switched {words} in WhatsApp",
        payload=None,
        opts_out=not said.wants,
        at=said.occurred_at,
    )
