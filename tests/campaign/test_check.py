"""What would happen at a launch."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaign.audience.reasons import CONSENT_LIST_REASONS, RejectReason
from campaign.check import TierUse, forecast, funnel
from campaign.errors import NotFound
from models import AudienceImport, RejectedRow, Suppression, Template
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
    ]
    draft(session, messages=10, refused=refused)
    found = forecast(session, "spring", now=NOON)
    assert (found.rows, found.to_message) == (18, 10)
    assert left(found) == {
        "with a usable phone": 15,
        "with every value": 14,
        "listed once": 13,
        "with consent": 11,
        "not suppressed": 10,
    }
    assert found.funnel[0].refused == {"no_phone": 1, "too_short": 1, "ragged_row": 1}


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
    other = make_sender(session, "other", phone_number_id="2")
    older = make_campaign(session, other, make_template(session, other, "hello"), "older")
    make_messages(session, older, 4, first=100, state="read", attempt=1, claimed_at=NOON - timedelta(hours=1))
    make_messages(session, older, 9, first=200, state="read", attempt=1, claimed_at=NOON - timedelta(hours=25))
    tier = forecast(session, campaign.name, now=NOON).tier
    assert tier == TierUse(limit=12, used=4, needed=10)
    assert tier.days == 2


@pytest.mark.parametrize(
    ("limit", "used", "needed", "days"),
    [(None, 0, 10**9, 1), (100, 0, 100, 1), (100, 1, 100, 2), (100, 100, 100, 2), (100, 250, 101, 3), (100, 0, 0, 1)],
)
def test_days_that_the_tier_alone_takes(limit, used, needed, days):
    assert TierUse(limit, used, needed).days == days


def test_lint_findings_come_along(session):
    draft(session, mapping={"body.1": {"column": "nane"}, "body.2": {"text": "15%"}})
    assert [finding.code for finding in forecast(session, "spring", now=NOON).findings] == ["mapping"]


def test_an_unknown_campaign_is_named(session):
    with pytest.raises(NotFound, match="no campaign spring"):
        forecast(session, "spring", now=NOON)


COUNTS = st.dictionaries(st.sampled_from(sorted(set(RejectReason) - CONSENT_LIST_REASONS)), st.integers(0, 50))


@given(COUNTS, COUNTS, st.integers(0, 50))
def test_every_reason_ends_a_row_in_exactly_one_step(refused, withheld, to_message):
    rows = sum(refused.values()) + sum(withheld.values()) + to_message
    steps = funnel(rows, refused, withheld)
    assert steps[-1].left == to_message
    assert sum(sum(step.refused.values()) for step in steps) == rows - to_message


def test_what_was_mended_in_the_list_and_what_changed_since_is_told(session):
    campaign = draft(session)
    session.query(AudienceImport).one().notes = {"collapsed": 3}
    session.get_one(Template, campaign.template_id).category = "utility"
    session.flush()
    found = {one.code: one for one in forecast(session, "spring", now=NOON).findings}
    assert found["collapsed"].count == 3
    assert "people need consent to utility messages" in found["category_changed"].text
