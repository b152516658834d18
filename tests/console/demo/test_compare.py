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


def told(number: int = 1, *words: str, **changes: Any) -> dict[str, Any]:
    """A message that was read, of which the receiver was told some words only."""
    statuses = [{"status": word, "delivered_to_receiver": word in words} for word in ("sent", "delivered", "read")]
    return entry(number, statuses=statuses, outcome="accepted", **changes)


def test_what_was_not_told_is_open_with_its_reason_or_has_expired() -> None:
    rows = [
        row(1, status="accepted", reason="not_reported_yet"),
        row(2, status="sent", reason="not_delivered_yet"),
        row(3, status="delivered", reason=""),
        row(4, status="expired", reason=""),
        # The message history told the truth, which no webhook had.
        row(5, status="read", reason=""),
    ]
    compared = compare(rows, [told(1), told(2, "sent"), told(3, "sent", "delivered"), told(4, "sent"), told(5)])
    assert compared.differences == []
    assert (compared.open, compared.expired) == ({"not_reported_yet": 1, "not_delivered_yet": 1}, 1)


@pytest.mark.parametrize(
    ("given", "entry_", "words"),
    [
        ({"status": "accepted", "reason": "not_reported_yet"}, told(1, "delivered"), "told delivered"),
        ({"status": "sent", "reason": ""}, told(1, "sent"), "does not say what it waits for"),
        ({"status": "delivered", "reason": ""}, told(1, "sent"), "told sent"),
        ({"status": "expired", "reason": ""}, told(1, "delivered"), "told delivered"),
    ],
)
def test_what_was_told_has_to_be_in_the_report(given: dict[str, str], entry_: dict[str, Any], words: str) -> None:
    (difference,) = compare([row(**given)], [entry_]).differences
    assert words in difference


def test_an_attempt_in_vain_is_no_second_message_and_one_in_doubt_says_so() -> None:
    again = row(1, status="queued", reason="retry_increasing", wamid="", attempts="2")
    doubt = row(2, status="uncertain", reason="no_answer", wamid="", attempts="1")
    ledger = [entry(1, truth="failed", wamid="w8"), entry(1, truth="failed"), entry(2)]
    assert compare([again, doubt], ledger).differences == []
