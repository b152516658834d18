"""Consent, contacts, bans and prices from lists that were uploaded."""

import pytest
from sqlalchemy import select

from campaign.consent.replies import ReplyRules, apply_replies
from campaign.providers.base import InboundMessage
from models import IdempotencyKey
from models.session import session_scope
from tests.factories import NOON

CONTACTS = "phone,name,city\n+12015550100,Ann,Lima\n+12015550101,Bo,Quito\n12,Short,\n"
PRICES = "market_or_country,category,price,currency,valid_from\nMX,marketing,0.05,USD,2026-01-01\n"


@pytest.fixture
def uploaded(ask):
    return lambda text: ask("POST", "/uploads?name=list.csv", content=text.encode()).json()["id"]


def test_contacts_come_in_are_found_and_go_out(ask, uploaded):
    done = ask("POST", "/contacts/imports", json={"upload": uploaded(CONTACTS)})
    assert (done.json()["added"], done.json()["refused"][0]["row"]) == (2, 3)
    assert [each["name"] for each in ask("GET", "/contacts").json()] == ["Bo", "Ann"]
    assert [each["name"] for each in ask("GET", "/contacts?search=ann").json()] == ["Ann"]
    assert "Quito" in ask("GET", "/contacts/export").text
    assert ask("GET", "/people/+12015550100/record").json()["attributes"] == {"city": "Lima"}


def test_a_person_is_erased_by_an_admin_alone(ask, uploaded):
    ask("POST", "/contacts/imports", json={"upload": uploaded(CONTACTS)})
    body = {"phone": "+12015550100", "reason": "asked by letter"}
    assert ask("POST", "/people/erasures", json=body).status_code == 403
    assert ask("POST", "/people/erasures", json=body, role="admin").json()["removed"]["contact"] == 1
    assert [each["name"] for each in ask("GET", "/contacts").json()] == ["Bo"]


def test_the_answer_to_an_erasure_that_is_kept_for_a_day_names_no_number(ask, uploaded, sessions):
    ask("POST", "/contacts/imports", json={"upload": uploaded(CONTACTS)})
    said = {"kind": "system", "wa_id": "12015550198", "new_wa_id": "12015550100"}
    with session_scope(sessions) as session:
        changed = InboundMessage(id="wamid.1", occurred_at=NOON, **said)
        apply_replies(session, [changed], [], ReplyRules(), NOON)
    assert ask("GET", "/people/+12015550100/record").json()["other_numbers"] == [
        {"phone": "+12015550198", "until": None}
    ]
    body, key = {"phone": "+12015550100", "reason": "asked by letter"}, {"Idempotency-Key": "once"}
    told = [ask("POST", "/people/erasures", json=body, role="admin", headers=key).json() for _ in range(2)]
    assert told[0] == told[1]
    assert told[0]["numbers"] == [{"phone": "…198", "until": None}]
    with sessions() as session:
        assert "2015550198" not in str(session.scalars(select(IdempotencyKey.answer)).all())


def test_consent_comes_in_and_the_ledger_is_verified(ask, uploaded):
    body = {"upload": uploaded(CONTACTS), "category": "marketing", "source": "fair"}
    done = ask("POST", "/consent/imports", json=body).json()
    assert (done["rows"], done["recorded"], sum(done["refused_by_reason"].values())) == (3, 2, 1)
    assert ask("POST", "/consent/verify").json()["intact"] is True


def test_bans_come_in_and_their_history_is_told(ask, uploaded):
    body = {"upload": uploaded(CONTACTS), "source": "letters", "why": "asked by post"}
    assert ask("POST", "/suppressions/imports", json=body).json()["recorded"] == 2
    history = ask("GET", "/suppressions/history", params={"phone": "+12015550100"}).json()
    assert [(each["action"], each["why"], each["recorded_by"]) for each in history] == [
        ("added", "asked by post", "key:operator")
    ]


def test_prices_come_in_and_are_shown(ask, uploaded):
    body = {"upload": uploaded(PRICES)}
    assert ask("POST", "/prices/imports", json=body).status_code == 403
    assert ask("POST", "/prices/imports", json=body, role="admin").json() == {"new": 1, "changed": 0, "known": 0}
    assert ask("GET", "/prices/mx").json()["marketing"]["currency"] == "USD"
    assert len(ask("GET", "/prices").json()) == 1


def test_a_list_that_is_gone_or_broken_says_so(ask, uploaded):
    assert ask("POST", "/contacts/imports", json={"upload": "x" * 43}).status_code == 404
    assert ask("POST", "/contacts/imports", json={"upload": uploaded("name\nAnn\n")}).status_code == 422


def test_rules_of_consent_are_an_admins(ask):
    assert ask("PUT", "/consent/lifetimes/marketing", json={"days": 365}).status_code == 403
    assert ask("PUT", "/consent/lifetimes/marketing", json={"days": 365}, role="admin").status_code == 204
    assert ask("GET", "/consent/lifetimes").json()["marketing"] == 365
    word = {"word": "no quiero", "kind": "stop"}
    assert ask("POST", "/stop-words", json=word, role="admin").status_code == 204
    assert "no quiero" in [each["word"] for each in ask("GET", "/stop-words").json()]
    assert ask("DELETE", "/stop-words/stop/no quiero", role="admin").status_code == 204
