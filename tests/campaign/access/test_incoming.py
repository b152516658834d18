"""Lists on their way in."""

from datetime import UTC, datetime, timedelta

import pytest

from campaign.access.incoming import KEPT, folder_of, forget_old, path_of, receive, safe_name
from campaign.errors import BadList, NotFound, UsageError


async def blocks(*parts):
    for part in parts:
        yield part


async def test_a_list_is_found_again_by_its_id(settings):
    arrived = await receive(settings, "spring.csv", blocks(b"phone\n", b"+1\n"))
    assert (arrived.file_name, arrived.size_bytes) == ("spring.csv", 9)
    assert path_of(settings, arrived.id).read_bytes() == b"phone\n+1\n"


async def test_a_list_that_is_too_large_or_empty_leaves_nothing(settings):
    small = settings.model_copy(update={"list_max_bytes": 5})
    for parts, why in (((b"123", b"456"), "larger"), ((), "empty")):
        with pytest.raises(BadList, match=why):
            await receive(small, "spring.csv", blocks(*parts))
    assert list(folder_of(settings).iterdir()) == []


async def test_an_upload_that_breaks_off_leaves_nothing(settings):
    async def broken():
        yield b"phone\n"
        raise ConnectionResetError

    with pytest.raises((ConnectionResetError, BadList)):
        await receive(settings, "spring.csv", broken())
    assert list(folder_of(settings).iterdir()) == []


@pytest.mark.parametrize("id_", ["", "x", "../../etc", "a" * 43, "*" * 43])
def test_an_id_that_was_not_given_finds_nothing(settings, id_):
    with pytest.raises(NotFound, match="upload it again"):
        path_of(settings, id_)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("spring.csv", "spring.csv"),
        ("C:\\lists\\spring.csv", "spring.csv"),
        ("../../etc/passwd", "passwd"),
        ("<script>.csv", "_script_.csv"),
        ("primavera ñ.xlsx", "primavera ñ.xlsx"),
        ("x" * 300 + ".csv", "x" * 96 + ".csv"),
    ],
)
def test_a_name_is_made_harmless(given, kept):
    assert safe_name(given) == kept


@pytest.mark.parametrize("name", ["", "/", "...", " "])
def test_a_file_without_a_name_is_refused(name):
    with pytest.raises(UsageError):
        safe_name(name)


async def test_what_nothing_was_made_of_is_forgotten_after_a_day(settings):
    arrived = await receive(settings, "spring.csv", blocks(b"phone"))
    now = datetime.now(UTC)
    assert forget_old(settings, now) == 0
    assert forget_old(settings, now + KEPT + timedelta(minutes=1)) == 1
    with pytest.raises(NotFound):
        path_of(settings, arrived.id)
