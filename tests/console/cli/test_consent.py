"""`campaign consent`: lists with other headers, proof, seals, lives."""

import csv
from pathlib import Path

import pytest
from sqlalchemy import text

from campaign.consent.watch import keep_watch
from models.session import Sessions, session_scope
from tests.console.cli.conftest import Cli
from tests.factories import NOON, grant, make_campaign, make_messages, make_sender, make_template

ANA, BOB = "+525555551234", "+447700900123"


@pytest.fixture
def listed(tmp_path: Path) -> Path:
    path = tmp_path / "agreed.csv"
    path.write_text(f"Línea;Acordado el;Fuente\n{ANA};2026-01-05;hoja 7\n{BOB};2026-02-06;hoja 8\n", "utf-8")
    return path


def test_a_list_with_headers_of_its_own_is_mapped_and_sealed_at_once(cli: Cli, listed: Path) -> None:
    mapping = ("--map", "phone=Línea", "--map", "occurred_at=Acordado el", "--map", "source=Fuente")
    assert "2 recorded" in cli("consent", "import", listed, "--category", "marketing", *mapping).out
    found = cli("consent", "show", ANA, "--json").json["events"]
    assert [(e["source"], e["occurred_at"][:10]) for e in found] == [("hoja 7", "2026-01-05")]
    verified = cli("consent", "verify")
    assert verified.out.startswith("2 events in 1 seal: intact.\n0 events not sealed yet.")


def test_columns_that_say_nothing_are_named_and_one_that_withdraws_is_not_passed_over(cli: Cli, tmp_path: Path) -> None:
    path, given = tmp_path / "crm.csv", ("--category", "marketing", "--source", "crm")
    path.write_text(f"phone,name,Status\n{ANA},Ana,active\n{BOB},Bob,opted out\n", "utf-8")
    answer = cli("consent", "import", path, *given)
    assert (answer.code, answer.err.count("\n")) == (2, 1)
    assert "crm.csv row 2: column Status says opted out" in answer.err
    assert cli("consent", "show", ANA, "--json").json["events"] == []
    path.write_text(f"phone,name\n{ANA},Ana\n", "utf-8")
    assert "Warning: not read: name; --map says what a column means" in cli("consent", "import", path, *given).err


def test_what_was_not_recorded_is_written_to_be_mended_and_imported(cli: Cli, tmp_path: Path) -> None:
    path, out = tmp_path / "crm.csv", tmp_path / "rejected.csv"
    rows = [f"{ANA},2026-01-05,=form", "12,2026-01-05,'@shop", f"{BOB},05/01/2026,web", f"{BOB}"]
    path.write_text("\n".join(["phone,occurred_at,source", *rows]) + "\n", "utf-8")
    answer = cli("consent", "import", path, "--category", "marketing", "--rejected", out)
    assert answer.out.startswith("4 rows: 1 recorded, 0 known before, 3 refused.")
    with out.open(encoding="utf-8", newline="") as file:
        found = list(csv.DictReader(file))
    assert [(row["row"], row["file_row"], row["reason"]) for row in found] == [
        ("2", "3", "too_short"), ("3", "4", "bad_time"), ("4", "5", "ragged_row"),
    ]  # fmt: skip
    assert found[1]["text"] == "The row has a time that cannot be read: 05/01/2026."
    out.write_text(out.read_text("utf-8").replace("12,2026-01-05", f"{ANA},2026-02-05"), "utf-8")
    assert cli("consent", "import", out, "--category", "marketing").out.startswith("3 rows: 1 recorded")
    assert [event["source"] for event in cli("consent", "show", ANA, "--json").json["events"]] == ["'@shop", "=form"]


@pytest.mark.parametrize("item", ["phone", "telefono=Línea", "phone=Nada", "source=Nada"])
def test_a_mapping_that_is_none_is_told_in_one_line(cli: Cli, listed: Path, item: str) -> None:
    answer = cli("consent", "import", listed, "--map", "phone=Línea", "--map", item)
    assert (answer.code, answer.out, answer.err.count("\n")) == (answer.code or 99, "", 1)


