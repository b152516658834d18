"""A sequence on a clock of its own: claims at stepped instants; what is claimed is answered as the test says.

No request leaves. `sent` is the ledger: when, to whom, which step.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from sqlalchemy import text

from campaign.access.roles import at_the_shell
from campaign.creation import NewCampaign
from campaign.lifecycle import start_due
from campaign.reconciliation import sweep_campaigns, sweep_deadlines
from campaign.scheduling.placing import follow_windows
from campaign.sending.store import claim_due, senders_with_work
from campaign.sequences import acts
from campaign.sequences.making import NewSequence
from campaign.sequences.steps import plan_steps
from campaign.sequences.sweep import sweep_sequences
from campaign.settings import Settings
from models import Campaign, Reply
from models.session import Sessions, session_scope
from models.states import CampaignState
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

BY = at_the_shell("test")
BODY = [{"type": "BODY", "text": "Hi {{1}}."}]
THREE_STEPS: dict[str, Any] = {
    "step": [
        {"template": "welcome", "language": "en_US", "map": ["body.1=name"]},
        {"template": "tips", "after": "delivered", "delay": "2d", "map": ["body.1=city"]},
        {"template": "offer", "after": "delivered", "delay": "5d", "map": ["body.1=name"]},
    ]
}
LEAVES_WITHIN = timedelta(seconds=10)


class Sent(NamedTuple):
    """One message that left."""

    at: datetime
    phone: str
    step: int
    id: int


def shop(sessions: Sessions, people: int, **categories: str) -> None:
    """A sender, a template per step, and people who agreed to marketing."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        for name in ("welcome", "tips", "offer"):
            make_template(session, sender, name, components=BODY, category=categories.get(name, "marketing"))
        if people:
            grant(session, [fiction_phone(number) for number in range(people)])


def write_list(folder: Path, people: int) -> Path:
    """A list of people with a name and a city."""
    path = folder / "people.csv"
    rows = "".join(f"{fiction_phone(number)},Ann {number},Lima {number}\n" for number in range(people))
    path.write_text("phone,name,city\n" + rows)
    return path


def new_sequence(audience: Path, content: dict[str, Any] | None = None, **given: Any) -> NewSequence:
    """A request for a sequence of three steps."""
    request = NewCampaign(name="hello", sender="shop", template="", language="", audience=audience, **given)
    return NewSequence(request, plan_steps(content or THREE_STEPS))


