"""Secrets shown once."""

from campaign.access.secrets import digest, new_secret


def test_secrets_differ_and_carry_their_prefix():
    one, other = new_secret("ck_"), new_secret("ck_")
    assert one != other
    assert one.startswith("ck_")
    assert len(one) > 40


def test_a_digest_is_the_same_for_the_same_secret_and_does_not_contain_it():
    assert digest("abc") == digest("abc") != digest("abd")
    assert "abc" not in digest("abc")
