"""The audit log: with the act or not at all, and never changed."""

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from campaign.access.audit import audited, entries
from campaign.access.roles import Act
from campaign.errors import Forbidden
from models import AuditEntry, Sender
from models.session import session_scope
from tests.factories import make_sender


def log(sessions):
    with sessions() as session:
        return [(entry.actor, entry.act, entry.subject, entry.before, entry.after) for entry in entries(session)]


def test_an_act_and_its_entry_are_one_transaction(sessions, admin):
    with audited(sessions, admin, Act.CHANGE_SENDER, "sender:shop") as act:
        with session_scope(act.sessions) as session:
            make_sender(session)
        act.after = {"rate": 80}
    assert log(sessions) == [("cli:root", "change_sender", "sender:shop", None, {"rate": 80})]


def test_an_act_that_fails_leaves_nothing_though_its_own_transaction_was_committed(sessions, admin):
    def fail_late():
        with audited(sessions, admin, Act.CHANGE_SENDER, "sender:shop") as act:
            with session_scope(act.sessions) as session:
                make_sender(session)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_late()
    with sessions() as session:
        assert (session.query(Sender).count(), session.query(AuditEntry).count()) == (0, 0)


def test_what_the_role_forbids_is_refused_before_it_begins(sessions, viewer):
    with pytest.raises(Forbidden):
        with audited(sessions, viewer, Act.CHANGE_SENDER, "sender:shop"):
            raise AssertionError("not reached")
    assert log(sessions) == []


@pytest.mark.parametrize("change", ["UPDATE audit_entry SET actor = 'somebody'", "DELETE FROM audit_entry"])
def test_the_database_itself_refuses_to_change_the_log(sessions, admin, change):
    with audited(sessions, admin, Act.PAUSE, "campaign:spring"):
        pass
    with sessions() as session, pytest.raises(DBAPIError, match="only ever appended"):
        session.execute(text(change))
    assert len(log(sessions)) == 1


def test_the_log_is_read_by_subject_by_actor_and_page_by_page(sessions, admin, operator):
    for actor, subject in ((admin, "campaign:a"), (operator, "campaign:a"), (operator, "campaign:b")):
        with audited(sessions, actor, Act.PAUSE, subject):
            pass
    with sessions() as session:
        newest, *_ = entries(session)
        assert [entry.subject for entry in entries(session, actor=operator.name)] == ["campaign:b", "campaign:a"]
        assert len(entries(session, subject="campaign:a")) == 2
        assert [entry.subject for entry in entries(session, before_id=newest.id)] == ["campaign:a", "campaign:a"]
        assert len(entries(session, limit=1)) == 1
