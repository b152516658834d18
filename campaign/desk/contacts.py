"""People found: by phone in any spelling, by how words of the name begin, or the newest."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, Phone, read_phone
from campaign.desk import store
from models.people import PLAIN_LETTERS

PAGE = 50
LONGEST_SEARCH = 100
MOST_WORDS = 10

_PHONE = re.compile(r"[+0]?[\d\s().\-/+]{6,}")


@dataclass(frozen=True, slots=True)
class ContactLine:
    """One person of a list; `last_inbound_at` is when they last wrote."""

    id: int
    phone: str
    name: str | None
    region: str | None
    last_inbound_at: datetime | None
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class Found:
    """What a search came to.

    people    at most `PAGE`, newest first
    phone     the phone that was searched for, where the search was one: there may be consent without a contact
    problem   why what looks like a phone is none
    """

    people: Sequence[ContactLine]
    phone: str | None = None
    problem: str | None = None


def find_contacts(session: Session, search: str = "", *, before_id: int | None = None) -> Found:
    """People whose phone is searched for, or in whose name words begin so; the newest when nothing is."""
    wanted = " ".join(search.split())[:LONGEST_SEARCH]
    if _PHONE.fullmatch(wanted):
        return _by_phone(session, wanted)
    words = _plain(wanted).split()[:MOST_WORDS]
    rows = (
        store.contacts_named(session, words, before_id, PAGE)
        if words
        else store.newest_contacts(session, before_id, PAGE)
    )
    return Found([ContactLine(*tuple(row)) for row in rows])


def _plain(name: str) -> str:
    """A name as it is looked for: small letters without accents, and nothing that no store takes. Pure."""
    return name.replace("\x00", "").lower().translate(_LETTERS)


_LETTERS = str.maketrans(*PLAIN_LETTERS)


def _by_phone(session: Session, wanted: str) -> Found:
    """A phone may be written as at home: then in the countries that campaigns and contacts name."""
    readings = [read_phone(wanted, None, any_type=True)]
    if isinstance(readings[0], BadPhone):
        readings += [read_phone(wanted, region, any_type=True) for region in store.regions(session)]
    phones = {each.identity: each for each in readings if isinstance(each, Phone)}
    if not phones:
        return Found((), problem=next(each.text for each in readings if isinstance(each, BadPhone)))
    people = [ContactLine(*tuple(row)) for row in store.contacts_of(session, sorted(phones))]
    only = next(iter(phones.values())).e164 if len(phones) == 1 and not people else None
    return Found(people, phone=only)
