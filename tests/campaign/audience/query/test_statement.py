"""Queries: one statement that reads, with values for its places."""

import pytest

from campaign.audience.query.statement import bound_values, checked_query, with_places_alone
from campaign.errors import UsageError


@pytest.mark.parametrize(
    "query", ["SELECT 1", "  select 1;  ", "WITH a AS (SELECT 1) SELECT * FROM a", "-- who\nSELECT 1", "(SELECT 1)"]
)
def test_a_query_that_reads(query: str) -> None:
    assert checked_query(query) == query.strip().rstrip(";").strip()


@pytest.mark.parametrize(
    ("query", "words"),
    [
        (None, 'a database needs --query "SELECT'),
        (" ", "a database needs --query"),
        ("DELETE FROM people", "--query does not read; begin it with SELECT or WITH"),
        ("/* SELECT */ UPDATE people SET a = 1", "does not read"),
        ("SELECT 1; DROP TABLE people", "--query holds a semicolon; give one statement"),
    ],
)
def test_a_query_that_may_not_be_asked(query: str | None, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        checked_query(query)


def test_values_take_the_type_that_they_look_like() -> None:
    query = "SELECT a::text FROM t WHERE b = :b AND c = :c AND d = :d AND e = :e AND f = ':x'"
    items = ["b=12", "c=012", "d='12'", "e=1.5"]
    assert bound_values(query, items) == {"b": 12, "c": "012", "d": "12", "e": 1.5}


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([], "--query has :region and no --param region=… says what it is; add it"),
        (["region"], "--param region is not of the form name=value"),
        (["region=MX", "plan=x"], r"--param plan: --query has no :plan \(found :region\); correct it"),
    ],
)
def test_places_and_values_must_fit(items: list[str], words: str) -> None:
    with pytest.raises(UsageError, match=words):
        bound_values("SELECT 1 WHERE r = :region", items)


def test_what_stands_in_a_text_or_a_comment_is_no_place() -> None:
    query = "SELECT ':a', 'it''s :b' -- :c\nFROM t WHERE d = :d AND e::int = 1 /* :f */"
    assert with_places_alone(query) == (
        "SELECT '\\:a', 'it''s \\:b' -- \\:c\nFROM t WHERE d = :d AND e::int = 1 /* \\:f */"
    )
