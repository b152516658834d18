"""`campaign create` with policies, `campaign uncertain` and `campaign move`."""

from copy import deepcopy
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from models import Campaign, Message
from models.session import session_scope
from tests.console.cli.conftest import MAP, TEXT, create

CALM = TEXT | {"name": "calm_sale", "id": "900000000000099", "components": [{"type": "BODY", "text": "{{1}} at {{2}}"}]}


MORE = CALM | {
    "name": "more",
    "id": "900000000000098",
    "components": [{"type": "BODY", "text": "{{1}} {{2}} {{3}} now"}],
}


def only(sessions, model):
    with sessions() as session:
        return session.query(model).order_by(model.id).all()


def test_every_policy_is_kept(ready, sessions):
    canary = ("--canary", "50", "--canary-wait", "60", "--canary-max-failed", "10%", "--canary-max-blocked", "1.5%")
    answer = create(ready, *MAP, "--uncertain-policy", "ask", "--priority", "low", *canary)
    assert (answer.code, answer.err) == (0, "")
    (campaign,) = only(sessions, Campaign)
    assert (campaign.uncertain_policy, campaign.priority, campaign.canary_left) == ("ask", "low", 50)
    assert campaign.canary == {"people": 50, "wait_s": 60.0, "failed": 0.1, "held": 0.05, "blocked": 0.015}


def test_without_options_marketing_waits_and_has_the_middle_turn(ready, sessions):
    create(ready)
    (campaign,) = only(sessions, Campaign)
    assert (campaign.uncertain_policy, campaign.priority, campaign.canary) == ("wait", "normal", None)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--canary-wait", "5"), "say nothing without --canary N"),
        (("--canary", "5", "--canary-max-held", "some"), "--canary-max-held some is no share"),
        (("--canary", "99999"), "--canary 99999 is not usable"),
        (("--priority", "urgent"), "urgent"),
        (("--uncertain-policy", "guess"), "guess"),
    ],
)
def test_a_policy_that_cannot_be_is_one_line_and_nothing_is_created(ready, sessions, options, words):
    answer = create(ready, *MAP, *options)
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert words in answer.err
    assert only(sessions, Campaign) == []


@pytest.fixture
def doubtful(ready, sessions):
    """A campaign in settling, of whose four messages three are uncertain since an hour, a minute and now."""
    create(ready)
    ready("launch", "spring")
    now = datetime.now(UTC)
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="settling"))
        for message, age_s in zip(session.query(Message).order_by(Message.id), (3600, 60, 0), strict=False):
            message.state, message.attempt, message.reason = "uncertain", 1, "no_answer"
            message.claimed_at = message.uncertain_at = now - timedelta(seconds=age_s)
            message.error_text = "no answer within 20 s"
    return ready


def test_uncertain_shows_why_and_what_would_resolve_it(doubtful):
    out = doubtful("uncertain", "spring").out
    assert out.startswith("3 messages of campaign spring may or may not have been sent.\n")
    assert "no answer came in time" in out
    # No webhook ever came, so of the oldest a report may have found nobody.
    words = " ".join(out.split())
    assert "proof of absence: 2 from " in words
    assert "; 1 not before " in words
    assert "Reports of shop: of nothing later so far" in out
    found = doubtful("uncertain", "spring", "--json").json
    assert (found["messages"], found["policy"], found["groups"][0]["why"]) == (3, "wait", "timeout")
    assert "campaign uncertain spring" in doubtful("status", "spring").out


def test_nobody_is_asked_where_there_is_no_terminal(doubtful, sessions):
    answer = doubtful("uncertain", "spring", "--resolve", "resend")
    assert answer.code == 2
    assert "3 messages of campaign spring: each is sent once more; whoever has it already gets it twice" in answer.err
    assert "--yes" in answer.err
    assert [message.state for message in only(sessions, Message)].count("uncertain") == 3


def test_resolving_moves_only_the_older_ones(doubtful, sessions):
    answer = doubtful("uncertain", "spring", "--resolve", "failed", "--older-than", "1800", "--yes")
    assert answer.out.endswith("1 message of campaign spring: failed.\n")
    answer = doubtful("uncertain", "spring", "--resolve", "resend", "--yes", "--json")
    assert answer.json == {"name": "spring", "decision": "resend", "messages": 2}
    assert [message.state for message in only(sessions, Message)] == ["failed", "queued", "queued", "queued"]


def test_a_campaign_without_doubt_says_so(ready):
    create(ready)
    assert ready("uncertain", "spring").out == "Nothing is uncertain in campaign spring.\n"


@pytest.fixture
def dropped(ready, platform, sessions):
    """A paused campaign of whose four messages two were dropped; and a calmer template."""
    platform.templates.extend(deepcopy([CALM, MORE]))
    ready("templates", "sync", "--sender", "shop")
    create(ready)
    ready("launch", "spring")
    with session_scope(sessions) as session:
        session.execute(update(Campaign).values(state="paused", state_reason="template_paused"))
        for message in session.query(Message).order_by(Message.id).limit(2):
            message.state, message.attempt, message.error_code = "dropped", 1, 132015
    return ready


def test_move_counts_first_and_shows_what_people_will_see(dropped, sessions):
    answer = dropped("move", "spring", "--to-template", "calm_sale")
    assert answer.code == 2
    assert answer.out.startswith("To calm_sale (en_US, marketing): 2 dropped, 2 queued.\n")
    assert "  Ann at 15%\n" in answer.out
    assert "4 messages of campaign spring: move to calm_sale (en_US)? Say so with --yes" in answer.err
    assert {message.state for message in only(sessions, Message)} == {"dropped", "queued"}


def test_move_moves(dropped, sessions):
    answer = dropped("move", "spring", "--to-template", "calm_sale", "--map", "body.2==20%", "--yes")
    assert answer.out.endswith("4 messages moved. Campaign spring is running.\n")
    assert {(m.state, m.reason, m.parameters["body.2"]) for m in only(sessions, Message)} == {
        ("queued", "moved", "20%")
    }


def test_what_stays_is_told(dropped):
    answer = dropped("move", "spring", "--to-template", "calm_sale", "--what", "dropped", "--yes")
    assert "2 queued messages would stay with spring_sale (en_US), APPROVED." in answer.out


def test_with_json_the_plan_or_the_deed_is_one_document(dropped):
    done = dropped("move", "spring", "--to-template", "calm_sale", "--yes", "--json").json
    assert (done["messages"], done["state"], done["staying"]) == ({"dropped": 2, "queued": 2}, "running", 0)


def test_a_template_that_needs_more_is_one_clear_line(dropped):
    answer = dropped("move", "spring", "--to-template", "more", "--yes")
    assert (answer.code, answer.out, answer.err.count("\n")) == (2, "", 1)
    assert "needs body.3, and of the uploaded rows only body.1, body.2, name are kept" in answer.err
