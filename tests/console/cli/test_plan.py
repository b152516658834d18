"""The plan over days, as `campaign check` shows it."""

from tests.console.cli.conftest import create


def test_a_plan_of_several_days_is_a_table_and_json(ready):
    ready("senders", "warm-up", "shop", "--start", "1", "--grow", "2")
    create(ready)
    shown = ready("check", "spring")
    lines = [line.split() for line in shown.out.splitlines()]
    assert ["day", "messages", "limited", "by"] in lines
    assert [line[2:] for line in lines if line and line[0] in {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"}] == [
        ["1", "warm-up"],
        ["2", "warm-up"],
        ["1"],
    ]
    assert "The first message leaves at" in shown.out
    plan = ready("check", "spring", "--json").json["plan"]
    assert [(day["messages"], day["limited_by"]) for day in plan["days"]] == [
        (1, ["warm-up"]),
        (2, ["warm-up"]),
        (1, []),
    ]
    assert plan["left"] == 0


def test_one_day_needs_no_table(ready):
    create(ready)
    shown = ready("check", "spring").out
    assert "limited by" not in shown
    assert "the last at" in shown
