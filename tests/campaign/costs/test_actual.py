"""What a campaign has cost, and why that is not what all of it would have cost."""

from datetime import date, timedelta
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from campaign.costs.actual import FATES, CampaignCost, campaign_cost, cost_of, difference, explanation
from campaign.costs.money import added
from campaign.costs.rate_card import RateCard
from campaign.costs.store import Billed
from models import Price
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

LAUNCH, LATER = date(2026, 11, 20), date(2027, 1, 2)
MEXICAN, AMERICAN = "+525555550001", "+12025550100"


def price(place: str, amount: str, category: str = "marketing", valid_from: date = date(2026, 1, 1)) -> Price:
    return Price(
        place=place, countries=[], category=category, amount=Decimal(amount), currency="USD", valid_from=valid_from
    )


CARD = RateCard([price("MX", "0.04"), price("MX", "0.05", valid_from=LATER), price("MX", "0.01", "utility")])


def billed(fate: str, messages: int = 1, billed_as: str | None = None, day: date | None = None) -> Billed:
    return Billed(MEXICAN, "marketing", billed_as, fate, day, messages)


def test_every_fate_has_its_part_of_the_difference() -> None:
    found = cost_of(
        [
            billed("charged", 90, "marketing", LAUNCH),
            billed("charged", 4, "utility", LAUNCH),
            billed("charged", 2, "marketing", LATER),
            billed("free", 1, "marketing", LAUNCH),
            billed("undelivered", 2),
            billed("withheld", 1),
        ],
        CARD,
        LAUNCH,
    )
    assert (found.planned, found.cost) == ({"USD": Decimal("4.00")}, {"USD": Decimal("3.74")})
    assert explanation(found) == [
        "Had every message been delivered at the prices of the launch: 4.00 USD.",
        "96 delivered and charged: -0.10 USD.",
        "1 delivered and free by the platform's word: -0.04 USD.",
        "2 not delivered, so not charged: -0.08 USD.",
        "1 withheld before they were sent: -0.04 USD.",
        "Cost: 3.74 USD.",
    ]
    assert [(charge.category, charge.messages, charge.amounts) for charge in found.charges] == [
        ("marketing", 92, {"USD": Decimal("3.70")}),
        ("utility", 4, {"USD": Decimal("0.04")}),
    ]


def test_silence_about_the_price_is_not_taken_for_free() -> None:
    found = cost_of([billed("unsaid", 5, None, LAUNCH)], CARD, LAUNCH)
    assert found.cost == {"USD": Decimal("0.20")}


def test_why_messages_were_free_is_told_as_the_platform_told_it() -> None:
    free = [
        billed("free", 3, "utility", LAUNCH)._replace(kind="free_customer_service", model="PMP"),
        billed("free", 1, "marketing", LAUNCH)._replace(kind="free_entry_point", model="PMP"),
        billed("free", 1, "marketing", LAUNCH),
    ]
    found = cost_of(free, CARD, LAUNCH)
    assert explanation(found)[1] == (
        "5 delivered and free by the platform's word (3 in an open service window, 1 after an ad or a call to action): "
        "-0.20 USD."
    )
    assert found.cost == {}


def test_a_price_that_stands_for_a_conversation_makes_the_cost_an_upper_bound() -> None:
    old = billed("charged", 7, "marketing", LAUNCH)._replace(kind="regular", model="CBP")
    found = cost_of([old, billed("charged", 1, "marketing", LAUNCH)], CARD, LAUNCH)
    assert found.by_conversation == 7
    assert explanation(found)[-1].startswith("7 charged messages were priced by the conversation")


def test_messages_without_a_price_are_in_no_sum_and_counted() -> None:
    strange = Billed(AMERICAN, "marketing", "marketing", "charged", LAUNCH, 3)
    found = cost_of([strange, billed("charged", 1, "service", LAUNCH), billed("charged", 1, "marketing")], CARD, LAUNCH)
    assert (found.unknown, found.planned, found.cost) == (4, {"USD": Decimal("0.04")}, {"USD": Decimal("0.04")})
    assert explanation(found)[-1] == "The price of 4 messages is not on the rate card; they are in no sum."


def test_without_a_card_there_is_no_cost() -> None:
    (words,) = explanation(cost_of([billed("charged")], RateCard([]), LAUNCH))
    assert words.startswith("No rate card")


fates = st.builds(
    billed,
    fate=st.sampled_from(sorted(FATES)),
    messages=st.integers(1, 10**6),
    billed_as=st.sampled_from([None, "marketing", "utility", "service"]),
    day=st.sampled_from([LAUNCH, LATER]),
)


@given(st.lists(fates, max_size=20))
def test_the_plan_and_the_differences_are_the_cost(each: list[Billed]) -> None:
    found = cost_of(each, CARD, LAUNCH)
    sums = added([found.planned, *(difference(part) for part in found.parts)])
    assert {c: a for c, a in sums.items() if a} == {c: a for c, a in found.cost.items() if a}
    assert sum(part.messages for part in found.parts) == sum(one.messages for one in each)


def test_the_fates_of_the_messages_of_a_campaign(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        session.add(price("US", "0.5"))
        reached = {"attempt": 1, "delivered_at": NOON + timedelta(minutes=1), "category": "marketing"}
        states = [
            {"state": "delivered", "billable": True, **reached},
            {"state": "read", "billable": True, "attempt": 1, "read_at": NOON, "category": "marketing"},
            {"state": "delivered", "billable": False, **reached},
            {"state": "delivered", "billable": None, **reached, "category": None},
            # `billable` is to go: where both are said, the type counts.
            {"state": "delivered", "billable": True, **reached, "pricing_type": "free_entry_point"},
            {"state": "delivered", "billable": None, **reached, "pricing_type": "free_customer_service"},
            {"state": "sent", "billable": True, "category": "marketing"},
            {"state": "failed"},
            {"state": "expired", "billable": True, "category": "marketing"},
            {"state": "skipped"},
        ]
        for number, values in enumerate(states):
            make_messages(session, campaign, 1, first=number, **values)
        found: CampaignCost = campaign_cost(session, campaign)
    (free,) = [part for part in found.parts if part.fate == "free"]
    assert free.types == {"free_entry_point": 1, "free_customer_service": 1}
    assert {part.fate: part.messages for part in found.parts} == {
        "charged": 2,
        "unsaid": 1,
        "free": 3,
        "undelivered": 2,
        "withheld": 1,
        "open": 1,
    }
    assert (found.planned, found.cost) == ({"USD": Decimal("5.0")}, {"USD": Decimal("1.5")})
