"""What our templates become is what the platform takes: golden bodies, and whatever a clean lint lets through."""

import itertools
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from campaign.providers.base import OutboundTemplate
from campaign.providers.payload import cloud_body
from campaign.templates.components import build_components
from campaign.templates.file import as_record
from campaign.templates.fill import MissingValue, UnfitValue, make_filler
from campaign.templates.findings import Level
from campaign.templates.lengths import lengths_of
from campaign.templates.lint import lint_template
from campaign.templates.slots import SlotUse, slots_of
from sandbox.config import SandboxConfig
from sandbox.scenario import Scenario
from sandbox.server import running
from tests.campaign.templates.bodies import BODIES
from tests.sandbox.client import CLOUD_KEY, NUMBER, Client

PHONES = (f"+5255{number:08d}" for number in itertools.count(55550000))


@pytest.fixture(scope="module")
def platform() -> Iterator[Client]:
    scenario = Scenario().patched({"webhooks": {"gather_ms": 5.0}})
    with running(SandboxConfig(scenario=scenario)) as one:
        client = Client(one.url)
        yield client
        client.http.close()


@pytest.fixture(scope="module")
def upload(platform: Client) -> str:
    """The id of an uploaded picture."""
    form = {"messaging_product": "whatsapp", "type": "image/jpeg"}
    file = {"file": ("a.jpg", b"\xff\xd8\xff\xe0picture", "image/jpeg")}
    answer = platform.http.post(f"/v23.0/{NUMBER}/media", data=form, files=file, headers=CLOUD_KEY)
    return str(answer.json()["id"])


def answer_to(platform: Client, template: dict[str, Any], components: list[dict[str, Any]]) -> tuple[int, str]:
    """HTTP status and text of the platform's answer to a body as our provider sends it."""
    platform.control("templates", template)
    message = OutboundTemplate(next(PHONES), template["name"], template["language"], components, "c1:m1:a1")
    headers = {**CLOUD_KEY, "content-type": "application/json"}
    answer = platform.http.post(f"/v23.0/{NUMBER}/messages", content=cloud_body(message), headers=headers)
    return answer.status_code, answer.text


@pytest.mark.parametrize("name", sorted(BODIES))
def test_the_platform_takes_each_golden_body(platform: Client, upload: str, name: str) -> None:
    body = json.loads(json.dumps(BODIES[name]).replace("1234567890", upload).replace("1234567891", upload))
    assert answer_to(platform, body["template"], body["components"])[0] == 200


# Any text that a list may hold: long, blank, with line breaks, gaps, emoji and what looks like a placeholder.
cells = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", " ", "a\nb", "a\tb", "a      b", "{{1}}", "https://x.example/a", "x" * 61, "x" * 700, "😀", "%"]
    ),
    st.sampled_from(["52.5", "-13.4", "sku-1, sku-2", "A: sku-1; B: sku-2", "2030-01-01T00:00:00Z", "SPRING15", "{}"]),
)
names = st.sampled_from(["1", "2", "3"])
prose = st.sampled_from(["Hi", " and ", "until Sunday", " 100% ", "\n", "code: "])


@st.composite
def texts(draw: st.DrawFn, most: int, named: bool) -> str:
    count = draw(st.integers(0, most))
    variables = [f"{{{{{'name_' if named else ''}{number}}}}}" for number in range(1, count + 1)]
    pieces = [draw(prose)]
    for variable in variables:
        pieces += [variable, draw(prose)]
    return "".join(pieces) + "."


def headers(named: bool) -> st.SearchStrategy[list[dict[str, Any]]]:
    text = texts(1, named).map(lambda words: [{"type": "HEADER", "format": "TEXT", "text": words.replace("\n", " ")}])
    media = st.sampled_from(["IMAGE", "VIDEO", "DOCUMENT", "LOCATION", "PRODUCT"])
    return st.one_of(st.just([]), text, media.map(lambda kind: [{"type": "HEADER", "format": kind}]))


