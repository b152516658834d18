"""The sandbox of a demo: started as a process of its own, asked over HTTP alone."""

import json
import os
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TextIO

from campaign.errors import ConfigurationError, UsageError
from console.child import Child
from console.children import Supervisor
from models.sender import ProviderKind

PAGE = 5000
TIMEOUT_S = 10.0
QUIET_AFTER_S = 180.0
PHONE_NUMBER_ID, WABA_ID = "100000000000020", "100000000000010"
SCENARIO = "demo"
SCENARIOS = Path(__file__).parents[2] / "samples" / "scenarios"
SECRETS = {
    "SANDBOX_TOKEN": "DEMO_TOKEN",
    "SANDBOX_APP_SECRET": "DEMO_APP_SECRET",
    "SANDBOX_WEBHOOK_AUTHORIZATION": "DEMO_WEBHOOK_TOKEN",
}
"""The variables of the stand-in, and those of the demo that hold the same."""


@dataclass(frozen=True)
class Platform:
    """A running sandbox."""

    url: str
    phone_number_id: str = PHONE_NUMBER_ID
    waba_id: str = WABA_ID

    def access(self, provider: ProviderKind) -> dict[str, str]:
        """What a sender of a provider needs beside its key: address, ids, and the secret of its webhooks."""
        if provider is ProviderKind.CLOUD:
            ids = {"phone_number_id": self.phone_number_id, "waba_id": self.waba_id}
            return {"base_url": f"{self.url}/v23.0", "app_secret_env": "DEMO_APP_SECRET", **ids}
        path = "/v1" if provider is ProviderKind.D360_ONPREM else ""
        return {"base_url": f"{self.url}{path}", "webhook_token_env": "DEMO_WEBHOOK_TOKEN"}

    def ledger(self) -> Iterator[dict[str, Any]]:
        """Every request that arrived, in order."""
        after: int | None = 0
        while after is not None:
            page = self._get(f"/_sandbox/ledger?after={after}&limit={PAGE}")
            yield from page["entries"]
            after = page["next"]

    def summary(self) -> dict[str, Any]:
        """Counts, and the busiest second."""
        return self._get("/_sandbox/summary")

    def wait_until_quiet(self) -> None:
        """Wait until every webhook has been taken by the receiver.

        raises  ConfigurationError when that does not happen
        """
        ends_at = time.monotonic() + QUIET_AFTER_S
        while time.monotonic() < ends_at:
            if self.quiet():
                return
            time.sleep(0.2)
        raise ConfigurationError(
            f"the sandbox still has webhooks to send after {QUIET_AFTER_S:g} s; see the demo's log"
        )

    def quiet(self) -> bool:
        """Whether nothing is to happen there any more, and every webhook that was not lost has been taken."""
        summary = self.summary()
        return not summary["webhooks"]["queue"] and not summary["scheduled"]

    def _get(self, path: str) -> dict[str, Any]:
        with urllib.request.urlopen(f"{self.url}{path}", timeout=TIMEOUT_S) as answer:
            found: dict[str, Any] = json.load(answer)
            return found


def find_scenario(name: str) -> str:
    """What a scenario is called towards the sandbox: the path of a file, or a name that it knows.

    raises  UsageError naming those that there are
    """
    known = sorted(path.stem for path in SCENARIOS.glob("*.toml"))
    if Path(name).is_file():
        return str(Path(name).absolute())
    if name not in known:
        raise UsageError(f"there is no scenario {name!r}; name a TOML file, or one of {', '.join(known)}")
    return name


@contextmanager
def sandbox_platform(webhook_url: str, log: TextIO, scenario: str = SCENARIO) -> Iterator[Platform]:
    """Start a sandbox that reports to `webhook_url`; its secrets are the demo's."""
    command = [
        sys.executable,
        "-P",
        "-m",
        "sandbox",
        "--port",
        "0",
        "--webhook-url",
        webhook_url,
        "--scenario",
        scenario,
    ]
    environment = {theirs: os.environ[ours] for theirs, ours in SECRETS.items()}
    child = Child("sandbox", command, environment, ready_line='"ready"')
    with Supervisor([child], lambda name, text: _note(log, name, text)) as supervisor:
        ready = json.loads(supervisor.wait_ready()["sandbox"])
        yield Platform(f"http://{ready['host']}:{ready['port']}")


def _note(log: TextIO, name: str, text: str) -> None:
    log.write(f"{name} {text}\n")
