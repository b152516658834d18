"""The dialect of a sender, and its token."""

import asyncio

import pytest
from pydantic import SecretStr

from campaign.errors import ConfigurationError
from campaign.providers.base import Provider
from campaign.providers.cloud import CloudProvider
from campaign.providers.d360 import D360Provider
from campaign.providers.d360_onprem import OnPremProvider
from campaign.settings import Settings
from campaign.tokens import new_key, seal
from models.sender import ProviderKind, Sender
from tasks import wiring

KEY = SecretStr(new_key())
KINDS = {
    ProviderKind.CLOUD: CloudProvider,
    ProviderKind.D360: D360Provider,
    ProviderKind.D360_ONPREM: OnPremProvider,
}


@pytest.fixture(autouse=True)
def _settings(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "settings", lambda: Settings(_env_file=None, secret_key=KEY))
    monkeypatch.setattr(wiring, "_providers", {})
    monkeypatch.setenv("SHOP_TOKEN", "t")


def sender(kind: ProviderKind = ProviderKind.CLOUD, **changed: object) -> Sender:
    values = {
        "id": 1,
        "name": "shop",
        "provider": kind.value,
        "base_url": "http://127.0.0.1:9",
        "token_env": "SHOP_TOKEN",
    }
    return Sender(**values | changed)


def made(given: Sender) -> Provider:
    async def make() -> Provider:
        provider = wiring.provider_for(given)
        await provider.aclose()
        return provider

    return asyncio.run(make())


@pytest.mark.parametrize("kind", ProviderKind)
def test_each_kind_has_its_dialect(kind: ProviderKind) -> None:
    assert type(made(sender(kind))) is KINDS[kind]


@pytest.mark.parametrize("kind", ProviderKind)
def test_what_360dialog_limits_beside_messages_waits_for_its_turn(kind: ProviderKind) -> None:
    assert (wiring.turn_of(sender(kind)) is None) == (kind is ProviderKind.CLOUD)


def test_a_sender_without_a_token_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("SHOP_TOKEN")
    with pytest.raises(ConfigurationError, match="SHOP_TOKEN, the token of sender shop"):
        made(sender())
    assert made(sender(token_encrypted=seal("stored", KEY)))


async def test_a_provider_is_kept_until_its_token_changes() -> None:
    first = wiring.kept_provider(sender())
    assert wiring.kept_provider(sender()) is first
    second = wiring.kept_provider(sender(token_encrypted=seal("stored", KEY)))
    assert second is not first
    for provider in (first, second):
        await provider.aclose()
