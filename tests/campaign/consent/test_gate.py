"""One person, one decision: each rule is a row."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

import pytest

from campaign.consent.gate import (
    CONSENT_EXPIRED,
    CONSENT_WITHDRAWN,
    NO_CONSENT,
    SUPPRESSED,
    Allowed,
    Withheld,
    may_write,
)
from tests.factories import NOON

HOUR = timedelta(hours=1)


class Said(NamedTuple):
    action: str
    category: str = "marketing"
    occurred_at: datetime = NOON - 2 * HOUR


class Banned(NamedTuple):
    category: str = "all"
    until: datetime | None = None


IN, OUT = Said("opt_in"), Said("opt_out")
LATER = NOON - HOUR
REFUSED = {"none": NO_CONSENT, "out": CONSENT_WITHDRAWN, "banned": SUPPRESSED}


@pytest.mark.parametrize(
    ("said", "bans", "answer"),
    [
        # Nobody is written to by default.
        ([], [], "none"),
        ([Said("opt_in", "utility")], [], "none"),
        ([Said("opt_out", "utility")], [], "none"),
        # Agreed to the category, or to all.
        ([IN], [], "yes"),
        ([Said("opt_in", "all")], [], "yes"),
        # The newest decides, whatever the order in which they are recorded.
        ([IN, Said("opt_out", occurred_at=LATER)], [], "out"),
        ([Said("opt_out", occurred_at=LATER), IN], [], "out"),
        ([OUT, Said("opt_in", occurred_at=LATER)], [], "yes"),
        ([OUT], [], "out"),
        # An event for all counts for the category, and the other way round.
        ([IN, Said("opt_out", "all", LATER)], [], "out"),
        ([Said("opt_in", "all"), Said("opt_out", "marketing", LATER)], [], "out"),
        ([Said("opt_out", "all"), Said("opt_in", "marketing", LATER)], [], "yes"),
        # One for another category does not.
        ([IN, Said("opt_out", "utility", LATER)], [], "yes"),
        # At the same time the opt-out wins, also across categories.
        ([IN, OUT], [], "out"),
        ([OUT, IN], [], "out"),
        ([Said("opt_out", "all"), IN], [], "out"),
        # A ban forbids what consent allows, while it lasts.
        ([IN], [Banned()], "banned"),
        ([IN], [Banned("marketing")], "banned"),
        ([IN], [Banned("utility")], "yes"),
        ([IN], [Banned(until=NOON + HOUR)], "banned"),
        ([IN], [Banned(until=NOON)], "yes"),
        ([IN], [Banned(until=NOON - HOUR)], "yes"),
        ([IN], [Banned(until=NOON - HOUR), Banned("marketing")], "banned"),
        # Consent is named first where both are missing.
        ([], [Banned()], "none"),
        ([OUT], [Banned()], "out"),
        # What is recorded for later already counts: the time of an event is its time, not its entry.
        ([IN, Said("opt_out", occurred_at=NOON + HOUR)], [], "out"),
    ],
)
def test_who_may_be_written_to(said: Sequence[Said], bans: Sequence[Banned], answer: str) -> None:
    expected = Allowed() if answer == "yes" else Withheld(REFUSED[answer])
    assert may_write("marketing", said, bans, NOON) == expected


@pytest.mark.parametrize(
    ("said", "answer"),
    [
        ([Said("opt_in", occurred_at=NOON - 3 * HOUR)], Withheld(CONSENT_EXPIRED)),
        # The life is over at its end, not after it.
        ([Said("opt_in", occurred_at=NOON - 2 * HOUR)], Withheld(CONSENT_EXPIRED)),
        ([Said("opt_in", occurred_at=NOON - HOUR)], Allowed()),
        # A newer word begins a new life; an opt-out has none.
        ([Said("opt_in", occurred_at=NOON - 3 * HOUR), Said("opt_in", occurred_at=NOON - HOUR)], Allowed()),
        ([Said("opt_out", occurred_at=NOON - 3 * HOUR)], Withheld(CONSENT_WITHDRAWN)),
    ],
)
def test_an_opt_in_may_have_a_life(said: Sequence[Said], answer: Allowed | Withheld) -> None:
    assert may_write("marketing", said, [], NOON, lasts=2 * HOUR) == answer
