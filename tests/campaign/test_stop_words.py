"""Which replies, labels and texts say stop."""

import pytest

from campaign.stop_words import (
    START_WORDS,
    STOP_WORDS,
    bare,
    begins_with_stop_word,
    mentions_stop_word,
    says_start,
    says_stop,
)


@pytest.mark.parametrize(
    "text",
    [
        "STOP",
        " Stop. ",
        "stop!!! 🙏",
        "🛑 Stop 🛑",
        "«STOP»",
        "¡Baja!",
        "ＳＴＯＰ",
        "\u200estop\u200f",
        "st\u200bop\ufe0f",
        "توقـف",
        "Não  receber",
        "nao\nreceber",
        "Arrêter",
        "DÉSABONNER…",
        "opt-out",
        "Opt out",
        "СТОП",
        "إيقاف",
        "\u200bstop\u200b",
    ],
)
def test_a_whole_message_that_says_stop(text: str) -> None:
    assert says_stop(text)


@pytest.mark.parametrize(
    "text",
    ["Don't stop", "stop it, you are funny", "nonstop", "Where is the bus stop?", "start", "cancel", "", "🙂", "st op"],
)
def test_a_message_that_is_about_something_else(text: str) -> None:
    assert not says_stop(text)


def test_words_of_ones_own_count_too() -> None:
    assert not says_stop("Genug!")
    assert says_stop("Genug!", {bare("genug")})


def test_no_word_says_both() -> None:
    for words in START_WORDS.values():
        for word in words:
            assert says_start(word.upper() + "!")
            assert not says_stop(word)
    assert not any(says_start(word) for words in STOP_WORDS.values() for word in words)


@pytest.mark.parametrize("label", ["STOP", "Stop promotions", "Désinscrire", "Não receber", "Abmelden!", "Stop all"])
def test_labels_that_opt_out(label: str) -> None:
    assert begins_with_stop_word(label)


@pytest.mark.parametrize("label", ["Nonstop offers", "Stopwatch", "Don't stop", "Cancel order", "Yes", ""])
def test_labels_that_do_not(label: str) -> None:
    assert not begins_with_stop_word(label)


def test_a_text_may_say_it_anywhere() -> None:
    assert mentions_stop_word("Reply STOP to opt out")
    assert not mentions_stop_word("Shop nonstop")
