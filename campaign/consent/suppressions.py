"""Phones that must not be written to, whatever they agreed to: banned, lifted, listed."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.audience.phone import BadPhone, Phone, checked_region, read_phone
from campaign.audience.reasons import SENTENCES
from campaign.consent import store
from campaign.errors import UsageError
from models.people import Category, Suppression, SuppressionReason


def suppress(
    session: Session,
    phones: Sequence[str],
    *,
    source_text: str,
    category: Category = Category.ALL,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    until: datetime | None = None,
    region: str | None = None,
) -> int:
    """Ban phones, for good or until a time; how many people that is.

    raises  UsageError naming the first phone that cannot be read; then none is banned
    """
    banned = {store.BannedPhone(phone.identity, phone.e164) for phone in _read(phones, region)}
    ban = Suppression(category=category.value, reason=reason.value, source=source_text, until=until)
    store.add_suppressions(session, sorted(banned), ban)
    return len({phone.phone_identity for phone in banned})


def lift(
    session: Session, phones: Sequence[str], *, category: Category | None = None, region: str | None = None
) -> int:
    """Lift the bans on phones, of one category or of any; how many bans that is.

    raises  UsageError naming the first phone that cannot be read; then none is lifted
    """
    return store.remove_suppressions(session, [phone.identity for phone in _read(phones, region)], category)


def active(session: Session, *, now: datetime, limit: int = 1_000) -> list[Suppression]:
    """Bans that hold at `now`, newest first."""
    return store.active_suppressions(session, now=now, limit=limit)


def _read(phones: Sequence[str], region: str | None) -> list[Phone]:
    home, found = checked_region(region), []
    for text in phones:
        phone = read_phone(text, home, any_type=True)
        if isinstance(phone, BadPhone):
            raise UsageError(f"phone {text!r} {phone.text}; {SENTENCES[phone.reason]}")
        found.append(phone)
    return found
