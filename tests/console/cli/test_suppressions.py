"""`campaign suppressions`: lists of bans, and who did what to them."""

from pathlib import Path

from tests.console.cli.conftest import Cli

ANA, BOB = "+525555551234", "+447700900123"
NEVER = "9999-12-31T23:59:59-06:00"
"""A time that no clock of ours can show."""


def test_a_list_bans_its_people_and_tells_what_it_could_not_use(cli: Cli, tmp_path: Path) -> None:
    path = tmp_path / "bans.csv"
    rows = [f"{ANA},marketing,2099-01-01,complaint", f"{ANA},marketing,,letter", f"{BOB},,,", "nobody,,,", f"{BOB},x,,"]
    rows += [f"{BOB},,soon,", f"{BOB},,{NEVER},"]
    path.write_text("phone,category,until,source\n" + "\n".join(rows) + "\n", "utf-8")
    out = tmp_path / "rejected.csv"
    answer = cli("suppressions", "import", path, "--source", "the shop", "--why", "letter of May", "--rejected", out)
    assert (answer.code, answer.out.splitlines()[0]) == (0, "7 rows: 2 recorded, 1 known before, 4 refused.")
    listed = {ban["phone"]: ban for ban in cli("suppressions", "list", "--json").json}
    # Of two bans of one kind the longer holds.
    assert (listed[ANA]["until"], listed[ANA]["source"]) == (None, "letter")
    assert (listed[BOB]["category"], listed[BOB]["source"]) == ("all", "the shop")
    assert cli("suppressions", "import", path, "--source", "the shop").out.startswith("7 rows: 0 recorded, 3 known")
    out.write_text(out.read_text("utf-8").replace("nobody", "+525555551235"), "utf-8")
    assert cli("suppressions", "import", out).out.startswith("4 rows: 1 recorded, 0 known before, 3 refused.")


def test_who_banned_and_lifted_when_and_why_is_kept(cli: Cli) -> None:
    cli("suppressions", "add", ANA, "--why", "asked by phone", "--category", "marketing")
    cli("suppressions", "remove", ANA, "--why", "asked again")
    history = cli("suppressions", "history", ANA, "--json").json
    assert [(each["action"], each["why"]) for each in history] == [
        ("lifted", "asked again"),
        ("added", "asked by phone"),
    ]
    assert all(each["recorded_by"].startswith("command line") and each["recorded_at"] for each in history)
    assert cli("suppressions", "history", BOB).out == "Nothing was done to suppressions.\n"
