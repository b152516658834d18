"""The recipients report: one line per uploaded row, in the order of the list, whatever became of it."""

import csv
from pathlib import Path

from sqlalchemy import text

from campaign.reports import store
from campaign.reports.recipients import COLUMNS, write_recipients
from tests.campaign.reports.conftest import Listed, at
from tests.factories import fiction_phone


def report(listed: Listed, tmp_path: Path) -> list[dict[str, str]]:
    out = tmp_path / "recipients.csv"
    with listed.sessions() as session:
        count = write_recipients(session, listed.campaign, out).lines
    with out.open(encoding="utf-8", newline="") as file:
        lines = list(csv.DictReader(file))
    assert len(lines) == count
    return lines


def test_the_columns_are_the_promised_ones(listed: Listed, tmp_path: Path) -> None:
    report(listed, tmp_path)
    assert (tmp_path / "recipients.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert ",".join(COLUMNS) == (
        "row,phone,wa_id,name,status,reason,error_code,error_text,attempts,wamid,queued_at,accepted_at,held_at,sent_at,"
        "delivered_at,read_at,failed_at,expired_at,category,billable,pricing_model,pricing_type,user_id"
    )


def test_messages_and_refused_rows_stand_in_the_order_of_the_list(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read")
    listed.refused("no_phone", {"phone": "", "name": "Bo", "city": "León"})
    listed.message(state="queued")
    listed.refused("duplicate", {"phone": "202 555 0111", "name": "Cy", "city": ""})
    lines = report(listed, tmp_path)
    assert [(line["row"], line["status"]) for line in lines] == [
        *(("1", "read"), ("2", "refused"), ("3", "queued"), ("4", "refused"))
    ]


def test_a_message_with_all_that_is_known_of_it(listed: Listed, tmp_path: Path) -> None:
    listed.message(
        state="read",
        attempt=2,
        wa_id="12015550100",
        wamid="wamid.1",
        accepted_at=at(1),
        sent_at=at(2),
        delivered_at=at(3),
        read_at=at(4.5),
        category="marketing",
        billable=True,
    )
    (line,) = report(listed, tmp_path)
    assert line == {
        **dict.fromkeys(COLUMNS, ""),
        "row": "1",
        "phone": fiction_phone(0),
        "wa_id": "12015550100",
        "name": "Ann",
        "status": "read",
        "attempts": "2",
        "wamid": "wamid.1",
        "queued_at": "2026-11-20T12:00:00.000+00:00",
        "accepted_at": "2026-11-20T12:00:01.000+00:00",
        "sent_at": "2026-11-20T12:00:02.000+00:00",
        "delivered_at": "2026-11-20T12:00:03.000+00:00",
        "read_at": "2026-11-20T12:00:04.500+00:00",
        "category": "marketing",
        "billable": "true",
    }


def test_a_refused_row_shows_what_was_uploaded_and_why_it_became_nothing(listed: Listed, tmp_path: Path) -> None:
    listed.refused("too_short", {"phone": "55-12", "name": "=HYPERLINK(1)", "city": ""}, "phone 55-12 is too short.")
    (line,) = report(listed, tmp_path)
    shown = {key: value for key, value in line.items() if value}
    assert shown == {
        "row": "1",
        "phone": "55-12",
        "name": "'=HYPERLINK(1)",
        "status": "refused",
        "reason": "too_short",
        "error_text": "phone 55-12 is too short.",
        "attempts": "0",
    }


def test_a_ragged_row_has_a_line_too(listed: Listed, tmp_path: Path) -> None:
    listed.refused("ragged_row", {})
    (line,) = report(listed, tmp_path)
    assert (line["status"], line["phone"], line["name"]) == ("refused", "", "")


def test_a_message_whose_answer_was_never_recorded_was_accepted_when_it_was_first_heard_of(
    listed: Listed, tmp_path: Path
) -> None:
    listed.message(state="delivered", sent_at=at(5), delivered_at=at(4))
    listed.message(state="failed", failed_at=at(4))
    delivered, failed = report(listed, tmp_path)
    assert delivered["accepted_at"] == "2026-11-20T12:00:04.000+00:00"
    assert failed["accepted_at"] == ""


def test_a_failure_shows_code_and_words(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="failed", reason="suppress_recipient", error_code=131026, error_text="Undeliverable")
    (line,) = report(listed, tmp_path)
    assert (line["reason"], line["error_code"], line["error_text"]) == ("suppress_recipient", "131026", "Undeliverable")


def test_a_long_list_is_fetched_in_portions_from_the_server(listed: Listed) -> None:
    for _ in range(5):
        listed.message(state="read")
    with listed.sessions() as session:
        rows = store.recipients(session, listed.campaign.id)
        assert next(rows).row_number == 1
        # Without a cursor on the server the driver would hold the whole list.
        assert session.execute(text("SELECT count(*) FROM pg_cursors WHERE statement LIKE '%UNION%'")).scalar_one() == 1
        assert [row.row_number for row in rows] == [2, 3, 4, 5]
