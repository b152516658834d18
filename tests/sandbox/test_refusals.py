"""The table of codes."""

from sandbox.refusals import _ROWS, TABLE, Refusal, row_of

# platform.md C.3, the codes that a send can meet, and the On-Premise twins that C.5 names.
SENDING = (
    "0 1 2 3 4 10 17 33 100 104 190 200 368 613 803 80007 130403 130429 130472 130497 131000 131005 "
    "131008 131009 131014 131016 131021 131026 131030 131031 131037 131042 131044 131045 131047 131048 "
    "131049 131050 131051 131052 131053 131055 131056 131057 131062 131063 131064 132000 132001 132005 "
    "132007 132008 132012 132015 132016 132018 132068 132069 133004 133010 134011 134100 134101 134102 "
    "135000 137000"
)


def test_every_code_of_the_platform_can_be_told() -> None:
    assert {int(code) for code in SENDING.split()} <= set(TABLE)


def test_each_code_stands_once() -> None:
    assert len(TABLE) == len(_ROWS)


def test_every_row_has_words_and_a_status() -> None:
    assert all(row.title and 400 <= row.status < 600 and row.on_premise for row in TABLE.values())


def test_a_code_without_a_row_is_told_all_the_same() -> None:
    assert row_of(999).title == "Error 999"
    assert Refusal(999).status == 400


def test_details_status_and_twin_can_be_given() -> None:
    refusal = Refusal(100, "because", status=403, on_premise=1010)
    assert (refusal.details, refusal.status, refusal.on_premise) == ("because", 403, 1010)
    assert Refusal(130429).details == "Cloud API message throughput has been reached."
