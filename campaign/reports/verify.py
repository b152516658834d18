"""An earlier report of any kind against what the database has now.

recipients  line by line: a row may have come further, see campaign.reports.verify_recipients
rejected    line by line: a refused row stays as it was
replies     line by line: answers are only added
summary     counted once more, figure by figure, see campaign.reports.verify_figures
errors      counted once more, code by code
"""

import json
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from hashlib import file_digest
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy.orm import Session

from campaign.audience.rows import REPORT_COLUMNS
from campaign.errors import BadList, NotFound, UsageError
from campaign.lifecycle import find_campaign
from campaign.reports import errors, recipients, replies, sections, store
from campaign.reports.told import ToldLine, Verified, told_lines
from campaign.reports.verify_figures import compare_errors, compare_summary
from campaign.reports.verify_lists import compare_rejected, compare_replies
from campaign.reports.verify_recipients import FEWEST, compare_recipients
from models.campaign import Campaign

LOOKED_AT = 1000
"""Lines at the beginning of a file among which one has to name a message that we know."""

Compare = Callable[[Session, Campaign, Iterator[ToldLine], Verified], None]

_COMPARE: Mapping[str, Compare] = {
    "recipients": compare_recipients,
    "summary": compare_summary,
    "rejected": compare_rejected,
    "replies": compare_replies,
}


class KeptTotals(NamedTuple):
    """What the totals of a report say of it: whose it is, when it was written, and the hash of the file."""

    campaign: str
    kind: str
    sha256: str
    written_at: datetime


def verify_report(session: Session, path: Path, name: str | None = None, totals: Path | None = None) -> Verified:
    """Compare a report with the database, in bounded memory.

    name    of the campaign; None: as the totals or the file itself name it
    totals  the file that `--totals` wrote beside the report; then the report must be that very file, too
    raises  NotFound, UsageError, BadList when the file is no report of ours
    """
    kept = read_totals(totals) if totals else None
    with told_lines(path) as (header, lines):
        kind = kind_of(header, path)
        named = name or (kept.campaign if kept else None)
        campaign = find_campaign(session, named) if named else _campaign_of(session, kind, lines, path)
    result = Verified(campaign.name, kind)
    if kept is not None:
        _check_hash(path, kept, result)
    with told_lines(path) as (_, lines):
        if kind == "errors":
            compare_errors(session, campaign, lines, result, kept.written_at if kept else None)
        else:
            _COMPARE[kind](session, campaign, lines, result)
    return result


def kind_of(header: tuple[str, ...] | Any, path: Path) -> str:
    """The kind of report that begins with a header.

    raises  BadList when none does
    """
    known = {recipients.COLUMNS[:count]: "recipients" for count in (FEWEST, len(recipients.COLUMNS))}
    known |= {replies.COLUMNS[:count]: "replies" for count in (replies.FEWEST, len(replies.COLUMNS))}
    known |= {sections.COLUMNS: "summary", errors.COLUMNS: "errors"}
    found = known.get(tuple(header))
    if found is None and tuple(header[: len(REPORT_COLUMNS)]) == tuple(REPORT_COLUMNS):
        found = "rejected"
    if found is None:
        raise BadList(f"{path} is no report: its first line is that of none, recipients begin with row,phone,…")
    return found


def _campaign_of(session: Session, kind: str, lines: Iterator[ToldLine], path: Path) -> Campaign:
    """The campaign that a file tells of."""
    if kind == "summary":
        named = next((line[5] for _, line in lines if line[:2] == ["campaign", "name"]), None)
        if named:
            return find_campaign(session, named)
    columns = {"recipients": recipients.COLUMNS, "replies": replies.COLUMNS}.get(kind)
    if columns is None:
        raise UsageError(f"{path} does not say whose report it is; name the campaign with --campaign NAME")
    at = columns.index("wamid")
    wamids = [line[at] for _, line in islice(lines, LOOKED_AT) if line[at]]
    found = store.campaign_of_wamid(session, wamids) if wamids else None
    campaign = session.get(Campaign, found) if found else None
    if campaign is None:
        raise UsageError(f"{path} names no message that is known here; name the campaign with --campaign NAME")
    return campaign


def read_totals(path: Path) -> KeptTotals:
    """Totals as `campaign report --totals` wrote them.

    raises  NotFound, BadList
    """
    if not path.is_file():
        raise NotFound(f"there is no file {path}")
    try:
        said = json.loads(path.read_text("utf-8"))
        return KeptTotals(said["campaign"], said["kind"], said["sha256"], datetime.fromisoformat(said["written_at"]))
    except (ValueError, KeyError, TypeError) as error:
        raise BadList(f"{path} holds no totals of a report: {error}") from None


def _check_hash(path: Path, kept: KeptTotals, result: Verified) -> None:
    with path.open("rb") as file:
        found = file_digest(file, "sha256").hexdigest()
    if (found, result.kind) != (kept.sha256, kept.kind):
        result.alter(f"it is not the {kept.kind} report of {kept.written_at:%Y-%m-%d %H:%M} UTC: its sha256 is {found}")
