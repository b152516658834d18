"""The gate in SQL: the same answers as the pure one, by index alone."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent import store
from campaign.consent.expiry import set_lifetime
from campaign.consent.gate import Withheld, may_write
from models.people import ConsentEvent, Suppression
from models.session import Sessions
from tests.campaign.consent.people import ANA, BOB, EVA, ban, event
from tests.factories import NOON

CATEGORIES = ["marketing", "utility", "authentication", "all"]
TIMES = st.sampled_from([NOON + timedelta(hours=h) for h in (-49, -48, -3, -2, -1, 0, 1)])
LIVES = st.dictionaries(st.sampled_from(CATEGORIES[:3]), st.sampled_from([1, 2, 3]))
SAID = st.builds(event, st.sampled_from([ANA, BOB, EVA]), st.sampled_from(["opt_in", "opt_in", "opt_out"]), TIMES,
                 st.sampled_from(CATEGORIES))  # fmt: skip
BANS = st.builds(ban, st.sampled_from([ANA, BOB, EVA]), st.sampled_from(CATEGORIES), st.none() | TIMES)


def withheld(session: Session, phones: Sequence[str], category: str, **values: Any) -> list[str | None]:
    reason = store.WITHHELD_SQL("person.identity", ":category", "CAST(:now AS timestamptz)")
    statement = text(f"""
        SELECT {reason} FROM unnest(CAST(:identities AS text[])) WITH ORDINALITY AS person (identity, place)
        ORDER BY place
    """)
    identities = [phone.lstrip("+") for phone in phones]
    return list(session.scalars(statement, {"identities": identities, "category": category, "now": NOON} | values))


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    said=st.lists(SAID, max_size=9),
    bans=st.lists(BANS, max_size=4),
    category=st.sampled_from(CATEGORIES[:3]),
    lives=LIVES,
)
def test_sql_and_the_pure_gate_give_the_same_answers(
    sessions: Sessions, said: list[ConsentEvent], bans: list[Suppression], category: str, lives: dict[str, int]
) -> None:
    bans = list({(each.phone_identity, each.category): each for each in bans}.values())
    expected = []
    for phone in (ANA, BOB, EVA):
        events = [each for each in said if each.phone_e164 == phone]
        lasts = timedelta(days=lives[category]) if category in lives else None
        decision = may_write(category, events, [each for each in bans if each.phone_e164 == phone], NOON, lasts)
        expected.append(decision.reason if isinstance(decision, Withheld) else None)
    with sessions() as session:
        store.add_events(session, said)
        for named, days in lives.items():
            set_lifetime(session, named, days, recorded_by="test", now=NOON)
        for each in bans:
            session.execute(
                text("INSERT INTO suppression (phone_identity, phone_e164, category, reason, source, until) "
                     "VALUES (:phone_identity, :phone_e164, :category, :reason, :source, :until)"),
                {name: getattr(each, name) for name in
                 ("phone_identity", "phone_e164", "category", "reason", "source", "until")},
            )  # fmt: skip
        assert withheld(session, [ANA, BOB, EVA], category) == expected
        session.rollback()


@pytest.mark.parametrize("count", [0, 50_000])
def test_the_gate_reads_by_index_whatever_the_statistics_say(sessions: Sessions, count: int) -> None:
    with sessions() as session:
        for table, columns in (("consent_event", "action, occurred_at, recorded_by"), ("suppression", "reason")):
            values = "'opt_in', now(), 'test'" if table == "consent_event" else "'manual'"
            session.execute(
                text(f"INSERT INTO {table} (phone_identity, phone_e164, category, source, {columns}) "
                     f"SELECT n, n, 'marketing', 'test', {values} FROM generate_series(1, :count) AS n"),
                {"count": count},
            )  # fmt: skip
        reason = store.WITHHELD_SQL("person.identity", "'marketing'", "now()")
        statement = text(f"EXPLAIN SELECT {reason} FROM unnest(CAST(:ids AS text[])) AS person (identity)")
        plan = "\n".join(session.scalars(statement, {"ids": [str(n) for n in range(20_000)]}))
        assert "ix_consent_event_phone_identity" in plan
        assert "uq_suppression_phone_identity" in plan
        assert "hashed SubPlan" not in plan
        assert "Seq Scan on consent_event" not in plan
        assert "Seq Scan on suppression" not in plan
        session.rollback()


def test_events_are_returned_newest_first(sessions: Sessions) -> None:
    with sessions() as session:
        hours = (1, 3, 2)
        store.add_events(session, [event(ANA, "opt_in", NOON + timedelta(hours=h)) for h in hours])
        store.add_events(session, [event(BOB, "opt_in", NOON)])
        found = store.events_of(session, ANA.lstrip("+"))
        assert [each.occurred_at for each in found] == [NOON + timedelta(hours=h) for h in (3, 2, 1)]
        session.rollback()
