"""A campaign that runs on a clock of its own: claims at stepped instants, and who was written to when.

No request leaves; what is claimed counts as sent at the last instant at which it may leave.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import text

from campaign.lifecycle import launch, start_due
from campaign.scheduling.pace import count_paced, paced_shares, spread_of
from campaign.scheduling.placing import follow_windows
from campaign.sending.store import claim_due, senders_with_work
from models import Campaign
from models.session import Sessions, session_scope

LEAVES_WITHIN = timedelta(seconds=10)


@dataclass
class Virtual:
    """One campaign of one sender under a clock that is stepped by hand. `sent`: instant claimed, zone group, phone."""

    sessions: Sessions
    campaign: str
    now: datetime
    sent: list[tuple[datetime, int | None, str]] = field(default_factory=list)
    looked_at: int = 0

    def launch(self) -> None:
        launch(self.sessions, self.campaign, now=self.now)

    def tick(self, most: int = 500) -> int:
        """What beat and the lanes do at one instant; how many were claimed."""
        start_due(self.sessions, now=self.now, late_start=timedelta(hours=1))
        follow_windows(self.sessions, now=self.now, leaves_within=LEAVES_WITHIN)
        claimed = 0
        while found := self._claim(most - claimed):
            claimed += found
        return claimed

    def run(self, until: datetime, step: timedelta) -> Iterator[datetime]:
        """Tick after tick, until an instant."""
        while self.now < until:
            self.tick(100_000)
            yield self.now
            self.now += step

    def skip(self, step: timedelta) -> None:
        """On by a step, or to the next message that falls due where that is later."""
        with self.sessions() as session:
            due = session.scalar(text("SELECT min(due_at) FROM message WHERE state = 'queued'"))
        self.now = max(self.now + step, due or self.now)

    def state(self) -> tuple[str, str | None]:
        """State and reason of the campaign."""
        with self.sessions() as session:
            found = session.query(Campaign).filter_by(name=self.campaign).one()
            return found.state, found.state_reason

    def _claim(self, limit: int) -> int:
        if limit <= 0:
            return 0
        with session_scope(self.sessions) as session:
            if not senders_with_work(session, self.now):
                return 0
            campaign = session.query(Campaign).filter_by(name=self.campaign).one()
            paced = {campaign.id: spread_of(campaign)} if spread_of(campaign).capped else {}
            shares = paced_shares(session, {campaign.id: limit}, paced, self.now)
            claimed, others = claim_due(
                session, shares, limit=limit, now=self.now, lease=timedelta(minutes=1), leaves_within=LEAVES_WITHIN
            )
            count_paced(session, (each.campaign_id for each in claimed), paced, self.now)
            self.looked_at += len(claimed) + others
            self._keep(session, [each.id for each in claimed])
            return len(claimed) + others

    def _keep(self, session, ids: Sequence[int]) -> None:
        rows = session.execute(
            text("UPDATE message SET state = 'delivered' WHERE id = ANY(:ids) RETURNING zone_group, phone_e164"),
            {"ids": list(ids)},
        )
        self.sent += [(self.now, group, phone) for group, phone in rows]
