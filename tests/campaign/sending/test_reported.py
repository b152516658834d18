"""Failures that are reported after the platform had taken a message: who stands still, who brakes, what is asked."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from campaign.refreshing import accounts_in_doubt
from campaign.sending.reported import Reported
from campaign.templates.doubts import ASK_AGAIN
from models import Campaign, Template
from models.session import Sessions, session_scope
from tests.factories import NOON, make_campaign, make_sender, make_template


def told(session: Session, code: int | None) -> tuple[Reported, list[Campaign]]:
    """What a listener notes of one failure of the first of two campaigns, one on a number of another account."""
    own, other = (
        make_sender(session),
        make_sender(session, name="other", account="100000000000099", phone_number_id="9"),
    )
    campaigns = [make_campaign(session, sender, make_template(session, sender), sender.name) for sender in (own, other)]
    reported = Reported()
    reported(session, {(campaigns[0].id, code): NOON})
    session.expire_all()
    return reported, campaigns


@pytest.mark.parametrize(
    ("code", "reason", "words"), [(131042, "payment", "payment"), (131031, "sender_restricted", "locked or restricted")]
)
def test_a_reported_error_of_the_account_pauses_its_campaigns_and_says_why(
    sessions: Sessions, code: int, reason: str, words: str
) -> None:
    with session_scope(sessions) as session:
        _, (concerned, other) = told(session, code)
        assert (concerned.state, concerned.state_reason, other.state) == ("paused", reason, "running")
        assert words in (concerned.state_text or "")


@pytest.mark.parametrize(("code", "stop_s"), [(131048, 3600.0), (130429, 0.0)])
def test_a_reported_throttling_brakes_its_sender(sessions: Sessions, code: int, stop_s: float) -> None:
    with session_scope(sessions) as session:
        reported, (concerned, _) = told(session, code)
        assert reported.brakes == {concerned.sender_id: stop_s}
        assert concerned.state == "running"


@pytest.mark.parametrize("code", [131042, 131031, 131048])
@pytest.mark.parametrize(("left_after_s", "counts"), [(-3600, False), (0, False), (1, True)])
def test_a_report_on_what_left_before_the_resume_stops_nobody_again(
    sessions: Sessions, code: int, left_after_s: int, counts: bool
) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        template = make_template(session, sender)
        # The message was one of a campaign that has ended since: it stops the others, or nobody.
        ended = make_campaign(session, sender, template, "ended", state="settling", resumed_at=NOON)
        went_on = make_campaign(session, sender, template, "went on", resumed_at=NOON)
        never_stood = make_campaign(session, sender, template, "never stood")
        reported = Reported()
        reported(session, {(ended.id, code): NOON + timedelta(seconds=left_after_s)})
        session.expire_all()
        if code == 131048:
            assert bool(reported.brakes) is counts
        else:
            assert (went_on.state, never_stood.state) == ("paused" if counts else "running", "paused")


def test_of_two_reports_the_one_whose_message_left_last_counts(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender), resumed_at=NOON)
        late, new = NOON - timedelta(seconds=1), NOON + timedelta(seconds=1)
        Reported()(session, {(campaign.id, 131042): new, (campaign.id, 131031): late})
        session.expire_all()
        assert (campaign.state, campaign.state_reason) == ("paused", "payment")


@pytest.mark.parametrize("code", [131026, 131049, 999_999, None])
def test_what_concerns_its_message_alone_stops_nobody(sessions: Sessions, code: int | None) -> None:
    with session_scope(sessions) as session:
        reported, campaigns = told(session, code)
        assert not reported.brakes
        assert {campaign.state for campaign in campaigns} == {"running"}


def test_a_reported_pause_of_the_template_is_asked_about_and_believed_only_then(sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        _, (concerned, _) = told(session, 132015)
        template = session.get_one(Template, concerned.template_id)
        assert (concerned.state, template.status) == ("running", "APPROVED")
        assert template.doubted_at is not None
        account, doubted_at = template.account, template.doubted_at
    now = doubted_at + timedelta(seconds=1)
    assert accounts_in_doubt(sessions, now=now) == [account]
    assert accounts_in_doubt(sessions, now=now + ASK_AGAIN / 2) == []
    assert accounts_in_doubt(sessions, now=now + ASK_AGAIN) == [account]
    with session_scope(sessions) as session:
        session.get_one(Template, template.id).synced_at = now
    assert accounts_in_doubt(sessions, now=now + 3 * ASK_AGAIN) == []
