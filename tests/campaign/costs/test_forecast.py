"""What a launch would cost at most."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from campaign.costs.forecast import CostForecast, cost_of, cost_words, forecast_cost
from campaign.costs.rate_card import RateCard
from campaign.costs.store import ToSend
from models import Campaign, Contact, Price
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

DAY = date(2026, 11, 20)
MEXICAN, AMERICAN = "+525555550001", "+12025550100"


def price(place: str, amount: str, category: str = "marketing", currency: str = "USD") -> Price:
    return Price(
        place=place,
        countries=[],
        category=category,
        amount=Decimal(amount),
        currency=currency,
        valid_from=date(2026, 1, 1),
    )


CARD = RateCard([price("MX", "0.0436"), price("MX", "0.01", "utility"), price("US", "0.1", currency="EUR")])


def test_messages_by_country_and_category_at_their_price() -> None:
    sent = [
        ToSend(MEXICAN, "marketing", False, 1000),
        ToSend("+523355550001", "marketing", False, 1),
        ToSend(AMERICAN, "marketing", False, 3),
    ]
    found = cost_of(sent, CARD, DAY)
    assert found.total == {"USD": Decimal("43.6436"), "EUR": Decimal("0.3")}
    assert [(line.country, line.messages, line.amount) for line in found.lines] == [
        ("MX", 1001, Decimal("43.6436")),
        ("US", 3, Decimal("0.3")),
    ]


def test_a_price_that_is_not_known_is_stated_as_such() -> None:
    found = cost_of([ToSend(AMERICAN, "utility", False, 7), ToSend(MEXICAN, "utility", False, 1)], CARD, DAY)
    assert (found.unknown, found.total) == (7, {"USD": Decimal("0.01")})
    assert cost_words(found) == [
        "It costs at most 0.01 USD: that is with every message delivered.",
        "  US utility: 7, price unknown",
        "  MX utility: 1 at 0.01 USD is 0.01 USD",
        "The price of 7 messages is not on the rate card; they are in no sum.",
    ]


def test_an_open_window_makes_messages_free() -> None:
    found = cost_of([ToSend(MEXICAN, "utility", True, 4), ToSend(MEXICAN, "utility", False, 6)], CARD, DAY)
    assert (found.free, found.total) == (4, {"USD": Decimal("0.06")})
    assert "  MX utility: 10 (4 free) at 0.01 USD is 0.06 USD" in cost_words(found)


def test_without_a_card_nothing_is_made_up() -> None:
    found = cost_of([ToSend(MEXICAN, "marketing", False, 4)], RateCard([]), DAY)
    assert (found.has_card, found.total, found.unknown) == (False, {}, 4)
    assert cost_words(found) == ["What it costs is unknown: there is no rate card; see campaign costs import."]
    assert cost_words(CostForecast()) == []


@pytest.fixture
def utility(sessions: Sessions) -> Campaign:
    """A utility campaign to ten people, nine of whom agreed; the first wrote an hour ago."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender, category="utility"))
        make_messages(session, campaign, 10)
        grant(session, [fiction_phone(number) for number in range(9)], "utility")
        for number, hours in ((0, 1), (1, 25)):
            phone = fiction_phone(number)
            wrote_at = NOON - timedelta(hours=hours)
            session.add(Contact(phone_identity=phone.lstrip("+"), phone_e164=phone, last_inbound_at=wrote_at))
        session.add(price("US", "0.1", "utility"))
    return campaign


def test_whom_the_gate_withholds_costs_nothing(sessions: Sessions, utility: Campaign) -> None:
    with sessions() as session:
        found = forecast_cost(session, utility, NOON)
    assert sum(line.messages for line in found.lines) == 9


@pytest.mark.parametrize(
    ("now", "free"), [(datetime(2026, 9, 30, 23, tzinfo=UTC), 1), (datetime(2026, 10, 1, tzinfo=UTC), 0)]
)
def test_utility_in_a_window_is_free_until_the_platform_charges_for_it(
    sessions: Sessions, utility: Campaign, now: datetime, free: int
) -> None:
    with session_scope(sessions) as session:
        for number, hours in ((0, 1), (1, 25)):
            wrote_at = {"last_inbound_at": now - timedelta(hours=hours)}
            session.query(Contact).filter_by(phone_identity=fiction_phone(number).lstrip("+")).update(wrote_at)
        grant(session, [fiction_phone(0), fiction_phone(1)], "utility", occurred_at=datetime(2026, 1, 1, tzinfo=UTC))
        assert forecast_cost(session, utility, now).free == free
