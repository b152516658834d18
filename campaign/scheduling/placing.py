"""A campaign's timing in the database: kept when it is made, placed when it begins, followed while it runs."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy.orm import Session

from campaign.scheduling import store
from campaign.scheduling.groups import ZoneBook
from campaign.scheduling.pace import spread_of
from campaign.scheduling.spread import HOUR_S
from campaign.scheduling.timing import CheckedTiming
from campaign.scheduling.windows import HORIZON, Stretch, Window, openings
from campaign.store import pause_unsendable
from models.campaign import Campaign
from models.schedule import ZoneGroup
from models.session import Sessions, session_scope

log = structlog.get_logger(__name__)

AHEAD = timedelta(days=21)
"""How far openings are written down; renewed when less than half of it is left."""
_STEP = timedelta(days=28)
_BACK = timedelta(days=2)
BATCH = 20_000
"""Messages moved on in one transaction, so that claims go on meanwhile."""
_KEPT_PACES = timedelta(hours=26)


def keep_timing(campaign: Campaign, timing: CheckedTiming) -> None:
    """Write what was asked for into a campaign's row."""
    campaign.zone = timing.zone
    campaign.zone_column = timing.zone_column
    campaign.sending_window = timing.window.as_json() if timing.window else None
    campaign.spread_s = timing.spread.seconds
    campaign.per_hour, campaign.per_day = timing.spread.per_hour, timing.spread.per_day


def keep_groups(session: Session, campaign: Campaign, book: ZoneBook | None, now: datetime) -> None:
    """Keep the zone groups of a list that was read.

    raises  UsageError when the deadline comes before anybody may be written to
    """
    if book is not None:
        store.add_groups(session, campaign.id, book.groups(campaign.deadline_at), now)


def begin(session: Session, campaign: Campaign, now: datetime) -> None:
    """Say when each message falls due, as the campaign begins: at once, at its group's opening, or spread.

    writes  openings, and `due_at` of the messages that have to wait, in one statement
    """
    spread = spread_of(campaign)
    if campaign.sending_window is None and not spread:
        return
    groups = store.groups_of(session, campaign.id)
    if campaign.sending_window is not None:
        _open(session, campaign, groups, now, timedelta(seconds=spread.seconds or 0))
    # With windows the list's order says nothing of who can be written to first: the cap alone paces.
    gap_s = HOUR_S / spread.per_hour if spread.per_hour and campaign.sending_window is None else None
    moved = store.place(session, campaign.id, now=now, spread_s=spread.seconds, gap_s=gap_s)
    log.info("messages placed", campaign_id=campaign.id, later=moved, zone_groups=len(groups))


def follow_windows(sessions: Sessions, *, now: datetime, leaves_within: timedelta) -> None:
    """Move on what closings left over, and pause and resume campaigns with their windows. Safe to run twice.

    leaves_within  what is claimed may leave so late: so long before its end an opening counts as closed
    """
    with session_scope(sessions) as session:
        if not store.lock_following(session):
            return
        for campaign in store.campaigns_to_open(session, now + AHEAD / 2):
            _open(session, campaign, store.groups_of(session, campaign.id), now, timedelta(0))
        if moved := store.move_on(session, now, now + leaves_within, BATCH):
            log.info("moved to the next opening", messages=moved)
        store.forget_paces(session, now - _KEPT_PACES)
    with session_scope(sessions) as session:
        if not store.lock_following(session):
            return
        resumed = store.resume_open(session, now)
        if resumed:
            # While they stood still, a template may have been paused.
            pause_unsendable(session)
        paused = store.pause_closed(session, now, now + leaves_within)
    if paused or resumed:
        log.info("campaigns followed their windows", paused=paused, resumed=resumed)


def _open(session: Session, campaign: Campaign, groups: Sequence[ZoneGroup], now: datetime, needed: timedelta) -> None:
    """Write down the openings of every group, far enough ahead that `needed` open time fits into them."""
    window = Window.from_json(campaign.sending_window or {})
    # From before now, so that an opening in progress keeps its beginning.
    first, until = now - _BACK, now + AHEAD
    if campaign.per_hour:
        until += timedelta(hours=math.ceil(sum(group.people for group in groups) / campaign.per_hour))
    found = [_far_enough(window, group, now, first, until, needed) for group in groups]
    until = max((reached for _, reached in found), default=until)
    stretches = [
        (group.number, stretch)
        for group, (those, reached) in zip(groups, found, strict=True)
        for stretch in (those if reached == until else openings(window, group.zones, first, until))
    ]
    store.write_openings(session, campaign.id, stretches, first=first, until=until)


def _far_enough(
    window: Window, group: ZoneGroup, now: datetime, first: datetime, until: datetime, needed: timedelta
) -> tuple[list[Stretch], datetime]:
    while True:
        found = openings(window, group.zones, first, until)
        open_time = sum((each.closes - max(each.opens, now) for each in found if each.closes > now), timedelta(0))
        if open_time > needed or until >= now + HORIZON:
            return found, until
        until += _STEP
