"""Nothing is believed that does not prove its origin."""

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import replace

import pytest

from campaign.webhooks.authenticity import (
    Door,
    Refusal,
    SenderSecrets,
    challenge_accepted,
    door_of,
    path_proof,
    refusal_of_body,
    refusal_of_header,
    sign,
)

CLOUD = SenderSecrets(1, "shop", "cloud", "APP_SECRET", "VERIFY_TOKEN")
DIALOG = SenderSecrets(2, "desk", "d360", None, "VERIFY_TOKEN")
BOTH = {"APP_SECRET": "s3cret", "VERIFY_TOKEN": "t0ken"}
BODY = b'{"entry":[]}'


def refusal(door: Door, value: bytes, body: bytes = BODY) -> Refusal | None:
    return refusal_of_header(door, value) or refusal_of_body(door, value, body)


def test_the_signature_is_metas() -> None:
    expected = "sha256=" + hmac.new(b"s3cret", BODY, hashlib.sha256).hexdigest()
    assert sign(b"s3cret", BODY) == expected.encode()
    assert refusal(door_of(CLOUD, BOTH), expected.encode()) is None


@pytest.mark.parametrize(
    ("value", "why"),
    [
        (b"", Refusal.NO_SIGNATURE),
        (b"sha256=", Refusal.BAD_SIGNATURE),
        (b"sha1=" + b"0" * 66, Refusal.BAD_SIGNATURE),
        (b"sha256=" + b"0" * 64, Refusal.BAD_SIGNATURE),
        (b"sha256=" + b"\xff" * 64, Refusal.BAD_SIGNATURE),
        (sign(b"other", BODY), Refusal.BAD_SIGNATURE),
        (sign(b"s3cret", BODY + b"\n"), Refusal.BAD_SIGNATURE),
        (sign(b"s3cret", BODY).upper(), Refusal.BAD_SIGNATURE),
        (b"s3cret", Refusal.BAD_SIGNATURE),
    ],
)
def test_what_is_not_signed_as_it_should_be_is_refused(value: bytes, why: Refusal) -> None:
    assert refusal(door_of(CLOUD, BOTH), value) is why


@pytest.mark.parametrize("sender", [CLOUD, DIALOG])
@pytest.mark.parametrize("environment", [{}, {"APP_SECRET": "", "VERIFY_TOKEN": ""}])
def test_without_a_secret_everything_is_refused(sender: SenderSecrets, environment: Mapping[str, str]) -> None:
    door = door_of(sender, environment)
    for value in (b"", sign(b"", BODY), b"None"):
        assert refusal(door, value) is Refusal.NO_SECRET


def test_a_sender_that_names_no_variable_accepts_nothing() -> None:
    nameless = SenderSecrets(1, "shop", "cloud", None, None)
    assert refusal(door_of(nameless, {"": "s3cret"} | BOTH), sign(b"s3cret", BODY)) is Refusal.NO_SECRET


@pytest.mark.parametrize("provider", ["d360", "d360-onprem"])
def test_360dialog_brings_its_header_back(provider: str) -> None:
    door = door_of(replace(DIALOG, provider=provider), BOTH)
    assert refusal(door, b"t0ken") is None
    assert refusal(door, b"t0ken ") is Refusal.BAD_SIGNATURE
    assert refusal(door, sign(b"t0ken", BODY)) is Refusal.BAD_SIGNATURE
    assert refusal(door, b"") is Refusal.NO_SIGNATURE


@pytest.mark.parametrize(
    ("secret", "token", "believed"),
    [
        ("t0ken", "t0ken", True),
        ("Bearer t0ken", "t0ken", True),
        ("Bearer t0ken", "Bearer t0ken", True),
        ("t0ken", "", False),
        ("t0ken", "t0ke", False),
        ("t0ken", "t0ken/", False),
        ("t0ken", "tökén\udcff", False),
        ("wrong", "other", False),
        ("", "", False),
    ],
)
def test_360dialogs_token_may_stand_in_the_address(secret: str, token: str, believed: bool) -> None:
    door = door_of(DIALOG, {"VERIFY_TOKEN": secret})
    proof = path_proof(door, token)
    assert proof is not None
    assert (refusal(door, proof) is None) is believed


def test_the_previous_token_in_the_address_counts_as_long_as_it_is_there() -> None:
    door = door_of(DIALOG, {"VERIFY_TOKEN": "new", "VERIFY_TOKEN_PREVIOUS": "old"})
    assert [refusal(door, path_proof(door, token) or b"") for token in ("new", "old")] == [None, None]


def test_metas_signature_cannot_be_replaced_by_a_token() -> None:
    assert path_proof(door_of(CLOUD, BOTH), "t0ken") is None
    assert path_proof(door_of(CLOUD, BOTH), "s3cret") is None


def test_the_previous_secret_counts_as_long_as_it_is_there() -> None:
    old, new = sign(b"old", BODY), sign(b"new", BODY)
    during = door_of(CLOUD, {"APP_SECRET": "new", "APP_SECRET_PREVIOUS": "old"})
    after = door_of(CLOUD, {"APP_SECRET": "new"})
    assert [refusal(during, value) for value in (old, new)] == [None, None]
    assert [refusal(after, value) for value in (old, new)] == [Refusal.BAD_SIGNATURE, None]


@pytest.mark.parametrize(
    ("mode", "token", "accepted"),
    [("subscribe", "t0ken", True), ("subscribe", "", False), ("subscribe", "tökén", False), ("", "t0ken", False)],
)
def test_the_challenge(mode: str, token: str, accepted: bool) -> None:
    assert challenge_accepted(door_of(CLOUD, BOTH), mode, token) is accepted


@pytest.mark.parametrize("sender", [DIALOG, SenderSecrets(1, "shop", "cloud", "APP_SECRET", None)])
def test_without_a_verify_token_no_challenge_is_answered(sender: SenderSecrets) -> None:
    assert not challenge_accepted(door_of(sender, BOTH), "subscribe", "")
    assert not challenge_accepted(door_of(sender, BOTH), "subscribe", "t0ken")
