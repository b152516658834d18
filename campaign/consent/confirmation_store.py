"""The SQL of answers to opt-outs: noted with the opt-out, claimed before they leave, never sent again."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import select, text, update
from sqlalchemy.orm import Session

from models.consent import ConfirmationState, OptOutConfirmation


class Due(NamedTuple):
    """An answer that an opt-out calls for; `window_until` is when the person's window closes."""

    sender_id: int
    phone_identity: str
    phone_e164: str
    proof: str
    window_until: datetime


REST = timedelta(hours=24)
"""Whoever says stop twice within it is answered once."""


def add_confirmations(session: Session, due: Sequence[Due], now: datetime) -> None:
    """Note answers to be sent, one for each opt-out and none for who was answered lately."""
    if due:
        columns = dict(zip(Due._fields, map(list, zip(*due, strict=True)), strict=True))
        session.execute(_ADD, columns | {"now": now, "since": now - REST})


_ADD = text("""
    INSERT INTO opt_out_confirmation (sender_id, phone_identity, phone_e164, proof, window_until, created_at)
    SELECT DISTINCT ON (phone_identity) sender_id, phone_identity, phone_e164, proof, window_until, :now
    FROM unnest(CAST(:sender_id AS bigint[]), CAST(:phone_identity AS text[]), CAST(:phone_e164 AS text[]),
                CAST(:proof AS text[]), CAST(:window_until AS timestamptz[]))
        AS due(sender_id, phone_identity, phone_e164, proof, window_until)
    WHERE NOT EXISTS (
        SELECT FROM opt_out_confirmation AS lately
        WHERE lately.phone_identity = due.phone_identity AND lately.created_at > :since)
    ORDER BY phone_identity, window_until
    ON CONFLICT (phone_identity, proof) DO NOTHING
""")


def claim_confirmations(session: Session, *, limit: int, now: datetime) -> list[OptOutConfirmation]:
    """Take answers that wait: written before anything leaves, so that a crash loses an answer and doubles none."""
    waiting = (
        select(OptOutConfirmation)
        .where(OptOutConfirmation.state == ConfirmationState.WAITING)
        .order_by(OptOutConfirmation.id)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    claimed = list(session.scalars(waiting))
    for each in claimed:
        open_still = each.window_until > now
        each.state = (ConfirmationState.SENDING if open_still else ConfirmationState.TOO_LATE).value
        each.claimed_at = now
    session.flush()
    return [each for each in claimed if each.state == ConfirmationState.SENDING]


def finish_confirmation(
    session: Session, confirmation_id: int, state: ConfirmationState, *, wamid: str | None, error_text: str | None
) -> None:
    """Write what became of an answer."""
    session.execute(
        update(OptOutConfirmation)
        .where(OptOutConfirmation.id == confirmation_id)
        .values(state=state.value, wamid=wamid, error_text=error_text)
    )
