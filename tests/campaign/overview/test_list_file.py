"""The list of a campaign as it was uploaded."""

import pytest

from campaign.audience.uploads import uploads_folder
from campaign.overview.list_file import list_file
from models import Upload
from models.session import session_scope


@pytest.fixture
def kept(sessions, big):
    with session_scope(sessions) as session:
        session.add(Upload(sha256="0" * 64, file_name="list.csv", size_bytes=3))


def test_it_is_there_while_its_file_lies_here(sessions, kept, settings):
    with sessions() as session:
        assert list_file(session, settings, "big") is None
        folder = uploads_folder(settings)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ("0" * 64)).write_text("a\n")
        found = list_file(session, settings, "big")
    assert (found.sha256, found.file_name) == ("0" * 64, "list.csv")


def test_a_list_that_was_not_kept_is_none(sessions, big, settings):
    with sessions() as session:
        assert list_file(session, settings, "big") is None
