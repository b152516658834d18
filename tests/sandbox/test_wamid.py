"""Ids in the platform's shape, and back."""

import base64

import pytest

from sandbox.wamid import INBOUND, Ids


@pytest.mark.parametrize("number", [1, 2, 999_999, (1 << 40) - 1])
@pytest.mark.parametrize("phone", ["12025550111", "550087654321"])
def test_an_id_leads_back_to_its_number(phone: str, number: int) -> None:
    ids = Ids()
    assert ids.number_of(ids.cloud(phone, number)) == number
    assert ids.number_of(ids.on_premise(phone, number)) == number


def test_a_cloud_id_has_the_shape_of_the_platforms() -> None:
    wamid = Ids().cloud("12025550111", 1)
    # The shape of a real one: wamid.HBgLMTIwMjU1NTAxMTEVAgARGB… followed by 18 characters and a zero byte.
    assert wamid.startswith("wamid.HBgLMTIwMjU1NTAxMTEVAgARGB")
    assert len(base64.b64decode(wamid[6:])) == 39


def test_an_inbound_id_differs_in_its_direction() -> None:
    assert Ids().cloud("12025550111", 1, INBOUND).startswith("wamid.HBgLMTIwMjU1NTAxMTEVAgASGB")


def test_an_on_premise_id_begins_as_theirs() -> None:
    assert Ids().on_premise("12025550111", 1).startswith("gBGG")


def test_ids_of_two_runs_never_meet() -> None:
    ids = Ids()
    before = ids.cloud("12025550111", 1)
    ids.renew()
    assert ids.cloud("12025550111", 1) != before
    assert ids.number_of(before) is None


@pytest.mark.parametrize("text", ["", "wamid.", "wamid.!!!", "wamid.HBgL", "gBGG", "hello", "wamid.ÄÖ"])
def test_what_is_no_id_of_ours_is_none(text: str) -> None:
    assert Ids().number_of(text) is None
