"""The SQL of recipients: what it does not do."""

import pytest
from sqlalchemy import event, text

from campaign.overview import recipient_store
from campaign.overview.recipients import list_recipients, look_for
from campaign.overview.tally import count_due
from models.session import session_scope
from tests.factories import NOON


@pytest.fixture
def many(sessions, big):
    """Twenty thousand more messages of the campaign, so that a plan tells something."""
    with session_scope(sessions) as session:
        session.execute(
            text("""
                INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, name, parameters,
                                     state, due_at, queued_at)
                SELECT :id, (SELECT sender_id FROM campaign WHERE id = :id), 10 + n, '999' || n, '+999' || n, 'Ann',
                       '{}', 'queued', now(), now()
                FROM generate_series(1, 20000) n
            """),
            {"id": big},
        )
    count_due(sessions, now=NOON)
    with session_scope(sessions) as session:
        session.execute(text("ANALYZE message"))


@pytest.mark.parametrize(
    "filters",
    [{}, {"state": "failed"}, {"search": "+99915000"}, {"search": "15000"}, {"search": "9991"}, {"after": 10_000},
     {"before": 15_000}],
)  # fmt: skip
def test_no_page_reads_the_whole_table(sessions, many, filters):
    plans = []
    with sessions() as session:
        connection = session.connection()

        def explain(connection, cursor, statement, parameters, context, many):
            if "FROM message" in statement or "JOIN message" in statement:
                raw = connection.connection.cursor()
                raw.execute("EXPLAIN " + statement, parameters)
                plans.append("\n".join(row[0] for row in raw.fetchall()))

        event.listen(connection, "before_cursor_execute", explain)
        list_recipients(session, "big", now=NOON, **filters)
    assert plans
    assert not [plan for plan in plans if "Seq Scan on message" in plan]


@pytest.mark.parametrize("row", [11, 12, 10_010, 20_010])
def test_a_row_is_found_by_halving(sessions, many, row):
    with sessions() as session:
        assert [one.row for one in list_recipients(session, "big", now=NOON, search=str(row))] == [row]


@pytest.mark.parametrize("stretch", [7, 6_000])
@pytest.mark.parametrize("turned", [{}, {"before": 2**62}])
@pytest.mark.parametrize("filters", [{"search": "ANN"}, {"search": "ann", "state": "failed"}])
def test_nobody_is_missed_or_told_twice_where_stretches_of_a_list_meet(
    sessions, many, monkeypatch, filters, turned, stretch
):
    with sessions() as session:
        at_once = list_recipients(session, "big", now=NOON, limit=40, **filters, **turned)
        monkeypatch.setattr(recipient_store, "STRETCH", stretch)
        assert list_recipients(session, "big", now=NOON, limit=40, **filters, **turned) == at_once
    assert at_once


def test_one_look_for_a_name_goes_through_a_stretch_and_tells_how_far(sessions, many, monkeypatch):
    monkeypatch.setattr(recipient_store, "STRETCH", 5_000)
    with sessions() as session:
        looked = look_for(session, "big", now=NOON, search="nobody")
        rest = look_for(session, "big", now=NOON, search="nobody", after=looked.until + 14_000)
    assert (looked.rows, round(looked.share, 2)) == ([], 0.25)
    assert (rest.until, rest.share) == (None, 1.0)
