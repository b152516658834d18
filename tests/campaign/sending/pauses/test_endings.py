"""Every pause says what ends it, here and in the documents."""

from pathlib import Path

import pytest

from campaign.sending.pauses.endings import ENDINGS, with_ending
from models.states import PauseReason

PAGE = (Path(__file__).parents[4] / "docs" / "sending.md").read_text("utf-8")


@pytest.mark.parametrize("reason", list(PauseReason))
def test_every_reason_has_an_ending_in_words_and_a_line_in_the_docs(reason: PauseReason) -> None:
    assert ENDINGS[reason].endswith(".")
    assert f"| `{reason}` |" in PAGE


def test_a_sentence_and_its_ending_are_two_sentences() -> None:
    assert with_ending(PauseReason.PAYMENT, "You owe. ") == (
        "You owe. A person must settle the payment, then campaign resume."
    )
