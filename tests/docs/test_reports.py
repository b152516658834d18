"""The pages on reports and costs explain every column and part, in the words of the code, and no other."""

import re
from pathlib import Path

import pytest

from campaign.audience.rows import REPORT_COLUMNS
from campaign.costs.actual import FATES, TYPES
from campaign.costs.card_file import CATEGORIES
from campaign.costs.card_file import COLUMNS as CARD
from campaign.reports import errors, recipients, replies, sections
from campaign.reports.open_rows import OPEN_REASONS
from campaign.reports.write import KINDS
from models.reply import AttributedBy
from models.states import OPEN_STATES

DOCS = Path(__file__).parents[2] / "docs"
REPORTS = (DOCS / "reports.md").read_text("utf-8")
COSTS = (DOCS / "costs.md").read_text("utf-8")
SECTIONS = set(
    re.findall(r'(?:Line|_grouped|_of_groups|_money)\("([a-z -]+)"', Path(sections.__file__).read_text("utf-8"))
)


def first_cells(page: str, heading: str, table: int = 0) -> list[str]:
    """The words in the first column of a table under a heading."""
    section = page.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    tables = re.findall(r"^\|[^\n]+\n\| ---[^\n]+\n((?:\|[^\n]*\n)+)", section, re.MULTILINE)
    return re.findall(r"^\| `([^`]+)` \|", tables[table], re.MULTILINE)


@pytest.mark.parametrize(
    ("heading", "columns"),
    [
        ("recipients", recipients.COLUMNS),
        ("summary", sections.COLUMNS),
        ("errors", errors.COLUMNS),
        ("replies", replies.COLUMNS),
        ("rejected", REPORT_COLUMNS),
    ],
)
def test_every_column_is_explained_in_its_order_and_no_other(heading: str, columns: tuple[str, ...]) -> None:
    assert first_cells(REPORTS, heading) == list(columns)


def test_every_reason_of_an_open_row_is_explained() -> None:
    assert first_cells(REPORTS, "recipients", 1) == list(OPEN_REASONS.values())
    assert set(OPEN_REASONS) == OPEN_STATES


def test_every_section_of_the_summary_is_explained() -> None:
    assert set(first_cells(REPORTS, "summary", 1)) == SECTIONS
    assert {"country", "rate", "cost", "check", "opt-out"} <= SECTIONS


def test_every_kind_of_report_is_named() -> None:
    assert re.findall(r"^\| `(\w+)` \|", REPORTS.split("\n## ")[0], re.MULTILINE) == list(KINDS)


def test_the_page_says_of_every_kind_how_it_is_verified() -> None:
    assert sorted(first_cells(REPORTS, "Does a report still hold?")) == sorted(KINDS)


def test_every_way_to_attribute_a_reply_is_told() -> None:
    assert all(f"by `{way}`" in REPORTS for way in AttributedBy)


def test_the_columns_of_a_rate_card_are_explained() -> None:
    assert first_cells(COSTS, "The rate card") == list(CARD)
    assert all(f"`{category}`" in COSTS for category in CATEGORIES)


def test_every_part_of_the_difference_is_explained() -> None:
    assert set(first_cells(COSTS, "After: the platform's own word")) == {"planned", *FATES, "all"}


def test_every_pricing_type_that_we_know_is_explained() -> None:
    assert first_cells(COSTS, "After: the platform's own word", 1) == list(TYPES)
