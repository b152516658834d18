"""Each provider on the sandbox in its own dialect. A case takes `bound` and runs three times, once for each."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import Any

import pytest

from campaign.providers.base import OutboundTemplate, OutboundText, Provider
from campaign.providers.cloud import CloudProvider
from campaign.providers.d360 import D360Provider
from campaign.providers.d360_onprem import OnPremProvider
from campaign.providers.transport import Wire
from campaign.settings import Settings
from sandbox.config import SandboxConfig
from sandbox.scenario import Scenario
from sandbox.server import running
from sandbox.templates import NAMESPACE
from tests.sandbox.client import SALE, Client
from tests.sandbox.receiver import Receiver

TOKEN = "contract-token"
AUTHORIZATION = "Bearer contract-webhooks"
NUMBER, ACCOUNT = "100000000000020", "100000000000010"
DIALECTS = ("cloud", "d360", "d360-onprem")
DELAYS = {"sent_after_s": 0.01, "delivered_after_s": 0.02, "read_after_s": 0.03, "failed_after_s": 0.01}
QUICK = {**DELAYS, "gather_ms": 5.0}
PHONE = "+525555500001"


@dataclass
class Bound:
    """A provider and the platform that it speaks to."""

    dialect: str
    provider: Provider
    client: Client
    receiver: Receiver

    def arm(self, kind: str, **more: Any) -> None:
        """The next request meets a fault."""
        self.client.control("faults", {"kind": kind, **more})

    def message(self, to: str = PHONE, **changes: Any) -> OutboundTemplate:
        given = {"name": "spring_sale", "language": "en_US", "components": SALE, "callback_data": "c1:m1:a1"}
        return OutboundTemplate(to=to, **{**given, "namespace": NAMESPACE, **changes})

    def text(self, to: str = PHONE, body: str = "Thank you", **changes: Any) -> OutboundText:
        return OutboundText(to, body, **changes)

    def entry(self) -> dict[str, Any]:
        """The newest request in the platform's ledger."""
        return self.client.entries()[-1]


def make_provider(dialect: str, url: str, settings: Settings, token: str = TOKEN) -> Provider:
    """A provider of a dialect on a platform's address."""
    wire = Wire(settings)
    if dialect == "cloud":
        ids = {"phone_number_id": NUMBER, "waba_id": ACCOUNT}
        return CloudProvider(wire, base_url=f"{url}/v23.0", token=token, **ids)
    if dialect == "d360":
        return D360Provider(wire, base_url=url, api_key=token)
    return OnPremProvider(wire, base_url=f"{url}/v1", api_key=token)


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    one = Receiver()
    yield one
    one.close()


@pytest.fixture(scope="module")
def platform(receiver: Receiver) -> Iterator[Client]:
    """One sandbox for a module; each case finds it as new."""
    scenario = Scenario().patched({"webhooks": QUICK})
    secrets = {"token": TOKEN, "webhook_authorization": AUTHORIZATION}
    with running(SandboxConfig(scenario=scenario, webhook_url=receiver.url, **secrets)) as one:
        client = Client(one.url)
        yield client
        client.http.close()


@pytest.fixture
def settings() -> Settings:
    """Without stores: a provider needs none."""
    return Settings(_env_file=None, send_timeout_s=0.6, connect_timeout_s=0.5, lease_s=3.0)


@pytest.fixture(params=DIALECTS)
async def bound(
    request: pytest.FixtureRequest, platform: Client, receiver: Receiver, settings: Settings
) -> AsyncIterator[Bound]:
    scenario = platform.control("scenario")
    provider = make_provider(request.param, platform.url, settings)
    yield Bound(request.param, provider, platform, receiver)
    await provider.aclose()
    platform.http.delete("/_sandbox/faults")
    platform.control("scenario", scenario)
    platform.control("reset", {})
    receiver.posts.clear()
