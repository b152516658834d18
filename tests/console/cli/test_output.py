"""What is printed, as a table and as JSON."""

import json
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from console.cli.output import counted, duration, one_line, print_json, show_facts, show_listing, words

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass
class Thing:
    name: str
    at: datetime


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, "-"),
        (NOON, "2026-11-20 12:00:00 UTC"),
        (timedelta(hours=1, seconds=5), "1 h 5 s"),
        (12345, "12,345"),
        (True, "True"),
        ("[red]x", "[red]x"),
    ],
)
def test_values_as_a_person_reads_them(value, expected):
    assert words(value) == expected


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [
        (0, "0 s"),
        (0.4, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (3661, "1 h 1 min"),
        (90061, "1 d 1 h"),
        (86405, "1 d 5 s"),
    ],
)
def test_durations(seconds, expected):
    assert duration(timedelta(seconds=seconds)) == expected


def test_json_has_times_with_offset_durations_in_seconds_and_plain_things(capsys):
    print_json({"at": NOON, "for": timedelta(minutes=1), "thing": Thing("Zoë", NOON)})
    printed = capsys.readouterr().out
    assert json.loads(printed) == {
        "at": "2026-11-20T12:00:00+00:00",
        "for": 60.0,
        "thing": {"name": "Zoë", "at": "2026-11-20T12:00:00+00:00"},
    }
    assert "Zoë" in printed


def test_a_listing_shows_some_columns_and_its_json_all(capsys):
    rows = [{"name": "[bold]shop", "rate_mps": 80, "hidden": "x" * 300}]
    show_listing(rows, as_json=False, columns=("name", "rate_mps"), empty="none")
    assert capsys.readouterr().out.split() == ["name", "rate", "mps", "[bold]shop", "80"]
    show_listing(rows, as_json=True, columns=("name",), empty="none")
    assert json.loads(capsys.readouterr().out) == rows


def test_an_empty_listing_is_a_sentence_or_an_empty_list(capsys):
    show_listing([], as_json=False, columns=("name",), empty="Nothing yet.")
    assert capsys.readouterr().out == "Nothing yet.\n"
    show_listing([], as_json=True, columns=("name",), empty="Nothing yet.")
    assert json.loads(capsys.readouterr().out) == []


def test_facts_are_a_line_each(capsys):
    show_facts({"name": "shop", "tier": None}, as_json=False)
    assert [line.split() for line in capsys.readouterr().out.splitlines()] == [["name", "shop"], ["tier", "-"]]


def test_small_words():
    assert (counted(1, "row"), counted(2000, "row")) == ("1 row", "2,000 rows")
    assert one_line("a\n\n  b ") == "a b"
