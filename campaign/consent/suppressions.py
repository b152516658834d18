"""Phones that must not be written to, whatever they agreed to: banned, lifted, listed. Who did it and why is kept."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.orm import Session

from campaign.audience.columns import find_column
from campaign.audience.people_list import open_people
from campaign.audience.phone import BadPhone, Phone, checked_region, read_phone
from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.audience.source import RawRow
from campaign.consent import store, suppression_store
from campaign.consent.ledger import ConsentImport, KeepRefused, RejectedConsent, keep_none
from campaign.consent.suppression_store import ListedBan
from campaign.errors import UsageError
from models.people import Category, Suppression, SuppressionEvent, SuppressionReason

OPERATOR = "operator"
_CHUNK_ROWS = 20_000


def suppress(
    session: Session,
    phones: Sequence[str],
    *,
    source_text: str,
    category: Category = Category.ALL,
    reason: SuppressionReason = SuppressionReason.MANUAL,
    until: datetime | None = None,
    region: str | None = None,
    recorded_by: str = OPERATOR,
    why: str | None = None,
) -> int:
    """Ban phones, for good or until a time; how many people that is.

    raises  UsageError naming the first phone that cannot be read; then none is banned
    """
    banned = {store.BannedPhone(phone.identity, phone.e164) for phone in _read(phones, region)}
    ban = Suppression(category=category.value, reason=reason.value, source=source_text, until=until)
    suppression_store.name_actor(session, recorded_by, why)
    store.add_suppressions(session, sorted(banned), ban)
    return len({phone.phone_identity for phone in banned})


def lift(
    session: Session,
    phones: Sequence[str],
    *,
    category: Category | None = None,
    region: str | None = None,
    recorded_by: str = OPERATOR,
    why: str | None = None,
) -> int:
    """Lift the bans on phones, of one category or of any; how many bans that is.

    raises  UsageError naming the first phone that cannot be read; then none is lifted
    """
    suppression_store.name_actor(session, recorded_by, why)
    return store.remove_suppressions(session, [phone.identity for phone in _read(phones, region)], category)


def active(session: Session, *, now: datetime, limit: int = 1_000, before_id: int | None = None) -> list[Suppression]:
    """Bans that hold at `now`, newest first; `before_id` turns the page."""
    return store.active_suppressions(session, now=now, limit=limit, before_id=before_id)


def history(
    session: Session, phone: str | None = None, *, region: str | None = None, limit: int = 1_000,
    before_id: int | None = None,
) -> Sequence[SuppressionEvent]:  # fmt: skip
    """What was done to suppressions, newest first: of one person, or of all; `before_id` turns the page.

    raises  UsageError when the phone cannot be read
    """
    identity = _read([phone], region)[0].identity if phone else None
    return suppression_store.history(session, identity, limit, before_id)


@dataclass(frozen=True, slots=True)
class BanDefaults:
    """What stands in where a list has no such column or an empty cell."""

    source: str
    category: Category = Category.ALL
    reason: SuppressionReason = SuppressionReason.MANUAL
    until: datetime | None = None


def import_bans(
    session: Session,
    path: Path,
    defaults: BanDefaults,
    *,
    region: str | None = None,
    recorded_by: str = OPERATOR,
    why: str | None = None,
    keep_refused: KeepRefused = keep_none,
) -> ConsentImport:
    """Ban the people of a list: columns phone, and optionally category, reason, until and source.

    keep_refused  takes all rows that are not recorded, in their order
    returns       the counts and the rows refused; a bad row is never the end
    raises        NotFound, BadList or UsageError
    """
    source = open_people(path)
    columns = {name: find_column(source.columns, name) for name in ("category", "reason", "until", "source")}
    reader = _BanReader(source.phone_column, columns, defaults, checked_region(region))
    result = ConsentImport()
    suppression_store.name_actor(session, recorded_by, why)
    for chunk in source.chunks(_CHUNK_ROWS):
        read = [reader.read(row) for row in chunk]
        refused = [each for each in read if isinstance(each, RejectedConsent)]
        keep_refused(source.columns, refused)
        for rejected in refused:
            result.reject(rejected)
        result.rows += len(chunk)
        result.recorded += suppression_store.add_listed(session, [each for each in read if isinstance(each, ListedBan)])
    return result


@dataclass(frozen=True, slots=True)
class _BanReader:
    phone_column: str
    columns: Mapping[str, str | None]
    defaults: BanDefaults
    region: str | None

    def read(self, row: RawRow) -> ListedBan | RejectedConsent:
        if row.problem is not None:
            return RejectedConsent(row.number, row.problem, row.problem_text, row.values, row.file_row)
        phone = read_phone(row.values[self.phone_column], self.region, any_type=True)
        if isinstance(phone, BadPhone):
            return RejectedConsent(row.number, phone.reason, phone.text, row.values, row.file_row)
        cell = {name: row.values[column].strip() if column else "" for name, column in self.columns.items()}
        category, reason = cell["category"].lower(), cell["reason"].lower()
        if category and category not in set(Category):
            words = f"has the category {category}"
            return RejectedConsent(row.number, RejectReason.BAD_CATEGORY, words, row.values, row.file_row)
        try:
            until = _until(cell["until"]) or self.defaults.until
        except (ValueError, OverflowError):
            words = f"has a time that cannot be read: {cell['until']}"
            return RejectedConsent(row.number, RejectReason.BAD_TIME, words, row.values, row.file_row)
        return ListedBan(
            phone.identity,
            phone.e164,
            category or self.defaults.category.value,
            reason if reason in set(SuppressionReason) else self.defaults.reason.value,
            cell["source"] or self.defaults.source,
            until,
        )


def _until(text: str) -> datetime | None:
    if not text:
        return None
    moment = datetime.fromisoformat(text)
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)


def _read(phones: Sequence[str], region: str | None) -> list[Phone]:
    home, found = checked_region(region), []
    for text in phones:
        phone = read_phone(text, home, any_type=True)
        if isinstance(phone, BadPhone):
            raise UsageError(f"phone {text!r} {phone.text}; {SENTENCES[phone.reason]}")
        found.append(phone)
    return found
