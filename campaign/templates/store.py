"""The SQL of templates: one statement per function, over a whole listing."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from campaign.providers.base import TemplateEvent, TemplateRecord
from models.template import Template

_UPSERT = text(Path(__file__).with_name("upsert_templates.sql").read_text("utf-8"))
_CHANGE = text(Path(__file__).with_name("change_templates.sql").read_text("utf-8"))

GONE = "DELETED"
"""The status of a template that the platform no longer lists. Source: platform.md B.1."""


def upsert_templates(
    session: Session, account: str, records: Sequence[TemplateRecord], now: datetime
) -> Sequence[Row[tuple[bool, bool]]]:
    """Write a listing; (added, changed) per template. Names and languages in `records` must be unique."""
    values = {"records": json.dumps([asdict(record) for record in records]), "account": account, "now": now}
    return session.execute(_UPSERT, values).all()


def mark_gone(session: Session, account: str, now: datetime) -> int:
    """Mark an account's templates that the listing written at `now` did not hold; how many there were."""
    statement = text(
        "UPDATE template SET status = :gone, synced_at = :now "
        "WHERE account = :account AND synced_at < :now AND status <> :gone RETURNING id"
    )
    return len(session.execute(statement, {"gone": GONE, "now": now, "account": account}).all())


class ToldTemplate(NamedTuple):
    """One change as it was told of: the account that it belongs to, and the platform's event."""

    account: str
    event: TemplateEvent


class Matched(NamedTuple):
    """A template that the event at a place is about. `late`: we knew newer already, and nothing was written."""

    seq: int
    late: bool
    status_before: str


def change_templates(session: Session, told: Sequence[ToldTemplate], now: datetime) -> list[Matched]:
    """Write what was told of templates, the last word of each kind last; the templates found for each event."""
    listed = [asdict(each.event) | {"seq": seq, "account": each.account} for seq, each in enumerate(told)]
    rows = session.execute(_CHANGE, {"told": json.dumps(listed, default=str), "now": now})
    return [Matched(*row) for row in rows]


def templates_of(session: Session, *, account: str | None = None, name: str | None = None) -> list[Template]:
    """Templates by account, name and language, narrowed to an account or a name where one is given."""
    statement = select(Template).order_by(Template.account, Template.name, Template.language)
    if account is not None:
        statement = statement.where(Template.account == account)
    if name is not None:
        statement = statement.where(Template.name == name)
    return list(session.scalars(statement))
