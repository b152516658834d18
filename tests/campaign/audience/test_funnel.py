"""Every row that became no message ends in one step of the funnel."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.audience.funnel import funnel
from campaign.audience.reasons import CONSENT_LIST_REASONS, RejectReason

OF_AUDIENCES = sorted(set(RejectReason) - CONSENT_LIST_REASONS)
COUNTS = st.dictionaries(st.sampled_from(OF_AUDIENCES), st.integers(0, 50))


@given(COUNTS, COUNTS, st.integers(0, 50))
def test_every_reason_ends_a_row_in_exactly_one_step(
    refused: dict[str, int], withheld: dict[str, int], to_message: int
) -> None:
    rows = sum(refused.values()) + sum(withheld.values()) + to_message
    steps = funnel(rows, refused, withheld)
    assert steps[-1].left == to_message
    assert sum(sum(step.refused.values()) for step in steps) == rows - to_message


@pytest.mark.parametrize(
    ("reason", "step"),
    [
        ("unreadable_row", "readable"),
        ("not_mobile", "with a usable phone"),
        ("bad_value", "with every value"),
        ("duplicate", "listed once"),
        ("consent_expired", "with consent"),
        ("suppressed", "not suppressed"),
        ("quiet_list", "not left out"),
        ("no_hour", "with an open hour"),
    ],
)
def test_a_row_ends_where_its_reason_belongs(reason: str, step: str) -> None:
    assert [one.name for one in funnel(1, {reason: 1}, {}) if one.refused] == [step]
