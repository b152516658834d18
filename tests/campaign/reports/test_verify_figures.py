"""The summary and the errors of an earlier day, counted once more."""

from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.reports.told import Verified
from campaign.reports.totals import totals_of
from campaign.reports.verify import verify_report
from campaign.reports.write import write_report, write_totals
from models import WebhookEvent
from models.session import session_scope
from tests.campaign.reports.conftest import Listed, at


@pytest.fixture
def ended(listed: Listed) -> Listed:
    """A campaign that ended yesterday: a read, a sent and a failed message, and a refused row."""
    listed.message(state="read", attempt=1, wamid="w1", accepted_at=at(1), read_at=at(5))
    listed.message(state="expired", attempt=1, wamid="w2", accepted_at=at(1), sent_at=at(2), expired_at=at(9))
    listed.message(state="failed", attempt=1, wamid="w3", accepted_at=at(1), failed_at=at(3), error_code=131026)
    listed.refused("no_phone", {"phone": "1"})
    change(listed, "UPDATE campaign SET state = 'completed', ended_at = now() - interval '1 day'")
    return listed


def change(listed: Listed, statement: str) -> None:
    with session_scope(listed.sessions) as session:
        session.execute(text(statement))


def a_webhook_comes(listed: Listed) -> None:
    with session_scope(listed.sessions) as session:
        session.add(WebhookEvent(sender_id=listed.campaign.sender_id, body=b"{}"))


LATE = "UPDATE message SET state = 'delivered', delivered_at = sent_at, expired_at = NULL WHERE wamid = 'w2'"


def write(listed: Listed, kind: str, folder: Path) -> tuple[Path, Path]:
    out, kept = folder / f"{kind}.csv", folder / f"{kind}.json"
    with listed.sessions() as session:
        write_totals(totals_of(session, listed.campaign, kind, write_report(session, listed.campaign, kind, out)), kept)
    return out, kept


def verify(listed: Listed, path: Path, totals: Path | None = None) -> Verified:
    with listed.sessions() as session:
        return verify_report(session, path, "spring", totals)


def test_a_summary_that_late_webhooks_changed_holds(ended: Listed, tmp_path: Path) -> None:
    out, kept = write(ended, "summary", tmp_path)
    assert verify(ended, out, kept).changed == {}
    a_webhook_comes(ended)
    change(ended, LATE)
    found = verify(ended, out, kept)
    assert (found.holds, found.wrong) == (True, None)
    assert {"rate delivered", "outcome expired", "outcome delivered"} <= set(found.changed)


def test_without_anything_that_came_since_no_figure_may_differ(ended: Listed, tmp_path: Path) -> None:
    out, _ = write(ended, "summary", tmp_path)
    change(ended, LATE)
    assert not verify(ended, out).holds


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("outcome,read,,1", "outcome,read,,2", "rows by outcome are 5, and all are 4"),
        ("country,US,messages,3", "country,US,messages,2", "messages by country are 2"),
        ("country,US,read,1,", "country,US,read,2,", "country, US, read is 2"),
        ("audience,rows,,4", "audience,rows,,5", "audience, rows is 5 1.0000, the database has 4 1.0000"),
    ],
)
def test_what_cannot_be_is_named_whatever_came_since(
    ended: Listed, tmp_path: Path, old: str, new: str, words: str
) -> None:
    out, _ = write(ended, "summary", tmp_path)
    a_webhook_comes(ended)
    assert old in out.read_text()
    out.write_text(out.read_text().replace(old, new, 1))
    found = verify(ended, out)
    assert found.wrong is not None
    assert words in found.wrong


def test_errors_are_known_to_have_changed_since_by_their_totals(ended: Listed, tmp_path: Path) -> None:
    out, kept = write(ended, "errors", tmp_path)
    assert verify(ended, out).same == 1
    a_webhook_comes(ended)
    change(ended, "UPDATE message SET state = 'delivered', delivered_at = failed_at WHERE wamid = 'w3'")
    assert verify(ended, out, kept).changed == {"131026": 1}
    found = verify(ended, out)
    assert found.wrong == "line 2: 131026 is 1 0, the database has nothing"


def test_a_class_that_is_another_was_altered(ended: Listed, tmp_path: Path) -> None:
    out, _ = write(ended, "errors", tmp_path)
    out.write_text(out.read_text().replace("suppress_recipient", "unknown"))
    assert verify(ended, out).altered == 1
