"""What would happen at a launch."""

from datetime import timedelta

import pytest

from campaign.check import TierUse, forecast
from campaign.errors import NotFound
from campaign.planning.warm_up import WarmUp
from models import AudienceImport, RecipientUse, RejectedRow, Sender, Suppression, Template
from models.session import session_scope
from tests.factories import (
    NOON,
    fiction_phone,
    grant,
    make_campaign,
    make_messages,
    make_sender,
    make_template,
    withdraw,
)

MAPPING = {"body.1": {"column": "name"}, "body.2": {"text": "15%"}}


@pytest.fixture
def session(sessions):
    with session_scope(sessions) as session:
        yield session


def draft(session, *, messages=10, refused=(), sender=None, **given):
    owner = make_sender(session, **sender or {})
    campaign = make_campaign(
        session, owner, make_template(session, owner), state="draft", **{"mapping": MAPPING} | given
    )
    listed = AudienceImport(
        campaign_id=campaign.id,
        file_name="list.csv",
        sha256="0" * 64,
        columns=["phone", "name"],
        phone_column="phone",
        row_count=messages + len(refused),
        message_count=messages,
        rejected_count=len(refused),
    )
    session.add(listed)
    session.flush()
    for number, reason in enumerate(refused):
        session.add(RejectedRow(import_id=listed.id, row_number=messages + number + 1, raw={}, reason=reason, text=""))
    make_messages(session, campaign, messages)
    grant(session, [fiction_phone(number) for number in range(messages)])
    session.flush()
    return campaign


def left(found):
    return {step.name: step.left for step in found.funnel}


def test_the_funnel_counts_down_to_who_gets_it(session):
    refused = [
        "no_phone",
        "too_short",
        "ragged_row",
        "missing_value",
        "duplicate",
        "no_consent",
        "no_consent",
        "suppressed",
        "us_marketing",
        "no_hour",
    ]
    draft(session, messages=10, refused=refused)
    found = forecast(session, "spring", now=NOON)
    assert (found.rows, found.to_message) == (20, 10)
    assert left(found) == {
        "readable": 19,
        "with a usable phone": 17,
        "with every value": 16,
        "listed once": 15,
        "with consent": 13,
        "not suppressed": 12,
        "not left out": 11,
        "with an open hour": 10,
    }
    assert [step.refused for step in found.funnel[:2]] == [{"ragged_row": 1}, {"no_phone": 1, "too_short": 1}]


def test_consent_withdrawn_since_the_list_was_read_counts(session):
    draft(session)
    withdraw(session, [fiction_phone(0), fiction_phone(1)])
    phone = fiction_phone(2)
    ban = {"category": "all", "reason": "manual", "source": "test"}
    session.add(Suppression(phone_identity=phone.lstrip("+"), phone_e164=phone, **ban))
    session.flush()
    found = forecast(session, "spring", now=NOON)
    assert found.to_message == 7
    assert (left(found)["with consent"], left(found)["not suppressed"]) == (8, 7)


@pytest.mark.parametrize(("cap", "rate", "seconds"), [(None, 80, 0.125), (5, 5, 2.0), (100, 80, 0.125)])
def test_the_slower_of_sender_and_campaign_sets_the_pace(session, cap, rate, seconds):
    draft(session, rate_mps=cap)
    found = forecast(session, "spring", now=NOON)
    assert (found.rate_mps, found.duration) == (rate, timedelta(seconds=seconds))


def test_the_tier_counts_people_messaged_in_a_day_by_all_numbers_of_the_portfolio(session):
    campaign = draft(session, sender={"tier": 12})
    portfolio = session.get_one(Sender, campaign.sender_id).portfolio
    for number, hours in enumerate((1, 1, 2, 5, 24, 25)):
        at = NOON - timedelta(hours=hours)
        session.add(RecipientUse(portfolio=portfolio, phone_identity=str(number), last_at=at))
    session.flush()
    assert forecast(session, campaign.name, now=NOON).tier == TierUse(limit=12, used=4, needed=10)


def test_a_plan_over_days_comes_along(session, settings):
    draft(session, sender={"tier": 4, "warm_up": WarmUp(2, 2, timedelta(days=1)).to_keep()})
    plan = forecast(session, "spring", now=NOON, settings=settings).plan
    assert [(day.messages, day.limited_by) for day in plan.days] == [
        (2, ("warm-up",)),
        (4, ("messaging limit",)),
        (4, ()),
    ]
    assert plan.start == NOON


def test_a_number_that_is_flagged_is_planned_at_its_slower_rate(session, settings):
    draft(session, sender={"state": "flagged"})
    assert forecast(session, "spring", now=NOON, settings=settings).rate_mps == 40


def test_lint_findings_come_along(session):
    draft(session, mapping={"body.1": {"column": "nane"}, "body.2": {"text": "15%"}})
    assert [finding.code for finding in forecast(session, "spring", now=NOON).findings] == ["mapping"]


def test_an_unknown_campaign_is_named(session):
    with pytest.raises(NotFound, match="no campaign spring"):
        forecast(session, "spring", now=NOON)


def test_what_was_mended_in_the_list_and_what_changed_since_is_told(session):
    campaign = draft(session)
    session.query(AudienceImport).one().notes = {"collapsed": 3}
    session.get_one(Template, campaign.template_id).category = "utility"
    session.flush()
    found = {one.code: one for one in forecast(session, "spring", now=NOON).findings}
    assert found["collapsed"].count == 3
    assert "people need consent to utility messages" in found["category_changed"].text