def test_a_changed_event_is_named_and_ends_with_1(cli: Cli, sessions: Sessions) -> None:
    cli("consent", "grant", ANA, BOB, "--category", "marketing")
    noted = cli("consent", "verify", "--json").json["head"]
    with session_scope(sessions) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("UPDATE consent_event SET source = 'elsewhere' WHERE id = 2"))
    answer = cli("consent", "verify")
    assert answer.code == 1
    assert "NOT intact: 1 fault" in answer.out
    assert answer.err.startswith("Error: consent event 2 has been changed since seal 1 of ")
    assert cli("consent", "verify", "--expect", noted).err.count("Error") == 1
    assert cli("consent", "verify", "--expect", "00" * 32).err.count("Error") == 2


def test_opt_ins_of_a_category_may_expire(cli: Cli, listed: Path) -> None:
    mapping = ("--map", "phone=Línea", "--map", "occurred_at=Acordado el", "--category", "marketing", "--source", "x")
    cli("consent", "import", listed, *mapping)
    assert "marketing" in cli("consent", "expiry", "--category", "marketing", "--days", 1).out
    assert cli("consent", "show", ANA, "--json").json["may_write"]["marketing"] == "consent_expired"
    cli("consent", "expiry", "--category", "marketing", "--never")
    assert cli("consent", "show", ANA, "--json").json["may_write"]["marketing"] == "allowed"
    assert cli("consent", "expiry", "--json").json[0] == {"category": "marketing", "days": None}
    assert cli("consent", "expiry", "--days", 3).code == 2
    assert cli("consent", "expiry", "--category", "all", "--days", 3).code == 2


@pytest.fixture
def sent(sessions: Sessions) -> str:
    """A message that was claimed at noon, an hour before its person withdrew."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        campaign = make_campaign(session, sender, make_template(session, sender))
        make_messages(session, campaign, 2, state="delivered", attempt=1, claimed_at=NOON, wamid=None)
        grant(session, ["+12015550100"], proof="form 3, box ticked", source="web form", recorded_at=NOON)
        grant(session, ["+12015550100"], action="opt_out", occurred_at=NOON.replace(hour=13), recorded_at=NOON)
    return "+12015550100"


def test_what_allowed_a_message_is_shown_as_it_was_then(cli: Cli, sent: str) -> None:
    found = cli("consent", "prove", "spring", sent, "--json").json
    assert {name: found[name] for name in ("action", "source", "proof", "event")} == {
        "action": "opt_in", "source": "web form", "proof": "form 3, box ticked", "event": 1,
    }  # fmt: skip
    assert found["claimed_at"] == NOON.isoformat()


def test_the_proofs_of_a_whole_campaign_are_a_csv_with_a_line_per_message(cli: Cli, sent: str, tmp_path: Path) -> None:
    out = tmp_path / "proof.csv"
    assert "2 messages" in cli("consent", "prove", "spring", "--out", out).out
    header, first, second = out.read_text("utf-8").splitlines()
    assert header.startswith("row,phone,category,state,reason,requests,claimed_at,wamid,event,action")
    assert "web form" in first
    assert second.endswith("," * 9)


def test_no_message_no_proof(cli: Cli, sent: str) -> None:
    answer = cli("consent", "prove", "spring", ANA)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert cli("consent", "prove", "spring").code == 2


def test_what_the_watch_finds_is_told_by_doctor_and_by_the_status_of_any_campaign(cli: Cli, sessions: Sessions) -> None:
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_campaign(session, sender, make_template(session, sender))
    cli("consent", "grant", ANA, "--category", "marketing")
    watched = next(each for each in cli("doctor", "--json").json if each["what"] == "consent ledger")
    assert (watched["verdict"], watched["text"].split(":")[0]) == ("ok", "not watched yet")
    keep_watch(sessions, events=10, now=NOON)
    assert "first round" not in cli("doctor").out
    assert "ledger" not in cli("status", "spring").out
    with session_scope(sessions) as session:
        session.execute(text("SET LOCAL session_replication_role = replica"))
        session.execute(text("DELETE FROM consent_event"))
    keep_watch(sessions, events=10, now=NOON)
    words = "the consent ledger is not intact: consent event 1 is missing"
    assert words in cli("status", "spring").out
    answer = cli("doctor")
    assert answer.code == 1
    assert f"failed   consent ledger: {words}" in answer.out
