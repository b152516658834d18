"""Before and after, readable."""

from campaign.desk.changes import Change, changes


def test_only_what_changed_is_told():
    assert changes({"state": "draft", "reason": None}, {"state": "running", "reason": None}) == [
        Change("state", "draft", "running")
    ]


def test_what_was_noted_afterwards_alone_has_no_before():
    assert changes(None, {"rows": 3, "ok": True}) == [Change("rows", None, "3"), Change("ok", None, "yes")]


def test_what_is_gone_has_no_after():
    assert changes({"days": None}, None) == [Change("days", "–", None)]


def test_values_in_values_are_told_in_a_line():
    assert changes({}, {"removed": {"contact": 1, "message": 2}}) == [Change("removed", None, "contact 1, message 2")]
