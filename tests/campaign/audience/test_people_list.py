"""Lists of people beside those of campaigns: the same bounds, and errors that name what their commands have."""

from pathlib import Path

import openpyxl
import pytest

from campaign.audience import people_list
from campaign.audience.people_list import open_people
from campaign.errors import BadList
from campaign.settings import Settings


def test_errors_name_what_can_be_done_here(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    path.write_text("who,where\nAnn,here\n", "utf-8")
    with pytest.raises(BadList, match=r"\(found who, where\); call it phone"):
        open_people(path)
    with pytest.raises(BadList, match=r"\(found who, where\); name it with --map phone=COLUMN"):
        open_people(path, has_map=True)
    with pytest.raises(BadList, match=r"has no column tel \(found who, where\); correct --map phone=…"):
        open_people(path, phone_column="tel", has_map=True)
    book = openpyxl.Workbook()
    book.active.append(["who"])
    book.create_sheet("Old")
    book.save(tmp_path / "people.xlsx")
    with pytest.raises(BadList, match="Other sheets: Old; save the one that is meant as CSV"):
        open_people(tmp_path / "people.xlsx")


def test_the_settings_bound_these_lists_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(people_list, "current_settings", lambda: Settings(list_max_bytes=10))
    (tmp_path / "people.csv").write_text("phone\n+525555551234\n", "utf-8")
    with pytest.raises(BadList, match="10 bytes are allowed; split it, or raise CAMPAIGN_LIST_MAX_BYTES"):
        open_people(tmp_path / "people.csv")
