"""Countries and zones that a form offers."""

import pytest

from campaign.drafting.regions import region_names, zone_names


@pytest.mark.parametrize(("language", "name"), [("en", "Germany"), ("es", "Alemania"), ("pt", "Alemanha")])
def test_countries_are_named_in_the_readers_language(language, name):
    assert region_names(language)["DE"] == name


def test_only_countries_that_have_phones_are_offered():
    assert not {"EU", "ZZ", "AQ"} & set(region_names("en"))


def test_zones_are_those_of_cities_and_utc():
    assert zone_names()[0] == "UTC"
    assert "America/Mexico_City" in zone_names()
    assert not [name for name in zone_names() if name.startswith("Etc/")]
