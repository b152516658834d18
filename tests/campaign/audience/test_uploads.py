"""Uploads: kept once by their content, had again byte for byte."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from campaign.audience import uploads
from campaign.audience.source import ListSource, open_list
from campaign.audience.uploads import get_upload, keep_upload, kept_uploads, remove_upload, sweep_parts, used_before
from campaign.errors import BadList, Conflict, NotFound, UsageError
from campaign.settings import Settings
from models import AudienceImport, Upload
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template


class Keeper:
    """Makes campaigns from lists, as far as uploads are concerned."""

    def __init__(self, session: Session, folder: Path) -> None:
        self.session, self.folder = session, folder
        self.sender = make_sender(session)
        self.template = make_template(session, self.sender)

    def __call__(self, content: bytes, campaign: str, name: str = "list.csv") -> ListSource:
        path = self.folder / name
        path.write_bytes(content)
        source = open_list(path, phone_column=None)
        made = make_campaign(self.session, self.sender, self.template, campaign)
        counts = {"row_count": 1, "message_count": 1, "rejected_count": 0}
        listed = {"file_name": name, "sha256": source.sha256, "columns": source.columns, "phone_column": "phone"}
        self.session.add(AudienceImport(campaign_id=made.id, **listed, **counts))
        keep_upload(self.session, source, self.folder / "uploads")
        self.session.flush()
        return source


@pytest.fixture
def session(sessions: Sessions):
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def keep(session: Session, tmp_path: Path) -> Keeper:
    return Keeper(session, tmp_path)


def files(folder: Path) -> list[str]:
    return sorted(path.name for path in (folder / "uploads").iterdir())


def test_a_list_is_kept_by_its_content_and_had_again(
    session: Session, keep: Keeper, settings: Settings, tmp_path: Path
) -> None:
    content = b"\xef\xbb\xbfphone;name\r\n1;Zo\xc3\xab\r\n"
    source = keep(content, "spring")
    assert files(tmp_path) == [source.sha256]
    assert (tmp_path / "uploads" / source.sha256).stat().st_mode & 0o077 == 0
    (listed,) = kept_uploads(session, settings)
    assert (listed.file_name, listed.size_bytes, listed.campaigns, listed.there) == ("list.csv", 23, ["spring"], True)
    for which in ("spring", source.sha256, source.sha256[:8].upper()):
        out = tmp_path / f"{which}.csv"
        assert get_upload(session, settings, which, out).sha256 == source.sha256
        assert out.read_bytes() == content


def test_the_same_file_is_kept_once_and_noticed(
    session: Session, keep: Keeper, settings: Settings, tmp_path: Path
) -> None:
    keep(b"phone\n1\n", "spring")
    source = keep(b"phone\n1\n", "summer", "other.csv")
    (listed,) = kept_uploads(session, settings)
    assert (listed.file_name, listed.campaigns) == ("list.csv", ["summer", "spring"])
    (sentence,) = used_before(session, source, campaign_id=0)
    assert sentence.startswith("The same list was used by campaign summer on 20")
    assert sentence.endswith(", and by 1 before it.")
    assert files(tmp_path) == [source.sha256]


def test_a_file_that_changed_while_it_was_read_is_not_kept(keep: Keeper, session: Session, tmp_path: Path) -> None:
    source = keep(b"phone\n1\n", "spring")
    (tmp_path / "list.csv").write_bytes(b"phone\n2\n")
    with pytest.raises(BadList, match=r"list\.csv was changed while it was read; try again when it is complete"):
        keep_upload(session, source, tmp_path / "uploads")
    assert files(tmp_path) == [source.sha256]


def test_what_cannot_be_noted_leaves_no_file(
    keep: Keeper, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "list.csv").write_bytes(b"phone\n1\n")

    def fail(*_: object) -> None:
        raise ConnectionError("the power went")

    monkeypatch.setattr(uploads.store, "add_upload", fail)
    with pytest.raises(ConnectionError):
        keep_upload(session, open_list(tmp_path / "list.csv", phone_column=None), tmp_path / "uploads")
    assert files(tmp_path) == []


def test_an_upload_that_is_not_there(session: Session, keep: Keeper, settings: Settings, tmp_path: Path) -> None:
    source = keep(b"phone\n1\n", "spring")
    out = tmp_path / "out.csv"
    with pytest.raises(NotFound, match=r"called sprung; did you mean spring\?"):
        get_upload(session, settings, "sprung", out)
    with pytest.raises(UsageError, match="choose another --out"):
        get_upload(session, settings, "spring", tmp_path / "no" / "out.csv")
    (tmp_path / "uploads" / source.sha256).unlink()
    with pytest.raises(NotFound, match="is no longer in"):
        get_upload(session, settings, "spring", out)
    assert not out.exists()


def test_characters_that_fit_two_uploads_are_not_enough(
    session: Session, keep: Keeper, settings: Settings, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keep(b"phone\n1\n", "spring")
    keep(b"phone\n2\n", "summer")
    monkeypatch.setattr(uploads, "_SHORTEST_START", 0)
    with pytest.raises(Conflict, match="fits 2 uploads; give more characters"):
        get_upload(session, settings, "", tmp_path / "out.csv")


def test_an_upload_can_be_removed_for_good(session: Session, keep: Keeper, settings: Settings, tmp_path: Path) -> None:
    keep(b"phone\n1\n", "spring")
    remove_upload(session, settings, "spring")
    session.flush()
    assert kept_uploads(session, settings) == []
    assert files(tmp_path) == []


def test_a_list_that_comes_again_lies_there_as_it_came_whatever_an_erasure_had_made_of_it(
    session: Session, keep: Keeper, settings: Settings, tmp_path: Path
) -> None:
    source = keep(b"phone\n1\n", "spring")
    upload = session.get_one(Upload, source.sha256)
    upload.erased_at, upload.erased_rows, upload.erased_sha256 = NOON, 1, "0" * 64
    keep(b"phone\n1\n", "summer")
    (listed,) = kept_uploads(session, settings)
    assert (listed.erased_at, listed.erased_rows, listed.erased_sha256, listed.there) == (None, None, None, True)


def test_half_written_files_go_after_a_day(settings: Settings) -> None:
    folder = settings.home / "uploads"
    folder.mkdir()
    for name in (".ab.7.part", "ab"):
        (folder / name).touch()
    assert sweep_parts(settings, datetime.now(UTC)) == 0
    assert sweep_parts(settings, datetime.now(UTC) + timedelta(days=2)) == 1
    assert files(settings.home) == ["ab"]
