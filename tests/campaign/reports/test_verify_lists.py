"""Refused rows and answers of an earlier report, against what we have."""

from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.reports.told import Verified
from campaign.reports.verify import verify_report
from campaign.reports.write import write_report
from models import Reply
from models.session import session_scope
from tests.campaign.reports.conftest import Listed, at


@pytest.fixture
def replied(listed: Listed, tmp_path: Path) -> Path:
    """Two people have answered, one of them twice within a second."""
    for number in (1, 2):
        listed.message(state="delivered", attempt=1, wamid=f"w{number}")
        answer(listed, number, "hello", at(number))
    answer(listed, 2, "and more", at(2))
    return write(listed, "replies", tmp_path)


def answer(listed: Listed, message_id: int, words: str, when: datetime) -> None:
    with session_scope(listed.sessions) as session:
        key = f"in.{message_id}.{words}.{when}"
        session.add(Reply(inbound_id=key, campaign_id=listed.campaign.id, message_id=message_id, kind="text",
                          text=words, attributed_by="context", opts_out=False, received_at=when))  # fmt: skip


def write(listed: Listed, kind: str, folder: Path) -> Path:
    with listed.sessions() as session:
        write_report(session, listed.campaign, kind, folder / f"{kind}.csv")
    return folder / f"{kind}.csv"


def verify(listed: Listed, path: Path) -> Verified:
    with listed.sessions() as session:
        return verify_report(session, path, "spring")


def change(listed: Listed, statement: str) -> None:
    with session_scope(listed.sessions) as session:
        session.execute(text(statement))


def test_answers_that_came_since_are_told(listed: Listed, replied: Path) -> None:
    answer(listed, 1, "earlier, but told later", at(0))
    answer(listed, 1, "later", at(9))
    change(listed, "UPDATE message SET state = 'read' WHERE id = 1")
    found = verify(listed, replied)
    assert (found.holds, found.same, found.changed) == (True, 2, {"added": 2, "delivered to read": 1})


def test_a_user_id_that_became_known_is_no_fault_and_one_that_is_gone_is(listed: Listed, replied: Path) -> None:
    change(listed, "UPDATE message SET user_id = 'MX.one' WHERE id = 1")
    assert (verify(listed, replied).holds, verify(listed, replied).same) == (True, 3)
    later = write(listed, "replies", replied.parent)
    change(listed, "UPDATE message SET user_id = NULL WHERE id = 1")
    assert "user_id is MX.one, the database has nothing" in (verify(listed, later).wrong or "")


def test_a_file_of_a_version_that_told_no_user_ids_is_compared_with_what_it_tells(
    listed: Listed, replied: Path
) -> None:
    lines = replied.read_text("utf-8").splitlines()
    replied.write_text("".join(line.rpartition(",")[0] + "\n" for line in lines), "utf-8")
    change(listed, "UPDATE message SET user_id = 'MX.one' WHERE id = 1")
    assert (verify(listed, replied).holds, verify(listed, replied).same) == (True, 3)


def test_an_erased_person_is_no_fault(listed: Listed, replied: Path) -> None:
    change(listed, "UPDATE message SET phone_e164 = 'erased', name = NULL, wamid = NULL WHERE id = 2")
    change(listed, "UPDATE reply SET text = NULL, payload = NULL WHERE message_id = 2")
    assert verify(listed, replied).changed == {"erased": 2}


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("and more", "and less", "line 4 (row 2): the database has no such answer"),
        ("text,hello,,false", "text,hello,,true", "line 2 (row 1): the database has no such answer"),
        (",w1", ",w9", "line 2 (row 1): wamid is w9, the database has w1"),
        ("delivered", "read", "line 2 (row 1): status is read, the database has delivered"),
    ],
)
def test_an_altered_answer_is_named(listed: Listed, replied: Path, old: str, new: str, words: str) -> None:
    replied.write_text(replied.read_text().replace(old, new, 1))
    found = verify(listed, replied)
    assert found.altered == 1
    assert found.wrong is not None
    assert found.wrong.startswith(words)


def test_a_refused_row_stays_as_it_was_uploaded(listed: Listed, tmp_path: Path) -> None:
    listed.refused("no_phone", {"phone": "12", "name": "Ann"})
    listed.refused("duplicate", {"phone": "13"})
    path = write(listed, "rejected", tmp_path)
    assert verify(listed, path).same == 2
    change(
        listed,
        "UPDATE rejected_row SET raw = '{\"phone\": \"erased\"}', text = 'The person was erased.' WHERE row_number = 2",
    )
    assert verify(listed, path).changed == {"erased": 1}
    path.write_text(path.read_text().replace("Ann", "Bob"))
    assert verify(listed, path).wrong == "line 2 (row 1): name is Bob, the database has Ann"
    path.write_text(path.read_text().replace("Bob", "Ann").rpartition("2,")[0])
    assert verify(listed, path).wrong == "the file ends before row 2"
