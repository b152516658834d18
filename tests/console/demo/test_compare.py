"""The comparison must notice every way in which report and ledger can part."""

from typing import Any

import pytest

from console.demo.compare import compare


def row(number: int = 1, **changes: str) -> dict[str, str]:
    return {"row": str(number), "phone": f"+5255555500{number:02d}", "status": "read", "wamid": f"w{number}"} | changes


def entry(number: int = 1, **changes: Any) -> dict[str, Any]:
    phone = f"5255555500{number:02d}"
    return {"wamid": f"w{number}", "to": f"+{phone}", "wa_id": phone, "truth": "read"} | changes


def test_the_same_story_agrees() -> None:
    rows = [row(1), row(2), row(3, status="refused", wamid=""), row(4, status="failed", wamid="")]
    ledger = [entry(1), entry(2), entry(4, wamid=None, truth="refused")]
    compared = compare(rows, ledger)
    assert compared.agree
    assert compared.messages == 2


@pytest.mark.parametrize(
    ("rows", "ledger", "words"),
    [
        ([row()], [], "which the platform never took"),
        ([], [entry()], "no row has it"),
        ([row(wamid="")], [], "is read and has no message id"),
        ([row(phone="+525555550099")], [entry()], "went to"),
        ([row(status="delivered")], [entry()], "the platform says read"),
        ([row(1), row(2)], [entry(1), entry(2, wa_id="525555550001")], "twice"),
    ],
)
def test_a_difference_is_named(rows: list[dict[str, str]], ledger: list[dict[str, Any]], words: str) -> None:
    compared = compare(rows, ledger)
    assert not compared.agree
    assert any(words in difference for difference in compared.differences)
