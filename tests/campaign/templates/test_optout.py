"""Which labels and texts say stop."""

import pytest

from campaign.templates.optout import begins_with_stop_word, mentions_stop_word


@pytest.mark.parametrize(
    "label",
    [
        "STOP",
        "Stop promotions",
        " stop ",
        "Unsubscribe",
        "Darme de baja",
        "Parar",
        "Désinscrire",
        "Não receber",
        "Abmelden!",
    ],
)
def test_labels_that_opt_out(label):
    assert begins_with_stop_word(label)


@pytest.mark.parametrize(
    "label", ["Nonstop offers", "Stopwatch", "Don't stop", "Cancel order", "Yes", "", "Baja California?"[5:]]
)
def test_labels_that_do_not(label):
    assert not begins_with_stop_word(label)


def test_a_text_may_say_it_anywhere():
    assert mentions_stop_word("Reply STOP to opt out")
    assert not mentions_stop_word("Shop nonstop")
