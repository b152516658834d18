"""How a sender of the demo reaches the stand-in, in each dialect."""

from pathlib import Path

import pytest

from campaign.errors import UsageError
from console.demo.platform import SECRETS, Platform, find_scenario
from console.demo.run import DemoOptions
from models.sender import ProviderKind

PLATFORM = Platform("http://127.0.0.1:8090")


@pytest.mark.parametrize(
    ("kind", "base_url", "proof"),
    [
        (ProviderKind.CLOUD, "http://127.0.0.1:8090/v23.0", "app_secret_env"),
        (ProviderKind.D360, "http://127.0.0.1:8090", "webhook_token_env"),
        (ProviderKind.D360_ONPREM, "http://127.0.0.1:8090/v1", "webhook_token_env"),
    ],
)
def test_a_sender_has_what_its_dialect_needs(kind: ProviderKind, base_url: str, proof: str) -> None:
    sender = DemoOptions(provider=kind).sender(PLATFORM)
    assert (sender.provider, sender.base_url, sender.token_env) == (kind, base_url, "DEMO_TOKEN")
    assert (sender.phone_number_id is None) is (kind is not ProviderKind.CLOUD)
    # The secret that proves a webhook's origin is the one that the stand-in was given.
    assert getattr(sender, proof) in SECRETS.values()


def test_a_scenario_is_a_file_or_one_of_those_that_there_are(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("seed = 2")
    assert (find_scenario("lossy-webhooks"), find_scenario(str(own))) == ("lossy-webhooks", str(own))
    with pytest.raises(UsageError, match=r"one of busy-day, calm, .* lossy-webhooks"):
        find_scenario("sunny")
