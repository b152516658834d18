"""What a transform writes, and what it refuses."""

import timeit

import pytest

from campaign.errors import UsageError
from campaign.templates.transforms import make_rewrite, split_transforms


@pytest.mark.parametrize(
    ("written", "split"),
    [
        ("name:trim,title", ("name", "trim,title")),
        ("when:date(es_MX,long)", ("when", "date(es_MX,long)")),
        ("when:date(es_MX, long), upper", ("when", "date(es_MX, long), upper")),
        ("Price: EUR", ("Price: EUR", "")),
        ("name", ("name", "")),
        ("a:b:upper", ("a:b", "upper")),
    ],
)
def test_a_colon_without_a_transform_belongs_to_the_column(written, split):
    assert split_transforms(written) == split


@pytest.mark.parametrize(
    ("calls", "text", "expected"),
    [
        ("trim", " Ann ", "Ann"),
        ("upper", "ñandú", "ÑANDÚ"),
        ("lower", "ANN", "ann"),
        ("title", "ANA MARÍA o'neil-d’angelo", "Ana María O'Neil-D’Angelo"),
        ("title", "ana's shop", "Ana's Shop"),
        ("first", "Ana María", "Ana"),
        ("trim,first,upper", " ana maría ", "ANA"),
        ("date(es_MX,long)", "2026-11-30", "30 de noviembre de 2026"),
        ("date(en-US)", "2026-11-30T20:00:00Z", "November 30, 2026"),
        ("date(de_DE,short)", "2026-11-30", "30.11.26"),
        ("number(de_DE)", "1234567.5", "1.234.567,5"),
        ("number(en_US,0)", "1234.4", "1,234"),
        ("number(de_DE,2)", "1234.5", "1.234,50"),
        ("currency(en_US,USD)", "-100.99", "-$100.99"),
        ("currency(de_DE,EUR)", "100", "100,00\u00a0€"),
    ],
)
def test_what_is_written(calls, text, expected):
    assert make_rewrite(calls)(text) == expected


@pytest.mark.parametrize(
    ("calls", "words"),
    [
        ("trim,titel", r"no transform titel .did you mean title"),
        ("trim(x)", "it takes no argument"),
        ("date", "needs a locale"),
        ("date(xx_YY)", "not usable"),
        ("date(es_MX,huge)", "huge is none of short, medium, long, full"),
        ("number(de_DE,many)", "not usable"),
        ("number(de_DE,10)", "decimals go from 0 to 9"),
        ("currency(de_DE)", "a locale and a currency"),
        ("currency(de_DE,XQQ)", "XQQ is no currency"),
    ],
)
def test_what_is_no_transform_is_named(calls, words):
    with pytest.raises(UsageError, match=words):
        make_rewrite(calls)


@pytest.mark.parametrize(
    ("calls", "text", "words"),
    [
        ("date(es_MX)", "05/06/2026", "is '05/06/2026', no date such as 2026-11-30"),
        ("number(de_DE)", "1,234", "is '1,234', no number such as 1234.5"),
        ("currency(en_US,USD)", "nan", "no number"),
    ],
)
def test_what_cannot_be_read_is_not_guessed(calls, text, words):
    with pytest.raises(ValueError, match=words):
        make_rewrite(calls)(text)


def test_a_repeated_value_costs_next_to_nothing():
    rewrite = make_rewrite("date(es_MX,long)")
    seconds = sorted(timeit.repeat(lambda: rewrite("2026-11-30"), number=1000, repeat=5))[2] / 1000
    assert seconds < 10e-6
