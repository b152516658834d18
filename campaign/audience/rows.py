"""One row of a list as text, whatever the list was: what every source hands on."""

from typing import NamedTuple

from campaign.audience.reasons import RejectReason

MORE_FIELDS = "(more fields)"
WHOLE_LINE = "(whole line)"
"""Names under which a rejected row keeps what belongs to no column."""

REPORT_COLUMNS = ("row", "file_row", "reason", "text", "what_to_do", "raw_row")
"""With which the report of rejected rows begins. Uploaded again, they are left out and the list's own columns stay."""


class RawRow(NamedTuple):
    """One row as text. `number` is 1 for the first data row; `problem` says why it cannot be used as it is.

    file_row  the row as a spreadsheet numbers it: header and blank rows count
    """

    number: int
    values: dict[str, str]
    problem: RejectReason | None = None
    problem_text: str = ""
    file_row: int = 0
