"""Bodies as the platform wants them, byte for byte."""

import json

import pytest

from campaign.providers.base import OutboundTemplate, OutboundText
from campaign.providers.payload import (
    cloud_body,
    cloud_read,
    cloud_text,
    d360_body,
    d360_text,
    onprem_body,
    onprem_text,
)

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


def test_the_on_premise_body_has_a_namespace_and_neither_product_nor_callback_data() -> None:
    assert json.loads(onprem_body(message(namespace="0f1c7000_0000_0000_0000_000000000001"))) == {
        "to": "12025550111",
        "recipient_type": "individual",
        "type": "template",
        "template": {
            "namespace": "0f1c7000_0000_0000_0000_000000000001",
            "name": "spring_sale",
            "language": {"policy": "deterministic", "code": "en_US"},
            "components": COMPONENTS,
        },
    }


def test_free_form_text_in_the_cloud_dialects() -> None:
    text = OutboundText("+12025550111", "See https://example.com", preview_url=True, reply_to="wamid.1")
    expected = {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": "+12025550111",
        "type": "text",
        "text": {"preview_url": True, "body": "See https://example.com"},
        "context": {"message_id": "wamid.1"},
    }
    assert json.loads(cloud_text(text)) == expected
    assert json.loads(d360_text(text)) == expected | {"to": "12025550111"}


@pytest.mark.parametrize("preview", [True, False])
def test_free_form_text_on_premise_has_the_preview_at_the_top(preview: bool) -> None:
    body = json.loads(onprem_text(OutboundText("+12025550111", "Hello", preview_url=preview)))
    assert body.pop("preview_url", False) is preview
    assert body == {"recipient_type": "individual", "to": "12025550111", "type": "text", "text": {"body": "Hello"}}


def test_marking_as_read() -> None:
    expected = {"messaging_product": "whatsapp", "status": "read", "message_id": "wamid.1"}
    assert json.loads(cloud_read("wamid.1")) == expected
