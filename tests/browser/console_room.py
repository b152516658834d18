"""A whole engine with its console and the sandbox, and short ways to what a test of a page needs to be there."""

import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from campaign.access.api_keys import create_key
from campaign.access.roles import at_the_shell
from campaign.access.sign_in import make_setup_token, sign_in
from campaign.access.users import add_user
from campaign.settings import Settings
from console.api.app import PREFIX
from console.parts import SANDBOX_SECRETS, UpOptions
from console.supervisor import Engine, running
from models.access import ApiKey, Role, User, WebSession
from models.session import Sessions, make_engine, make_sessions, session_scope
from tasks.wiring import utc_now
from tests.factories import fiction_phone, grant

ROOT = Path(__file__).parents[2]
CONTACTS, CONSENT = ROOT / "samples" / "contacts.csv", ROOT / "samples" / "consent.csv"
CLI = (sys.executable, "-c", "from console.cli.main import run; run()")
PASSWORD = "correct horse battery"
ADMIN = at_the_shell("test")
CSV = {"Content-Type": "text/csv"}
MAP = ["body.1=name|friend", "body.2==SPRING15"]

QUICK: dict[str, Any] = {
    "receiver_port": 0,
    "beat_interval_s": 0.5,
    "sweep_interval_s": 0.5,
    "api_burst": 1000,
    "lane_ttl_s": 2.0,
    # The same people get campaign after campaign: what rests for a pair is no part of these tests.
    "pair_interval_s": 0.0,
    # The phones of fiction are American.
    "us_marketing": True,
    "approval_above": 1000,
}


@dataclass
class ConsoleRoom:
    """A running engine with a console, its database and its log."""

    engine: Engine
    sessions: Sessions
    home: Path
    log: list[str] = field(default_factory=list)
    _tokens: dict[str, str] = field(default_factory=dict)
    _keys: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """Where the console is."""
        return self.engine.console_url

    def setup_url(self) -> str:
        """Where the first user is made; whoever there was is gone."""
        self._tokens.clear()
        with session_scope(self.sessions) as session:
            session.query(User).delete()
        return f"{self.url}/setup?token={make_setup_token(self.sessions)}"

    def user(self, name: str, role: str) -> str:
        """Let somebody sign in, unless they may already; their name."""
        with self.sessions() as session:
            known = session.query(User).filter_by(name=name).first()
        if known is None:
            add_user(self.sessions, ADMIN, name, PASSWORD, Role(role))
        return name

    def token(self, name: str, role: str) -> str:
        """The cookie of somebody who has signed in; the same one as long as it lasts."""
        with self.sessions() as session:
            alive = session.query(WebSession.token_sha256).join(User).filter(User.name == name).first()
        if name not in self._tokens or alive is None:
            self.user(name, role)
            told = {"address": "127.0.0.1", "now": utc_now(), "lasts": timedelta(hours=1)}
            self._tokens[name] = sign_in(self.sessions, name, PASSWORD, **told)[0]
        return self._tokens[name]

    def end_sessions(self, name: str) -> None:
        """Sign somebody out everywhere, without their browser being told."""
        with session_scope(self.sessions) as session:
            users = session.query(User.id).filter_by(name=name)
            session.query(WebSession).filter(WebSession.user_id.in_(users)).delete()

    def ask(self, method: str, path: str, *, role: str = "operator", **more: Any) -> httpx.Response:
        """Ask the API with a key of a role."""
        if role not in self._keys:
            with session_scope(self.sessions) as session:
                session.query(ApiKey).filter_by(name=role).delete()
            self._keys[role] = create_key(self.sessions, ADMIN, role, Role(role))
        headers = {"Authorization": f"Bearer {self._keys[role]}"} | more.pop("headers", {})
        return httpx.request(method, f"{self.url}{PREFIX}{path}", headers=headers, timeout=30, **more)

    def campaign(self, name: str, people: int = 3, *, launch: bool = False, csv: str | None = None) -> int:
        """A campaign to the first people of fiction, a draft unless it is launched; its id."""
        phones = [fiction_phone(number) for number in range(people)]
        self.agree(phones)
        text = csv or "phone,name\n" + "".join(f"{phone},Ann\n" for phone in phones)
        upload = self.ask("POST", "/uploads", params={"name": "list.csv"}, content=text.encode(), headers=CSV)
        assert upload.status_code == 201, upload.text
        body = {"name": name, "sender": "sandbox", "template": "spring_sale", "language": "en_US",
                "upload": upload.json()["id"], "mapping": MAP}  # fmt: skip
        made = self.ask("POST", "/campaigns", json=body)
        assert made.status_code == 201, made.text
        found = self.ask("GET", "/campaigns", params={"search": name, "limit": 500}).json()
        id_: int = next(line["id"] for line in found if line["name"] == name)
        if launch:
            self.ask("POST", f"/campaigns/{id_}/launch").raise_for_status()
        return id_

    def sequence(self, name: str, people: int = 3, *, launch: bool = False, delay: str = "3d") -> int:
        """A sequence of two steps to the first people of fiction, a draft unless it is launched; its id."""
        phones = [fiction_phone(number) for number in range(people)]
        self.agree(phones)
        text = "phone,name\n" + "".join(f"{phone},Ann\n" for phone in phones)
        upload = self.ask("POST", "/uploads", params={"name": "list.csv"}, content=text.encode(), headers=CSV)
        step = {"template": "spring_sale", "language": "en_US", "mapping": MAP}
        later = step | {"after": "delivered", "delay": delay}
        body = {"name": name, "sender": "sandbox", "upload": upload.json()["id"], "steps": [step, later]}
        made = self.ask("POST", "/sequences", json=body)
        assert made.status_code == 201, made.text
        id_: int = made.json()["id"]
        if launch:
            self.ask("POST", f"/sequences/{id_}/launch").raise_for_status()
        return id_

    def agree(self, phones: Sequence[str]) -> None:
        """People who may be written to."""
        with session_scope(self.sessions) as session:
            told = {"source": "sign-up form", "recorded_by": "import", "occurred_at": utc_now() - timedelta(days=1)}
            grant(session, phones, **told)

    def launches(self, name: str) -> int:
        """How often a campaign was launched, by the audit log."""
        entries = self.ask("GET", "/audit", params={"subject": f"campaign:{name}"}).json()
        return sum(entry["act"] == "launch" for entry in entries)

    def cli(self, *words: str) -> str:
        """What a command line prints."""
        done = subprocess.run([*CLI, *words], cwd=self.home.parent, capture_output=True, text=True, timeout=60,
                              env=os.environ | SANDBOX_SECRETS | self._stores())  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    def _stores(self) -> dict[str, str]:
        addresses = self.engine.addresses
        return {
            "CAMPAIGN_DATABASE_URL": addresses.database_url,
            "CAMPAIGN_REDIS_URL": addresses.redis_url,
            "CAMPAIGN_HOME": str(self.home),
        }


