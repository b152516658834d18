"""A whole engine with the sandbox, to break parts of it on purpose, and the platform's ledger to judge by."""

import json
import os
import random
import signal
import time
import urllib.request
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import OperationalError

from campaign.senders import NewSender, add_sender
from campaign.settings import Settings
from console.parts import SANDBOX_SECRETS, UpOptions
from console.supervisor import Engine, running
from models import Campaign, Message
from models.sender import ProviderKind
from models.session import Sessions, make_engine, make_sessions, session_scope
from models.states import OPEN_STATES
from tests.bench.rows import fill_campaign
from tests.factories import make_campaign, make_template

SENDER = "sandbox"


@dataclass
class EngineRoom:
    """A running engine, its database, and the sandbox's ledger."""

    engine: Engine
    sessions: Sessions
    log: list[str] = field(default_factory=list)

    def launch(self, people: int, rate: int) -> int:
        """A running campaign of `people`; returns its id."""
        with session_scope(self.sessions) as session:
            new = NewSender(
                name=SENDER,
                provider=ProviderKind.CLOUD,
                token_env="SANDBOX_TOKEN",
                app_secret_env="SANDBOX_APP_SECRET",
                phone_number_id="100000000000020",
                waba_id="100000000000010",
                base_url=f"{self.engine.sandbox_url}/v23.0",
                rate_mps=rate,
            )
            sender = add_sender(session, new, environment=os.environ)
            campaign = make_campaign(session, sender, make_template(session, sender))
            fill_campaign(session, campaign, people)
            return campaign.id

    def state(self, campaign_id: int) -> str:
        """Where the campaign stands."""
        with self.sessions() as session:
            return session.get_one(Campaign, campaign_id).state

    def counts(self, campaign_id: int) -> Counter[str]:
        """Messages by state."""
        with self.sessions() as session:
            return Counter(session.scalars(select(Message.state).where(Message.campaign_id == campaign_id)))

    def ask(self, path: str) -> Any:
        """One page of the sandbox."""
        with urllib.request.urlopen(f"{self.engine.sandbox_url}{path}", timeout=10) as answer:
            return json.load(answer)

    def taken(self) -> list[dict[str, Any]]:
        """Every message that the platform took."""
        entries, after = [], 0
        while after is not None:
            page = self.ask(f"/_sandbox/ledger?after={after}&limit=5000")
            entries += page["entries"]
            after = page["next"]
        return [entry for entry in entries if entry["wamid"]]

    def wait_until_settled(self, campaign_id: int, timeout_s: float, meanwhile: Callable[[], None]) -> str:
        """Wait until the campaign has ended, or only lacks what later traffic could prove, doing harm on the way."""
        ends_at = time.monotonic() + timeout_s
        while not self._settled(campaign_id) and time.monotonic() < ends_at:
            meanwhile()
            time.sleep(0.25)
        return self.state(campaign_id)

    def _settled(self, campaign_id: int) -> bool:
        try:
            state, counts = self.state(campaign_id), self.counts(campaign_id)
        except OperationalError:  # the database is what is being killed
            return False
        still_open = {state for state, count in counts.items() if state in OPEN_STATES and count}
        return state == "completed" or (state == "settling" and still_open == {"uncertain"})


@contextmanager
def engine_room(home: Path, scenario: str = "calm", **changes: Any) -> Iterator[EngineRoom]:
    """An engine in a folder of its own, with leases and graces short enough for a test."""
    values: dict[str, Any] = {
        "home": home,
        "receiver_port": 0,
        "lease_s": 4.0,
        "send_timeout_s": 2.0,
        "departure_s": 1.0,
        "lane_ttl_s": 2.0,
        "beat_interval_s": 0.5,
        "sweep_interval_s": 0.5,
        "uncertain_grace_s": 2.0,
    }
    log: list[str] = []
    os.environ.update(SANDBOX_SECRETS)
    options = UpOptions(workers=2, port=0, sandbox=True, sandbox_arguments=("--scenario", scenario))
    with running(
        Settings(_env_file=None, **values | changes), options, lambda name, text: log.append(f"{name} {text}")
    ) as engine:
        database = make_engine(engine.addresses.database_url)
        try:
            yield EngineRoom(engine, make_sessions(database), log)
        finally:
            database.dispose()


class Killer:
    """Kills a process now and then, by its number and with SIGKILL.

    victims  gives the processes that may be killed next
    """

    def __init__(self, victims: Callable[[], Sequence[int]], rng: random.Random, every_s: float, most: int) -> None:
        self._victims, self._rng, self._every_s, self._most = victims, rng, every_s, most
        self._next_at = time.monotonic() + every_s
        self.kills = 0

    def __call__(self) -> None:
        """Kill, if it is time."""
        if time.monotonic() < self._next_at or self.kills >= self._most:
            return
        self._next_at = time.monotonic() + self._every_s * self._rng.uniform(0.5, 1.5)
        if victims := self._victims():
            with suppress(ProcessLookupError):
                os.kill(self._rng.choice(victims), signal.SIGKILL)
                self.kills += 1


def parts_of(room: EngineRoom, *names: str) -> Callable[[], list[int]]:
    """The processes of some parts of the engine, and those that they have started."""

    def victims() -> list[int]:
        living = [pid for name, pid in room.engine.supervisor.pids().items() if name in names]
        return [*living, *children_of(living)]

    return victims


def stores_of(home: Path) -> Callable[[], list[int]]:
    """The main processes of the embedded stores of a home; their keepers start them again."""

    def victims() -> list[int]:
        found = []
        for command in Path("/proc").glob("[0-9]*/cmdline"):
            with suppress(OSError):
                words = command.read_bytes().decode(errors="replace").split("\0")
                server = "valkey-server" in words[0] or (words[0].endswith("/postgres") and "-D" in words)
                if server and any(str(home) in word for word in words):
                    found.append(int(command.parent.name))
        return found

    return victims


def children_of(pids: Any) -> list[int]:
    """The processes that others have started, read from /proc."""
    parents = {str(pid) for pid in pids}
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            if stat.read_text().rpartition(")")[2].split()[1] in parents:
                found.append(int(stat.parent.name))
    return found
