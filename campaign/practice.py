"""The number to practise with: the one that the stand-in platform beside a running engine answers for. Pure."""

from collections.abc import Mapping

from campaign.senders import NewSender
from models.sender import ProviderKind

SANDBOX_URL = "SANDBOX_URL"
"""Variable that holds the stand-in's address, for the parts of an engine that runs beside one."""

NAME = "sandbox"
"""The stand-in posts its webhooks to the sender of this name."""


def practice_number(environment: Mapping[str, str]) -> NewSender | None:
    """The number at the stand-in, to be added; None where there is no stand-in."""
    url = environment.get(SANDBOX_URL)
    if not url:
        return None
    return NewSender(
        name=NAME,
        provider=ProviderKind.CLOUD,
        base_url=f"{url}/v23.0",
        phone_number_id="100000000000020",
        waba_id="100000000000010",
        rate_mps=20,
        token_env="SANDBOX_TOKEN",
        app_secret_env="SANDBOX_APP_SECRET",
    )
