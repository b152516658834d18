"""How the text of shared options is read."""

from datetime import UTC, datetime

import pytest
import typer

from console.cli.options import ConsentCategory, instant, tier
from models.people import Category


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-11-20T09:00:00+01:00", datetime(2026, 11, 20, 8, tzinfo=UTC)),
        ("2026-11-20T09:00Z", datetime(2026, 11, 20, 9, tzinfo=UTC)),
        ("2026-11-20 09:00:00-06:00", datetime(2026, 11, 20, 15, tzinfo=UTC)),
    ],
)
def test_moments_become_utc(text, expected):
    assert instant(text) == expected
    assert instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("tomorrow", "is no moment"),
        ("", "is no moment"),
        ("2026-11-20T09:00", "has no offset"),
        ("2026-13-01T00:00Z", "is no moment"),
    ],
)
def test_other_moments_are_refused(text, words):
    with pytest.raises(typer.BadParameter, match=words):
        instant(text)


@pytest.mark.parametrize(("text", "expected"), [("250", 250), ("Unlimited", None)])
def test_tiers(text, expected):
    assert tier(text) == expected


@pytest.mark.parametrize("text", ["0", "-1", "2k", "", "²"])
def test_other_tiers_are_refused(text):
    with pytest.raises(typer.BadParameter, match="is no tier"):
        tier(text)


def test_categories_are_those_of_the_ledger():
    assert [category.value for category in ConsentCategory] == [category.value for category in Category]
