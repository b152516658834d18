"""The report of replies: a line for each, with the row that it answers."""

import csv
from pathlib import Path

from campaign.reports.replies import COLUMNS, write_replies
from models import KnownUser, Message, Reply
from models.session import session_scope
from tests.campaign.reports.conftest import Listed, at
from tests.factories import fiction_phone


def test_each_reply_with_its_row_in_the_order_in_which_they_came(listed: Listed, tmp_path: Path) -> None:
    message = listed.message(state="read", attempt=1, wamid="w1")
    common = {"campaign_id": listed.campaign.id, "message_id": message}
    with session_scope(listed.sessions) as session:
        session.add(
            Reply(
                inbound_id="in.2", kind="text", text="=cmd()", attributed_by="window", opts_out=False,
                received_at=at(90), **common,
            )
        )  # fmt: skip
        session.add(
            Reply(
                inbound_id="in.1", kind="button", text="Stop", payload="optout:marketing:c1", attributed_by="context",
                opts_out=True, received_at=at(60), **common,
            )
        )  # fmt: skip
    out = tmp_path / "replies.csv"
    with listed.sessions() as session:
        written = write_replies(session, listed.campaign, out)
    assert (written.lines, written.tally) == (2, {"button": 1, "text": 1})
    with out.open(newline="") as file:
        first, second = csv.DictReader(file)
    assert first == {
        "row": "1",
        "phone": fiction_phone(0),
        "name": "Ann",
        "status": "read",
        "kind": "button",
        "text": "Stop",
        "payload": "optout:marketing:c1",
        "opted_out": "true",
        "attributed_by": "context",
        "received_at": "2026-11-20T12:01:00.000+00:00",
        "wamid": "w1",
        "user_id": "",
    }
    assert (second["text"], second["opted_out"]) == ("'=cmd()", "false")
    assert tuple(first) == COLUMNS


def test_a_person_who_wrote_without_a_phone_is_told_by_their_user_id(listed: Listed, tmp_path: Path) -> None:
    named = listed.message(state="read", attempt=1, wamid="w1", user_id="MX.named")
    known = listed.message(state="read", attempt=1, wamid="w2")
    with session_scope(listed.sessions) as session:
        message = session.get_one(Message, known)
        for user_id, day in (("MX.earlier", 1), ("MX.newest", 2), ("5215550100", 3)):
            session.add(
                KnownUser(
                    user_id=user_id, phone_identity=message.phone_identity, phone_e164=message.phone_e164,
                    created_at=at(86_400 * day),
                )
            )  # fmt: skip
        for message_id in (named, known):
            session.add(
                Reply(
                    inbound_id=f"in.{message_id}", campaign_id=listed.campaign.id, message_id=message_id, kind="text",
                    text="hello", attributed_by="context", opts_out=False, received_at=at(message_id),
                )
            )  # fmt: skip
    out = tmp_path / "replies.csv"
    with listed.sessions() as session:
        write_replies(session, listed.campaign, out)
    with out.open(newline="") as file:
        assert [line["user_id"] for line in csv.DictReader(file)] == ["MX.named", "MX.newest"]
