"""What settles a doubt in the end."""

import pytest

from campaign.uncertain.settling import Settles, what_settles


@pytest.mark.parametrize(
    ("provider", "policy", "settles"),
    [
        ("cloud", "wait", Settles.TRAFFIC),
        ("cloud", "resend", Settles.TRAFFIC),
        ("cloud", "ask", Settles.PERSON),
        ("d360", "wait", Settles.TRAFFIC),
        ("d360", "ask", Settles.PERSON),
        ("d360-onprem", "wait", Settles.PERSON),
        ("d360-onprem", "ask", Settles.PERSON),
        ("d360-onprem", "resend", Settles.GRACE),
    ],
)
def test_traffic_settles_it_where_it_can_and_may_else_a_person(provider: str, policy: str, settles: Settles) -> None:
    assert what_settles(provider, policy) is settles
