"""The pictures of the console that our pages show."""

import re

import pytest

from docs.make_pictures import FOLDER, LARGEST_BYTES, SIZE
from tests.docs.pages import ROOT

PICTURES = sorted(FOLDER.glob("*.png"))
PAGE = (ROOT / "docs" / "console.md").read_text(encoding="utf-8")


def test_every_picture_is_shown_and_says_in_words_what_it_shows() -> None:
    shown = re.findall(r"!\[([^\]]*)\]\(pictures/([\w-]+\.png)\)", PAGE)
    assert {name for _, name in shown} == {path.name for path in PICTURES}
    assert all(len(words) > 20 for words, _ in shown)


@pytest.mark.parametrize("path", PICTURES, ids=lambda path: path.name)
def test_a_picture_is_small_and_as_wide_as_a_desk(path) -> None:
    content = path.read_bytes()
    assert len(content) <= LARGEST_BYTES
    assert int.from_bytes(content[16:20], "big") == SIZE["width"]
