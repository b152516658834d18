"""What a failure says of the person: not on WhatsApp, or no more marketing. Later campaigns heed it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy.orm import Session

from campaign.consent.store import BannedPhone, add_new_events, add_suppressions
from campaign.webhooks import store
from models.people import Category, ConsentAction, ConsentEvent, Suppression, SuppressionReason

SOURCE = "webhook"
PLATFORM = "platform"


class PersonNews(NamedTuple):
    """What a merge learned of the person a message goes to.

    code     that of a failure; None: a failure was disproved by a delivery
    reached  the message has reached the person, before or after it failed elsewhere
    """

    message_id: int
    code: int | None
    at: datetime
    reached: bool = False


class Ban(NamedTuple):
    """A suppression that a code calls for; `opt_out`: it is also a withdrawal of consent."""

    reason: SuppressionReason
    category: Category
    opt_out: bool = False


BANS: Mapping[int, Ban] = {
    131026: Ban(SuppressionReason.NOT_ON_WHATSAPP, Category.ALL),
    131050: Ban(SuppressionReason.OPTED_OUT, Category.MARKETING, opt_out=True),
    # The same on the On-Premise API.
    1013: Ban(SuppressionReason.NOT_ON_WHATSAPP, Category.ALL),
    1026: Ban(SuppressionReason.NOT_ON_WHATSAPP, Category.ALL),
}
"""What codes say of a person. Source: platform.md C.3, C.5."""


MARKETING_LIMIT = 131049


def note_people(session: Session, news: Sequence[PersonNews], spare_until: datetime) -> None:
    """Keep what failures mean for people; a delivery lifts the ban of one thought not to be on WhatsApp.

    spare_until  how long a person is spared all marketing whose message reached their limit and is not tried again
    source       platform.md E, G.2, I.6
    """
    if capped := [each.message_id for each in news if each.code == MARKETING_LIMIT]:
        store.spare_marketing(session, capped, spare_until)
    telling = [each for each in news if _tells(each)]
    people = {
        id_: BannedPhone(*person)
        for id_, person in store.people_of(session, [each.message_id for each in telling]).items()
    }
    for ban in set(BANS.values()):
        banned = [each for each in telling if each.code is not None and BANS[each.code] == ban]
        _ban(session, ban, [people[each.message_id] for each in banned])
        if ban.opt_out:
            add_new_events(session, [_opt_out(people[each.message_id], ban, each) for each in banned])
    store.lift_disproved(session, [people[each.message_id].phone_identity for each in telling if each.code is None])


def _tells(news: PersonNews) -> bool:
    """Whether news says anything of the person. Whom a message has reached is on WhatsApp; an opt-out stays one."""
    if news.code is None:
        return True
    ban = BANS.get(news.code)
    return ban is not None and (ban.opt_out or not news.reached)


def _ban(session: Session, ban: Ban, phones: Sequence[BannedPhone]) -> None:
    terms = Suppression(category=ban.category.value, reason=ban.reason.value, source=SOURCE, until=None)
    add_suppressions(session, phones, terms)


def _opt_out(person: BannedPhone, ban: Ban, news: PersonNews) -> ConsentEvent:
    return ConsentEvent(
        phone_identity=person.phone_identity,
        phone_e164=person.phone_e164,
        category=ban.category.value,
        action=ConsentAction.OPT_OUT.value,
        source=SOURCE,
        # Named by the message, so that it is written down once however often it is told.
        proof=f"WhatsApp answered {news.code} to message {news.message_id}",
        occurred_at=news.at,
        recorded_by=PLATFORM,
    )