reply = st.sampled_from(["Yes", "Stop promotions"]).map(lambda label: {"type": "QUICK_REPLY", "text": label})
other = st.sampled_from(
    [
        {"type": "URL", "text": "Shop", "url": "https://shop.example.com/s/{{1}}"},
        {"type": "URL", "text": "Home", "url": "https://shop.example.com"},
        {"type": "COPY_CODE", "text": "Copy"},
        {"type": "CATALOG", "text": "Catalog"},
        {"type": "MPM", "text": "Items"},
        {"type": "FLOW", "text": "Sign up"},
        {"type": "PHONE_NUMBER", "text": "Call", "phone_number": "+12025550111"},
    ]
)
buttons = st.lists(st.one_of(reply, other), min_size=0, max_size=4).map(
    lambda some: [{"type": "BUTTONS", "buttons": some}] if some else []
)
FITTING = {
    SlotUse.LATITUDE: "52.5",
    SlotUse.LONGITUDE: "13.4",
    SlotUse.OFFER_END: "2040-01-01T00:00:00Z",
    SlotUse.CODE: "SPRING15",
    SlotUse.DATA: '{"k": "v"}',
}
OFFER = [{"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Offer", "has_expiration": True}}]
OTP = [{"type": "BUTTONS", "buttons": [{"type": "OTP", "otp_type": "COPY_CODE", "text": "Copy code"}]}]


@st.composite
def cards(draw: st.DrawFn, named: bool) -> list[dict[str, Any]]:
    made = [
        {
            "components": [
                {"type": "HEADER", "format": "IMAGE"},
                {"type": "BODY", "text": draw(texts(1, named))},
                {"type": "BUTTONS", "buttons": draw(st.lists(st.one_of(reply, other), min_size=1, max_size=2))},
            ]
        }
        for _ in range(draw(st.integers(2, 3)))
    ]
    return [{"type": "CAROUSEL", "cards": made}]


@st.composite
def templates(draw: st.DrawFn) -> dict[str, Any]:
    named = draw(st.booleans())
    category = draw(st.sampled_from(["MARKETING", "UTILITY", "AUTHENTICATION"]))
    body = [{"type": "BODY", "text": draw(texts(3, named))}]
    if category == "AUTHENTICATION":
        named, components = False, [{"type": "BODY", "text": "{{1}} is your code."}, *OTP]
    elif draw(st.booleans()):
        tail = draw(st.one_of(cards(named), buttons, buttons.map(lambda some: [*OFFER, *some])))
        components = [*draw(headers(named)), *body, *tail]
    else:
        components = [*draw(headers(named)), *body, {"type": "FOOTER", "text": "Reply STOP"}, *draw(buttons)]
    return {
        "name": "made_up",
        "language": "en_US",
        "category": category,
        "status": "APPROVED",
        "parameter_format": "NAMED" if named else "POSITIONAL",
        "components": components,
    }


@settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
@given(template=templates(), data=st.data())
def test_after_a_clean_lint_the_platform_refuses_nothing(
    platform: Client, upload: str, template: dict[str, Any], data: st.DataObject
) -> None:
    record = as_record(template)
    assume(not any(finding.level is Level.ERROR for finding in lint_template(record)))
    slots = slots_of(record.components, record.parameter_format)
    mapping = {slot.key: {"column": slot.key} for slot in slots}
    fill = make_filler(mapping, slots, list(mapping), lengths=lengths_of(record.components), now=datetime.now(UTC))
    for _ in range(3):
        row = {slot.key: data.draw(st.one_of(cells, st.just(FITTING.get(slot.use, "Ann"))), slot.key) for slot in slots}
        # The files exist: no lint knows what stands at the platform.
        row |= {slot.key: upload for slot in slots if slot.use is SlotUse.MEDIA}
        values = fill(row)
        if isinstance(values, MissingValue | UnfitValue):
            continue
        components = build_components(record.components, record.parameter_format, values)
        status, text = answer_to(platform, template, components)
        assert status == 200, text
