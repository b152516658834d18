"""From the synced template and one person's values to the exact body, one golden file for each shape."""

import pytest

from campaign.templates.builders import BUILDERS
from campaign.templates.components import build_components
from campaign.templates.fill import make_filler
from campaign.templates.lengths import lengths_of
from campaign.templates.preview import preview
from campaign.templates.slots import SLOT_READERS, parts_of, slots_of
from tests.campaign.templates.bodies import BODIES


def shape(body):
    return body["template"]["components"], body["template"]["parameter_format"]


def filled(body):
    """The values as a list would give them: each slot from a column of its own name."""
    components, parameter_format = shape(body)
    mapping = {key: {"column": key} for key in body["values"]}
    fill = make_filler(
        mapping, slots_of(components, parameter_format), list(body["values"]), lengths=lengths_of(components)
    )
    return fill(body["values"])


@pytest.mark.parametrize("name", sorted(BODIES))
def test_golden_body(name):
    body = BODIES[name]
    assert build_components(*shape(body), filled(body)) == body["components"]


@pytest.mark.parametrize("name", sorted(BODIES))
def test_golden_text(name):
    body = BODIES[name]
    assert preview(*shape(body), filled(body), category="marketing").splitlines() == body["shown"]


def test_every_shape_has_a_golden_body():
    assert {int(name[:2]) for name in BODIES} == set(range(1, 17))


def test_every_kind_that_can_be_filled_has_a_golden_body():
    kinds = {part.kind for body in BODIES.values() for part in parts_of(body["template"]["components"])}
    static = {"footer", "button.phone_number", "button.voice_call", "button.otp", "button.spm"}
    assert set(BUILDERS) - static <= kinds
    assert set(SLOT_READERS) <= set(BUILDERS)


def test_a_message_goes_without_what_is_optional():
    catalog, flow = BODIES["09_catalog"], BODIES["15_flow"]
    assert build_components(*shape(catalog), {}) == []
    assert build_components(*shape(flow), {}) == []
    location = dict(BODIES["05_header_location"]["values"])
    del location["header.name"], location["header.address"]
    (header,) = build_components(*shape(BODIES["05_header_location"]), location)
    assert header["parameters"][0]["location"] == {"latitude": "52.5", "longitude": "13.4"}


def test_every_card_brings_its_own_replies():
    values = {key: value for key, value in BODIES["13_carousel"]["values"].items() if key != "card.0.button.0"}
    _, carousel = build_components(*shape(BODIES["13_carousel"]), values)
    payloads = [card["components"][2]["parameters"][0]["payload"] for card in carousel["cards"]]
    assert payloads == ["reply:0.0", "reply:1.0"]
