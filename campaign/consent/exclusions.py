"""Whom one campaign leaves out although they agreed: American numbers, its quiet list, people written to lately."""

from collections.abc import Iterator
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.people_list import open_people
from campaign.audience.phone import Phone, read_phone
from campaign.consent import exclusion_store as store
from campaign.errors import BadList, UsageError
from models.campaign import Campaign

_CHUNK_ROWS = 20_000
MOST_DAYS = 3_650


def check_not_messaged_within(days: int | None) -> None:
    """Refuse a number of days that is none.

    raises  UsageError
    """
    if days is not None and not 1 <= days <= MOST_DAYS:
        raise UsageError(f"--not-messaged-within {days} is no number of days; give 1 to {MOST_DAYS}")


def keep_quiet_list(session: Session, campaign: Campaign, path: Path | None) -> int:
    """Keep the people of a list as those whom a new campaign leaves out; how many. Call it before its audience is read.

    raises  NotFound or BadList; also for a phone that cannot be read, since whoever it is would be written to
    """
    if path is None:
        return 0
    return store.add_exclusions(session, campaign.id, _identities(path, campaign.region))


def _identities(path: Path, region: str | None) -> Iterator[str]:
    source = open_people(path)
    for chunk in source.chunks(_CHUNK_ROWS):
        for row in chunk:
            text = row.values.get(source.phone_column, "")
            phone = read_phone(text, region, any_type=True)
            if not isinstance(phone, Phone):
                raise BadList(f"{path} row {row.number}: {source.phone_column} {phone.text}; mend it or take it out")
            yield phone.identity
