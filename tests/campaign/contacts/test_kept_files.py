"""Nobody who was erased stands in a file under the home."""

from pathlib import Path

import pytest

from campaign.audience.phone import Phone, read_phone
from campaign.contacts.kept_files import FileErased, erase_from_files
from campaign.settings import Settings
from models.audience import Upload
from models.session import Sessions, session_scope
from tests.factories import NOON

ANA, BOB = "+525555501234", "+525555509876"
SHA = "ab" * 32


@pytest.fixture
def home(settings: Settings) -> Path:
    for folder in ("uploads", "log", "incoming/one", "incoming/two"):
        (settings.home / folder).mkdir(parents=True)
    return settings.home


def keep(sessions: Sessions, home: Path, content: bytes, name: str = "list.csv") -> Path:
    path = home / "uploads" / SHA
    path.write_bytes(content)
    with session_scope(sessions) as session:
        session.add(Upload(sha256=SHA, file_name=name, size_bytes=len(content)))
    return path


def erase(sessions: Sessions, settings: Settings, phone: str = ANA) -> list[FileErased]:
    found = read_phone(phone, None)
    assert isinstance(found, Phone)
    with session_scope(sessions) as session:
        return erase_from_files(session, settings, [found], NOON)


def test_an_upload_that_no_campaign_uses_any_more_is_rewritten_too_and_says_so(
    sessions: Sessions, settings: Settings, home: Path
) -> None:
    path = keep(sessions, home, f"phone,name\n{BOB},Bob\n{ANA},Ana\n".encode())
    (told,) = erase(sessions, settings)
    assert (told.done, told.rows, told.sha256) == ("rewritten", 1, SHA)
    assert path.read_text("utf-8").splitlines() == ["phone,name", f"{BOB},Bob", "erased,erased"]
    with sessions() as session:
        upload = session.get_one(Upload, SHA)
        assert (upload.erased_at, upload.erased_rows, upload.erased_sha256) == (NOON, 1, told.new_sha256)
    assert erase(sessions, settings) == []


def test_who_does_not_stand_in_it_leaves_it_as_it_is(sessions: Sessions, settings: Settings, home: Path) -> None:
    path = keep(sessions, home, f"phone;name\r\n{BOB};Bob\r\n".encode("utf-16"))
    before = path.read_bytes()
    assert erase(sessions, settings) == []
    assert path.read_bytes() == before


def test_what_cannot_be_read_as_it_was_is_deleted_and_what_cannot_be_read_at_all_is_told(
    sessions: Sessions, settings: Settings, home: Path
) -> None:
    path = keep(sessions, home, f"who,name\n{ANA},Ana\n".encode())
    assert [told.done for told in erase(sessions, settings)] == ["deleted"]
    assert not path.exists()
    with sessions() as session:
        upload = session.get_one(Upload, SHA)
        assert (upload.erased_at, upload.erased_sha256) == (NOON, None)
    path.write_bytes(b"%PDF-1.7 " + ANA.encode())
    assert [told.done for told in erase(sessions, settings)] == ["unreadable"]


def test_a_list_on_its_way_in_is_deleted_and_an_error_that_names_the_person_is_rewritten(
    sessions: Sessions, settings: Settings, home: Path
) -> None:
    (home / "incoming" / "one" / "list.csv").write_text(f"phone\n{ANA}\n")
    (home / "incoming" / "two" / "list.csv").write_text(f"phone\n{BOB}\n")
    error = home / "log" / "error-1.log"
    error.write_text(f"[parameters: {{'phone': '{ANA[1:]}'}}]\nat {BOB}\n")
    told = erase(sessions, settings)
    assert [(each.done, each.file_name) for each in told] == [("deleted", "list.csv"), ("rewritten", "error-1.log")]
    assert [path.parent.name for path in (home / "incoming").glob("*/*")] == ["two"]
    assert error.read_text() == f"[parameters: {{'phone': 'erased'}}]\nat {BOB}\n"
