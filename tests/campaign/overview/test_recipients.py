"""Recipients page by page, and one person's way."""

from datetime import timedelta

import pytest

from campaign.errors import NotFound
from campaign.overview.recipients import list_recipients, timeline
from models import Attempt, AudienceImport, Message, RejectedRow, Reply
from models.session import session_scope
from tests.factories import NOON, fiction_phone, make_campaign, make_messages, make_sender, make_template

MINUTE = timedelta(minutes=1)


@pytest.fixture
def ids(sessions):
    """Ids of messages to seven people: rows 1 to 7 of ten."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        campaign = make_campaign(session, sender, template)
        other = make_campaign(session, sender, template, "other")
        ids = make_messages(session, campaign, 4)
        make_messages(session, other, 2)
        ids += make_messages(session, campaign, 2, first=4, state="failed", error_code=131026, failed_at=NOON)
        ids += make_messages(session, campaign, 1, first=6, state="read", name="Zoë 100%", read_at=NOON)
        listed = AudienceImport(
            campaign_id=campaign.id, file_name="list.csv", sha256="0" * 64, columns=["phone"],
            phone_column="phone", row_count=10, message_count=7, rejected_count=3,
        )  # fmt: skip
        session.add(listed)
        session.flush()
        for row in (8, 9, 10):
            session.add(RejectedRow(import_id=listed.id, row_number=row, raw={}, reason="too_short", text="is short"))
        return ids


@pytest.fixture
def found(sessions, ids):
    def found(**filters):
        with sessions() as session:
            return [one.row for one in list_recipients(session, "spring", now=NOON, **filters)]

    return found


def test_pages_follow_the_order_of_the_list_and_leave_other_campaigns_out(sessions, found):
    assert found() == [1, 2, 3, 4, 5, 6, 7]
    with sessions() as session:
        first = list_recipients(session, "spring", now=NOON, limit=3)
    assert [one.row for one in first] == [1, 2, 3]
    assert found(after=first[-1].cursor, limit=3) == [4, 5, 6]


@pytest.mark.parametrize(
    ("state", "rows"), [("queued", [1, 2, 3, 4]), ("failed", [5, 6]), ("read", [7]), ("refused", [8, 9, 10])]
)
def test_each_state_is_listed_by_itself(found, state, rows):
    assert found(state=state) == rows
    assert found(state=state, limit=1) == rows[:1]


def test_a_search_takes_a_phone_in_any_spelling_a_row_or_a_part_of_a_name(found):
    phone = fiction_phone(2)
    spelt = f"{phone[:2]} ({phone[2:5]}) {phone[5:8]}-{phone[8:]}"
    assert found(search=phone) == found(search=spelt) == [3]
    assert found(search=phone[:10]) == [1, 2, 3, 4, 5, 6, 7]
    assert found(search="5") == [5]
    assert found(search="zoë 100%") == [7]
    assert found(search="nobody") == []
    assert found(search="5", state="queued") == []


def test_a_timeline_tells_every_attempt_in_order(sessions, ids):
    with session_scope(sessions) as session:
        message = session.get(Message, ids[6])
        message.attempt, message.claimed_at, message.accepted_at = 2, NOON + 3 * MINUTE, NOON + 4 * MINUTE
        message.read_at = NOON + 9 * MINUTE
        session.add(
            Attempt(
                message_id=ids[6], number=1, ended_as="refused", error_code=130429, error_text="throttled",
                claimed_at=NOON + MINUTE, ended_at=NOON + 2 * MINUTE,
            )
        )  # fmt: skip
    with sessions() as session:
        told = [(step.what, step.attempt, step.detail) for step in timeline(session, "spring", ids[6])]
    assert told == [
        ("queued", None, "row 7"),
        ("sending", 1, None),
        ("attempt ended: refused", 1, "130429 throttled"),
        ("sending", 2, None),
        ("accepted", 2, None),
        ("read", 2, None),
    ]


def test_a_message_of_another_campaign_is_not_shown(sessions, ids):
    with sessions() as session, pytest.raises(NotFound, match="no message"):
        timeline(session, "other", ids[0])


def page(sessions, **filters):
    with sessions() as session:
        return list_recipients(session, "spring", now=NOON, **filters)


@pytest.mark.parametrize("filters", [{}, {"search": fiction_phone(0)[:10]}])
def test_pages_turn_back_as_they_turned_on(sessions, ids, filters):
    third = page(sessions, after=page(sessions, limit=4, **filters)[-1].cursor, limit=2, **filters)
    assert [one.row for one in third] == [5, 6]
    assert [one.row for one in page(sessions, before=third[0].cursor, limit=2, **filters)] == [3, 4]


def test_refused_rows_turn_back_too(sessions, ids):
    assert [one.row for one in page(sessions, state="refused", before=10, limit=1)] == [9]


@pytest.mark.parametrize("row", range(1, 12))
def test_each_row_is_found_by_its_number_whatever_became_of_it(sessions, ids, row):
    found = page(sessions, search=str(row))
    assert [one.row for one in found] == ([row] if row <= 10 else [])
    assert all((one.state == "refused") == (row > 7) for one in found)


def test_a_row_is_found_only_in_the_state_that_is_asked_for(sessions, ids):
    assert page(sessions, search="5", state="failed") != []
    assert page(sessions, search="5", state="read") == []
    assert page(sessions, search="5", state="refused") == []
    assert page(sessions, search="5", after=1) == []


def test_refused_rows_are_found_by_what_stood_in_them_and_show_it_as_the_phone(sessions, ids):
    with session_scope(sessions) as session:
        session.get_one(RejectedRow, (session.query(AudienceImport).one().id, 9)).raw = {
            "phone": "55 12",
            "name": "Ann",
        }
    (found,) = page(sessions, state="refused", search="55 12")
    assert (found.row, found.phone) == (9, "55 12")


def test_an_answer_is_a_step_of_the_timeline(sessions, ids):
    with session_scope(sessions) as session:
        campaign_id = session.get_one(Message, ids[0]).campaign_id
        for number, opts_out in enumerate((False, True)):
            session.add(
                Reply(
                    inbound_id=f"in-{number}", campaign_id=campaign_id, message_id=ids[0], kind="text", text="thanks",
                    attributed_by="context", opts_out=opts_out, received_at=NOON + MINUTE,
                )
            )  # fmt: skip
    with sessions() as session:
        steps = timeline(session, "spring", ids[0])
    assert [step.what for step in steps][-2:] == ["answered", "opted out"]
