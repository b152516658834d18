"""What needs a person, worst first."""

from datetime import timedelta

import pytest

from campaign.access import approvals, consent
from campaign.access.roles import Actor
from campaign.consent.seals import seal_events
from campaign.consent.watch import keep_watch
from campaign.desk.problems import Kind, count_waiting, find_problems, last_verification
from models import Schedule, ScheduleRun, Sender, Template, WebhookEvent
from models.access import AuditEntry, Role
from models.session import session_scope
from models.tally import CampaignTally
from tests.campaign.consent.test_seals import behind_its_back
from tests.factories import NOON, fiction_phone, grant, make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def shop(sessions):
    """A session's sender and template, ready for campaigns."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        return sender.id, make_template(session, sender).id


@pytest.fixture
def found(sessions, settings):
    def found(environment=None):
        with sessions() as session:
            told = find_problems(session, settings, environment or {}, NOON)
        # Each sender of a test lacks its secrets, which is a problem of its own.
        return [each for each in told if each.kind is not Kind.SECRET_MISSING]

    return found


def put(sessions, name="spring", **given):
    with session_scope(sessions) as session:
        sender, template = session.query(Sender).first(), session.query(Template).first()
        return make_campaign(session, sender, template, name, **given)


def test_nothing_is_wrong_with_an_empty_house(sessions, found):
    assert found() == []
    with sessions() as session:
        assert count_waiting(session) == 0


def test_pauses_that_wait_for_a_person_are_there_and_others_are_not(sessions, shop, found):
    put(sessions, "pays", state="paused", state_reason="payment", state_text="Settle it.", paused_at=NOON)
    put(sessions, "waits", state="paused", state_reason="tier_exhausted")
    put(sessions, "mine", state="paused", state_reason="operator")
    assert [(each.kind, each.name, each.text) for each in found()] == [(Kind.CAMPAIGN_PAUSED, "pays", "Settle it.")]
    with sessions() as session:
        assert count_waiting(session) == 1


def test_a_launch_that_waits_for_a_second_person_names_who_asked(sessions, shop, found):
    campaign = put(sessions, state="draft", launched_at=None)
    with session_scope(sessions) as session:
        approvals.ask(session, campaign, Actor("user:olga", Role.OPERATOR), NOON)
    [problem] = found()
    assert (problem.kind, problem.id, problem.by, problem.urgent) == (Kind.APPROVAL, campaign.id, "user:olga", False)


def test_messages_long_in_doubt_are_counted_by_campaign(sessions, shop, found, settings):
    campaign = put(sessions)
    old = NOON - timedelta(seconds=settings.uncertain_grace_s + 120)
    with session_scope(sessions) as session:
        campaign = session.merge(campaign)
        make_messages(session, campaign, 2, state="uncertain", claimed_at=old)
        make_messages(session, campaign, 1, first=5, state="uncertain", claimed_at=NOON)
    [problem] = found()
    assert (problem.kind, problem.count, problem.since) == (Kind.UNCERTAIN, 2, old)


@pytest.mark.parametrize(
    ("given", "kind"),
    [
        ({"state": "disabled"}, Kind.SENDER_DISABLED),
        ({"state": "restricted"}, Kind.SENDER_RESTRICTED),
        ({"state": "connected", "health": "BLOCKED"}, Kind.SENDER_RESTRICTED),
        ({"state": "flagged"}, Kind.SENDER_FLAGGED),
    ],
)
def test_numbers_that_may_not_send_or_are_watched(sessions, found, given, kind):
    with session_scope(sessions) as session:
        make_sender(session, **given)
    assert [(each.kind, each.name) for each in found()] == [(kind, "shop")]


def test_a_missing_secret_is_named_and_never_shown(sessions, settings):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        variable = sender.token_env
    with sessions() as session:
        told = find_problems(session, settings, {}, NOON)
    assert any(each.kind is Kind.SECRET_MISSING and variable in (each.text or "") for each in told)


def test_a_template_that_cannot_be_sent_names_the_campaigns_that_use_it(sessions, shop, found):
    put(sessions)
    put(sessions, "over", state="completed")
    with session_scope(sessions) as session:
        session.query(Template).update({"status": "REJECTED"})
    [problem] = found()
    assert (problem.kind, problem.count, problem.text) == (Kind.TEMPLATE_UNSENDABLE, 1, "REJECTED: spring")


def test_webhooks_that_could_not_be_read_are_listed_until_dismissed(sessions, found):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        common = {"sender_id": sender.id, "body": b"{", "received_at": NOON, "processed_at": NOON, "hides": False}
        session.add(WebhookEvent(**common, error="the body is not JSON"))
        session.add(WebhookEvent(**common, error="the body is not JSON", dismissed_at=NOON))
    assert [each.kind for each in found()] == [Kind.WEBHOOK_UNREAD]
    with sessions() as session:
        assert count_waiting(session) == 1


@pytest.mark.parametrize(("state", "kind"), [("missed", Kind.RUN_MISSED), ("failed", Kind.RUN_FAILED)])
def test_the_newest_run_of_a_schedule_counts(sessions, found, state, kind):
    with session_scope(sessions) as session:
        for name, last in (("bad", state), ("good", "started")):
            made = Schedule(
                name=name, request={}, zone="UTC", first_at=NOON.replace(tzinfo=None), rule="FREQ=DAILY",
                overlap="skip", state="paused",
            )  # fmt: skip
            session.add(made)
            session.flush()
            for days, became in ((2, state), (1, last)):
                at = NOON - timedelta(days=days)
                session.add(ScheduleRun(schedule_id=made.id, run_at=at, campaign_name=f"{name} {days}", state=became))
    assert [(each.kind, each.name) for each in found()] == [(kind, "bad")]


def test_an_engine_that_does_not_count_a_running_campaign_is_silent(sessions, shop, found):
    campaign = put(sessions)
    late = NOON - timedelta(minutes=5)
    with session_scope(sessions) as session:
        session.add(CampaignTally(campaign_id=campaign.id, counts={}, counted_at=late, took_ms=10, series=[]))
    [problem] = found()
    assert (problem.kind, problem.since, problem.urgent) == (Kind.ENGINE_SILENT, late, True)


def test_a_start_that_nobody_made_is_silence_too(sessions, shop, found):
    put(sessions, state="scheduled", start_at=NOON - timedelta(minutes=2))
    assert [each.kind for each in found()] == [Kind.ENGINE_SILENT]


def test_the_last_verification_counts(sessions, found):
    def note(intact, faults):
        with session_scope(sessions) as session:
            after = {"intact": intact, "faults": faults}
            session.add(AuditEntry(actor="user:ana", act="verify_consent", subject=consent.LEDGER, after=after))

    with sessions() as session:
        assert last_verification(session) is None
    note(False, 3)
    assert [(each.kind, each.count) for each in found()] == [(Kind.LEDGER_BROKEN, 3)]
    note(True, 0)
    assert found() == []


def test_the_worst_comes_first(sessions, shop, found):
    put(sessions, "pays", state="paused", state_reason="payment")
    put(sessions, "late", state="scheduled", start_at=NOON - timedelta(minutes=2))
    told = found({"CAMPAIGN_CLAIM_BACH": "5"})
    assert [each.kind for each in told] == [Kind.ENGINE_SILENT, Kind.CAMPAIGN_PAUSED, Kind.VARIABLE_UNREAD]


def test_what_the_watch_found_is_a_problem_though_nobody_asked(sessions, found):
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(1)])
    seal_events(sessions, most=10, now=NOON)
    behind_its_back(sessions, "UPDATE consent_event SET action = 'opt_out'")
    assert found() == []
    keep_watch(sessions, events=10, now=NOON)
    [problem] = found()
    assert (problem.kind, problem.count, problem.since, problem.urgent) == (Kind.LEDGER_BROKEN, 1, NOON, True)
    assert problem.text.startswith("consent event 1 has been changed")
    with sessions() as session:
        assert count_waiting(session) == 1
