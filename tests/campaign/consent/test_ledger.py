"""The ledger on a real database."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from campaign.audience.reasons import RejectReason as Reason
from campaign.consent.gate import Allowed, Withheld
from campaign.consent.ledger import REJECTED_KEPT, ConsentImport, grant, import_consent, phones_in, show, withdraw
from campaign.consent.suppressions import suppress
from campaign.errors import BadList, NotFound, UsageError
from models.people import Category
from models.session import Sessions, session_scope
from tests.campaign.consent.people import ANA, BOB, EVA, allowed, recorded
from tests.factories import NOON

DAY = timedelta(days=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with session_scope(sessions) as session:
        yield session


@pytest.fixture
def imported(session: Session, tmp_path: Path) -> "Import":
    return Import(session, tmp_path / "consent.csv")


class Import:
    """Imports a list that is given as text."""

    def __init__(self, session: Session, path: Path) -> None:
        self.session, self.path = session, path

    def __call__(self, content: str, *, days: int = 0, region: str | None = "MX") -> ConsentImport:
        self.path.write_text(content)
        return import_consent(
            self.session,
            self.path,
            category="marketing",
            source_text="form",
            region=region,
            now=NOON + days * DAY,
            recorded_by="test",
        )


def test_a_list_is_recorded_and_its_bad_rows_are_handed_back(session: Session, imported: Import) -> None:
    result = imported(
        "phone,category,source\n"
        "55 5555 1234,,\ncall me,,\n+1 202 555 0143,utility,shop\n5555551235\n,,\n+12025550144,ads,\n"
    )
    assert recorded(session) == [(BOB, "utility", "opt_in", "shop"), (ANA, "marketing", "opt_in", "form")]
    assert (result.rows, result.recorded, result.known) == (6, 2, 0)
    assert [(row.row_number, row.reason) for row in result.rejected] == [
        *((2, Reason.NOT_A_NUMBER), (4, Reason.RAGGED_ROW), (5, Reason.NO_PHONE), (6, Reason.BAD_CATEGORY)),
    ]
    assert result.rejected[0].raw["phone"] == "call me"
    assert (allowed(session, ANA), allowed(session, BOB)) == ({"marketing"}, {"utility"})


DATED = "phone,occurred_at\n+525555551234,2026-11-01T10:00:00Z\n+12025550143,2026-11-02\n"
UNDATED = "phone\n+525555551234\n+12025550143\n"


@pytest.mark.parametrize("content", [DATED, UNDATED])
def test_the_same_list_twice_changes_nothing(session: Session, imported: Import, content: str) -> None:
    assert imported(content).recorded == 2
    again = imported(content, days=3)
    assert (again.rows, again.recorded, again.known) == (2, 0, 2)
    assert len(recorded(session)) == 2


@pytest.mark.parametrize("content", [DATED, UNDATED])
def test_the_same_list_again_does_not_undo_a_withdrawal(session: Session, imported: Import, content: str) -> None:
    imported(content)
    withdraw(session, [ANA], source_text="STOP", now=NOON + DAY)
    imported(content, days=2)
    assert (allowed(session, ANA, NOON + 3 * DAY), allowed(session, BOB, NOON + 3 * DAY)) == (set(), {"marketing"})


def test_an_undated_opt_in_does_not_undo_a_withdrawal_whatever_its_source(session: Session, imported: Import) -> None:
    withdraw(session, [ANA], category="marketing", source_text="STOP", now=NOON)
    result = imported("phone,source,category\n+525555551234,new shop,\n+525555551234,new shop,all\n", days=1)
    assert [(row.row_number, row.reason) for row in result.rejected] == [
        *((1, Reason.CONSENT_WITHDRAWN), (2, Reason.CONSENT_WITHDRAWN)),
    ]
    assert "does not undo that" in result.rejected[0].text
    assert allowed(session, ANA, NOON + 2 * DAY) == set()
    # In a category that was not withdrawn it counts.
    assert imported("phone,category\n+525555551234,utility\n", days=1).recorded == 1
    assert allowed(session, ANA, NOON + 2 * DAY) == {"utility"}


def test_a_dated_opt_in_after_the_withdrawal_counts(session: Session, imported: Import) -> None:
    withdraw(session, [ANA], source_text="STOP", now=NOON)
    assert imported(f"phone,occurred_at\n{ANA},{(NOON + DAY).isoformat()}\n", days=2).recorded == 1
    assert allowed(session, ANA, NOON + 3 * DAY) == {"marketing"}


def test_withdrawals_can_be_listed_and_listed_again(session: Session, imported: Import) -> None:
    grant(session, [ANA, BOB], category="all", source_text="form", now=NOON - DAY)
    content = f"phone,action,category\n{ANA},opt_out,all\n{BOB},opt_out,utility\n"
    assert imported(content).recorded == 2
    assert (allowed(session, ANA), allowed(session, BOB)) == (set(), {"marketing", "authentication"})
    assert imported(content, days=1).known == 2
    # Whoever agreed again meanwhile is withdrawn again: a withdrawal is believed without a date.
    grant(session, [ANA], category="marketing", source_text="form", now=NOON + DAY)
    assert imported(content, days=2).recorded == 1
    assert allowed(session, ANA, NOON + 3 * DAY) == set()


def test_of_two_rows_that_contradict_each_other_the_withdrawal_wins(session: Session, imported: Import) -> None:
    for place in (f"{ANA},opt_in\n{ANA},opt_out\n", f"{BOB},opt_out\n{BOB},opt_in\n"):
        imported("phone,action\n" + place)
    assert (allowed(session, ANA), allowed(session, BOB)) == (set(), set())


def test_a_row_twice_in_one_list_is_one_event(session: Session, imported: Import) -> None:
    result = imported("phone\n5555551234\n+52 1 55 5555 1234\n")
    assert (result.rows, result.recorded, result.known) == (2, 1, 1)


def test_only_the_first_rejected_rows_are_kept_but_all_are_counted(imported: Import) -> None:
    result = imported("phone,source\n" + "call me,x\n" * (REJECTED_KEPT + 5))
    assert len(result.rejected) == REJECTED_KEPT
    assert result.rejected_by_reason == {Reason.NOT_A_NUMBER: REJECTED_KEPT + 5}


def test_a_list_larger_than_a_chunk(session: Session, imported: Import) -> None:
    result = imported("phone\n" + "".join(f"+5255{n:08}\n" for n in range(12_000_000, 12_045_000)))
    assert (result.rows, result.recorded) == (45_000, 45_000)


def test_grant_and_withdraw_for_many_at_once(session: Session) -> None:
    said = grant(
        session, [ANA, "55 5555 1234", BOB, "nobody"], category="all", source_text="call", region="MX", now=NOON
    )
    assert (said.rows, said.recorded, said.known, said.rejected_by_reason.total()) == (4, 2, 1, 1)
    assert said.rejected[0].row_number == 4
    assert allowed(session, ANA) == {"marketing", "utility", "authentication"}
    withdraw(session, [ANA], category="utility", source_text="call", now=NOON)
    assert allowed(session, ANA) == {"marketing", "authentication"}
    withdraw(session, [ANA, BOB], source_text="call", now=NOON)
    assert (allowed(session, ANA), allowed(session, BOB)) == (set(), set())


def test_phones_of_a_file(tmp_path: Path) -> None:
    path = tmp_path / "stop.csv"
    path.write_text("name;Teléfono\nAna;55 5555 1234\nbroken\n")
    assert list(phones_in(path)) == ["55 5555 1234", ""]


def test_a_persons_record(session: Session) -> None:
    grant(session, [EVA], category="all", source_text="form", now=NOON - DAY, recorded_by="ann", proof="page 7")
    withdraw(session, ["07700 900123"], category="utility", source_text="STOP", region="GB", now=NOON)
    suppress(session, [EVA], source_text="complaint", category=Category.MARKETING, until=NOON + DAY)
    record = show(session, "+44 7700 900123", now=NOON)
    assert record.phone.e164 == EVA
    assert [(e.action, e.category, e.source, e.proof, e.recorded_by) for e in record.events] == [
        *(("opt_out", "utility", "STOP", None, "operator"), ("opt_in", "all", "form", "page 7", "ann")),
    ]
    assert [each.category for each in record.suppressions] == ["marketing"]
    assert record.decisions == {
        Category.MARKETING: Withheld("suppressed"),
        Category.UTILITY: Withheld("consent_withdrawn"),
        Category.AUTHENTICATION: Allowed(),
    }
    assert show(session, EVA, now=NOON + 2 * DAY).decisions[Category.MARKETING] == Allowed()


def test_wrong_use_is_refused_before_anything_is_recorded(session: Session, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="category 'ads' is unknown; use marketing, utility, authentication, all"):
        grant(session, [ANA], category="ads", source_text="x", now=NOON)
    with pytest.raises(UsageError, match="region 'XX' is unknown"):
        withdraw(session, [ANA], source_text="x", region="XX", now=NOON)
    with pytest.raises(UsageError, match="phone '12' has 2 digits"):
        show(session, "12", now=NOON)
    with pytest.raises(NotFound):
        import_consent(session, tmp_path / "gone.csv", category=None, source_text=None, now=NOON)
    path = tmp_path / "consent.csv"
    path.write_text("name\nAna\n")
    with pytest.raises(BadList, match="no phone column"):
        import_consent(session, path, category=None, source_text=None, now=NOON)
    assert recorded(session) == []
