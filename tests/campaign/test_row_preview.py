"""What the person of one row will see."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from campaign.creation import create_campaign
from campaign.errors import NotFound
from campaign.row_preview import preview_row
from models import Sender
from models.session import session_scope
from tests.campaign.test_creation import request_  # noqa: F401
from tests.factories import NOON, make_template


def look(sessions, row):
    with sessions() as session:
        return preview_row(session, "spring", row)


def test_a_row_is_shown_as_it_will_be_sent(sessions, request_):  # noqa: F811
    create_campaign(sessions, request_, now=NOON)
    assert look(sessions, 1).text.splitlines() == [
        "Hi Person 0, your code saves 10% until Sunday.",
        "Reply STOP to opt out",
    ]
    assert look(sessions, 1).language == "en_US"


def test_a_refused_row_says_why(sessions, request_):  # noqa: F811
    create_campaign(sessions, request_, now=NOON)
    found = look(sessions, 2)
    assert found.refused == "no_consent"
    assert found.text.startswith("Row 2 gets no message (no_consent): The person has not agreed")


def test_a_row_beyond_the_list_names_its_length(sessions, request_):  # noqa: F811
    create_campaign(sessions, request_, now=NOON)
    with pytest.raises(NotFound, match="campaign spring has no row 4; its list has rows 1 to 3"):
        look(sessions, 4)


def test_a_file_is_shown_by_its_name(sessions, request_, tmp_path):  # noqa: F811
    picture = tmp_path / "a.jpg"
    picture.write_bytes(b"\xff\xd8\xff\xe0")
    with session_scope(sessions) as session:
        sender = session.scalars(select(Sender)).one()
        make_template(
            session,
            sender,
            "picture",
            components=[{"type": "HEADER", "format": "IMAGE"}, {"type": "BODY", "text": "Spring!"}],
        )
    create_campaign(sessions, replace(request_, template="picture", mapping=(f"header.1=@{picture}",)), now=NOON)
    assert look(sessions, 1).text.splitlines() == [f"(image: @{picture})", "Spring!"]
