"""Bodies as the platform wants them, byte for byte."""

import json

from campaign.providers.base import OutboundTemplate
from campaign.providers.payload import cloud_body, d360_body

COMPONENTS = [{"type": "body", "parameters": [{"type": "text", "text": "Zoë"}]}]


def message(**changes: object) -> OutboundTemplate:
    given: dict[str, object] = {
        "to": "+12025550111",
        "name": "spring_sale",
        "language": "en_US",
        "components": COMPONENTS,
        "callback_data": "c1:m111:a1",
    }
    return OutboundTemplate(**(given | changes))  # type: ignore[arg-type]


def test_the_cloud_body_is_the_documented_one() -> None:
    assert json.loads(cloud_body(message())) == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+12025550111",
        "type": "template",
        "biz_opaque_callback_data": "c1:m111:a1",
        "template": {
            "name": "spring_sale",
            "language": {"policy": "deterministic", "code": "en_US"},
            "components": COMPONENTS,
        },
    }


def test_letters_beyond_ascii_travel_as_utf_8() -> None:
    assert "Zoë".encode() in cloud_body(message())


def test_a_static_template_goes_without_components() -> None:
    assert "components" not in json.loads(cloud_body(message(components=[])))["template"]


def test_360dialog_gets_plain_digits_in_the_same_envelope() -> None:
    cloud, d360 = json.loads(cloud_body(message())), json.loads(d360_body(message()))
    assert d360 == cloud | {"to": "12025550111"}
