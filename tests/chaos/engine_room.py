"""A whole engine with the sandbox, to break parts of it on purpose. Who judges stands in ledger_judge.py."""

import json
import os
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from campaign.fault_points import VARIABLE, FaultPoint
from campaign.senders import NewSender, add_sender
from campaign.settings import Settings
from console.parts import SANDBOX_SECRETS, UpOptions
from console.supervisor import Engine, running
from models import Campaign, Message, Sender, Template
from models.sender import ProviderKind
from models.session import Sessions, make_engine, make_sessions, session_scope
from models.states import CampaignState, MessageState
from tests.factories import fiction_phone, make_campaign, make_template

SENDER = "sandbox"
NOWHERE = "http://127.0.0.1:9"
TAIL = 40
"""People of a campaign that is only there to be later traffic."""

QUICK: Mapping[str, Any] = {
    "receiver_port": 0,
    "lease_s": 4.0,
    "send_timeout_s": 2.0,
    "departure_s": 1.0,
    "lane_ttl_s": 2.0,
    "beat_interval_s": 0.5,
    "sweep_interval_s": 0.5,
    "uncertain_grace_s": 2.0,
    "webhook_retry_s": 4.0,
}
"""Leases and graces short enough for a test; the stand-in reports within two seconds."""

CLAIM_SETTLES_S = 10.0
"""The lease, the time in which a request may leave and that of the tries of the platform, together."""

NOTHING_IN_BETWEEN: Callable[[], None] = lambda: None  # noqa: E731 - a default that does nothing


@dataclass
class EngineRoom:
    """A running engine, its database, and the sandbox's ledger."""

    engine: Engine
    sessions: Sessions
    home: Path
    log: list[str] = field(default_factory=list)

    def launch(self, people: int, rate: int, *, ttl_s: int | None = None) -> int:
        """A campaign of the first `people` of fiction, running; returns its id. The first one adds the sender."""
        with session_scope(self.sessions) as session:
            sender = session.scalars(select(Sender).where(Sender.name == SENDER)).first()
            sender = sender or add_sender(session, self._new_sender(rate), environment=os.environ)
            template = session.scalars(select(Template)).first()
            template = template or make_template(session, sender, ttl_seconds=ttl_s)
            number = session.execute(select(func.count(Campaign.id))).scalar_one()
            campaign = make_campaign(session, sender, template, f"campaign-{number + 1}")
            values = {"campaign": campaign.id, "sender": sender.id}
            phones = [fiction_phone(place) for place in range(people)]
            session.execute(_MESSAGES, values | {"phones": phones})
            session.execute(_CONSENT, {"phones": phones})
            session.execute(text("ANALYZE message, consent_event"))
            return campaign.id

    def _new_sender(self, rate: int) -> NewSender:
        return NewSender(
            name=SENDER,
            provider=ProviderKind.CLOUD,
            token_env="SANDBOX_TOKEN",
            app_secret_env="SANDBOX_APP_SECRET",
            phone_number_id="100000000000020",
            waba_id="100000000000010",
            base_url=f"{self.engine.sandbox_url or NOWHERE}/v23.0",
            rate_mps=rate,
        )

    def campaigns(self) -> dict[int, str]:
        """Every campaign and where it stands."""
        with self.sessions() as session:
            return {row.id: row.state for row in session.execute(select(Campaign.id, Campaign.state))}

    def counts(self, campaign_id: int | None = None) -> Counter[str]:
        """Messages by state, of one campaign or of all."""
        counted = select(Message.state, func.count().label("messages")).group_by(Message.state)
        if campaign_id is not None:
            counted = counted.where(Message.campaign_id == campaign_id)
        with self.sessions() as session:
            return Counter({row.state: row.messages for row in session.execute(counted)})

    def ask(self, path: str) -> Any:
        """One page of the sandbox."""
        with urllib.request.urlopen(f"{self.engine.sandbox_url}{path}", timeout=30) as answer:
            return json.load(answer)

    def taken(self) -> list[dict[str, Any]]:
        """Every message that the platform took."""
        entries, after = [], 0
        while after is not None:
            page = self.ask(f"/_sandbox/ledger?after={after}&limit=5000")
            entries += page["entries"]
            after = page["next"]
        return [entry for entry in entries if entry["wamid"]]

    def wait_for(
        self, what: str, holds: Callable[[], bool], timeout_s: float, meanwhile: Callable[[], None] = NOTHING_IN_BETWEEN
    ) -> None:
        """Wait until something holds, doing harm on the way; fails with what was waited for."""
        ends_at = time.monotonic() + timeout_s
        while not self._now(holds):
            assert time.monotonic() < ends_at, f"{what}: not within {timeout_s:g} s; {self._standing()}"
            meanwhile()
            time.sleep(0.1)

    def _standing(self) -> str:
        return "\n".join([f"campaigns {self.campaigns()}, messages {self.counts()}", *self.log[-40:]])

    def _now(self, holds: Callable[[], bool]) -> bool:
        try:
            return holds()
        except DBAPIError:  # the database is what is being killed
            return False

    def nothing_to_send(self) -> bool:
        """Whether everything has been handed over, or is in doubt."""
        with self.sessions() as session:
            return not session.execute(_SOMETHING_TO_SEND).scalar_one()

    def under_way(self) -> bool:
        """Whether some process has messages in hand."""
        with self.sessions() as session:
            return bool(self._now(lambda: session.execute(_UNDER_WAY).scalar_one()))

    def come_to_rest(self, timeout_s: float, rate: int = 100) -> None:
        """Wait until every campaign has completed, with later traffic for what only that can prove."""
        ends_at = time.monotonic() + timeout_s
        while True:
            self.wait_for("everything handed over", self.nothing_to_send, timeout_s)
            time.sleep(CLAIM_SETTLES_S if self.counts()[MessageState.UNCERTAIN] else 0)
            if not self.counts()[MessageState.UNCERTAIN] and self.nothing_to_send():
                break
            assert time.monotonic() < ends_at, f"still in doubt after {timeout_s:g} s: {self.counts()}"
            self.launch(TAIL, rate)
        self.wait_for("every campaign completed", self._all_completed, timeout_s)

    def _all_completed(self) -> bool:
        return set(self.campaigns().values()) == {CampaignState.COMPLETED}


