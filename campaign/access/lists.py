"""Lists that somebody hands in (consent, bans, prices), and uploads taken away: allowed, done, and written down."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from campaign.access.audit import audited
from campaign.access.roles import Act, Actor
from campaign.audience import uploads
from campaign.consent import ledger, suppressions
from campaign.consent.suppressions import BanDefaults
from campaign.costs import rate_card
from campaign.settings import Settings
from models.session import Sessions, session_scope


def import_consent(
    sessions: Sessions, by: Actor, path: Path, *, category: str | None, source: str | None, region: str | None = None,
    columns: Sequence[str] = (), now: datetime,
) -> ledger.ConsentImport:  # fmt: skip
    """`campaign.consent.ledger.import_consent`, audited.

    raises  Forbidden, and what import_consent raises
    """
    with audited(sessions, by, Act.GRANT_CONSENT, "consent") as act, session_scope(act.sessions) as session:
        result = ledger.import_consent(
            session, path, category=category, source_text=source, region=region, columns=columns, now=now,
            recorded_by=by.name,
        )  # fmt: skip
        act.after = _counts(path, result)
        return result


def import_bans(
    sessions: Sessions, by: Actor, path: Path, defaults: BanDefaults, *, region: str | None = None,
    why: str | None = None,
) -> ledger.ConsentImport:  # fmt: skip
    """`campaign.consent.suppressions.import_bans`, audited.

    raises  Forbidden, and what import_bans raises
    """
    with audited(sessions, by, Act.SUPPRESS, "suppressions") as act, session_scope(act.sessions) as session:
        result = suppressions.import_bans(session, path, defaults, region=region, recorded_by=by.name, why=why)
        act.after = _counts(path, result)
        return result


def import_prices(sessions: Sessions, by: Actor, path: Path, *, replace: bool = False) -> rate_card.Imported:
    """`campaign.costs.rate_card.import_card`, audited.

    raises  Forbidden, NotFound, BadList
    """
    with audited(sessions, by, Act.CHANGE_PRICES, "costs") as act, session_scope(act.sessions) as session:
        done = rate_card.import_card(session, path, replace=replace)
        act.after = {"file": path.name, "replaced": replace} | done._asdict()
        return done


def remove_upload(sessions: Sessions, by: Actor, settings: Settings, which: str) -> None:
    """Delete the file of a list for good; campaigns made from it stay.

    raises  Forbidden, NotFound, Conflict
    """
    with audited(sessions, by, Act.REMOVE_UPLOAD, f"upload:{which}") as act, session_scope(act.sessions) as session:
        found = uploads.remove_upload(session, settings, which)
        act.after = {"file": found.file_name, "sha256": found.sha256, "removed": True}


def _counts(path: Path, result: ledger.ConsentImport) -> dict[str, object]:
    refused = result.rejected_by_reason.total()
    return {"file": path.name, "rows": result.rows, "recorded": result.recorded, "refused": refused}
