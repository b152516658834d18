"""Names: their form, and the nearest one."""

import pytest

from campaign.errors import UsageError
from campaign.names import check_campaign_name, check_sender_name, listed, nearest


@pytest.mark.parametrize("name", ["main", "shop-1", "a", "9_lives", "a" * 63])
def test_good_sender_names(name):
    check_sender_name(name)


@pytest.mark.parametrize("name", ["", "Main", "a b", "a/b", "../x", "-a", "ñ", "a" * 64, "a\n"])
def test_names_that_cannot_stand_in_an_address(name):
    with pytest.raises(UsageError, match="part of the webhook's address"):
        check_sender_name(name)


@pytest.mark.parametrize("name", ["spring", "Frühling 2026", "a", "x" * 100])
def test_good_campaign_names(name):
    check_campaign_name(name)


@pytest.mark.parametrize("name", ["", " ", "-x", " a", "a ", "two\nlines", "x" * 101])
def test_bad_campaign_names(name):
    with pytest.raises(UsageError, match="one line of 1 to 100"):
        check_campaign_name(name)


def test_the_nearest_or_the_known():
    assert nearest("sprin", ["spring", "winter"]) == "did you mean spring?"
    assert nearest("zzz", ["winter", "spring"]) == "known: spring, winter"
    assert listed("abcdef", most=4) == "a, b, c, d and 2 more"
