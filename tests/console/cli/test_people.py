"""`campaign consent` and `campaign suppressions`."""

import pytest

ANN, BEN = "+12025550111", "+12025550112"


def allowed(cli, phone=ANN):
    return cli("consent", "show", phone, "--json").json["may_write"]


def test_consent_is_granted_shown_and_withdrawn(cli):
    assert allowed(cli) == dict.fromkeys(("marketing", "utility", "authentication"), "no_consent")
    granted = cli("consent", "grant", ANN, BEN, "--category", "marketing", "--source", "shop desk", "--proof", "form 7")
    assert (granted.code, granted.out) == (0, "2 phones: 2 recorded, 0 known before, 0 refused.\n")
    assert allowed(cli)["marketing"] == "allowed"
    shown = cli("consent", "show", ANN).out
    assert "marketing: may be written to" in shown
    assert "shop desk" in shown
    assert "form 7" in shown
    assert cli("consent", "withdraw", ANN).code == 0
    assert set(allowed(cli).values()) == {"consent_withdrawn"}
    assert allowed(cli, BEN)["marketing"] == "allowed"


def test_a_list_is_recorded_and_its_bad_rows_told(cli, tmp_path):
    path = tmp_path / "consent.csv"
    path.write_text(f"phone,source\n{ANN},web\n12,web\n{BEN},\n")
    answer = cli("consent", "import", path, "--category", "marketing", "--source", "event")
    assert answer.code == 0
    assert answer.out.startswith("3 rows: 2 recorded, 0 known before, 1 refused.\n")
    assert answer.err.startswith("Warning: row 2: ")
    again = cli("consent", "import", path, "--category", "marketing", "--source", "event", "--json").json
    assert (again["rows"], again["recorded"], again["known"], sum(again["refused"].values())) == (3, 0, 2, 1)


def test_a_list_of_people_withdraws(cli, tmp_path):
    path = tmp_path / "stop.csv"
    path.write_text(f"phone\n{ANN}\n{BEN}\n")
    cli("consent", "grant", ANN, BEN, "--category", "marketing")
    assert cli("consent", "withdraw", "--file", path, "--category", "marketing").code == 0
    assert allowed(cli, BEN)["marketing"] == "consent_withdrawn"


def test_phones_are_read_in_a_region(cli):
    cli("consent", "grant", "202-555-0111", "--category", "marketing", "--region", "US")
    assert allowed(cli)["marketing"] == "allowed"


@pytest.mark.parametrize("verb", [("grant", "--category", "marketing"), ("withdraw",)])
def test_a_phone_that_cannot_be_read_fails_the_command_and_not_the_others(cli, verb):
    answer = cli("consent", *verb, ANN, "12")
    assert answer.code == 1
    assert "phone 2" in answer.err
    assert len(cli("consent", "show", ANN, "--json").json["events"]) == 1


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (("import", "nowhere.csv", "--category", "marketing", "--source", "x"), 1, "nowhere.csv"),
        (("import", "empty.csv", "--category", "marketing", "--source", "x"), 1, "empty.csv"),
        (("import", "list.csv", "--category", "news", "--source", "x"), 2, "--category"),
        (("withdraw",), 2, "name phones, or a list with --file"),
        (("withdraw", ANN, "--file", "list.csv"), 2, "name phones, or a list with --file"),
        (("grant", ANN), 2, "missing option '--category'"),
        (("show", "nonsense"), 2, "nonsense"),
        (("grant", ANN, "--category", "marketing", "--region", "Atlantis"), 2, "Atlantis"),
    ],
)
def test_bad_use_is_one_line(cli, tmp_path, arguments, code, words):
    (tmp_path / "empty.csv").write_text("")
    (tmp_path / "list.csv").write_text(f"phone\n{ANN}\n")
    answer = cli("consent", *arguments)
    assert (answer.code, answer.err.count("\n")) == (code, 1)
    assert words in answer.err
    assert cli("consent", "show", ANN, "--json").json["events"] == []


class TestSuppressions:
    def test_added_listed_and_removed(self, cli):
        assert cli("suppressions", "add", ANN, BEN, "--source", "complaint").out == "2 phones suppressed.\n"
        assert {ban["phone"] for ban in cli("suppressions", "list", "--json").json} == {ANN, BEN}
        assert "complaint" in cli("suppressions", "list").out
        assert cli("suppressions", "remove", ANN).out == "1 suppression lifted.\n"
        assert [ban["phone"] for ban in cli("suppressions", "list", "--json").json] == [BEN]

    def test_a_ban_may_have_an_end_and_a_category(self, cli):
        cli("suppressions", "add", ANN, "--until", "2099-01-01T00:00:00+01:00", "--category", "marketing")
        (ban,) = cli("suppressions", "list", "--json").json
        assert (ban["until"], ban["category"]) == ("2098-12-31T23:00:00+00:00", "marketing")
        assert cli("suppressions", "remove", ANN, "--category", "utility").out == "0 suppressions lifted.\n"

    def test_an_empty_listing_says_so(self, cli):
        assert cli("suppressions", "list").out == "Nobody is suppressed.\n"

    def test_a_time_without_offset_is_refused(self, cli):
        answer = cli("suppressions", "add", ANN, "--until", "2099-01-01")
        assert answer.code == 2
        assert "has no offset from UTC" in answer.err

    def test_a_phone_that_cannot_be_read_bans_nobody(self, cli):
        assert cli("suppressions", "add", ANN, "12").code == 2
        assert cli("suppressions", "list", "--json").json == []
