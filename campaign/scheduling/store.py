"""The SQL of windows and spreads: when each message falls due, what closings move, what caps have left."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from campaign.scheduling.windows import Stretch
from models import Campaign, ZoneGroup
from models.states import CampaignState, PauseReason

LIVE = (CampaignState.SCHEDULED.value, CampaignState.RUNNING.value, CampaignState.PAUSED.value)


def lock_following(session: Session) -> bool:
    """Take the place of the one who follows windows, until the transaction ends; False when another has it."""
    return bool(session.execute(text("SELECT pg_try_advisory_xact_lock(hashtext('follow windows'))")).scalar_one())


def add_groups(
    session: Session, campaign_id: int, groups: Sequence[tuple[int, Sequence[str], int]], now: datetime
) -> None:
    """Keep the zone groups of a campaign: number, zones, people."""
    session.add_all(
        ZoneGroup(campaign_id=campaign_id, number=number, zones=list(zones), people=people, opened_until=now)
        for number, zones, people in groups
    )
    session.flush()


def groups_of(session: Session, campaign_id: int) -> list[ZoneGroup]:
    """The zone groups of a campaign, by number."""
    ordered = select(ZoneGroup).where(ZoneGroup.campaign_id == campaign_id).order_by(ZoneGroup.number)
    return list(session.scalars(ordered))


def waiting_by_group(session: Session, campaign_id: int) -> dict[int | None, int]:
    """Queued messages of a campaign by zone group; None has none."""
    statement = text(
        "SELECT zone_group, count(*) FROM message WHERE campaign_id = :id AND state = 'queued' GROUP BY zone_group"
    )
    return {row[0]: row[1] for row in session.execute(statement, {"id": campaign_id})}


def campaigns_to_open(session: Session, opened_before: datetime) -> list[Campaign]:
    """Campaigns that were begun, have not ended, and whose openings are written down no further than an instant."""
    short = select(ZoneGroup.campaign_id).where(ZoneGroup.opened_until < opened_before)
    begun = Campaign.launched_at.is_not(None), Campaign.state.in_((*LIVE, CampaignState.SETTLING.value))
    return list(session.scalars(select(Campaign).where(Campaign.id.in_(short), *begun).order_by(Campaign.id)))


def write_openings(
    session: Session, campaign_id: int, found: Sequence[tuple[int, Stretch]], *, first: datetime, until: datetime
) -> None:
    """Replace the openings of a campaign that end after `first`; `found` is group number and stretch."""
    values = {"id": campaign_id, "first": first, "until": until}
    session.execute(text("DELETE FROM opening WHERE campaign_id = :id AND closes_at > :first"), values)
    session.execute(
        _ADD_OPENINGS,
        {
            "id": campaign_id,
            "groups": [number for number, _ in found],
            "opens": [stretch.opens for _, stretch in found],
            "closes": [stretch.closes for _, stretch in found],
        },
    )
    session.execute(text("UPDATE zone_group SET opened_until = :until WHERE campaign_id = :id"), values)


_ADD_OPENINGS = text("""
    INSERT INTO opening (campaign_id, zone_group, opens_at, closes_at)
    SELECT :id, *
    FROM unnest(CAST(:groups AS smallint[]), CAST(:opens AS timestamptz[]), CAST(:closes AS timestamptz[]))
""")


def place(session: Session, campaign_id: int, *, now: datetime, spread_s: float | None, gap_s: float | None) -> int:
    """Say when each queued message of a campaign falls due, in the order of its list; how many were moved.

    spread_s  each zone group evenly over this much of its open time
    gap_s     one after another, so far apart; who is outside their hours then follows at the next opening
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    values = {"id": campaign_id, "now": now, "spread_s": spread_s, "gap_s": gap_s}
    moved = session.execute(_PLACE, values).scalar_one()
    session.execute(text("UPDATE zone_group SET moved_at = :now WHERE campaign_id = :id"), values)
    return int(moved)


