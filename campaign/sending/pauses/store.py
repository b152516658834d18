"""The SQL of pauses: whom a trouble concerns, what holds and failures ask for, and who may go on."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, select, text
from sqlalchemy.orm import Session, aliased

from campaign.templates.doubts import ASK_AT_SQL, DOUBTS_SQL, RESTS_SQL
from models import Campaign, Sender
from models.states import CampaignState, PauseReason


def of_template(session: Session, template_id: int) -> list[int]:
    """Running campaigns that send a template, in whichever language."""
    return list(session.scalars(_OF_TEMPLATE, {"id": template_id}))


_OF_TEMPLATE = text("""
    SELECT id FROM campaign WHERE state = 'running' AND (template_id = :id OR :id = ANY(template_ids))
""")


def of_sender(session: Session, campaign_id: int) -> list[int]:
    """Running campaigns of the sender of this one."""
    return _running(session, Campaign.sender_id == _sender_of(campaign_id))


def senders_of(session: Session, campaign_ids: Sequence[int]) -> dict[int, int]:
    """The senders of campaigns, by campaign."""
    found = select(Campaign.id, Campaign.sender_id).where(Campaign.id.in_(campaign_ids))
    return {row.id: row.sender_id for row in session.execute(found)}


def resumed_since(session: Session, campaign_id: int, at: datetime) -> bool:
    """Whether a campaign was resumed after an instant."""
    resumed_at = session.scalar(select(Campaign.resumed_at).where(Campaign.id == campaign_id))
    return resumed_at is not None and resumed_at >= at


def of_account(session: Session, campaign_id: int, *, same_token: bool) -> list[int]:
    """Running campaigns of every sender that shares the account with the sender of this one.

    same_token  only of those that also use the same token
    """
    mine, other = aliased(Sender), aliased(Sender)
    same = (other.account == mine.account) & (other.provider == mine.provider)
    if same_token:
        same &= (other.token_env == mine.token_env) | (other.id == mine.id)
    senders = select(other.id).join(mine, same).where(mine.id == _sender_of(campaign_id))
    return _running(session, Campaign.sender_id.in_(senders))


def _sender_of(campaign_id: int) -> ColumnElement[int]:
    return select(Campaign.sender_id).where(Campaign.id == campaign_id).scalar_subquery()


def _running(session: Session, which: ColumnElement[bool]) -> list[int]:
    return list(session.scalars(select(Campaign.id).where(which, Campaign.state == CampaignState.RUNNING)))


def own_template(session: Session, campaign_id: int) -> int:
    """Id of a campaign's own template."""
    return session.execute(select(Campaign.template_id).where(Campaign.id == campaign_id)).scalar_one()


def mark_template(session: Session, template_id: int, status: str) -> Row[Any]:
    """Keep what a send taught us about a template's status, until the platform, asked soon, says what it is.

    returns  `doubts`, how many times in a row it was asked, and `ask_at`, when it is asked again; None: at once
    """
    return session.execute(_MARK_TEMPLATE, {"id": template_id, "status": status}).one()


_MARK_TEMPLATE = text(f"""
    WITH template AS (
        UPDATE template SET status = :status, doubted_at = clock_timestamp(), doubts = {DOUBTS_SQL}
        WHERE template.id = :id RETURNING *
    )
    SELECT doubts, CASE WHEN {RESTS_SQL} THEN {ASK_AT_SQL} END AS ask_at FROM template
""")


def doubt_templates(session: Session, campaign_ids: Sequence[int]) -> None:
    """Have the templates of some campaigns read again soon: a report said that one is paused, and may be wrong."""
    session.execute(_DOUBT, {"ids": list(campaign_ids)})


_DOUBT = text(f"""
    UPDATE template SET doubted_at = clock_timestamp(), doubts = {DOUBTS_SQL}
    FROM campaign c WHERE c.id = ANY(:ids) AND (template.id = c.template_id OR template.id = ANY(c.template_ids))
""")


