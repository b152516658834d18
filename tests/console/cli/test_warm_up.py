"""`campaign senders warm-up`."""

import pytest

from tests.console.cli.conftest import add_sender


@pytest.fixture
def shop(cli):
    add_sender(cli)
    return cli


def test_a_warm_up_is_set_shown_and_ended(shop):
    told = shop("senders", "warm-up", "shop", "--start", "1000", "--grow", "1.5", "--every", "1d", "--until", "3000")
    assert (told.code, told.err) == (0, "")
    assert "1,000 people in 24 h, times 1.5 every 1 d until 3,000; begins with the first message" in told.out
    shown = shop("senders", "warm-up", "shop", "--json").json
    assert (shown["cap"], shown["began_at"]) == (1000, None)
    assert [(step["after"], step["cap"]) for step in shown["steps"]] == [(0, 1000), (86_400, 1500), (172_800, 2250)]
    assert shop("senders", "show", "shop", "--json").json["warm_up"].startswith("1,000 people in 24 h")
    assert "none; the messaging limit alone counts" in shop("senders", "warm-up", "shop", "--off").out
    assert shop("senders", "warm-up", "shop", "--json").json["cap"] is None
    assert shop("senders", "show", "shop", "--json").json["warm_up"] is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--start", "0"), "--start"),
        (("--start", "5", "--grow", "1"), "--grow 1 does not raise the cap"),
        (("--start", "5", "--every", "often"), "'often' is no length of time"),
        (("--start", "5", "--until", "4"), "--until 4 is not above --start 5"),
        (("--grow", "2"), "belong to --start"),
        (("--off", "--start", "5"), "give one of them"),
    ],
)
def test_what_makes_no_sense_is_wrong_use_in_one_line(shop, options, words):
    answer = shop("senders", "warm-up", "shop", *options)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert words in answer.err
    assert shop("senders", "warm-up", "shop", "--json").json["cap"] is None


def test_an_unknown_sender_is_named(shop):
    assert "no sender shp; did you mean shop?" in shop("senders", "warm-up", "shp").err
