"""Each golden body against Meta's own description of a template message."""

import json

import jsonschema_rs
import pytest

from campaign.providers.base import OutboundTemplate
from campaign.providers.payload import cloud_body
from tests.campaign.templates.bodies import BODIES
from tests.contract.published_schema import TEMPLATE_MESSAGE
from tests.factories import fiction_phone

UNKNOWN_THERE = {
    "05_header_location": "a location in the header",
    "08_copy_code": "a coupon code",
    "09_catalog": "the product picture of a catalog button",
    "10_multi_product": "a list of products",
    "11_single_product": "one product",
    "13_carousel": "cards",
    "14_limited_time_offer": "an offer that ends",
    "15_flow": "a flow",
}
"""Shapes that the guides document (platform.md A.4) and that the schema does not know."""

SCHEMA = jsonschema_rs.validator_for(TEMPLATE_MESSAGE)


def _sent(name):
    golden = BODIES[name]
    message = OutboundTemplate(
        to=fiction_phone(1), name=golden["template"]["name"], language=golden["template"]["language"],
        components=golden["components"], callback_data="c1:m2:a1",
    )  # fmt: skip
    return json.loads(cloud_body(message))


@pytest.mark.parametrize("name", sorted(BODIES))
def test_a_golden_body_is_valid_unless_the_schema_does_not_know_its_shape(name):
    problems = [error.message for error in SCHEMA.iter_errors(_sent(name))]
    assert bool(problems) == (name in UNKNOWN_THERE), problems


@pytest.mark.parametrize(
    "break_it",
    [
        lambda body: body.pop("recipient_type"),
        lambda body: body["template"]["language"].pop("policy"),
        lambda body: body["template"]["components"][0]["parameters"].clear(),
        lambda body: body["template"]["components"][0]["parameters"][0].pop("text"),
    ],
)
def test_the_schema_refuses_what_meta_requires_and_is_missing(break_it):
    body = _sent("01_body_positional")
    break_it(body)
    assert not SCHEMA.is_valid(body)
