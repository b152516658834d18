"""A first look at the list of a draft."""

import openpyxl
import pytest

from campaign.access.incoming import folder_of
from campaign.drafting.looking import look_at, phone_told, row_of
from campaign.errors import BadList, NotFound
from tests.factories import fiction_phone


def test_the_columns_and_the_first_rows_are_seen(desk):
    look = look_at(desk.sessions, desk.settings, desk.content)
    assert (look.columns, look.phone_column, len(look.rows), look.whole) == (["phone", "name"], "phone", 4, True)


def test_a_list_whose_phones_nobody_can_guess_is_shown_for_a_person_to_say(desk, upload):
    upload("who,where\nAnn,+12015550100\n")
    look = look_at(desk.sessions, desk.settings, desk.content)
    assert (look.phone_column, look.columns) == (None, ["who", "where"])
    chosen = look_at(desk.sessions, desk.settings, desk.content.changed(phone_column="where"))
    assert chosen.phone_column == "where"


def test_a_workbook_whose_phones_nobody_can_guess_is_shown_too_and_so_are_its_sheets(desk, upload, settings):
    id_ = upload("", name="list.xlsx", id_="w" * 43)
    book = openpyxl.Workbook()
    for row in (("who", "where"), ("Ann", "+12015550100")):
        book.active.append(row)
    book.create_sheet("Old").append(("who",))
    book.save(folder_of(settings) / id_ / "list.xlsx")
    look = look_at(desk.sessions, desk.settings, desk.content.changed(upload=id_, file_name="list.xlsx"))
    assert (look.phone_column, look.columns, look.sheet) == (None, ["who", "where"], "Sheet")
    assert look.other_sheets == ("Old",)


def test_a_row_beyond_those_at_hand_is_found_in_the_file(desk, upload):
    upload("phone,name\n" + "".join(f"{fiction_phone(n)},Person {n}\n" for n in range(450)))
    look = look_at(desk.sessions, desk.settings, desk.content)
    assert not look.whole
    assert [row_of(look, number).values["name"] for number in (1, 200, 201, 450)] == [
        "Person 0", "Person 199", "Person 200", "Person 449",
    ]  # fmt: skip
    assert row_of(look, 451) is None
    assert row_of(look, 0) is None


def test_a_phone_is_told_as_it_was_read_or_with_what_is_wrong(desk):
    look = look_at(desk.sessions, desk.settings, desk.content)
    assert phone_told(look, desk.content, look.rows[0]) == (fiction_phone(0), None)
    assert phone_told(look, desk.content, look.rows[3])[0] == "12"
    assert phone_told(look, desk.content, look.rows[3])[1] is not None


def test_what_is_no_list_is_refused(desk, upload):
    upload("%PDF-1.7 …")
    with pytest.raises(BadList, match="is a PDF"):
        look_at(desk.sessions, desk.settings, desk.content)
    with pytest.raises(NotFound, match="upload it again"):
        look_at(desk.sessions, desk.settings, desk.content.changed(upload="v" * 43))
