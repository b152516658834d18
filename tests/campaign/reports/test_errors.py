"""Failures by code: what ended a message, and what only delayed one."""

import csv
from pathlib import Path

from campaign.reports.errors import write_errors
from models import Attempt
from models.session import session_scope
from tests.campaign.reports.conftest import Listed, at


def lines(listed: Listed, tmp_path: Path) -> list[dict[str, str]]:
    out = tmp_path / "errors.csv"
    with listed.sessions() as session:
        write_errors(session, listed.campaign, out)
    with out.open(newline="") as file:
        return list(csv.DictReader(file))


def test_codes_with_class_meaning_and_counts(listed: Listed, tmp_path: Path) -> None:
    for _ in range(2):
        listed.message(state="failed", error_code=131026, error_text="Message undeliverable")
    listed.message(state="dropped", error_code=132015, error_text="Template is paused")
    waiting = listed.message(state="queued", attempt=1, error_code=131049)
    listed.message(state="read", attempt=1)
    with session_scope(listed.sessions) as session:
        session.add(
            Attempt(
                message_id=waiting, number=1, ended_as="failed", error_code=131049, error_text="capped", ended_at=at(1)
            )
        )
    found = {line["error_code"]: line for line in lines(listed, tmp_path)}
    assert {code: (line["messages"], line["earlier_attempts"]) for code, line in found.items()} == {
        "131026": ("2", "0"),
        "132015": ("1", "0"),
        "131049": ("0", "1"),
    }
    assert found["131026"]["class"] == "suppress_recipient"
    assert found["131026"]["meaning"] == "This number cannot receive the message."
    assert found["131026"]["example"] == "Message undeliverable"


def test_a_code_that_nobody_knows_is_shown_as_such(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="failed", error_code=999999, error_text="news")
    (line,) = lines(listed, tmp_path)
    assert (line["error_code"], line["class"], line["example"]) == ("999999", "unknown", "news")


def test_an_attempt_thought_absent_is_no_failure(listed: Listed, tmp_path: Path) -> None:
    id_ = listed.message(state="queued", attempt=1)
    with session_scope(listed.sessions) as session:
        session.add(Attempt(message_id=id_, number=1, ended_as="absent", ended_at=at(1)))
    assert lines(listed, tmp_path) == []
