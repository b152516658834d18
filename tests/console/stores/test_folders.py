"""Folders of a home, and sockets whose paths fit."""

import getpass
import stat
from pathlib import Path

import pytest

from campaign.errors import ConfigurationError
from console.stores import folders
from console.stores.folders import fits_socket, short_socket_folder, store_folders


def test_sockets_lie_in_the_home_when_their_path_fits(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(folders, "SOCKET_PATH_LIMIT", len(str(tmp_path / "home" / "run" / ".s.PGSQL.5432")))
    assert store_folders(tmp_path / "home").sockets == tmp_path / "home" / "run"


@pytest.mark.parametrize("name", ["d" * 120, "with space", "ümlaut", "com,ma", "per%cent", "quo'te"])
def test_sockets_of_an_awkward_home_lie_in_a_short_folder_of_ours(tmp_path: Path, name: str) -> None:
    found = store_folders(tmp_path / name).sockets
    try:
        assert fits_socket(found)
        assert stat.S_IMODE(found.stat().st_mode) == 0o700
        assert store_folders(tmp_path / name).sockets == found  # the same at every start
    finally:
        found.rmdir()


def test_two_awkward_homes_do_not_share_a_socket_folder(tmp_path: Path) -> None:
    found = [short_socket_folder(tmp_path / ("x" * 120) / name) for name in ("one", "two")]
    for folder in found:
        folder.rmdir()
    assert found[0] != found[1]


def test_a_socket_folder_that_others_can_enter_is_refused(tmp_path: Path) -> None:
    folder = short_socket_folder(tmp_path / ("x" * 120))
    try:
        folder.chmod(0o755)
        with pytest.raises(ConfigurationError, match=str(folder)):
            short_socket_folder(tmp_path / ("x" * 120))
    finally:
        folder.rmdir()


def test_run_and_log_are_for_our_eyes_only(tmp_path: Path) -> None:
    made = store_folders(tmp_path / "a" / "home")
    assert {stat.S_IMODE(folder.stat().st_mode) for folder in (made.run, made.log)} == {0o700}


def test_a_relative_home_becomes_absolute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert store_folders(Path(".campaign")).home == tmp_path / ".campaign"


@pytest.mark.parametrize("below", ["", "deeper"])
def test_a_home_that_is_a_file_is_refused_by_name(tmp_path: Path, below: str) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigurationError, match=rf"CAMPAIGN_HOME {tmp_path}/file.* is a file"):
        store_folders(tmp_path / "file" / below)


def test_a_home_that_cannot_be_made_is_refused_by_name() -> None:
    with pytest.raises(ConfigurationError, match="CAMPAIGN_HOME /proc/campaign"):
        store_folders(Path("/proc/campaign"))


def test_a_home_of_another_user_is_refused_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, us = store_folders(tmp_path / "home"), getpass.getuser()
    monkeypatch.setattr(folders.os, "getuid", lambda: made.run.stat().st_uid + 1)
    with pytest.raises(ConfigurationError, match=rf"{tmp_path}/home belong to user {us}"):
        store_folders(tmp_path / "home")


def test_a_large_log_is_set_aside_when_it_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(folders, "LOG_LIMIT_BYTES", 10)
    made = store_folders(tmp_path)
    for text in (b"the first lines\n", b"the last line\n\n"):
        with made.open_log("postgres") as log:
            log.write(text)
    assert (made.log / "postgres.log.1").read_bytes() == b"the first lines\n"
    assert made.last_words("postgres") == "the last line"


def test_a_store_without_a_log_has_no_last_words(tmp_path: Path) -> None:
    assert store_folders(tmp_path).last_words("valkey") == "it wrote nothing"
