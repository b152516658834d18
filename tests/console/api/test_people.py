"""`/people`, `/consent`, `/suppressions`."""

from models import AuditEntry, ConsentEvent, Suppression
from tests.factories import fiction_phone

ANN = fiction_phone(1)
SAID = {"phones": [ANN], "category": "marketing", "source": "call"}


def may_write(ask, category="marketing"):
    return ask("GET", f"/people/{ANN}").json()["may_write"][category]


def test_consent_is_granted_and_withdrawn(ask):
    assert may_write(ask) == "no_consent"
    assert ask("POST", "/consent/grants", json=SAID).json()["recorded"] == 1
    assert may_write(ask) == "allowed"
    ask("POST", "/consent/withdrawals", json=SAID)
    assert may_write(ask) == "consent_withdrawn"
    assert len(ask("GET", f"/people/{ANN}").json()["events"]) == 2


def test_a_phone_that_cannot_be_read_is_handed_back(ask):
    answer = ask("POST", "/consent/grants", json=SAID | {"phones": [ANN, "12"]}).json()
    assert (answer["recorded"], len(answer["refused"])) == (1, 1)


def test_a_ban_is_set_and_takes_an_approver_to_lift(ask):
    ask("POST", "/consent/grants", json=SAID)
    assert ask("POST", "/suppressions", json={"phones": [ANN], "source": "letter"}).json() == {"count": 1}
    assert may_write(ask) == "suppressed"
    assert [ban["phone_e164"] for ban in ask("GET", "/suppressions").json()] == [ANN]
    assert ask("DELETE", f"/suppressions/{ANN}").status_code == 403
    assert ask("DELETE", f"/suppressions/{ANN}", role="approver").json() == {"count": 1}
    assert may_write(ask) == "allowed"


def test_a_viewer_changes_nobody(ask, count):
    for path in ("/consent/grants", "/consent/withdrawals", "/suppressions"):
        body = SAID if "consent" in path else {"phones": [ANN], "source": "x"}
        assert ask("POST", path, json=body, role="viewer").status_code == 403
    assert count(ConsentEvent) == count(Suppression) == 0


def test_the_log_names_the_act_and_not_the_phone(ask, sessions):
    ask("POST", "/consent/grants", json=SAID)
    with sessions() as session:
        entry = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
    assert (entry.actor, entry.act) == ("key:operator", "grant_consent")
    assert ANN not in f"{entry.subject} {entry.after}"
