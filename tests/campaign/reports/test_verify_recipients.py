"""What explains that a row of an earlier report has changed."""

import pytest

from campaign.reports.recipients import COLUMNS
from campaign.reports.verify_recipients import reachable, unexplained
from models.states import MessageState

BEFORE = {"row": "1", "phone": "+1", "name": "", "queued_at": "t", "status": "sent", "attempts": "1"}


@pytest.mark.parametrize(
    ("old", "new", "strange"),
    [
        ({"sent_at": "2"}, {"sent_at": "1"}, None),
        ({"sent_at": "1"}, {"sent_at": "2"}, "sent_at"),
        ({"sent_at": "1"}, {"sent_at": ""}, "sent_at"),
        ({"wamid": "a"}, {"wamid": "b"}, "wamid"),
        ({"wamid": "a"}, {"wamid": "b", "attempts": "2"}, None),
        ({"category": "utility"}, {"category": "marketing"}, None),
        ({}, {"status": "queued", "attempts": "2"}, None),
        ({"read_at": "9"}, {"status": "read"}, "status"),
        ({"failed_at": "9"}, {"status": "failed", "attempts": "2"}, None),
        ({"status": "read"}, {"status": "sent"}, "status"),
        ({"status": "refused"}, {"status": "read"}, "status"),
        ({}, {"phone": "+2", "status": "read"}, "phone"),
        ({"name": "Ann", "wamid": "w"}, {"phone": "erased", "name": ""}, None),
        ({}, {"row": "2", "phone": "erased"}, "row"),
        ({"reason": "to_be_sent"}, {"reason": "moved"}, None),
        ({"reason": "moved"}, {"reason": "to_be_sent"}, "reason"),
    ],
)
def test_what_explains_a_change(old: dict[str, str], new: dict[str, str], strange: str | None) -> None:
    blank = dict.fromkeys(COLUMNS, "")
    first = {**blank, **BEFORE, **old}
    assert unexplained(first, {**first, **new}) == strange


def test_a_late_delivered_is_reachable_from_a_failure_and_nothing_from_read() -> None:
    assert {"delivered", "read"} <= reachable(MessageState.FAILED)
    assert reachable(MessageState.READ) == frozenset()
    assert reachable("refused") == frozenset()
