"""What a page says of an erasure before it is done, and after."""

import pytest

from console.web.desk.person import erasing
from console.web.texts import LANGUAGES, Words
from tests.factories import NOON


@pytest.mark.parametrize("language", LANGUAGES)
def test_before_an_erasure_the_other_numbers_of_the_person_are_named(language: str) -> None:
    others = [{"phone": "+12025550111", "until": None}, {"phone": "+12025550112", "until": NOON}]
    told = erasing({"other_numbers": others, "perhaps_theirs": [{"phone": "+12025550113"}]}, Words(language))
    assert told.startswith(Words(language)("person.erase_body"))
    assert [each in told for each in ("+12025550111;", "+12025550112", f"{NOON:%Y-%m-%d}", "+12025550113")] == [
        True
    ] * 4
    alone = erasing({"other_numbers": [], "perhaps_theirs": []}, Words(language))
    assert alone == Words(language)("person.erase_body")
