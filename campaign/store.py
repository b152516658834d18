"""The SQL of campaigns as a whole: moves over sets, and the counts of a forecast."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, and_, or_, select, text
from sqlalchemy.orm import Session

from campaign.consent.exclusion_store import EXCLUDED_SQL
from campaign.consent.store import WITHHELD_SQL
from campaign.templates.doubts import ASK_AGAIN, ASK_AT_SQL, MOST_DOUBTS, RESTS_SQL
from models.campaign import Campaign
from models.people import Category
from models.sender import Sender, SenderState
from models.states import CampaignState, MessageState, PauseReason, Signal, sources
from models.template import SENDABLE_STATUSES

# A campaign in several languages stands and falls with each of them.
_OF_CAMPAIGN = "(template.id = campaign.template_id OR template.id = ANY(campaign.template_ids))"


def lock_campaign(session: Session, name: str) -> Campaign | None:
    """A campaign by name with its row locked until the caller commits."""
    return session.scalar(select(Campaign).where(Campaign.name == name).with_for_update())


def lock_due(session: Session, now: datetime) -> list[Campaign]:
    """Campaigns whose start has come, also those held up since, locked; what another process holds is left to it."""
    held_up = and_(Campaign.state == CampaignState.PAUSED, Campaign.state_reason.in_(HELD_UP))
    due = or_(Campaign.state == CampaignState.SCHEDULED, and_(held_up, Campaign.launched_at.is_(None)))
    statement = (
        select(Campaign)
        .where(due, Campaign.start_at <= now)
        .order_by(Campaign.start_at)
        .with_for_update(skip_locked=True)
    )
    return list(session.scalars(statement))


HELD_UP = (PauseReason.TEMPLATE_PAUSED, PauseReason.TEMPLATE_DISABLED, PauseReason.SENDER_RESTRICTED)
"""What holds up a start that has come, until it is over."""

# Whose start was held up begins as any other does, with its windows and its spread: see lock_due.
_BEGUN = "({0}launched_at IS NOT NULL OR {0}start_at IS NULL)"


def lock_senders(session: Session, accounts: Sequence[str]) -> list[Sender]:
    """The senders of accounts, and those that share a portfolio with them, locked in the order of their ids."""
    shared = select(Sender.portfolio).where(Sender.account.in_(accounts))
    return _locked(session, Sender.account.in_(accounts) | Sender.portfolio.in_(shared))


def lock_released(session: Session, now: datetime) -> list[Sender]:
    """Restricted senders whose restriction has ended, locked in the order of their ids."""
    return _locked(session, and_(Sender.state == SenderState.RESTRICTED, Sender.restricted_until <= now))


def _locked(session: Session, which: ColumnElement[bool]) -> list[Sender]:
    # Whoever refers to a sender does not have to wait.
    statement = select(Sender).where(which).order_by(Sender.id).with_for_update(key_share=True)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def senders_at_work(session: Session) -> list[Sender]:
    """Senders with a campaign that was launched and has not ended, by id."""
    at_work = select(Campaign.sender_id).where(Campaign.state.in_(_AT_WORK))
    return list(session.scalars(select(Sender).where(Sender.id.in_(at_work)).order_by(Sender.id)))


_AT_WORK = (
    CampaignState.SCHEDULED,
    CampaignState.PREPARING,
    CampaignState.RUNNING,
    CampaignState.PAUSED,
    CampaignState.SETTLING,
)


def ask_about_doubted(session: Session, now: datetime) -> list[str]:
    """Note that doubted templates are asked about, of those whose time has come; their accounts."""
    return sorted(set(session.scalars(_ASK_ABOUT_DOUBTED, {"now": now, "again": ASK_AGAIN, "most": MOST_DOUBTS})))


# A doubt that is younger than the last question is a new one; an older one has not been answered yet.
_ASK_ABOUT_DOUBTED = text(f"""
    UPDATE template SET asked_at = :now, doubts = CASE
        WHEN asked_at IS NULL OR doubted_at > asked_at THEN LEAST(doubts + 1, :most) ELSE doubts END
    WHERE (doubted_at > synced_at OR doubts > 0 AND doubted_at > asked_at)
      AND (asked_at IS NULL OR :now >= CASE
          WHEN doubted_at > asked_at THEN {ASK_AT_SQL} ELSE asked_at + CAST(:again AS interval) END)
    RETURNING account
