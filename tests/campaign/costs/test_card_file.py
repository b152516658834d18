"""A rate card is taken whole, or not at all and the line named."""

from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest

from campaign.costs.card_file import CardLine, read_card
from campaign.errors import BadList, NotFound

HEADER = "market_or_country,category,price,currency,valid_from,valid_to,countries\n"
SAMPLE = Path(__file__).parents[3] / "samples" / "rate-card.csv"


def card(tmp_path: Path, content: str, header: str = HEADER) -> Path:
    path = tmp_path / "card.csv"
    path.write_text(header + content, "utf-8")
    return path


def test_lines_as_they_are_meant(tmp_path: Path) -> None:
    content = "mx, Marketing ,0.0436,usd,2026-10-01,2026-12-31,\n\nRegion,utility,1,EUR,2026-10-01,,ar cl\n"
    assert read_card(card(tmp_path, content)) == [
        CardLine("MX", (), "marketing", Decimal("0.0436"), "USD", date(2026, 10, 1), date(2026, 12, 31)),
        CardLine("Region", ("AR", "CL"), "utility", Decimal(1), "EUR", date(2026, 10, 1)),
    ]


def test_what_may_be_left_out_and_what_a_spreadsheet_makes_of_it(tmp_path: Path) -> None:
    header = "\ufeffCountry;Category;Price;Currency;Valid from\n"
    (line,) = read_card(card(tmp_path, "other;authentication_international;0.01;EUR;2026-10-01\n", header))
    assert (line.place, line.category, line.valid_to) == ("other", "authentication-international", None)


def test_a_market_has_its_countries_from_whichever_line(tmp_path: Path) -> None:
    content = "Region,marketing,1,EUR,2026-10-01,,AR\nRegion,utility,1,EUR,2026-10-01,,CL\n"
    assert [line.countries for line in read_card(card(tmp_path, content))] == [("AR", "CL")] * 2


def test_the_sample_is_a_rate_card() -> None:
    assert {line.place for line in read_card(SAMPLE)} == {"MX", "US", "GB", "Invented Market A", "other"}


GOOD = "MX,marketing,0.04,USD,2026-10-01,,\n"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("XX,marketing,0.04,USD,2026-10-01,,", "line 3: region 'XX' is unknown"),
        ("US,promo,0.04,USD,2026-10-01,,", "line 3: promo is no category; choose one of marketing"),
        ('US,marketing,"0,04",USD,2026-10-01,,', "line 3: '0,04' is no price; .* with a point"),
        ("US,marketing,-1,USD,2026-10-01,,", "'-1' is no price; it is 0 or more"),
        ("US,marketing,NaN,USD,2026-10-01,,", "'NaN' is no price"),
        ("US,marketing,1e99,USD,2026-10-01,,", "'1e99' is no price"),
        ("US,marketing,0.0000001,USD,2026-10-01,,", "more than 6 decimals"),
        ("US,marketing,,USD,2026-10-01,,", "price is empty"),
        ("US,marketing", "price is empty"),
        ("US,marketing,1,dollar,2026-10-01,,", "'dollar' is no currency"),
        ("US,marketing,1,USD,01/10/2026,,", "'01/10/2026' is no day; write it like"),
        ("US,marketing,1,USD,2026-10-01,2026-09-30,", "ends on 2026-09-30, before it begins"),
        ("MX,marketing,0.05,USD,2026-10-01,,", "line 3: says the same .* as line 2"),
        ("Region,marketing,1,USD,2026-10-01,,", "market Region names no countries"),
        ("A1x,marketing,1,USD,2026-10-01,,AR\nB1x,marketing,1,USD,2026-10-01,,AR", "AR is in A1x and in B1x"),
    ],
)
def test_a_line_that_cannot_be_used_is_named(tmp_path: Path, line: str, words: str) -> None:
    with pytest.raises(BadList, match=words):
        read_card(card(tmp_path, f"{GOOD}{line}\n"))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        read_card(tmp_path / "nowhere.csv")
    with pytest.raises(BadList, match="has no column currency"):
        read_card(card(tmp_path, "", "country,category,price\n".replace("price", "price,valid_from")))
    with pytest.raises(BadList, match="has no prices"):
        read_card(card(tmp_path, ""))
    with pytest.raises(BadList, match="has no column market_or_country"):
        read_card(card(tmp_path, "", ""))
    (tmp_path / "card.csv").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadList, match="not text in UTF-8"):
        read_card(tmp_path / "card.csv")
