"""The page on lists tells every reason to refuse a row, in the words of the code."""

from pathlib import Path

import pytest

from campaign.audience.reasons import SENTENCES, RejectReason

PAGE = (Path(__file__).parents[2] / "docs" / "lists.md").read_text("utf-8")


@pytest.mark.parametrize("reason", list(RejectReason))
def test_every_reason_is_a_row(reason):
    assert f"| `{reason}` | {SENTENCES[reason]} |\n" in PAGE


def test_no_other_reason_is_told():
    tables = PAGE.partition("## Rows that are refused")[2]
    told = [line.split("`")[1] for line in tables.splitlines() if line.startswith("| `")]
    assert sorted(told) == sorted(RejectReason)
