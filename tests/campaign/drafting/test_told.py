"""Errors in the words of a form."""

import pytest

from campaign.audience.reasons import SENTENCES
from campaign.drafting.told import in_words

ID = "A" * 43


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            f"/srv/home/incoming/{ID}/spring.csv has no phone column (found a, b); name it with --phone-column",
            "spring.csv has no phone column (found a, b); name it with the column with the phones",
        ),
        ("--zone-column says where people are", "the column with the time zone says where people are"),
        ("there is no template x; run campaign templates sync --sender shop", "there is no template x"),
        (
            "--token-env takes the name of an environment variable, not the secret itself",
            "variable for the token takes the name of an environment variable, not the secret itself",
        ),
        ("choose another name, or see campaign senders show till", "choose another name"),
        ("the list is empty", "the list is empty"),
    ],
)
def test_options_and_folders_of_ours_are_not_told(text, told):
    assert in_words(text) == told


def test_sentences_about_rows_stay_as_they_are():
    assert all(in_words(sentence) == sentence for sentence in SENTENCES.values() if "--" not in sentence)
