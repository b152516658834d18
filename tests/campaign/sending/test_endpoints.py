"""What a gateway takes, and what a number may send."""

import pytest

from campaign.sending.endpoints import messages_endpoint, number_rate, steady_rate
from models import Sender


def sender(provider: str, rate: int, state: str = "connected") -> Sender:
    return Sender(name="shop", provider=provider, rate_mps=rate, state=state)


@pytest.mark.parametrize(("provider", "burst"), [("cloud", None), ("d360", None), ("d360-onprem", 150)])
def test_only_the_on_premise_gateway_limits_requests_for_messages(provider: str, burst: int | None) -> None:
    endpoint = messages_endpoint(sender(provider, 80))
    assert (endpoint.burst if endpoint else None) == burst


@pytest.mark.parametrize(
    ("provider", "rate", "state", "may", "steady"),
    [
        ("cloud", 80, "connected", 80, 80),
        ("cloud", 80, "flagged", 40, 40),
        ("d360-onprem", 80, "connected", 80, 50),
        ("d360-onprem", 80, "flagged", 40, 40),
        ("d360-onprem", 20, "connected", 20, 20),
    ],
)
def test_a_flagged_number_slows_down_and_an_endpoint_bounds_what_is_kept_up(
    provider: str, rate: int, state: str, may: float, steady: float
) -> None:
    one = sender(provider, rate, state)
    assert (number_rate(one, 0.5), steady_rate(one, 0.5)) == (may, steady)
