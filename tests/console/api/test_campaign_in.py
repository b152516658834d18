"""What a campaign or a schedule is created from."""

import pytest

from campaign.audience.query.address import FROM_VARIABLE
from campaign.errors import NotFound, UsageError
from console.api.campaign_in import CampaignIn, ScheduleIn, with_files
from models import Campaign, Schedule, Sender
from models.session import session_scope
from tests.console.api.conftest import CSV
from tests.factories import make_sender, make_template

MAP = ["body.1=name|friend", "body.2==15%"]
BASE = {"name": "spring", "sender": "shop", "template": "spring_sale", "language": "en_US", "mapping": MAP}


@pytest.fixture
def template(sessions):
    with session_scope(sessions) as session:
        make_template(session, make_sender(session))


@pytest.fixture
def upload(ask):
    return ask("POST", "/uploads?name=list.csv", content=CSV.encode()).json()["id"]


def test_all_that_the_command_line_can_say_reaches_the_campaign(ask, template, upload, sessions):
    quiet = ask("POST", "/uploads?name=quiet.csv", content=CSV.splitlines()[0].encode() + b"\n" + b"+12015550100,Ann\n")
    body = BASE | {
        "upload": upload, "landlines": True, "priority": "high", "uncertain_policy": "ask",
        "canary": {"people": 2, "wait_s": 60, "failed": 0.1}, "not_messaged_within_days": 3,
        "exclude_upload": quiet.json()["id"], "zone": "America/Mexico_City", "window": "09:00-20:00",
        "quiet_days": ["2026-12-25"], "per_hour": 100, "deadline_at": "2026-12-30T12:00:00+00:00", "us_marketing": True,
    }  # fmt: skip
    made = ask("POST", "/campaigns", json=body)
    assert made.status_code == 201, made.text
    with sessions() as session:
        campaign = session.query(Campaign).one()
    assert (campaign.priority, campaign.uncertain_policy, campaign.zone) == ("high", "ask", "America/Mexico_City")
    assert (campaign.canary["people"], campaign.canary["failed"]) == (2, 0.1)
    assert campaign.not_messaged_within_days == 3


def test_a_list_is_kept_under_its_content_and_can_be_had_again(ask, template, upload):
    ask("POST", "/campaigns", json=BASE | {"upload": upload})
    (kept,) = ask("GET", "/uploads").json()
    assert (kept["campaigns"], kept["there"]) == (["spring"], True)
    assert ask("GET", "/uploads/spring").text == CSV
    assert ask("DELETE", "/uploads/spring").status_code == 403
    assert ask("DELETE", "/uploads/spring", role="admin").status_code == 204
    assert ask("GET", "/uploads/spring").status_code == 404


def test_only_a_database_that_an_admin_has_named_is_asked(settings, monkeypatch):
    monkeypatch.setenv("CRM", "postgresql://crm/db")
    query = {"variable": "CRM", "sql": "select 1"}
    asked = CampaignIn(**BASE, query=query)
    with pytest.raises(UsageError, match="CAMPAIGN_QUERY_VARIABLES"):
        asked.new_campaign(settings)
    allowed = settings.model_copy(update={"query_variables": ("CRM",)})
    request = asked.new_campaign(allowed)
    assert request.audience == f"{FROM_VARIABLE}CRM"
    assert dict(request.reading.environment) == {"CRM": "postgresql://crm/db"}
    own = CampaignIn(**BASE, query=query | {"variable": "CAMPAIGN_DATABASE_URL"})
    with pytest.raises(UsageError, match="may not be asked"):
        own.new_campaign(allowed)


@pytest.mark.parametrize("item", ["header.1=@/etc/passwd", "header.1=@../secret.png", "header.1=@picture.jpg"])
def test_a_file_of_this_machine_is_never_named_by_its_path(settings, item):
    with pytest.raises(NotFound, match="upload it again"):
        with_files([item], settings)
    assert with_files(["body.1==@name"], settings) == ["body.1==@name"]


def test_an_error_names_fields_and_no_folder_of_ours(ask, template, upload, settings):
    detail = ask("POST", "/campaigns", json=BASE | {"upload": upload, "phone_column": "tel"}).json()["detail"]
    assert "tel" in detail
    assert "--" not in detail
    assert str(settings.home) not in detail


SCHEDULE = BASE | {"zone": "UTC", "first_at": "2026-11-23T09:00:00", "rule": "FREQ=WEEKLY;BYDAY=MO;COUNT=3"}


def test_a_schedule_is_made_shown_paused_resumed_and_removed(ask, template, upload, count):
    made = ask("POST", "/schedules", json=SCHEDULE | {"upload": upload}, headers={"Idempotency-Key": "1"})
    assert made.status_code == 201, made.text
    assert len(made.json()["next_runs"]) == 3
    again = ask("POST", "/schedules", json=SCHEDULE | {"upload": upload}, headers={"Idempotency-Key": "1"})
    assert (again.json(), count(Schedule)) == (made.json(), 1)
    assert ask("POST", "/schedules/spring/pause").status_code == 204
    assert ask("GET", "/schedules/spring").json()["state"] == "paused"
    assert ask("POST", "/schedules/spring/resume").json()["next_run_at"].startswith("2026-11-23T09:00")
    assert [each["name"] for each in ask("GET", "/schedules").json()] == ["spring"]
    assert ask("DELETE", "/schedules/spring").status_code == 204
    assert ask("GET", "/schedules/spring").status_code == 404


def test_a_schedule_takes_no_file_that_is_gone_tomorrow(settings):
    new = ScheduleIn(**SCHEDULE | {"contacts": [], "mapping": ["header.1=@" + "x" * 43]})
    with pytest.raises(UsageError, match="link"):
        new.new_schedule(settings)


VARIANTS = {
    "variants": [{"name": "A", "share": 50}, {"name": "B", "share": 50, "template": "summer_sale"}],
    "winner": {"measure": "read", "sample": 200, "after_s": 3600},
}


def test_variants_and_the_rule_of_their_winner_are_taken_and_shown(ask, template, upload, sessions):
    with session_scope(sessions) as session:
        make_template(session, session.query(Sender).one(), "summer_sale")
    made = ask("POST", "/campaigns", json=BASE | VARIANTS | {"upload": upload})
    assert made.status_code == 201, made.text
    shown = ask("GET", f"/campaigns/{made.json()['id']}/variants", role="viewer").json()
    assert [(each["name"], each["share"], each["template"]) for each in shown["variants"]] == [
        ("A", 50, "spring_sale"), ("B", 50, "summer_sale"),
    ]  # fmt: skip
    assert [shown[each] for each in ("measure", "sample", "after_s", "confidence")] == ["read", 200, 3600, 95]


def test_variants_that_cannot_be_compared_are_refused_in_the_words_of_the_fields(ask, template, upload):
    winner = VARIANTS["winner"] | {"sample": 20}
    refused = ask("POST", "/campaigns", json=BASE | VARIANTS | {"upload": upload, "winner": winner})
    assert refused.status_code == 422
    assert refused.json()["detail"].startswith("winner.sample 20 is too small")
