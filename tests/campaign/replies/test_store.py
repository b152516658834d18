"""Replies in numbers, erased and counted: see also test_attribution.py, which holds the way in."""

import pytest

from campaign.replies.store import Replied, replies_words


@pytest.mark.parametrize(
    ("found", "words"),
    [
        (Replied(0, 0, 0), None),
        (Replied(0, 0, 1), "0 people replied; 1 opted out in answer."),
        (Replied(1, 3, 0), "1 person replied; 0 opted out in answer."),
        (Replied(1200, 1300, 40), "1,200 people replied; 40 opted out in answer."),
    ],
)
def test_how_many_replied_in_words(found: Replied, words: str | None) -> None:
    assert replies_words(found) == words
