"""The page on templates tells every finding, transform and reason, in the words of the code."""

from pathlib import Path

import pytest

from campaign.audience.reasons import SENTENCES, VALUE_REASONS
from campaign.templates.findings import FINDINGS
from campaign.templates.slots import SLOT_READERS
from campaign.templates.transforms import TRANSFORMS

PAGE = (Path(__file__).parents[2] / "docs" / "templates.md").read_text("utf-8")


def rows(columns):
    return {line for line in PAGE.splitlines() if line.startswith("| `") and line.count(" | ") == columns - 1}


def test_every_finding_is_a_row_and_no_other():
    expected = {f"| `{code}` | {known.level} | {known.means} |" for code, known in FINDINGS.items()}
    levels = ("| error |", "| warning |")
    assert {row for row in rows(3) if any(level in row for level in levels)} == expected


@pytest.mark.parametrize("transform", TRANSFORMS.values(), ids=list(TRANSFORMS))
def test_every_transform_is_a_row(transform):
    assert f"| `{transform.form}` | {transform.does} |" in rows(2)


@pytest.mark.parametrize("reason", sorted(VALUE_REASONS))
def test_every_reason_of_a_value_is_a_row(reason):
    assert f"| `{reason}` | {SENTENCES[reason]} |" in rows(2)


def test_every_kind_with_slots_is_told():
    words = ("text of the", "picture", "location", "product as", "quick reply", "address with", "coupon", "one-time")
    others = ("catalog |", "several products", "flow", "limited-time offer |", "card of")
    assert len(SLOT_READERS) == 15
    assert all(f"\n| {word}" in PAGE for word in (*words, *others))