""")


def senders_of(session: Session, account: str) -> list[Sender]:
    """The senders of an account, by id."""
    return list(session.scalars(select(Sender).where(Sender.account == account).order_by(Sender.id)))


def senders_by_id(session: Session, sender_ids: Sequence[int]) -> list[Sender]:
    """Senders by their ids."""
    return list(session.scalars(select(Sender).where(Sender.id.in_(sender_ids)).order_by(Sender.id)))


def campaign_names(session: Session) -> list[str]:
    """The names of all campaigns, newest first."""
    return list(session.scalars(select(Campaign.name).order_by(Campaign.id.desc())))


def skip_queued(session: Session, campaign_id: int, reason: str) -> int:
    """Withhold every message of a campaign that has not been claimed; how many there were."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    statement = text(
        "WITH ended AS (UPDATE message SET state = :skipped, reason = :reason "
        "WHERE campaign_id = :campaign_id AND state = ANY(:withheld) RETURNING 1) SELECT count(*) FROM ended"
    )
    values = {
        "skipped": MessageState.SKIPPED.value,
        "reason": reason,
        "campaign_id": campaign_id,
        "withheld": [state.value for state in sources(Signal.WITHHOLD)],
    }
    return int(session.execute(statement, values).scalar_one())


def pause_running(
    session: Session, campaign_ids: Sequence[int], reason: str, words: str, left_at: datetime | None = None
) -> list[int]:
    """Pause those of the campaigns that run and were not resumed after `left_at`; their ids."""
    values = {"reason": reason, "words": words, "ids": list(campaign_ids), "left_at": left_at}
    return list(session.scalars(_PAUSE_RUNNING, values))


_PAUSE_RUNNING = text("""
    UPDATE campaign SET state = 'paused', state_reason = :reason, state_text = :words, paused_at = clock_timestamp()
    WHERE id = ANY(:ids) AND state = 'running' AND (resumed_at >= CAST(:left_at AS timestamptz)) IS NOT TRUE
    RETURNING id
""")


def resume_paused(session: Session, sender_id: int, reason: str) -> list[int]:
    """Resume a sender's campaigns that are paused for a reason; their ids."""
    # Only of what reports can pause is it noted: a window that opens says nothing of what they tell.
    statement = text(
        "UPDATE campaign SET state = 'running', state_reason = NULL, state_text = NULL, "
        "resumed_at = CASE WHEN state_reason = 'sender_restricted' THEN clock_timestamp() ELSE resumed_at END "
        f"WHERE sender_id = :sender_id AND state = 'paused' AND state_reason = :reason AND {_BEGUN.format('')} "
        "RETURNING id"
    )
    return list(session.scalars(statement, {"sender_id": sender_id, "reason": reason}))


def resume_cleared(session: Session) -> list[int]:
    """Resume campaigns that an error code had paused and whose number the platform has cleared since; their ids.

    Cleared: the platform was asked after the pause and said that the number may send. A provider that has no such
    question clears nothing.
    """
    return list(session.scalars(_RESUME_CLEARED))


_RESUME_CLEARED = text(f"""
    UPDATE campaign c SET state = 'running', state_reason = NULL, state_text = NULL, resumed_at = clock_timestamp()
    FROM sender s
    WHERE c.state = 'paused' AND c.state_reason = 'sender_restricted' AND s.id = c.sender_id
      AND s.state IN ('connected', 'flagged') AND s.refreshed_at > c.paused_at
      AND COALESCE(s.status, s.health) IS NOT NULL AND {_BEGUN.format("c.")}
    RETURNING c.id
""")


def pause_unsendable(session: Session) -> list[int]:
    """Pause running campaigns whose template the platform would not take any more; their ids."""
    statement = text(
        "UPDATE campaign SET state = 'paused', "
        "  state_reason = CASE WHEN template.status = 'DISABLED' THEN :disabled ELSE :paused END, "
        "  state_text = 'The template is ' || template.status || '; goes on by itself when it is APPROVED again.' "
        f"FROM template WHERE {_OF_CAMPAIGN} AND campaign.state = 'running' "
        "  AND NOT template.status = ANY(:sendable) RETURNING campaign.id"
    )
    values = {
        "disabled": PauseReason.TEMPLATE_DISABLED.value,
        "paused": PauseReason.TEMPLATE_PAUSED.value,
        "sendable": sorted(SENDABLE_STATUSES),
    }
    return list(session.scalars(statement, values))


