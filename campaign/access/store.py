"""The SQL of access: sessions, sign-in failures, the set-up token, drafts, approvals, and audited transactions."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from sqlalchemy import Engine, delete, exists, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, sessionmaker

from models.access import Approval, Draft, IdempotencyKey, LoginAttempt, Role, SetupToken, User, WebSession
from models.sequence import Sequence, SequenceState, SequenceStep
from models.session import Sessions


@contextmanager
def one_transaction(sessions: Sessions) -> Iterator[Sessions]:
    """Sessions that all take part in one transaction: committed at the end of the block, undone when it raises.

    A session that is rolled back inside the block undoes its own part alone.
    """
    engine: Engine = sessions.kw["bind"]
    with engine.connect() as connection, connection.begin():
        yield sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")


def has_users(session: Session) -> bool:
    """Whether anybody may sign in, or ever might."""
    return bool(session.scalar(select(exists().where(User.id.is_not(None)))))


def count_admins(session: Session) -> int:
    """Users who may manage users and may sign in. Locks them until the commit, so that two do not leave at once."""
    admins = select(User.id).where(User.role == Role.ADMIN, User.disabled_at.is_(None)).with_for_update()
    return len(session.scalars(admins).all())


def end_sessions(session: Session, user_id: int) -> None:
    """Sign a user out everywhere."""
    session.execute(delete(WebSession).where(WebSession.user_id == user_id))


def end_session(session: Session, token_sha256: str) -> None:
    """Sign one browser out."""
    session.execute(delete(WebSession).where(WebSession.token_sha256 == token_sha256))


def forget_failures(session: Session, key: str) -> None:
    """Count from nought again."""
    session.execute(delete(LoginAttempt).where(LoginAttempt.key == key))


def count_failure(session: Session, key: str, now: datetime) -> None:
    """One more failed sign-in under a name or from an address."""
    fresh = insert(LoginAttempt).values(key=key, failures=1, last_at=now)
    session.execute(
        fresh.on_conflict_do_update(
            index_elements=["key"], set_={"failures": LoginAttempt.failures + 1, "last_at": now}
        )
    )


def forget_old(session: Session, *, now: datetime, failures_before: datetime) -> None:
    """Take away sessions that have ended and failures of long ago."""
    session.execute(delete(WebSession).where(WebSession.expires_at <= now))
    session.execute(delete(LoginAttempt).where(LoginAttempt.last_at <= failures_before))


def replace_setup_token(session: Session, token_sha256: str) -> None:
    """Make this the one token that counts."""
    session.execute(delete(SetupToken))
    session.add(SetupToken(token_sha256=token_sha256))


def take_setup_token(session: Session, token_sha256: str) -> bool:
    """Use the token up; of two at once, one finds it gone."""
    taken = delete(SetupToken).where(SetupToken.token_sha256 == token_sha256).returning(SetupToken.token_sha256)
    return session.execute(taken).first() is not None


def overwrite_draft(
    session: Session, draft_id: int, version: int, content: Mapping[str, Any], *, by: str, now: datetime
) -> bool:
    """Save a draft over one version; False when it is not at that version any more."""
    changed = session.execute(
        update(Draft)
        .where(Draft.id == draft_id, Draft.version == version)
        .values(version=version + 1, content=dict(content), saved_by=by, saved_at=now)
        .returning(Draft.id)
    )
    return changed.first() is not None


def ask_for_approval(session: Session, campaign_id: int, by: str, now: datetime) -> None:
    """Note that a launch wants a second person's word; asking again changes nothing."""
    asked = insert(Approval).values(campaign_id=campaign_id, asked_by=by, asked_at=now)
    session.execute(asked.on_conflict_do_nothing())


def claim_key(
    session: Session, actor: str, key: str, digest: str, *, now: datetime, stale_before: datetime
) -> IdempotencyKey | None:
    """Take a key for a request; the earlier request with it when it is taken. One left lying is taken over."""
    stale = IdempotencyKey.answer.is_(None) & (IdempotencyKey.created_at < stale_before)
    fresh = insert(IdempotencyKey).values(actor=actor, key=key, request_sha256=digest, created_at=now)
    taken = session.execute(
        fresh.on_conflict_do_update(
            index_elements=["actor", "key"], set_={"request_sha256": digest, "created_at": now}, where=stale
        ).returning(IdempotencyKey.key)
    )
    return None if taken.first() else session.get(IdempotencyKey, (actor, key))


def release_key(session: Session, actor: str, key: str) -> None:
    """Forget a request that failed."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.actor == actor, IdempotencyKey.key == key))


def keep_answer(session: Session, actor: str, key: str, answer: Mapping[str, Any]) -> None:
    """Keep what is answered from now on."""
    session.execute(
        update(IdempotencyKey)
        .where(IdempotencyKey.actor == actor, IdempotencyKey.key == key)
        .values(answer=dict(answer), status=200)
    )


def forget_answers(session: Session, before: datetime) -> None:
    """Take away answers of long ago."""
    session.execute(delete(IdempotencyKey).where(IdempotencyKey.created_at < before))


def draft_sequence_of(session: Session, campaign_id: int) -> str | None:
    """The name of the sequence that a campaign is a step of, while that is a draft: it is launched as a whole."""
    statement = (
        select(Sequence.name)
        .join(SequenceStep, SequenceStep.sequence_id == Sequence.id)
        .where(SequenceStep.campaign_id == campaign_id, Sequence.state == SequenceState.DRAFT)
    )
    return session.scalar(statement)