@contextmanager
def console_room(
    home: Path, scenario: str = "calm", *, rate: int = 20, bare: bool = False, **changes: Any
) -> Iterator[ConsoleRoom]:
    """An engine in a folder of its own, with a sender, its templates and the consent of the sample list.

    bare     without any of those, as it is on the first day
    changes  settings
    """
    log: list[str] = []
    options = UpOptions(workers=1, port=0, sandbox=True, sandbox_arguments=("--scenario", scenario))
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SANDBOX_SECRETS.items():
            patch.setenv(name, value)
        settings = Settings(_env_file=None, **QUICK | {"home": home} | changes)
        with running(settings, options, lambda name, line: log.append(f"{name} {line}")) as engine:
            database = make_engine(engine.addresses.database_url)
            try:
                room = ConsoleRoom(engine, make_sessions(database), home, log)
                if not bare:
                    _prepare(room, rate)
                yield room
            finally:
                database.dispose()


def _prepare(room: ConsoleRoom, rate: int) -> None:
    ids = ("--phone-number-id", "100000000000020", "--waba-id", "100000000000010", "--rate", str(rate))
    secrets = ("--token-env", "SANDBOX_TOKEN", "--app-secret-env", "SANDBOX_APP_SECRET")
    address = ("--base-url", f"{room.engine.sandbox_url}/v23.0")
    room.cli("senders", "add", "sandbox", "--provider", "cloud", *address, *ids, *secrets)
    room.cli("templates", "sync", "--sender", "sandbox")
    consent = ("--category", "marketing", "--source", "sign-up form", "--region", "MX")
    room.cli("consent", "import", str(CONSENT), *consent)
