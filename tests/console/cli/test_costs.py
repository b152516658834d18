"""`campaign costs`."""

from pathlib import Path

import pytest

from tests.console.cli.conftest import create

SAMPLE = Path(__file__).parents[3] / "samples" / "rate-card.csv"


@pytest.fixture
def priced(ready):
    """A command line with a rate card of invented prices."""
    assert ready("costs", "import", SAMPLE).code == 0
    return ready


def test_a_card_is_read_and_read_again(cli):
    assert cli("costs", "import", SAMPLE).out == f"11 prices read from {SAMPLE}: 11 new, 0 changed, 0 known.\n"
    assert cli("costs", "import", SAMPLE, "--json").json == {"new": 0, "changed": 0, "known": 11}


def test_a_bad_card_is_one_line(cli, tmp_path):
    (tmp_path / "card.csv").write_text("country,category,price,currency,valid_from\nMX,marketing,free,USD,2026-01-01\n")
    answer = cli("costs", "import", "card.csv")
    assert answer.code == 1
    assert answer.err == (
        "Error: card.csv line 2: 'free' is no price; write it like 0.0436, with a point; nothing was imported\n"
    )
    assert cli("costs", "list").out.startswith("There is no rate card")


def test_every_price_is_listed(priced):
    listed = priced("costs", "list", "--json").json
    assert len(listed) == 11
    assert listed[0]["place"] == "GB"
    assert {"place": "Invented Market A", "countries": ["AR", "CL", "CO"]}.items() <= {
        key: value for key, value in listed[1].items() if key in ("place", "countries")
    }.items()
    assert "Invented Market A" in priced("costs", "list").out


def test_the_prices_of_a_country_on_a_day(priced):
    shown = {line["category"]: line for line in priced("costs", "show", "mx", "--on", "2026-09-30", "--json").json}
    assert shown["marketing"] == {"category": "marketing", "price": "0.111000", "currency": "USD", "price_of": "MX"}
    assert shown["service"]["price"] is None
    assert priced("costs", "show", "CO").out.count("Invented Market A") == 2


@pytest.mark.parametrize(("arguments", "words"), [(("XX",), "region 'XX'"), (("MX", "--on", "soon"), "is no day")])
def test_what_is_no_country_or_day_is_refused(priced, arguments, words):
    answer = priced("costs", "show", *arguments)
    assert answer.code == 2
    assert words in answer.err


def test_check_says_what_it_costs_at_most(priced):
    create(priced)
    out = priced("check", "spring").out
    assert "It costs at most 1.332 USD: that is with every message delivered." in out
    assert "US marketing: 4 at 0.333 USD is 1.332 USD" in out
    assert priced("check", "spring", "--json").json["cost"]["total"] == {"USD": "1.332000"}


def test_check_without_a_card_says_that_it_does_not_know(ready):
    create(ready)
    assert "What it costs is unknown" in ready("check", "spring").out


def test_what_a_campaign_has_cost(priced):
    create(priced)
    assert priced("costs", "of", "spring").out.splitlines() == [
        "Had every message been delivered at the prices of the launch: 1.332 USD.",
        "4 not decided yet: -1.332 USD.",
        "Cost: nothing.",
    ]
    assert priced("costs", "of", "spring", "--json").json["parts"][0]["messages"] == 4
