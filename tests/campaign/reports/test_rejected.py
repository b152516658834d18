"""The refused rows, ready to be mended and uploaded again."""

import csv
from pathlib import Path

from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.reports.rejected import write_rejected
from tests.campaign.reports.conftest import Listed


def lines(listed: Listed, tmp_path: Path) -> list[dict[str, str]]:
    out = tmp_path / "rejected.csv"
    with listed.sessions() as session:
        write_rejected(session, listed.campaign, out)
    with out.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_row_as_uploaded_with_its_reason_and_what_to_do(listed: Listed, tmp_path: Path) -> None:
    listed.message(state="read")
    listed.refused("too_short", {"phone": "55-12", "name": "Bo", "city": "@home"}, "phone 55-12 is too short.")
    assert lines(listed, tmp_path) == [
        {
            "row": "2",
            "file_row": "",
            "reason": "too_short",
            "text": "phone 55-12 is too short.",
            "what_to_do": SENTENCES[RejectReason.TOO_SHORT],
            "raw_row": "",
            "phone": "55-12",
            "name": "Bo",
            "city": "'@home",
        }
    ]


def test_what_a_row_does_not_have_is_left_empty(listed: Listed, tmp_path: Path) -> None:
    listed.refused("ragged_row", {"phone": "55"})
    (line,) = lines(listed, tmp_path)
    assert (line["phone"], line["name"], line["city"]) == ("55", "", "")


def test_a_row_that_could_not_be_split_stands_whole(listed: Listed, tmp_path: Path) -> None:
    listed.refused("unreadable_row", {"(whole line)": '"Yago,+52'})
    (line,) = lines(listed, tmp_path)
    assert (line["raw_row"], line["phone"]) == ('"Yago,+52', "")
