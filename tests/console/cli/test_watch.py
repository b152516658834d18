"""`campaign status`, once and followed."""

import io
import json
import time
from threading import Timer

import pytest
from rich.console import Console

from campaign.lifecycle import find_campaign
from campaign.sending.limiter import Limiter
from console.cli import watch
from console.stores.pace import shares
from models import AudienceImport
from models.session import session_scope
from models.states import MessageState
from tests.factories import NOON, make_campaign, make_messages, make_sender, make_template

SHAPE = {"name", "state", "reason", "counts", "rows", "refused", "rate", "eta"}


@pytest.fixture
def running(sessions):
    """A running campaign: seven rows, of which one was refused, three are queued and one each in three other states."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        counts = {"row_count": 7, "message_count": 6, "rejected_count": 1}
        listed = {"file_name": "l.csv", "sha256": "0", "columns": ["phone"], "phone_column": "phone"}
        session.add(AudienceImport(campaign_id=campaign.id, **listed, **counts))
        make_messages(session, campaign, 3)
        for number, state in enumerate((MessageState.READ, MessageState.FAILED, MessageState.UNCERTAIN)):
            make_messages(session, campaign, 1, first=3 + number, state=state)
    return "spring"


def move(sessions, **values):
    with session_scope(sessions) as session:
        campaign = find_campaign(session, "spring")
        for name, value in values.items():
            setattr(campaign, name, value)


def test_json_has_the_promised_shape(cli, running):
    status = cli("status", running, "--json").json
    assert set(status) == SHAPE
    assert set(status["rate"]) == {"allowed", "effective", "now"}
    assert sum(status["counts"].values()) + status["refused"] == status["rows"] == 7
    assert (status["state"], status["reason"]) == ("running", None)


def test_the_rate_in_effect_is_what_the_limiter_grants(cli, running, redis_client, settings):
    assert cli("status", running, "--json").json["rate"] == {"allowed": 80, "effective": 80.0, "now": 0.0}
    slow = settings.model_copy(update={"brake_recovery_s": 1e6})
    Limiter(redis_client, "sender:1", slow).brake(0.05)
    time.sleep(0.1)
    assert 40 <= cli("status", running, "--json").json["rate"]["effective"] < 50
    Limiter(redis_client, "sender:1", slow).brake(60)
    found = cli("status", running, "--json").json
    assert (found["rate"]["effective"], found["eta"]) == (0, None)
    assert "0 in effect of 80 allowed" in cli("status", running).out


def test_without_redis_nobody_sends(settings):
    with shares("redis://127.0.0.1:9", settings) as share:
        assert share(1) == 0.0


def test_words_add_up(cli, running):
    lines = [line.split() for line in cli("status", running).out.splitlines()]
    assert lines[0] == ["Campaign", "spring", "is", "running."]
    held = {words[0]: int(words[1]) for words in lines[1:-1]}
    assert held == {"queued": 3, "uncertain": 1, "read": 1, "failed": 1, "refused": 1, "rows": 7}


def test_an_ended_campaign_has_no_pace(cli, running, sessions):
    assert "messages/s" in cli("status", running).out
    move(sessions, state="completed")
    assert "messages/s" not in cli("status", running).out


def test_a_pause_says_what_ends_it(cli, running, sessions):
    move(sessions, state="paused", state_reason="payment", state_text="The account owes money; pay it and resume.")
    out = cli("status", running).out
    assert out.startswith("Campaign spring is paused (payment).\nThe account owes money; pay it and resume.\n")


def test_the_last_uncertain_messages_say_what_would_resolve_them(cli, running, sessions):
    move(sessions, state="settling")
    assert "1 message may or may not have been sent: later traffic of this sender" in cli("status", running).out


@pytest.mark.parametrize("state", ["settling", "running", "paused"])
def test_under_the_policy_to_ask_no_later_traffic_is_promised(cli, running, sessions, state):
    move(sessions, state=state, uncertain_policy="ask")
    out = cli("status", running).out
    assert "unless a report of the message itself comes, a person decides: campaign uncertain spring" in out
    assert "later traffic" not in out


@pytest.mark.parametrize("end", ["completed", "cancelled"])
def test_watch_ends_with_the_campaign(cli, running, sessions, end, monkeypatch):
    monkeypatch.setattr(watch, "INTERVAL_S", 0.05)
    later = Timer(1.0, move, (sessions,), {"state": end})
    later.start()
    out = cli("status", running, "--watch").out.splitlines()
    later.join()
    assert out[0].startswith("Campaign spring is running. 3 queued, 1 uncertain")
    assert out[-1].startswith(f"Campaign spring is {end}.")
    assert len(out) == 2


def test_watch_with_json_is_one_document_per_look(cli, running, sessions):
    move(sessions, state="completed")
    assert json.loads(cli("status", running, "--watch", "--json").out)["state"] == "completed"


def test_watch_on_a_terminal_draws_in_place(cli, running, sessions, monkeypatch):
    move(sessions, state="completed", ended_at=NOON)
    page = io.StringIO()
    monkeypatch.setattr(watch, "terminal", lambda: Console(file=page, force_terminal=True, width=100))
    monkeypatch.setattr(watch.sys.stdout, "isatty", lambda: True, raising=False)
    cli("status", running, "--watch")
    drawn = page.getvalue()
    for words in ("Campaign spring is completed.", "queued", "refused", "messages/s"):
        assert words in drawn


def test_reading_is_told_on_a_terminal_only(monkeypatch, capsys):
    with watch.reading("list.csv") as progress:
        progress(1000)
    assert capsys.readouterr() == ("", "")
    page = io.StringIO()
    monkeypatch.setattr(watch, "terminal", lambda **_: Console(file=page, force_terminal=True, width=100))
    monkeypatch.setattr(watch.sys.stderr, "isatty", lambda: True, raising=False)
    with watch.reading("list.csv") as progress:
        progress(1000)
    assert "Reading list.csv" in page.getvalue()


def test_whoever_interrupts_a_reading_is_told_what_became_of_the_list(capsys):
    with pytest.raises(KeyboardInterrupt), watch.reading("list.csv"):
        raise KeyboardInterrupt
    assert capsys.readouterr().err == "Interrupted: nothing of list.csv was kept; the same command begins anew.\n"
