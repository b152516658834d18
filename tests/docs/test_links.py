"""Every link of our pages leads somewhere, and every file and verb that they name exists."""

import re
from pathlib import Path

import pytest

from tests.docs.pages import PAGES, ROOT, anchors, links

VERBS = set(re.findall(r"^([a-z]+):.*## ", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
ROOM_FILES = re.compile(
    r"`((?:models|campaign|tasks|console|sandbox|migrations|samples|tests|docs|requirements)/[\w./-]*)`"
)

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.relative_to(ROOT).as_posix())


@every_page
def test_links_lead_to_a_file_and_a_heading(page: Path) -> None:
    for link in links(page):
        if link.startswith("https://"):
            continue
        name, _, anchor = link.partition("#")
        target = (page.parent / name).resolve() if name else page
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


@every_page
def test_files_named_in_the_text_exist(page: Path) -> None:
    for name in ROOM_FILES.findall(page.read_text(encoding="utf-8")):
        assert (ROOT / name).exists(), name


@every_page
def test_make_verbs_named_in_the_text_exist(page: Path) -> None:
    named = set(re.findall(r"`make ([a-z]+)", page.read_text(encoding="utf-8")))
    assert named <= VERBS


def test_decisions_are_numbered_without_a_gap() -> None:
    numbers = [int(path.name[:4]) for path in sorted((ROOT / "docs" / "decisions").glob("*.md"))]
    assert numbers == list(range(1, len(numbers) + 1))


def test_every_folder_of_the_root_is_in_the_map_of_the_readme() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    folders = {path.parent.name for path in ROOT.glob("*/__init__.py")} | {"samples", "tests", "docs"}
    assert not [name for name in folders if f"`{name}/`" not in readme]
