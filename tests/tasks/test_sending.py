"""The dispatcher: beside the lanes it has templates read that a send or a report left in doubt, each once a minute."""

import pytest
from redis import Redis
from sqlalchemy import func, update

from campaign.settings import Settings
from models import Template
from models.session import Sessions, session_scope
from tasks import sending, templates, wiring
from tests.factories import make_sender, make_template


def test_a_doubted_template_is_read_once_and_not_again_at_the_next_beat(
    sessions: Sessions, settings: Settings, redis_client: Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(templates.refresh, "apply_async", lambda args, **_: rung.append(args[0]))
    for name, value in {"sessions": sessions, "settings": settings, "redis": redis_client}.items():
        monkeypatch.setattr(wiring, name, lambda value=value: value)
    with session_scope(sessions) as session:
        account = make_template(session, make_sender(session)).account
    sending.dispatch()
    assert rung == []
    with session_scope(sessions) as session:
        session.execute(update(Template).values(doubted_at=func.clock_timestamp()))
    sending.dispatch()
    sending.dispatch()
    assert rung == [account]