def resume_sendable(session: Session) -> list[int]:
    """Resume campaigns that were paused for their template and may send it again; their ids.

    Not while a template rests that is refused again and again: see campaign.templates.doubts.
    """
    statement = text(
        "UPDATE campaign SET state = 'running', state_reason = NULL, state_text = NULL "
        "FROM sender WHERE campaign.state = 'paused' AND campaign.state_reason = ANY(:reasons) "
        f"  AND {_BEGUN.format('campaign.')} "
        f"  AND NOT EXISTS (SELECT 1 FROM template "
        f"                  WHERE {_OF_CAMPAIGN} AND (NOT template.status = ANY(:sendable) OR {RESTS_SQL})) "
        "  AND sender.id = campaign.sender_id AND sender.state IN ('connected', 'flagged') RETURNING campaign.id"
    )
    values = {
        "reasons": [PauseReason.TEMPLATE_PAUSED.value, PauseReason.TEMPLATE_DISABLED.value],
        "sendable": sorted(SENDABLE_STATUSES),
    }
    return list(session.scalars(statement, values))


def follow_categories(session: Session) -> list[int]:
    """Give campaigns that have not ended the category that their template has now; their ids.

    A campaign of which one language became marketing is marketing as a whole: the gate asks for the greater consent.
    So is one whose messages were moved away from a marketing template, since they may still be tried again.
    """
    statement = text(f"""
        UPDATE campaign SET category = told.category
        FROM (SELECT campaign.id,
                     CASE WHEN bool_or(template.category = 'marketing') THEN 'marketing'
                          ELSE min(template.category) FILTER (WHERE template.id = campaign.template_id) END AS category
              FROM campaign JOIN template
                   ON {_OF_CAMPAIGN} OR jsonb_exists(campaign.former, CAST(template.id AS text))
              WHERE campaign.state NOT IN ('completed', 'cancelled')
              GROUP BY campaign.id) AS told
        WHERE told.id = campaign.id AND told.category <> campaign.category AND told.category = ANY(:known)
        RETURNING campaign.id
    """)
    return list(session.scalars(statement, {"known": [each.value for each in Category]}))


def refused_by_reason(session: Session, campaign_id: int) -> dict[str, int]:
    """Rejected rows of a campaign's list by reason."""
    statement = text(
        "SELECT rejected_row.reason, count(*) FROM rejected_row "
        "JOIN audience_import ON audience_import.id = rejected_row.import_id "
        "WHERE audience_import.campaign_id = :campaign_id GROUP BY rejected_row.reason ORDER BY 2 DESC, 1"
    )
    return {row[0]: row[1] for row in session.execute(statement, {"campaign_id": campaign_id})}


def withheld_by_reason(session: Session, campaign: Campaign, now: datetime) -> dict[str, int]:
    """Unsent messages of a campaign that the gate would withhold at `now`, by reason."""
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    asked = ("message.phone_identity", ":category", "CAST(:now AS timestamptz)")
    reason = f"COALESCE({WITHHELD_SQL(*asked)}, {EXCLUDED_SQL(*asked, campaign_id=':campaign_id')})"
    statement = text(
        f"SELECT reason, count(*) FROM (SELECT {reason} AS reason FROM message "
        "WHERE message.campaign_id = :campaign_id AND message.state = 'queued') AS gated "
        "WHERE reason IS NOT NULL GROUP BY reason ORDER BY 2 DESC, 1"
    )
    values = {"category": campaign.category, "now": now, "campaign_id": campaign.id}
    return {row[0]: row[1] for row in session.execute(statement, values)}


def count_messages(session: Session, campaign_id: int) -> dict[str, int]:
    """Messages of a campaign by state; states without any are left out."""
    statement = text("SELECT state, count(*) FROM message WHERE campaign_id = :campaign_id GROUP BY state")
    return {row[0]: row[1] for row in session.execute(statement, {"campaign_id": campaign_id})}


def note_heartbeat(session: Session, name: str, at: datetime) -> None:
    """A part was heard of; an instant that is older than the one known changes nothing."""
    session.execute(_NOTE_HEARTBEAT, {"name": name, "at": at})


_NOTE_HEARTBEAT = text("""
    INSERT INTO heartbeat AS h (name, at) VALUES (:name, :at)
    ON CONFLICT (name) DO UPDATE SET at = GREATEST(h.at, EXCLUDED.at)
""")
