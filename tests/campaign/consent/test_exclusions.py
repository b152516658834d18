"""Whom one campaign leaves out although they agreed."""

from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent.exclusion_store import EXCLUDED_SQL
from campaign.consent.exclusions import check_not_messaged_within, keep_quiet_list
from campaign.errors import BadList, UsageError
from campaign.sending.store import claim_due
from campaign.store import withheld_by_reason
from models.campaign import Campaign
from models.people import Contact
from models.session import Sessions, session_scope
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

AMERICAN, CANADIAN, MEXICAN = "+12025550143", "+14165550143", "+525555501234"
REGIONS = {AMERICAN: "US", CANADIAN: "CA", MEXICAN: "MX"}


@pytest.fixture
def session(sessions: Sessions):  # type: ignore[no-untyped-def]
    with sessions() as session:
        yield session
        session.rollback()


def campaign_of(session: Session, name: str = "spring", **given: object) -> Campaign:
    from models import Sender, Template

    sender = session.get(Sender, 1) or make_sender(session)
    template = session.get(Template, 1) or make_template(session, sender)
    return make_campaign(session, sender, template, name, **given)


def excluded(session: Session, campaign: Campaign, phones: Sequence[str], category: str = "marketing") -> list[object]:
    reason = EXCLUDED_SQL("person.identity", ":category", "CAST(:now AS timestamptz)", campaign_id=":id",
                          region="person.region")  # fmt: skip
    statement = text(f"SELECT {reason} FROM unnest(CAST(:identities AS text[]), CAST(:regions AS text[])) "
                     "WITH ORDINALITY AS person (identity, region, place) ORDER BY place")  # fmt: skip
    values = {"identities": [p[1:] for p in phones], "regions": [REGIONS.get(p) for p in phones]}
    return list(session.scalars(statement, values | {"id": campaign.id, "category": category, "now": NOON}))


def test_marketing_to_american_numbers_is_off_and_the_area_code_decides(session: Session) -> None:
    campaign = campaign_of(session, us_marketing=False)
    assert excluded(session, campaign, [AMERICAN, CANADIAN, MEXICAN]) == ["us_marketing", None, None]
    assert excluded(session, campaign, [AMERICAN], "utility") == [None]
    assert excluded(session, campaign_of(session, "switched-on"), [AMERICAN]) == [None]


def test_a_quiet_list_is_of_one_campaign_alone(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "quiet.csv"
    path.write_text(f"tel\n{MEXICAN}\n+52 1 55 5550 1234\n", "utf-8")
    campaign, other = campaign_of(session), campaign_of(session, "other")
    assert keep_quiet_list(session, campaign, path) == 1
    assert excluded(session, campaign, [MEXICAN, CANADIAN]) == ["quiet_list", None]
    assert excluded(session, other, [MEXICAN]) == [None]


def test_a_quiet_list_with_a_phone_that_cannot_be_read_is_refused_as_a_whole(session: Session, tmp_path: Path) -> None:
    path = tmp_path / "quiet.csv"
    path.write_text(f"tel\n{MEXICAN}\nsomebody\n", "utf-8")
    with pytest.raises(BadList, match=r"quiet.csv row 2: tel .*mend it"):
        keep_quiet_list(session, campaign_of(session), path)


@pytest.mark.parametrize(
    ("state", "days_ago", "expected"),
    [
        ("delivered", 6, "messaged_recently"),
        ("uncertain", 1, "messaged_recently"),
        ("delivered", 8, None),
        ("failed", 1, None),
        ("skipped", 1, None),
    ],
)
def test_who_was_written_to_lately_by_another_campaign(
    session: Session, state: str, days_ago: int, expected: str | None
) -> None:
    before, campaign = campaign_of(session, "before"), campaign_of(session, not_messaged_within_days=7)
    make_messages(session, before, 1, state=state, attempt=1, claimed_at=NOON - timedelta(days=days_ago))
    assert excluded(session, campaign, [fiction_phone(0), fiction_phone(1)]) == [expected, None]
    assert excluded(session, before, [fiction_phone(0)]) == [None]


def test_a_claim_asks_again_and_so_does_the_forecast(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        campaign = campaign_of(session, us_marketing=False, not_messaged_within_days=7)
        other = campaign_of(session, "other")
        make_messages(session, campaign, 3)
        grant(session, [fiction_phone(n) for n in range(3)])
        session.add(Contact(phone_identity=fiction_phone(0)[1:], phone_e164=fiction_phone(0), region="US"))
        make_messages(session, other, 1, first=1, state="delivered", attempt=1, claimed_at=NOON)
        assert withheld_by_reason(session, campaign, NOON) == {"messaged_recently": 1, "us_marketing": 1}
        claimed, others = claim_due(session, {campaign.id: 9}, limit=9, now=NOON, lease=timedelta(minutes=1))
        assert ([each.phone_e164 for each in claimed], others) == ([fiction_phone(2)], 2)
        reasons = session.scalars(text("SELECT reason FROM message WHERE state = 'skipped' ORDER BY id")).all()
        assert reasons == ["us_marketing", "messaged_recently"]


@pytest.mark.parametrize("days", [0, -1, 4_000])
def test_a_number_of_days_that_is_none_is_refused(days: int) -> None:
    with pytest.raises(UsageError, match="--not-messaged-within"):
        check_not_messaged_within(days)