@dataclass
class Journey:
    """A launched sequence. `answer` says what becomes of a message that was claimed: its columns."""

    sessions: Sessions
    now: datetime = NOON
    name: str = "hello"
    answer: Callable[[Sent], dict[str, Any]] | None = None
    sent: list[Sent] = field(default_factory=list)

    def tick(self, most: int = 10_000) -> None:
        """What beat, the lanes and the sweeps do at one instant."""
        start_due(self.sessions, now=self.now, late_start=timedelta(hours=1))
        sweep_deadlines(self.sessions, now=self.now)
        sweep_sequences(self.sessions, now=self.now)
        follow_windows(self.sessions, now=self.now, leaves_within=LEAVES_WITHIN)
        while self._claim(most):
            pass
        sweep_campaigns(self.sessions, now=self.now)

    def run(self, until: datetime, step: timedelta) -> None:
        """Tick after tick, until an instant; where nothing falls due for longer than a step, straight to what does."""
        while self.now < until:
            self.tick()
            self.now = min(until, max(self.now + step, self._next() or until))

    def _next(self) -> datetime | None:
        with self.sessions() as session:
            found: datetime | None = session.scalar(
                text(
                    "SELECT LEAST((SELECT min(due_at) FROM message WHERE state = 'queued'), "
                    "(SELECT min(look_at) FROM sequence_person WHERE ended_as IS NULL))"
                )
            )
            return found

    def steps(self) -> list[list[str]]:
        """The phones that each step was sent to, in order of sending."""
        return [[sent.phone for sent in self.sent if sent.step == number] for number in (1, 2, 3)]

    def report(self, phone: str, step: int, **columns: Any) -> None:
        """What webhooks tell of one message."""
        with session_scope(self.sessions) as session:
            session.execute(
                text(
                    f"UPDATE message SET {', '.join(f'{name} = :{name}' for name in columns)} "
                    "WHERE phone_e164 = :phone AND campaign_id = (SELECT id FROM campaign WHERE name = :name)"
                ),
                columns | {"phone": phone, "name": f"{self.name} {step}"},
            )

    def reply(self, phone: str, step: int, *, opts_out: bool = False, at: datetime | None = None) -> None:
        """An answer of one person to one step."""
        with session_scope(self.sessions) as session:
            campaign_id, message_id = session.execute(
                text(
                    "SELECT c.id, m.id FROM campaign c JOIN message m ON m.campaign_id = c.id "
                    "WHERE c.name = :name AND m.phone_e164 = :phone"
                ),
                {"name": f"{self.name} {step}", "phone": phone},
            ).one()
            session.add(
                Reply(
                    inbound_id=f"in {phone} {step} {at}", campaign_id=campaign_id, message_id=message_id, kind="text",
                    attributed_by="context", opts_out=opts_out, received_at=at or self.now,
                )
            )  # fmt: skip

    def ended(self) -> dict[str | None, int]:
        """People by why they ended."""
        with self.sessions() as session:
            rows = session.execute(text("SELECT ended_as, count(*) FROM sequence_person GROUP BY ended_as"))
            return {row[0]: row[1] for row in rows}

    def states(self) -> list[str]:
        """The state of the sequence, then of the campaigns of its steps."""
        with self.sessions() as session:
            return list(
                session.scalars(
                    text(
                        "SELECT state FROM (SELECT 0 AS n, state FROM sequence UNION ALL "
                        "SELECT s.number, c.state FROM sequence_step s JOIN campaign c ON c.id = s.campaign_id) x "
                        "ORDER BY n"
                    )
                )
            )

    def _claim(self, most: int) -> int:
        with session_scope(self.sessions) as session:
            senders = senders_with_work(session, self.now)
            running = session.query(Campaign).filter(
                Campaign.state == CampaignState.RUNNING, Campaign.sender_id.in_(senders)
            )
            shares = {campaign.id: most for campaign in running}
            if not shares:
                return 0
            claimed, others = claim_due(
                session, shares, limit=most, now=self.now, lease=timedelta(minutes=1), leaves_within=LEAVES_WITHIN
            )
            rows = session.execute(text("SELECT campaign_id, number FROM sequence_step"))
            numbers = {row[0]: row[1] for row in rows}
            sent = [Sent(self.now, each.phone_e164, numbers[each.campaign_id], each.id) for each in claimed]
            self.sent += sent
            self._answer(session, sent)
            return len(claimed) + others

    def _answer(self, session: Any, sent: Sequence[Sent]) -> None:
        delivered = {"state": "delivered", "accepted_at": self.now, "delivered_at": self.now, "lease_until": None}
        if self.answer is None and sent:
            session.execute(
                text(
                    "UPDATE message SET state = :state, accepted_at = :accepted_at, delivered_at = :delivered_at, "
                    "lease_until = :lease_until WHERE id = ANY(:ids)"
                ),
                delivered | {"ids": [each.id for each in sent]},
            )
            return
        for each in sent:
            columns = delivered | self.answer(each) if self.answer else delivered
            session.execute(
                text(f"UPDATE message SET {', '.join(f'{name} = :{name}' for name in columns)} WHERE id = :id"),
                columns | {"id": each.id},
            )


def begin(
    sessions: Sessions, settings: Settings, folder: Path, people: int, content: dict[str, Any] | None = None,
    *, now: datetime = NOON, **given: Any,
) -> Journey:  # fmt: skip
    """A sequence for some people, launched."""
    new = new_sequence(write_list(folder, people), content, **given)
    acts.create(sessions, BY, new, now=now, settings=settings)
    acts.launch(sessions, BY, "hello", now=now)
    return Journey(sessions, now)
