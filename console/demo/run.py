"""`campaign demo`: the main job end to end, on real stores, workers and webhooks, against the sandbox.

Everything lives in a folder of its own under CAMPAIGN_HOME and is gone afterwards, but for the report. Servers named by
the settings are left alone: a demo never touches a real database.
"""

import csv
import os
import random
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple, TextIO

from campaign.consent.ledger import import_consent, withdraw
from campaign.creation import NewCampaign, create_campaign
from campaign.lifecycle import launch
from campaign.reports.recipients import write_recipients
from campaign.reports.sections import summary_lines
from campaign.reports.summary import CampaignStatus, campaign_status, load_figures
from campaign.senders import NewSender, add_sender
from campaign.settings import Settings, current_settings
from campaign.templates.sync import sync_templates
from campaign.webhooks.inbox_store import count_unprocessed
from console.children import Sink
from console.demo.compare import compare
from console.demo.people import DemoList, write_demo_list
from console.demo.platform import SCENARIO, Platform, find_scenario, sandbox_platform
from console.demo.telling import Telling
from console.parts import UpOptions
from console.supervisor import Engine, running
from models import Campaign, Sender
from models.sender import ProviderKind
from models.session import Sessions, make_engine, make_sessions, session_scope
from models.states import CampaignState
from tasks import wiring

SEED = 20260115
NAME = "demo"
TEMPLATE, LANGUAGE, REGION = "spring_sale", "es_MX", "MX"
MAPPING = ("body.1=name|amigo", "body.2=offer_code")
POLL_S = 0.5
# Beyond the time that the rate needs: start-up, the last webhooks, a lost worker's lease.
SPARE_S = 180.0
STILL_S, DOUBT_S = 4.0, 60.0


@dataclass(frozen=True)
class DemoOptions:
    """What `campaign demo` is asked for.

    rate      None takes the provider's own; one that its gateway would not take is lowered
    out       None takes `demo-report.csv` in the present folder
    scenario  what kind of day it is at the stand-in; on another than the demo's own the campaign may stay open
    """

    rows: int = 1000
    rate: int | None = None
    out: Path | None = None
    provider: ProviderKind = ProviderKind.CLOUD
    scenario: str = SCENARIO

    def sender(self, platform: Platform) -> NewSender:
        """The sender of the demo, as an operator would add it."""
        return NewSender(
            name=NAME,
            provider=self.provider,
            token_env="DEMO_TOKEN",
            rate_mps=self.rate,
            **platform.access(self.provider),  # type: ignore[arg-type] # a keyword for each thing this dialect needs
        )


def run_demo(options: DemoOptions) -> int:
    """Run the demo; returns 0 only when report and ledger agree and every row is accounted for."""
    out = options.out or Path("demo-report.csv")
    options = replace(options, scenario=find_scenario(options.scenario))
    tell = Telling()
    with own_folder(current_settings()) as home:
        files = home / "contacts.csv", home / "consent.csv"
        people = write_demo_list(*files, options.rows, random.Random(SEED))
        tell.list_made(options.rows)
        with _whole_engine(home, options) as (engine, platform, sessions):
            rate = _set_up(sessions, platform, options, files[1], people)
            tell.engine_runs(engine.receiver_url, platform.url)
            campaign = _create_and_launch(sessions, options, files[0])
            size = _Size(options.rows, rate)
            status = _follow(sessions, people, size, tell, _Stillness(sessions, platform, options))
            platform.wait_until_quiet()
            _wait_for_inbox(sessions)
            with sessions() as session:
                write_recipients(session, campaign, out)
                sums = [line for line in summary_lines(load_figures(session, campaign)) if line.section == "check"]
            rows = _read_report(out)
            compared = compare(rows, platform.ledger())
            compared.differences += [f"{line.name}: {line.number} missing" for line in sums if line.number]
            tell.result(rows, platform.summary(), compared, out)
    ended = status.state == CampaignState.COMPLETED or options.scenario != SCENARIO
    return 0 if compared.agree and ended and len(rows) == options.rows else 1


@contextmanager
def own_folder(settings: Settings) -> Iterator[Path]:
    """A new folder for this run, removed at its end."""
    home = settings.home.absolute() / f"demo-{os.getpid()}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    try:
        yield home
    finally:
        shutil.rmtree(home, ignore_errors=True)


