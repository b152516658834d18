"""Sentences as HTML."""

from datetime import timedelta

import pytest

from campaign.overview.telling import KEYS
from console.web.campaign_page.sentence import sentence_html, share, span
from console.web.texts import LANGUAGES, Words
from tests.factories import NOON

WORDS = Words("en")


def test_numbers_and_instants_are_written_for_the_reader_and_names_stay_as_they_are():
    html = sentence_html("telling.running_until", {"messages": 1234, "at": NOON}, WORDS)
    assert "1,234 people" in html
    assert '<time datetime="2026-11-20T12:00:00+00:00"' in html
    html = sentence_html("telling.draft_asked", {"who": "<script>x</script>", "messages": 1}, WORDS)
    assert "<script>" not in html
    assert "&lt;script&gt;" in html


def test_a_name_without_end_is_cut():
    assert len(sentence_html("telling.draft_asked", {"who": "x" * 10_000, "messages": 1}, WORDS)) < 300


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_words_in_every_language(language):
    assert all(Words(language)(f"telling.{key}") for key in KEYS)


@pytest.mark.parametrize(
    ("length", "words"),
    [(timedelta(0), "0 s"), (timedelta(seconds=75), "1 min 15 s"), (timedelta(days=1, hours=2, seconds=4), "1 d 2 h")],
)
def test_a_length_of_time_names_its_two_largest_units(length, words):
    assert span(length, WORDS) == words


@pytest.mark.parametrize(("part", "whole", "words"), [(0, 0, "–"), (1, 3, "33 %"), (1, 300, "0.3 %"), (0, 5, "0 %")])
def test_a_share_is_as_exact_as_it_tells_something(part, whole, words):
    assert share(part, whole, WORDS) == words
