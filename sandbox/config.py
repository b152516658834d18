"""What a sandbox is started with. The defaults work together out of the box."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sandbox.scenario import Scenario

DEFAULT_TOKEN = "sandbox-token"
DEFAULT_APP_SECRET = "sandbox-app-secret"
DEFAULT_VERIFY_TOKEN = "sandbox-verify"
DEFAULT_PHONE_NUMBER_ID = "100000000000020"
DEFAULT_WABA_ID = "100000000000010"
DIALECTS = ("cloud", "d360", "d360-onprem")


@dataclass(frozen=True, slots=True)
class SandboxConfig:
    """Everything that is settled before the first request.

    token                  bearer token of the Cloud dialect, and the API key of the first number at 360dialog
    webhook_url            the app's own address for webhooks; None: nothing is posted until one is set
    webhook_authorization  `Authorization` header that 360dialog sends along with each webhook
    templates              records in the shape of Graph's list; None: the sandbox's own set
    """

    token: str = field(default=DEFAULT_TOKEN, repr=False)
    app_secret: str = field(default=DEFAULT_APP_SECRET, repr=False)
    verify_token: str = field(default=DEFAULT_VERIFY_TOKEN, repr=False)
    webhook_url: str | None = None
    webhook_authorization: str | None = field(default=None, repr=False)
    phone_number_ids: tuple[str, ...] = (DEFAULT_PHONE_NUMBER_ID,)
    waba_id: str = DEFAULT_WABA_ID
    dialects: tuple[str, ...] = DIALECTS
    scenario: Scenario = field(default_factory=Scenario)
    templates: Sequence[Mapping[str, Any]] | None = field(default=None, repr=False)
