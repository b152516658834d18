"""Arming and disarming; what a fault does to a request is in test_mishaps.py."""

from typing import Any

import pytest

from sandbox.faults import KINDS, Armoury, BadFault
from tests.sandbox.client import Client


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_can_be_armed_and_disarmed(client: Client, kind: str) -> None:
    armed = client.control("faults", {"kind": kind, "count": 3})["faults"]
    assert armed[-1]["kind"] == kind
    assert client.http.delete("/_sandbox/faults").json() == {"faults": []}


@pytest.mark.parametrize(
    "wanted",
    [
        {},
        {"kind": "magic"},
        {"kind": "slow", "after": 3},
        {"kind": "refuse", "code": "131026"},
        {"kind": "slow", "count": 0},
    ],
)
def test_a_fault_that_makes_no_sense_is_refused(client: Client, wanted: dict[str, Any]) -> None:
    answer = client.http.post("/_sandbox/faults", json=wanted)
    assert answer.status_code == 400
    assert answer.json()["error"]


def test_faults_are_used_up_in_the_order_in_which_they_were_armed() -> None:
    armoury = Armoury()
    armoury.arm({"kind": "slow", "count": 2})
    armoury.arm({"kind": "empty"})
    struck = [armoury.next("525555500001", "n") for _ in range(4)]
    assert [fault.kind if fault else None for fault in struck] == ["slow", "slow", "empty", None]
    assert not armoury


def test_a_fault_for_one_number_lets_others_pass() -> None:
    armoury = Armoury()
    armoury.arm({"kind": "empty", "phone_number_id": "n"})
    assert armoury.next("525555500001", "m") is None
    assert armoury.next("525555500001", "n") is not None


@pytest.mark.parametrize("after_s", [1, 1.5])
def test_a_duration_may_be_whole_or_not(after_s: float) -> None:
    assert Armoury().arm({"kind": "slow", "after_s": after_s}).after_s == after_s


def test_a_bool_is_no_number() -> None:
    with pytest.raises(BadFault, match="count"):
        Armoury().arm({"kind": "slow", "count": True})
