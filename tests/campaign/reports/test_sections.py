"""The lines of the summary from given figures: sums that do not agree are told, not hidden."""

from collections import namedtuple

import pytest

from campaign.costs.actual import CampaignCost
from campaign.reports.sections import COLUMNS, Figures, Line, share_of, summary_lines
from tests.factories import NOON

Counted = namedtuple(
    "Counted", "state reason template_id error_code hour phone messages taken sent delivered read failed"
)
NOTHING = CampaignCost({}, {}, (), (), 0, False)


def counted(messages: int, **given: object) -> Counted:
    values: dict[str, object] = dict.fromkeys(Counted._fields) | dict.fromkeys(Counted._fields[7:], 0)
    return Counted(**values | {"messages": messages} | given)


def figures(rows: int, **counts: list[Counted]) -> Figures:
    return Figures("spring", "completed", None, NOON, counts, {"no_phone": 2}, rows, NOTHING)  # type: ignore[arg-type]


def checks(found: Figures) -> dict[str, tuple[int | None, object]]:
    return {line.name: (line.number, line.value) for line in summary_lines(found) if line.section == "check"}


def test_a_section_that_lacks_messages_fails_its_check() -> None:
    found = figures(12, outcome=[counted(10, state="read")], country=[counted(9, phone="+12025550100")])
    told = checks(found)
    assert told["messages and refused rows are the rows uploaded"] == (0, "yes")
    assert told["messages by country are all messages"] == (1, "no")


def test_rows_that_are_missing_fail_the_first_check() -> None:
    told = checks(figures(15, outcome=[counted(10, state="read")]))
    assert told["messages and refused rows are the rows uploaded"] == (3, "no")


def test_a_template_that_is_gone_is_called_unknown() -> None:
    lines = list(summary_lines(figures(1, template=[counted(1, template_id=9)])))
    assert Line("template", "unknown", "messages", 1, "1.0000") in lines


def test_every_line_has_the_columns() -> None:
    assert all(len(line) == len(COLUMNS) for line in summary_lines(figures(0)))


@pytest.mark.parametrize(("part", "whole", "share"), [(1, 3, "0.3333"), (0, 0, "0.0000"), (2, 2, "1.0000")])
def test_shares(part: int, whole: int, share: str) -> None:
    assert share_of(part, whole) == share
