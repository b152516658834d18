"""What a header may show, by content and size."""

import pytest

from campaign.errors import NotFound, UsageError
from campaign.media.files import MIB, mime_of, read_media

JPEG = b"\xff\xd8\xff\xe0" + b"x" * 20
PNG = b"\x89PNG\r\n\x1a\n" + b"x" * 20
PDF = b"%PDF-1.7\n"
MP4 = b"\x00\x00\x00\x18ftypmp42"
GP3 = b"\x00\x00\x00\x18ftyp3gp5"


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (JPEG, "image/jpeg"),
        (PNG, "image/png"),
        (PDF, "application/pdf"),
        (MP4, "video/mp4"),
        (GP3, "video/3gpp"),
        (b"GIF89a", None),
        (b"", None),
    ],
)
def test_the_content_tells_the_type(content, mime):
    assert mime_of(content) == mime


@pytest.mark.parametrize(("kind", "content"), [("image", JPEG), ("image", PNG), ("video", MP4), ("document", PDF)])
def test_a_fitting_file_is_read(tmp_path, kind, content):
    path = tmp_path / "misnamed.txt"
    path.write_bytes(content)
    file = read_media(path, kind)
    assert (file.name, file.content, len(file.sha256)) == ("misnamed.txt", content, 64)


@pytest.mark.parametrize(
    ("kind", "content", "error", "words"),
    [
        ("image", PDF, UsageError, "is application/pdf; a header of kind image shows image/jpeg or image/png"),
        ("document", b"PK\x03\x04", UsageError, "is of an unknown type; a header of kind document shows"),
        ("image", JPEG + b"x" * 5 * MIB, UsageError, r"has 5.0 MB; at most 5 MB"),
        ("image", b"", UsageError, "is empty"),
        ("image", None, NotFound, "there is no file"),
    ],
)
def test_what_does_not_fit_is_named(tmp_path, kind, content, error, words):
    path = tmp_path / "a.bin"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(error, match=words):
        read_media(path, kind)


def test_a_folder_is_no_file(tmp_path):
    with pytest.raises(NotFound, match="Is a directory"):
        read_media(tmp_path, "image")
