"""The language that is meant."""

import pytest

from campaign.templates.languages import LANGUAGES, fitting


@pytest.mark.parametrize(
    ("said", "known", "expected"),
    [
        ("es_MX", ["es_MX", "en_US"], "es_MX"),
        ("es-mx", ["es_MX", "en_US"], "es_MX"),
        (" ES ", ["es_MX", "en_US"], "es_MX"),
        ("es", ["es_MX", "es_AR"], None),
        ("es_CL", ["es", "es_MX"], "es"),
        ("es_CL", ["es_MX"], None),
        ("fr", ["es_MX", "en_US"], None),
        ("", ["es_MX"], None),
    ],
)
def test_the_same_or_the_only_one_of_a_language_fits(said, known, expected):
    assert fitting(said, known) == expected


def test_the_codes_are_of_one_form():
    assert {"en_US", "es_MX", "pt_BR", "zh_CN"} <= LANGUAGES
    assert all(code.replace("_", "").isalpha() for code in LANGUAGES)
