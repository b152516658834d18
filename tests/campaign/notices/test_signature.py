"""A notice proves who sent it."""

import base64
import hashlib
import hmac

import pytest

from campaign.errors import ConfigurationError
from campaign.notices.signature import signed_headers
from tests.factories import NOON


def test_a_signature_covers_id_time_and_body_as_standard_webhooks_say():
    # The example of the specification, standardwebhooks.com.
    secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
    headers = signed_headers(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", NOON, b'{"test": 2432232314}')
    signed = b"msg_p5jXN8AQM9LWM0D4loKWxJek.%d." % NOON.timestamp() + b'{"test": 2432232314}'
    key = base64.b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}"
    assert headers["webhook-timestamp"] == str(int(NOON.timestamp()))


def test_another_body_has_another_signature():
    one, other = (signed_headers("x" * 16, "evt_1", NOON, body)["webhook-signature"] for body in (b"1", b"2"))
    assert one != other


@pytest.mark.parametrize(("secret", "says"), [("short", "longer"), ("whsec_not base64 at all!", "base64")])
def test_a_secret_that_is_none_signs_nothing_and_is_not_repeated(secret, says):
    with pytest.raises(ConfigurationError, match=says) as refused:
        signed_headers(secret, "evt_1", NOON, b"")
    assert secret not in str(refused.value)