# Offsets count open time: the stretches of a group, laid end to end, are the line on which its messages stand.
_PLACE = text("""
    WITH line AS (
        SELECT id, zone_group,
               CASE WHEN CAST(:spread_s AS float8) IS NOT NULL
                    THEN (row_number() OVER (PARTITION BY zone_group ORDER BY id) - 1) * CAST(:spread_s AS float8)
                         / count(*) OVER (PARTITION BY zone_group)
                    ELSE 0 END AS offset_s,
               CAST(:now AS timestamptz) + (row_number() OVER (ORDER BY id) - 1)
                   * COALESCE(CAST(:gap_s AS float8), 0) * interval '1 second' AS not_before
        FROM message WHERE campaign_id = :id AND state = 'queued'
    ), stretch AS (
        SELECT zone_group, GREATEST(opens_at, :now) AS opens_at, closes_at,
               COALESCE(lag(closes_at) OVER sequence, '-infinity') AS closed_since,
               sum(extract(epoch FROM closes_at - GREATEST(opens_at, :now))) OVER sequence AS total_s
        FROM opening WHERE campaign_id = :id AND closes_at > :now
        WINDOW sequence AS (PARTITION BY zone_group ORDER BY closes_at)
    ), ruler AS (
        SELECT *, total_s - extract(epoch FROM closes_at - opens_at) AS before_s FROM stretch
    ), even AS (
        SELECT line.id, line.zone_group,
               CASE WHEN line.zone_group IS NULL
                    THEN GREATEST(CAST(:now AS timestamptz) + line.offset_s * interval '1 second', line.not_before)
                    ELSE GREATEST(ruler.opens_at + (line.offset_s - ruler.before_s) * interval '1 second',
                                  line.not_before) END AS due_at
        FROM line LEFT JOIN ruler ON ruler.zone_group = line.zone_group
             AND line.offset_s >= ruler.before_s AND line.offset_s < ruler.total_s
    ), placed AS (
        SELECT even.id, CASE WHEN even.zone_group IS NULL THEN even.due_at
                             ELSE COALESCE(GREATEST(ruler.opens_at, even.due_at), zone_group.opened_until) END AS due_at
        FROM even
        LEFT JOIN zone_group ON zone_group.campaign_id = :id AND zone_group.number = even.zone_group
        LEFT JOIN ruler ON ruler.zone_group = even.zone_group
             AND even.due_at >= ruler.closed_since AND even.due_at < ruler.closes_at
    ), moved AS (
        UPDATE message SET due_at = placed.due_at FROM placed
        WHERE message.id = placed.id AND placed.due_at > :now RETURNING 1
    )
    SELECT count(*) FROM moved
""")


def move_on(session: Session, now: datetime, gone_by: datetime, limit: int) -> int:
    """Move what a closing left over to the next opening of its zone group; how many messages.

    gone_by  openings that end before it count as closed: what is claimed now might leave only then
    locks    the campaigns, then their messages; campaigns that somebody works on wait for the next time
    """
    session.execute(text("SET LOCAL statement_timeout = '15min'"))
    values = {"now": now, "gone_by": gone_by, "live": list(LIVE), "limit": limit}
    groups = session.execute(_CLOSED_GROUPS, values).all()
    moved = 0
    for campaign_id, number, next_at in groups:
        key = {"id": campaign_id, "number": number, "next_at": next_at, "now": now, "limit": limit}
        batch = len(session.execute(_MOVE_ON, key).all())
        if batch < limit:
            session.execute(_MOVED, key)
        moved += batch
    return moved


_CLOSED_GROUPS = text("""
    SELECT z.campaign_id, z.number,
           COALESCE((SELECT o.opens_at FROM opening o
                     WHERE o.campaign_id = z.campaign_id AND o.zone_group = z.number AND o.closes_at > :gone_by
                     ORDER BY o.closes_at LIMIT 1), z.opened_until) AS next_at
    FROM campaign c JOIN zone_group z ON z.campaign_id = c.id
    WHERE c.state = ANY(:live) AND c.launched_at IS NOT NULL
      AND EXISTS (SELECT 1 FROM opening o
                  WHERE o.campaign_id = z.campaign_id AND o.zone_group = z.number
                    AND o.closes_at > COALESCE(z.moved_at, '-infinity') AND o.closes_at <= :gone_by)
    ORDER BY z.campaign_id, z.number
    FOR NO KEY UPDATE OF c SKIP LOCKED
""")

_MOVE_ON = text("""
    WITH left_over AS (
        SELECT id FROM message
        WHERE campaign_id = :id AND zone_group = :number AND state = 'queued' AND due_at < :next_at
        LIMIT :limit FOR UPDATE SKIP LOCKED
    )
    UPDATE message SET due_at = :next_at FROM left_over WHERE message.id = left_over.id RETURNING 1
""")

# To the closing itself, not to now: the next one is told apart from it.
_MOVED = text("""
    UPDATE zone_group z SET moved_at = GREATEST(:now, (
        SELECT max(o.closes_at) FROM opening o
        WHERE o.campaign_id = z.campaign_id AND o.zone_group = z.number AND o.closes_at < :next_at))
    WHERE z.campaign_id = :id AND z.number = :number
""")


