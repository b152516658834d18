"""A number as providers describe it, in full and in pieces."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.providers.base import NumberInfo
from campaign.providers.number import read_graph_number, read_health

BLOCKED = {
    "can_send_message": "BLOCKED",
    "entities": [
        {"entity_type": "PHONE_NUMBER", "can_send_message": "AVAILABLE"},
        {"entity_type": "WABA", "can_send_message": "BLOCKED", "errors": [{"error_code": 141006}]},
        {"entity_type": "BUSINESS", "can_send_message": "LIMITED", "additional_info": ["Not verified."]},
    ],
}


def test_every_node_that_is_not_well_says_why() -> None:
    reason = "WABA: code 141006; BUSINESS: Not verified."
    assert read_health({"health_status": BLOCKED}) == NumberInfo(health="BLOCKED", health_reason=reason)
    assert read_health(BLOCKED).health == "BLOCKED"  # without the envelope


def test_the_older_name_of_the_limit_is_read() -> None:
    assert read_graph_number({"messaging_limit_tier": "tier_1k"}).messaging_limit == "TIER_1K"


@pytest.mark.parametrize("body", [{}, {"throughput": "HIGH"}, {"status": 7}, {"health_status": []}])
def test_what_is_missing_or_odd_is_not_told(body: dict[str, object]) -> None:
    assert read_graph_number(body) == NumberInfo()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(sorted(BLOCKED)), inner),
    max_leaves=8,
)
FIELDS = st.sampled_from(["status", "quality_rating", "throughput", "health_status", "messaging_limit_tier"])


@given(st.dictionaries(FIELDS, JSON))
def test_no_answer_breaks_the_reader(body: dict[str, object]) -> None:
    assert isinstance(read_graph_number(body), NumberInfo)
    assert isinstance(read_health(body), NumberInfo)
