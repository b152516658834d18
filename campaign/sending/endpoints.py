"""The request limits of providers' endpoints, as rows: what a gateway takes however fast the number is.

They stand beside the sender's own rate and are asked in the same call; see limiter.py.
"""

from collections.abc import Mapping
from typing import NamedTuple

from models.sender import ProviderKind, Sender, SenderState


class EndpointLimit(NamedTuple):
    """Requests per second that an endpoint takes for one number, how many at once, and where that is written."""

    per_s: float
    burst: int
    source: str


MESSAGES_ENDPOINTS: Mapping[ProviderKind, EndpointLimit] = {
    ProviderKind.D360_ONPREM: EndpointLimit(50, 150, "platform.md E, S0: client v2.25.3 or later"),
}
"""The endpoint that messages go to, per key, which at 360dialog is one number. Source: platform.md E.

For messages through its Cloud hosting 360dialog documents the number's own throughput, 80 messages/s, and no request
limit beside it; Meta documents none per endpoint.
"""


_D360_OTHERS = EndpointLimit(20, 60, "platform.md E, S0: all other endpoints")

OTHER_ENDPOINTS: Mapping[ProviderKind, EndpointLimit] = {
    ProviderKind.D360: _D360_OTHERS,
    ProviderKind.D360_ONPREM: _D360_OTHERS,
}
"""The endpoints for templates, media, settings and contacts, all together, per key. Source: platform.md E.

S0 speaks of the On-Premise API; nothing says that the Cloud hosting takes more.
"""


def other_endpoints(sender: Sender) -> EndpointLimit | None:
    """The limit of what a sender asks its provider beside sending, or None."""
    return OTHER_ENDPOINTS.get(ProviderKind(sender.provider))


def messages_endpoint(sender: Sender) -> EndpointLimit | None:
    """The limit of the endpoint that a sender's messages go to, or None."""
    return MESSAGES_ENDPOINTS.get(ProviderKind(sender.provider))


def number_rate(sender: Sender, flagged_share: float) -> float:
    """Messages per second that a number may send: its rate, or a share of it while WhatsApp has flagged it.

    source  platform.md A.2, B.1: flagged is a warning, slow down
    """
    return sender.rate_mps * (flagged_share if sender.state == SenderState.FLAGGED else 1)


def steady_rate(sender: Sender, flagged_share: float) -> float:
    """Messages per second that a sender can keep up: as its number may, or its endpoint once the burst is used up."""
    endpoint = messages_endpoint(sender)
    rate = number_rate(sender, flagged_share)
    return min(rate, endpoint.per_s) if endpoint else rate
