"""What a person does to contacts as a whole, and the erasure of one: permission checked, done, and written down."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from campaign.access.audit import audited
from campaign.access.people import subject_of
from campaign.access.roles import Act, Actor
from campaign.consent.erased import SubjectKey
from campaign.contacts import erasure
from campaign.contacts.export import export_contacts
from campaign.contacts.load import ContactImport, import_contacts
from campaign.errors import UsageError
from campaign.settings import Settings, current_settings
from models.session import Sessions, session_scope

SUBJECT = "contacts"


def import_list(
    sessions: Sessions,
    by: Actor,
    path: Path,
    *,
    now: datetime,
    region: str | None = None,
    columns: Sequence[str] = (),
) -> ContactImport:
    """`campaign.contacts.load.import_contacts`, audited.

    raises  Forbidden, and what import_contacts raises
    """
    with audited(sessions, by, Act.IMPORT_CONTACTS, SUBJECT) as act, session_scope(act.sessions) as session:
        result = import_contacts(session, path, now=now, region=region, columns=columns)
        refused = result.rejected_by_reason.total()
        act.after = {"file": path.name, "rows": result.rows, "added": result.added, "changed": result.changed}
        act.after["refused"] = refused
        return result


def export_list(sessions: Sessions, by: Actor, out: Path) -> int:
    """Write all contacts as CSV; how many. Who takes everybody's phone out of the house is written down.

    raises  Forbidden, UsageError when the file cannot be written
    """
    with audited(sessions, by, Act.DOWNLOAD_REPORT, SUBJECT) as act, session_scope(act.sessions) as session:
        lines = export_contacts(session, out)
        act.after = {"contacts": lines}
        return lines


def erase(
    sessions: Sessions, by: Actor, phone: str, *, reason: str, key: SubjectKey, now: datetime,
    region: str | None = None, settings: Settings | None = None,
) -> erasure.Erased:  # fmt: skip
    """Erase one person for good, under all of their numbers, from the database and from the files under the home.

    reason    on whose word; kept with the erasure
    settings  None takes those of this process
    raises  Forbidden, UsageError when the phone cannot be read or no reason is given
    """
    if not reason.strip():
        raise UsageError("an erasure needs a reason: who asked for it, and how")
    request = erasure.Request(phone, reason.strip(), by.name, region)
    with audited(sessions, by, Act.ERASE, subject_of([phone])) as act, session_scope(act.sessions) as session:
        done = erasure.erase_person(session, request, key, now)
        act.after = {"erasure": done.erasure_id, "removed": dict(done.removed)}
        if done.numbers:
            act.after["other_numbers"] = len(done.numbers)
    return erasure.with_files(sessions, settings or current_settings(), request, done, now)
