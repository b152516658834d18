"""A real sandbox on a real port, and a real receiver for its webhooks."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest

from sandbox.config import SandboxConfig
from sandbox.scenario import Scenario
from sandbox.server import running
from tests.sandbox.client import Client
from tests.sandbox.receiver import Receiver

# Everything that takes time on the platform, in a hundredth of it.
QUICK = {
    "sent_after_s": 0.01,
    "delivered_after_s": 0.03,
    "read_after_s": 0.06,
    "failed_after_s": 0.02,
    "gather_ms": 5.0,
    "retry_after_s": 0.05,
    "retry_at_most_s": 0.1,
    # Several connections overtake each other, as the platform's do: tests of the order want one.
    "connections": 1,
}

Start = Callable[..., Client]


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.fixture
def start(receiver: Receiver) -> Iterator[Start]:
    """Starts a sandbox: sections of a scenario over the quick one, and any field of `SandboxConfig`."""
    with ExitStack() as stack:

        def begin(scenario: Mapping[str, Any] | None = None, **config: Any) -> Client:
            changes = {**(scenario or {})}
            changes["webhooks"] = {**QUICK, **changes.get("webhooks", {})}
            config.setdefault("webhook_url", receiver.url)
            one = stack.enter_context(running(SandboxConfig(scenario=Scenario().patched(changes), **config)))
            client = Client(one.url)
            stack.callback(client.http.close)
            return client

        yield begin


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    """One calm sandbox for a module whose tests do not mind each other; nothing is posted."""
    with running(SandboxConfig(scenario=Scenario().patched({"webhooks": QUICK}))) as one:
        client = Client(one.url)
        yield client
        client.http.close()


@pytest.fixture(scope="session")
def page() -> str:
    """docs/sandbox.md."""
    return (Path(__file__).parents[2] / "docs" / "sandbox.md").read_text(encoding="utf-8")