# By the partial indexes: it is asked all the time, of a table that grows.
_SOMETHING_TO_SEND = text("""
    SELECT EXISTS (SELECT FROM message WHERE state = 'queued') OR EXISTS (SELECT FROM message WHERE state = 'sending')
""")

_UNDER_WAY = text("SELECT EXISTS (SELECT FROM message WHERE state = 'sending')")

_MESSAGES = text("""
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters, state,
                         due_at, queued_at)
    SELECT :campaign, :sender, place, ltrim(phone, '+'), phone, 'Ann', '{"body.1": "Ann", "body.2": "15%"}', 'queued',
           now() - interval '1 minute', now()
    FROM unnest(CAST(:phones AS text[])) WITH ORDINALITY AS listed(phone, place)
""")

_CONSENT = text("""
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
    SELECT ltrim(phone, '+'), phone, 'marketing', 'opt_in', 'test', now() - interval '1 day', 'test'
    FROM unnest(CAST(:phones AS text[])) AS listed(phone)
    WHERE NOT EXISTS (SELECT 1 FROM consent_event known WHERE known.phone_identity = ltrim(phone, '+'))
""")


@contextmanager
def engine_room(
    home: Path, scenario: str = "calm", *, workers: int = 2, sandbox: bool = True, **changes: Any
) -> Iterator[EngineRoom]:
    """An engine in a folder of its own, with fault points that can be armed; `changes` are settings."""
    log: list[str] = []
    armoury = home / "fault-points"
    armoury.mkdir(parents=True)
    options = UpOptions(
        workers=workers, port=0, sandbox=sandbox, sandbox_arguments=("--scenario", scenario), console=False
    )
    # The same people get campaign after campaign: what rests for a pair is no part of these proofs.
    values = {**QUICK, "home": home, "pair_interval_s": 0.0, **changes}
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {**SANDBOX_SECRETS, VARIABLE: str(armoury)}.items():
            patch.setenv(name, value)
        settings = Settings(_env_file=None, **values)
        with running(settings, options, lambda name, line: log.append(f"{name} {line}")) as engine:
            database = make_engine(engine.addresses.database_url)
            try:
                yield EngineRoom(engine, make_sessions(database), home, log)
            finally:
                database.dispose()


def arm(room: EngineRoom, point: FaultPoint) -> Path:
    """Let the next process that reaches a point die there; the file is gone once it has."""
    armed = room.home / "fault-points" / point
    armed.touch()
    return armed


def scenario_file(folder: Path, lines: Sequence[str]) -> str:
    """A scenario of a test's own."""
    path = folder / "scenario.toml"
    path.write_text("\n".join(lines) + "\n")
    return str(path)