def campaigns_with_holds(session: Session, campaign_ids: Sequence[int], hold_after: int) -> list[int]:
    """Of some running campaigns with the policy to pause, those with at least `hold_after` messages held."""
    return list(session.scalars(_WITH_HOLDS, {"ids": list(campaign_ids), "hold_after": hold_after}))


_WITH_HOLDS = text("""
    SELECT c.id FROM campaign c CROSS JOIN LATERAL (
        SELECT count(*) AS held FROM (
            SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state = 'held' LIMIT :hold_after
        ) AS enough
    ) holds
    WHERE c.id = ANY(:ids) AND c.state = 'running' AND c.hold_policy = 'pause' AND holds.held >= :hold_after
""")


def stop_dropped(session: Session, reason: PauseReason, words: str) -> None:
    """Campaigns that waited for a verdict and have messages dropped since: paused for another reason, in words."""
    session.execute(_STOP_DROPPED, {"reason": reason.value, "words": words})


_STOP_DROPPED = text("""
    UPDATE campaign c SET state_reason = :reason, state_text = :words
    WHERE c.state = 'paused' AND c.state_reason = 'held_for_quality'
      AND EXISTS (SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state = 'dropped')
""")


def resume_released(session: Session, held_before: datetime) -> None:
    """Resume campaigns that waited for a verdict and hold nothing any more, or nothing but what is older than that."""
    session.execute(_RESUME_RELEASED, {"held_before": held_before})


_RESUME_RELEASED = text("""
    UPDATE campaign c SET state = 'running', state_reason = NULL, state_text = NULL
    WHERE c.state = 'paused' AND c.state_reason = 'held_for_quality'
      AND NOT EXISTS (
          SELECT 1 FROM message m WHERE m.campaign_id = c.id AND m.state = 'held' AND m.held_at >= :held_before
      )
""")


def recent_reasons(session: Session, now: datetime, window: timedelta, last: int) -> list[tuple[int, str, int]]:
    """Messages of running campaigns that were claimed of late, and since they last went on, by campaign and reason.

    The reason is '' for none.

    window  how far back at least; further where a campaign needs longer for its `last` messages at its rate
    """
    values = {"now": now, "window": window, "last": last}
    return [(row.campaign_id, row.reason, row.messages) for row in session.execute(_RECENT_REASONS, values)]


# One scan for all of them, by the coarse index on time: back to the slowest campaign's reach, then each to its own.
_RECENT_REASONS = text("""
    WITH running AS MATERIALIZED (
        SELECT c.id, GREATEST(c.resumed_at, CAST(:now AS timestamptz) - GREATEST(
                   CAST(:window AS interval),
                   make_interval(secs => CAST(:last AS float) / LEAST(c.rate_mps, s.rate_mps))
               )) AS since
        FROM campaign c JOIN sender s ON s.id = c.sender_id WHERE c.state = 'running'
    )
    SELECT m.campaign_id, COALESCE(m.reason, '') AS reason, count(*) AS messages
    FROM message m JOIN running r ON r.id = m.campaign_id AND m.claimed_at > r.since
    WHERE m.claimed_at > (SELECT min(since) FROM running)
    GROUP BY 1, 2
""")


def utility_paused_since(session: Session, account: str, since: datetime) -> bool:
    """Whether a utility template of an account is paused, or was until after an instant."""
    return bool(session.execute(_UTILITY_PAUSED, {"account": account, "since": since}).scalar_one())


_UTILITY_PAUSED = text("""
    SELECT EXISTS (
        SELECT 1 FROM template
        WHERE account = :account AND category = 'utility' AND (status = 'PAUSED' OR unpaused_at > :since)
    )
""")


def sends_since(session: Session, portfolio: str, since: datetime, most: int) -> int:
    """Messages of a portfolio that the platform took after an instant, counted up to `most`."""
    return int(session.execute(_SENDS, {"portfolio": portfolio, "since": since, "most": most}).scalar_one())


_SENDS = text("""
    SELECT count(*) FROM (
        SELECT 1 FROM message JOIN sender ON sender.id = message.sender_id
        WHERE sender.portfolio = :portfolio AND message.accepted_at > :since LIMIT :most
    ) AS taken
""")
