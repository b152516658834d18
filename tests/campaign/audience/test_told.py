"""How a list was read, in words."""

from campaign.audience.told import reading_words
from models import AudienceImport


def told(**reading: object) -> str:
    return reading_words(AudienceImport(file_name="list.csv", phone_column="tel", reading=reading))


def test_what_was_found_and_chosen_is_said() -> None:
    assert told(words="CSV, utf-8, separated by comma", name_column="nombre") == (
        "Read list.csv (CSV, utf-8, separated by comma): phones in column tel, names in column nombre; "
        "--phone-column chooses another."
    )
    assert told(taken_too=["landlines"]) == (
        "Read list.csv: phones in column tel, no column of names; landlines are taken too; "
        "--phone-column chooses another."
    )
