"""`campaign create`, `check`, `launch`, `pause`, `resume`, `cancel`."""

import pytest

from models import Campaign, Contact, Message, RejectedRow
from models.people import Category
from tests.console.cli.conftest import MAP, ROWS, create
from tests.factories import fiction_phone


def stored(sessions, model):
    with sessions() as session:
        return session.query(model).all()


def test_a_campaign_is_created_checked_and_launched(ready, sessions):
    created = create(ready)
    assert (created.code, created.err) == (0, "")
    assert "Campaign spring is a draft: 5 rows, 4 to be messaged, 1 refused." in created.out
    assert "Next: campaign check spring" in created.out
    checked = ready("check", "spring").out
    assert "to be messaged" in checked
    assert "At 80 messages/s that takes 0 s." in checked
    assert "The messaging limit is unlimited." in checked
    forecast = ready("check", "spring", "--json").json
    assert (forecast["rows"], forecast["to_message"], forecast["findings"]) == (5, 4, [])
    launched = ready("launch", "spring")
    assert launched.out.startswith("Campaign spring is running.\n")
    assert stored(sessions, Campaign)[0].launched_at is not None


def test_every_option_of_create_is_kept(ready, sessions):
    times = ("--at", "2099-01-01T09:00:00+01:00", "--deadline", "2099-01-02T09:00:00+01:00")
    others = ("--region", "MX", "--rate", "7", "--hold-policy", "continue", "--phone-column", "phone")
    assert create(ready, *MAP, *times, *others).code == 0
    (campaign,) = stored(sessions, Campaign)
    assert (campaign.region, campaign.rate_mps, campaign.hold_policy) == ("MX", 7, "continue")
    assert campaign.start_at.isoformat() == "2099-01-01T08:00:00+00:00"
    assert campaign.mapping == {"body.1": {"column": "name", "fallback": "friend"}, "body.2": {"text": "15%"}}
    assert ready("launch", "spring").out.startswith("Campaign spring is scheduled, starts at 2099-01-01 08:00:00 UTC.")


def test_pause_resume_and_cancel(ready, sessions):
    create(ready)
    ready("launch", "spring")
    for verb, state in (("pause", "paused"), ("resume", "running"), ("cancel", "cancelled")):
        assert ready(verb, "spring").out == f"Campaign spring is {state}.\n"
    assert {(m.state, m.reason) for m in stored(sessions, Message)} == {("skipped", "cancelled")}


def test_launching_twice_says_since_when_it_runs(ready):
    create(ready)
    ready("launch", "spring")
    answer = ready("launch", "spring")
    assert (answer.code, answer.out, answer.err.count("\n")) == (1, "", 1)
    assert "campaign spring is running since 20" in answer.err
    assert "follow it with campaign status spring --watch" in answer.err


BAD = [
    ({"audience": "nowhere.csv"}, 1, "nowhere.csv"),
    ({"audience": "empty.csv"}, 1, "empty.csv"),
    ({"audience": "header.csv"}, 1, "header.csv"),
    ({"audience": "phoneless.csv"}, 1, "phoneless.csv"),
    ({"audience": "phoneless.csv"}, 1, "name, town"),
    ({"audience": "."}, 1, "."),
    ({"template": "spring_sail"}, 1, "no template spring_sail (did you mean spring_sale"),
    ({"language": "en"}, 1, "has no language en; it exists in en_US"),
    ({"template": "order_shipped"}, 1, "order_shipped (en_US) is PAUSED, not APPROVED"),
    ({"sender": "shp"}, 1, "did you mean shop?"),
    ({"name": ""}, 2, "campaign name ''"),
]
BAD_OPTIONS = [
    (("--map", "body.1=nane", "--map", "body.2==15%"), "no column nane (found phone, name)"),
    (("--map", "body.1=name"), "slot body.2 of the template is not mapped; add for example --map body.2="),
    ((*MAP, "--map", "body.3=name"), "no slot body.3 (it has body.1, body.2)"),
    (("--map", "nonsense"), "--map 'nonsense' is not SLOT=COLUMN"),
    ((*MAP, "--region", "XX"), "XX"),
    ((*MAP, "--rate", "0"), "--rate"),
    ((*MAP, "--at", "tomorrow"), "'tomorrow' is no moment"),
    ((*MAP, "--at", "2099-01-01T09:00:00"), "has no offset from UTC"),
    ((*MAP, "--hold-policy", "panic"), "--hold-policy"),
    ((*MAP, "--opt-out-button", "0"), "its quick replies: none"),
]


def refused(cli, sessions, answer, code, words):
    assert (answer.code, answer.out) == (code, "")
    assert words in answer.err
    assert answer.err.startswith("Error: ")
    assert answer.err.count("\n") <= 3
    assert "Traceback" not in answer.err
    for model in (Campaign, Message, RejectedRow, Contact):
        assert stored(sessions, model) == []


@pytest.mark.parametrize(("arguments", "code", "words"), BAD)
def test_bad_input_is_named_and_nothing_is_left(ready, sessions, tmp_path, arguments, code, words):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "header.csv").write_text("phone,name\n")
    (tmp_path / "phoneless.csv").write_text("name,town\nAnn,Oslo\n")
    refused(ready, sessions, create(ready, **arguments), code, words)


@pytest.mark.parametrize(("options", "words"), BAD_OPTIONS)
def test_bad_options_are_named_and_nothing_is_left(ready, sessions, options, words):
    refused(ready, sessions, create(ready, *options), 2, words)


def test_a_phone_column_that_is_not_there_names_those_that_are(ready, sessions):
    refused(ready, sessions, create(ready, *MAP, "--phone-column", "tel"), 1, "phone, name")


def test_a_name_is_taken_once(ready, sessions):
    create(ready)
    answer = create(ready)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert "campaign spring exists already; choose another name" in answer.err
    assert len(stored(sessions, Message)) == ROWS - 1


@pytest.mark.parametrize("verb", ["check", "launch", "pause", "resume", "cancel", "status"])
def test_an_unknown_campaign_brings_the_nearest(ready, verb):
    create(ready)
    answer = ready(verb, "sprin")
    assert (answer.code, answer.err) == (1, "Error: there is no campaign sprin; did you mean spring?\n")


def test_a_template_paused_since_then_is_not_launched(ready, platform):
    create(ready)
    platform.templates[0]["status"] = "PAUSED"
    ready("templates", "sync", "--sender", "shop")
    answer = ready("launch", "spring")
    assert answer.code == 1
    assert "spring_sale (en_US) is PAUSED, not APPROVED" in answer.err


def test_a_sync_pauses_and_resumes_running_campaigns(ready, platform, sessions):
    create(ready)
    ready("launch", "spring")
    for status, state in (("PAUSED", "paused"), ("APPROVED", "running")):
        platform.templates[0]["status"] = status
        ready("templates", "sync", "--sender", "shop")
        assert stored(sessions, Campaign)[0].state == state


def test_check_shows_consent_withdrawn_meanwhile(ready):
    create(ready)
    ready("consent", "withdraw", fiction_phone(0), "--category", Category.MARKETING)
    checked = ready("check", "spring", "--json").json
    assert checked["to_message"] == ROWS - 2
    assert "1 consent_withdrawn" in ready("check", "spring").out