def pause_closed(session: Session, now: datetime, gone_by: datetime) -> list[int]:
    """Pause running campaigns that wait for nothing but their windows; their ids."""
    values = {"now": now, "gone_by": gone_by, "reason": PauseReason.OUTSIDE_WINDOW.value}
    return list(session.scalars(_PAUSE_CLOSED, values))


# One probe of the claim's index per campaign: whoever is due next tells whether anybody can be written to before.
_PAUSE_CLOSED = text("""
    UPDATE campaign c SET state = 'paused', state_reason = :reason, state_text =
        'It is outside the sending window wherever people are left; goes on by itself at '
        || to_char(next.due_at AT TIME ZONE 'UTC', 'YYYY-MM-DD HH24:MI') || ' UTC.'
    FROM campaign same CROSS JOIN LATERAL (
        SELECT m.due_at, m.zone_group FROM message m WHERE m.campaign_id = same.id AND m.state = 'queued'
        ORDER BY m.due_at, m.id LIMIT 1
    ) next
    WHERE same.id = c.id AND c.state = 'running' AND c.sending_window IS NOT NULL AND next.due_at > :now
      AND next.zone_group IS NOT NULL
      AND NOT EXISTS (SELECT 1 FROM opening o WHERE o.campaign_id = c.id AND o.zone_group = next.zone_group
                        AND o.opens_at <= :now AND o.closes_at > :gone_by)
    RETURNING c.id
""")


def resume_open(session: Session, now: datetime) -> list[int]:
    """Resume campaigns that waited for their windows and have somebody to write to again; their ids."""
    return list(session.scalars(_RESUME_OPEN, {"now": now, "reason": PauseReason.OUTSIDE_WINDOW.value}))


_RESUME_OPEN = text("""
    UPDATE campaign c SET state = 'running', state_reason = NULL, state_text = NULL
    WHERE c.state = 'paused' AND c.state_reason = :reason
      AND COALESCE((SELECT m.due_at FROM message m WHERE m.campaign_id = c.id AND m.state = 'queued'
                    ORDER BY m.due_at, m.id LIMIT 1), '-infinity') <= :now
    RETURNING c.id
""")


def lock_paces(session: Session, campaign_ids: Sequence[int]) -> None:
    """Let one transaction at a time count and claim within a campaign's caps; the locks go with the transaction."""
    for campaign_id in sorted(campaign_ids):
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('pace'), :id)"), {"id": campaign_id})


def claims_since(session: Session, campaign_id: int, since: datetime) -> int:
    """Messages that a campaign claimed in the minutes that end after an instant."""
    values = {"id": campaign_id, "since": since - timedelta(minutes=1)}
    return int(session.execute(_CLAIMS_SINCE, values).scalar_one())


_CLAIMS_SINCE = text("SELECT COALESCE(sum(claims), 0) FROM pace_minute WHERE campaign_id = :id AND minute > :since")


def claims_by_hour(session: Session, campaign_id: int, since: datetime) -> list[tuple[datetime, int]]:
    """What a campaign with caps has claimed since: the last minute of each hour that has any, and how many."""
    rows = session.execute(_CLAIMS_BY_HOUR, {"id": campaign_id, "since": since})
    return [(row.last_at, row.claims) for row in rows]


_CLAIMS_BY_HOUR = text("""
    SELECT max(minute) AS last_at, sum(claims) AS claims FROM pace_minute
    WHERE campaign_id = :id AND minute > :since GROUP BY date_trunc('hour', minute) ORDER BY 1
""")


def count_claims(session: Session, claims: Sequence[tuple[int, int]], now: datetime) -> None:
    """Count claims, campaign and number, in the minute of `now`."""
    values = {"ids": [id_ for id_, _ in claims], "claims": [number for _, number in claims], "now": now}
    session.execute(_COUNT_CLAIMS, values)


_COUNT_CLAIMS = text("""
    INSERT INTO pace_minute (campaign_id, minute, claims)
    SELECT id, date_trunc('minute', CAST(:now AS timestamptz)), number
    FROM unnest(CAST(:ids AS bigint[]), CAST(:claims AS int[])) AS claim(id, number)
    ON CONFLICT (campaign_id, minute) DO UPDATE SET claims = pace_minute.claims + excluded.claims
""")


def forget_paces(session: Session, before: datetime) -> None:
    """Drop what no cap counts any more."""
    session.execute(text("DELETE FROM pace_minute WHERE minute < :before"), {"before": before})
