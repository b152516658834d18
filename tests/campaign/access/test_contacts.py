"""Contacts as a whole, and one person erased: by whoever may, and written down."""

import pytest

from campaign.access.audit import entries
from campaign.access.contacts import erase, export_list, import_list
from campaign.consent.erased import SubjectKey
from campaign.errors import BadList, Forbidden, UsageError
from models import Contact
from tests.factories import NOON, fiction_phone

KEY = SubjectKey(b"key")


@pytest.fixture
def listed(tmp_path):
    path = tmp_path / "people.csv"
    path.write_text(f"phone,name\n{fiction_phone(1)},Ann\n{fiction_phone(2)},Ben\n12,Short\n")
    return path


def last(sessions):
    with sessions() as session:
        return entries(session)[0]


def test_an_import_is_written_down_with_its_counts(sessions, operator, listed):
    result = import_list(sessions, operator, listed, now=NOON)
    assert (result.rows, result.added, result.rejected_by_reason.total()) == (3, 2, 1)
    entry = last(sessions)
    assert (entry.actor, entry.act, entry.subject) == ("user:olga", "import_contacts", "contacts")
    assert entry.after == {"file": "people.csv", "rows": 3, "added": 2, "changed": 0, "refused": 1}


def test_a_list_that_cannot_be_read_leaves_nothing(sessions, operator, tmp_path):
    empty = tmp_path / "empty.csv"
    empty.write_text("")
    with pytest.raises(BadList):
        import_list(sessions, operator, empty, now=NOON)
    with sessions() as session:
        assert entries(session) == []


def test_a_viewer_imports_nothing(sessions, viewer, listed):
    with pytest.raises(Forbidden):
        import_list(sessions, viewer, listed, now=NOON)


def test_who_takes_everybody_out_is_written_down(sessions, viewer, operator, listed, tmp_path):
    import_list(sessions, operator, listed, now=NOON)
    assert export_list(sessions, viewer, tmp_path / "out.csv") == 2
    assert (last(sessions).actor, last(sessions).after) == ("user:vera", {"contacts": 2})


def test_an_erasure_names_nobody_in_the_log(sessions, operator, admin, listed):
    import_list(sessions, operator, listed, now=NOON)
    done = erase(sessions, admin, fiction_phone(1), reason="asked by mail", key=KEY, now=NOON)
    entry = last(sessions)
    assert (entry.act, entry.subject) == ("erase", "person:…101")
    assert entry.after == {"erasure": done.erasure_id, "removed": {"contact": 1}}
    with sessions() as session:
        assert [contact.name for contact in session.query(Contact)] == ["Ben"]


def test_an_erasure_needs_a_reason_and_an_admin(sessions, operator, admin):
    with pytest.raises(UsageError, match="needs a reason"):
        erase(sessions, admin, fiction_phone(1), reason=" ", key=KEY, now=NOON)
    with pytest.raises(Forbidden):
        erase(sessions, operator, fiction_phone(1), reason="asked", key=KEY, now=NOON)