@contextmanager
def _whole_engine(home: Path, options: DemoOptions) -> Iterator[tuple[Engine, Platform, Sessions]]:
    """Stores, workers, beat, receiver and sandbox, all in one folder, logging to a file in it."""
    own = {"home": home, "database_url": None, "redis_url": None, "receiver_port": 0}
    # The stand-in reports within seconds, so an unknown outcome is known to be absent sooner than with the real one.
    settings = Settings(**own, uncertain_grace_s=15.0, webhook_retry_s=60.0, lease_s=40.0, sweep_interval_s=1.0)
    with ExitStack() as stack:
        log = stack.enter_context((home / "demo.log").open("w", encoding="utf-8"))
        stack.enter_context(_secrets())
        engine = stack.enter_context(running(settings, UpOptions(workers=2, port=0, console=False), _into(log)))
        platform = stack.enter_context(
            sandbox_platform(f"{engine.receiver_url}/webhooks/{NAME}", log, options.scenario)
        )
        database = make_engine(engine.addresses.database_url)
        stack.callback(database.dispose)
        yield engine, platform, make_sessions(database)


def _into(log: TextIO) -> Sink:
    def write(name: str, text: str) -> None:
        log.write(f"{name} {text}\n")

    return write


@contextmanager
def _secrets() -> Iterator[None]:
    """Secrets of this run alone, in the environment that workers, receiver and sandbox inherit."""
    made = {name: secrets.token_hex(16) for name in ("DEMO_TOKEN", "DEMO_APP_SECRET", "DEMO_WEBHOOK_TOKEN")}
    os.environ.update(made)
    try:
        yield
    finally:
        for name in made:
            os.environ.pop(name, None)


def _set_up(sessions: Sessions, platform: Platform, options: DemoOptions, consent: Path, people: DemoList) -> int:
    """What an operator does once: the sender, its templates, who agreed, who has withdrawn. Returns the rate."""
    with session_scope(sessions) as session:
        sender = add_sender(session, options.sender(platform), environment=os.environ)
    wiring.run(_sync(sessions, sender))
    with session_scope(sessions) as session:
        import_consent(session, consent, category="marketing", source_text="demo", region=REGION, now=_now())
        withdraw(session, people.withdrew, category="marketing", source_text="demo", now=_now())
    return sender.rate_mps


async def _sync(sessions: Sessions, sender: Sender) -> None:
    provider = wiring.provider_for(sender)
    try:
        await sync_templates(sessions, sender, provider, now=_now())
    finally:
        await provider.aclose()


def _create_and_launch(sessions: Sessions, options: DemoOptions, contacts: Path) -> Campaign:
    request = NewCampaign(
        name=NAME,
        sender=NAME,
        template=TEMPLATE,
        language=LANGUAGE,
        audience=contacts,
        mapping=MAPPING,
        region=REGION,
    )
    create_campaign(sessions, request, now=_now())
    return launch(sessions, NAME, now=_now())


class _Size(NamedTuple):
    """How much there is to do, and how fast: rows, messages per second."""

    rows: int
    rate: int


class _Stillness:
    """Whether nothing more will come of a campaign for days: reports are lost, or a person has to act."""

    def __init__(self, sessions: Sessions, platform: Platform, options: DemoOptions) -> None:
        self._sessions, self._platform, self._expected = sessions, platform, options.scenario != SCENARIO
        self._since: float | None = None

    def reached(self, status: CampaignStatus) -> bool:
        """Whether all has been still for a while."""
        waits = status.state in {CampaignState.SETTLING, CampaignState.PAUSED} and not status.counts.get("sending")
        if not (self._expected and waits and self._platform.quiet() and not _unapplied(self._sessions)):
            self._since = None
            return False
        self._since = self._since or time.monotonic()
        # Doubts are settled by later traffic, of which there may be none.
        return time.monotonic() - self._since > (DOUBT_S if status.counts.get("uncertain") else STILL_S)


def _follow(sessions: Sessions, people: DemoList, size: _Size, tell: Telling, stillness: _Stillness) -> CampaignStatus:
    """Watch until the campaign has ended or is still; on the way, some people withdraw their consent."""
    ends_at = time.monotonic() + size.rows / size.rate + SPARE_S
    withdrawn = False
    with tell.progress(size.rows) as show:
        while True:
            with sessions() as session:
                status = campaign_status(session, NAME, _now())
            show(status)
            ended = status.state in {CampaignState.COMPLETED, CampaignState.CANCELLED}
            if ended or time.monotonic() > ends_at or stillness.reached(status):
                return status
            if not withdrawn and status.counts.get("queued", 0) < status.rows:
                withdrawn = True
                with session_scope(sessions) as session:
                    withdraw(session, people.withdraw_meanwhile, category="marketing", source_text="demo", now=_now())
            time.sleep(POLL_S)


def _wait_for_inbox(sessions: Sessions) -> None:
    ends_at = time.monotonic() + SPARE_S
    while time.monotonic() < ends_at and _unapplied(sessions):
        time.sleep(POLL_S)


def _unapplied(sessions: Sessions) -> int:
    with sessions() as session:
        return count_unprocessed(session)


def _read_report(out: Path) -> list[dict[str, str]]:
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _now() -> datetime:
    return datetime.now(UTC)
