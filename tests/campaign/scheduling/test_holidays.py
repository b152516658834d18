"""Public holidays of countries and their parts."""

from datetime import date

import pytest

from campaign.errors import UsageError
from campaign.scheduling.holidays import checked_holidays, is_holiday


def test_a_part_of_a_country_has_holidays_of_its_own():
    epiphany = date(2027, 1, 6)
    assert is_holiday(checked_holidays("de-by"), epiphany)
    assert not is_holiday(checked_holidays("DE"), epiphany)


@pytest.mark.parametrize(("code", "words"), [("XX", "is no country"), ("DE-XX", "DE has no part XX")])
def test_an_unknown_place_is_refused(code, words):
    with pytest.raises(UsageError, match=words):
        checked_holidays(code)
