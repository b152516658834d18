"""The recorder on a real database: nothing that was learned is lost."""

import random
from datetime import UTC, datetime

import pytest
from sqlalchemy import select, text, update

from campaign.providers.base import Accepted, Refused
from campaign.sending.record import Recorder, Sending, decide, decide_unsent, write_decided
from campaign.sending.retry import RetryPolicy
from campaign.sending.store import Claimed
from campaign.settings import Settings
from models import Campaign, Message
from models.session import Sessions, make_engine, make_sessions, session_scope
from tests.factories import make_campaign, make_messages, make_sender, make_template


@pytest.fixture
def claimed(sessions: Sessions) -> list[Claimed]:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        ids = make_messages(session, campaign, 20, state="sending", attempt=1)
        return [Claimed(id_, campaign.id, 1, "+12015550100", {}, 0, "12015550100") for id_ in ids]


def accepted(claimed: Claimed, settings: Settings, wamid: str) -> object:
    policy = RetryPolicy.from_settings(settings)
    sending = Sending(claimed, "marketing", None)
    now = datetime.now(UTC)
    return decide(sending, Accepted(wamid), policy, now=now, rng=random.Random(1), settings=settings)


async def test_an_outcome_that_cannot_be_written_costs_one_message(
    sessions: Sessions, settings: Settings, claimed: list[Claimed]
) -> None:
    recorder = Recorder(sessions, settings)
    for number, each in enumerate(claimed):
        # Two messages with one id: the second of them breaks the unique index.
        recorder.add(accepted(each, settings, "same" if number in {3, 4} else f"w{number}"))  # type: ignore[arg-type]
    await recorder.close()
    with sessions() as session:
        states = session.scalars(select(Message.state)).all()
    assert sorted(states) == ["accepted"] * 19 + ["sending"]


async def test_text_from_outside_may_hold_anything(
    sessions: Sessions, settings: Settings, claimed: list[Claimed]
) -> None:
    refused = Refused(131008, "missing\x00text 😀 'quoted'", 400)
    decided = decide(
        Sending(claimed[0], "marketing", None),
        refused,
        RetryPolicy.from_settings(settings),
        now=datetime.now(UTC),
        rng=random.Random(1),
        settings=settings,
    )
    recorder = Recorder(sessions, settings)
    recorder.add(decided)
    await recorder.close()
    with sessions() as session:
        message = session.get_one(Message, claimed[0].id)
    assert (message.state, message.error_text) == ("failed", "missingtext 😀 'quoted'")


async def test_outcomes_wait_while_the_database_is_away(
    database_url: str, sessions: Sessions, settings: Settings, claimed: list[Claimed]
) -> None:
    """Every connection is cut while outcomes come in; they are written once connections can be had again."""
    engine = make_engine(database_url, ping=False)
    recorder = Recorder(make_sessions(engine), settings)
    recorder.add(accepted(claimed[0], settings, "w0"))  # type: ignore[arg-type]
    with session_scope(sessions) as session:
        others = "pid <> pg_backend_pid() AND datname = current_database()"
        session.execute(text(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}"))
    for number, each in enumerate(claimed[1:], start=1):
        recorder.add(accepted(each, settings, f"w{number}"))  # type: ignore[arg-type]
    await recorder.close()
    engine.dispose()
    sessions.kw["bind"].dispose()
    with sessions() as session:
        assert set(session.scalars(select(Message.state))) == {"accepted"}


async def test_it_gives_up_when_its_patience_ends(
    database_url: str, sessions: Sessions, settings: Settings, claimed: list[Claimed]
) -> None:
    engine = make_engine(database_url, ping=False)
    with session_scope(sessions) as session:
        session.execute(update(Message).values(attempt=1))
    recorder = Recorder(make_sessions(engine), settings.model_copy(update={"record_patience_s": 0.01}))
    with sessions() as holder:
        holder.execute(text("LOCK TABLE message IN ACCESS EXCLUSIVE MODE"))
        with engine.connect() as connection:
            connection.execute(text("SET lock_timeout = '50ms'"))
            connection.commit()
        recorder.add(accepted(claimed[0], settings, "w0"))  # type: ignore[arg-type]
        with pytest.raises(Exception, match="lock timeout"):
            await recorder.close()
    engine.dispose()
    with sessions() as session:
        assert set(session.scalars(select(Message.state))) == {"sending"}


def test_what_comes_back_unsent_after_a_cancellation_is_skipped(sessions: Sessions, claimed: list[Claimed]) -> None:
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="cancelled"))
    write_decided(sessions, [decide_unsent(each, datetime.now(UTC)) for each in claimed], 50)
    with sessions() as session:
        found = {tuple(row) for row in session.execute(select(Message.state, Message.reason))}
    assert found == {("skipped", "cancelled")}
