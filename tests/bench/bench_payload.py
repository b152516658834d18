"""Building one body, from the claimed row to the bytes that leave: median beside bare json.dumps of the same document.

A text template with three values, in each dialect. Goal: at most 25 µs.
"""

import json
import statistics
import timeit
from collections.abc import Callable

import pytest

from campaign.callback import callback_data
from campaign.providers.base import OutboundTemplate
from campaign.providers.payload import cloud_body, d360_body, onprem_body
from campaign.templates.components import MessageBuilder
from models import Campaign, Template

GOAL_US = 25
CALLS, RUNS = 2000, 15
BODY = "Hola {{1}}, tu código {{2}} vale hasta el {{3}}."
VALUES = {"body.1": "Ana María", "body.2": "SPRING000123", "body.3": "domingo"}
MAPPING = {slot: {"column": slot} for slot in VALUES}


def median_us(work: Callable[[], object]) -> float:
    return statistics.median(timeit.repeat(work, number=CALLS, repeat=RUNS)) / CALLS * 1e6


@pytest.mark.bench
@pytest.mark.parametrize("encode", [cloud_body, d360_body, onprem_body], ids=lambda encode: encode.__name__)
def test_building_a_body(encode: Callable[[OutboundTemplate], bytes]) -> None:
    template = Template(
        name="spring_sale", language="es_MX", namespace="ns", parameter_format="POSITIONAL",
        components=[{"type": "BODY", "text": BODY}],
    )  # fmt: skip
    builder = MessageBuilder(template, Campaign(id=7, name="spring", category="marketing", mapping=MAPPING))

    def build() -> bytes:
        mark = callback_data(7, 4711, 1)
        components = builder.components(VALUES)
        return encode(OutboundTemplate("+525555500001", "spring_sale", "es_MX", components, mark, namespace="ns"))

    document = json.loads(build())
    bare, ours = median_us(lambda: json.dumps(document).encode()), median_us(build)
    print(f"\n{encode.__name__}: {ours:.1f} µs, bare json.dumps {bare:.1f} µs; goal {GOAL_US} µs")
