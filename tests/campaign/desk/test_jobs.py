"""What pages do in the background is found again after the process that did it is gone."""

from datetime import timedelta

from campaign.audience.reasons import SENTENCES, RejectReason
from campaign.consent.ledger import RejectedConsent
from campaign.contacts.load import ContactImport
from campaign.desk import jobs
from campaign.desk.jobs import CUT_OFF_AFTER, begin_job, end_job, newest_job, newest_jobs, still_at_it
from tests.factories import NOON, fiction_phone


def found(sessions, kind="contacts", now=NOON):
    with sessions() as session:
        return newest_job(session, kind, now=now)


def begin(sessions, kind="contacts", now=NOON):
    return begin_job(sessions, kind, "Reading list.csv.", "ana", now=now)


def test_a_job_is_found_with_what_came_out_of_it(sessions):
    job, is_new = begin(sessions)
    result = ContactImport(rows=3, added=1, changed=1)
    result.reject(RejectedConsent(2, RejectReason.TOO_SHORT, f"{fiction_phone(1)} is too short", {"phone": "1"}))
    end_job(sessions, job.id, now=NOON + timedelta(seconds=5), result=result)
    kept = found(sessions, now=NOON + timedelta(days=1))
    assert (is_new, kept.cut_off) == (True, False)
    assert (kept.id, kept.by, kept.ended_at, kept.error) == (job.id, "ana", NOON + timedelta(seconds=5), None)
    assert (kept.result.rows, kept.result.rejected_by_reason) == (3, result.rejected_by_reason)


def test_nobody_stands_in_what_is_kept(sessions):
    job, _ = begin(sessions)
    result = ContactImport(rows=1)
    result.reject(RejectedConsent(1, RejectReason.TOO_SHORT, f"{fiction_phone(1)} is too short", {"phone": "1"}))
    end_job(sessions, job.id, now=NOON, result=result)
    row = found(sessions).result.rejected[0]
    assert (row.row_number, row.text, row.raw) == (1, SENTENCES[RejectReason.TOO_SHORT], {})


def test_a_result_that_no_page_shows_is_not_kept(sessions):
    job, _ = begin(sessions)
    end_job(sessions, job.id, now=NOON, result=object())
    assert (found(sessions).result, found(sessions).ended_at) == (None, NOON)


def test_a_job_of_which_nothing_is_heard_any_more_was_cut_off(sessions):
    job, _ = begin(sessions)
    later = NOON + timedelta(minutes=1)
    still_at_it(sessions, job.id, now=later)
    assert not found(sessions, now=later + CUT_OFF_AFTER).cut_off
    assert found(sessions, now=later + CUT_OFF_AFTER + timedelta(seconds=1)).cut_off


def test_a_kind_is_not_begun_twice_at_once_and_is_begun_anew_once_cut_off(sessions):
    first, _ = begin(sessions)
    assert begin(sessions) == (first, False)
    again, is_new = begin(sessions, now=NOON + CUT_OFF_AFTER + timedelta(seconds=1))
    assert (is_new, again.id == first.id) == (True, False)


def test_the_oldest_are_forgotten(sessions, monkeypatch):
    monkeypatch.setattr(jobs, "KEPT", 3)
    for number in range(5):
        job, _ = begin(sessions, f"kind {number}")
        end_job(sessions, job.id, now=NOON)
    with sessions() as session:
        assert [len(newest_jobs(session, f"kind {n}", now=NOON, limit=9)) for n in range(5)] == [0, 0, 1, 1, 1]
