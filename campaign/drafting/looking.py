"""A first look at the list of a draft: how it was read, its columns, and its first rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from campaign.audience.bounds import bounds_of
from campaign.audience.columns import NoPhoneColumn
from campaign.audience.opening import open_audience
from campaign.audience.phone import LANDLINES, SERVICES, Phone, checked_region, read_phone
from campaign.audience.rows import RawRow
from campaign.audience.source import ListSource
from campaign.drafting.content import DraftContent
from campaign.drafting.request import audience_of_draft, reading_of
from campaign.settings import Settings
from models.session import Sessions

SAMPLE = 200
"""Rows kept at hand; others are looked for in the file."""
_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Look:
    """What is known of a list before a campaign is made from it.

    phone_column  None: no header says which it is, a person has to
    sheet         that was read, and `other_sheets`; of a workbook only
    whole         `rows` are all that there are
    """

    source: ListSource
    phone_column: str | None
    rows: Sequence[RawRow]
    whole: bool

    @property
    def columns(self) -> Sequence[str]:
        """The columns of the list."""
        return self.source.columns

    @property
    def sheet(self) -> str | None:
        """The sheet that was read."""
        return self.source.how.get("sheet")

    @property
    def other_sheets(self) -> Sequence[str]:
        """The sheets that were not."""
        return tuple(self.source.how.get("others", ()))


def look_at(sessions: Sessions, settings: Settings, content: DraftContent) -> Look:
    """Open the list of a draft; nothing of it is kept.

    raises  UsageError, NotFound or BadList, naming the thing and the next step
    """
    checked_region(content.region.strip().upper() or None)
    audience, reading, bounds = audience_of_draft(content, settings), reading_of(content), bounds_of(settings)
    chosen: str | None = content.phone_column or None
    try:
        source = open_audience(sessions, audience, reading, phone_column=chosen, bounds=bounds)
        found: str | None = source.phone_column
    except NoPhoneColumn as error:
        # Shown all the same, so that a person can say which it is.
        source = open_audience(sessions, audience, reading, phone_column=error.columns[0], bounds=bounds)
        found = None
    rows = list(islice((row for chunk in source.chunks(SAMPLE + 1) for row in chunk), SAMPLE + 1))
    return Look(source, found, rows[:SAMPLE], len(rows) <= SAMPLE)


def row_of(look: Look, number: int) -> RawRow | None:
    """One row of the list, from 1; None when it has fewer."""
    if number < 1:
        return None
    if number <= len(look.rows):
        return look.rows[number - 1]
    if look.whole:
        return None
    for chunk in look.source.chunks(_CHUNK):
        if chunk[-1].number >= number:
            return next((row for row in chunk if row.number == number), None)
    return None


def phone_told(look: Look, content: DraftContent, row: RawRow) -> tuple[str, str | None]:
    """The phone of a row as it was read, and what is wrong with it; the text itself where it is no phone."""
    if look.phone_column is None:
        return "", None
    text = row.values.get(look.phone_column, "")
    also = (LANDLINES if content.landlines else frozenset()) | (SERVICES if content.services else frozenset())
    found = read_phone(text, content.region.strip().upper() or None, also=also)
    return (found.e164, None) if isinstance(found, Phone) else (text, found.reason)
