"""The short way reads the same out of a body as the long one."""

import json
from dataclasses import fields
from typing import Any

from hypothesis import example, given
from hypothesis import strategies as st

from campaign.providers.base import WebhookContent
from campaign.providers.events import read_cloud, read_long
from campaign.providers.plain_statuses import plain_statuses
from tests.campaign.webhooks.desk import envelope, failed, status

PRICE = {"billable": True, "pricing_model": "PMP", "type": "regular", "category": "marketing"}
PLAIN = status("delivered", "wamid.1", 3, biz_opaque_callback_data="c1:m1:a1", pricing=PRICE)

odd = st.sampled_from([None, True, 1, 1.5, "", "\x00", "word", "ä", [], ["x"], {}, {"x": 1}, 10**30, "1e999", -1])
statuses = st.one_of(
    st.just(PLAIN),
    st.just(failed("wamid.1", 3, 131026)),
    st.builds(lambda name, value: PLAIN | {name: value}, st.sampled_from([*PLAIN, "errors", "news", "status"]), odd),
    st.builds(lambda name, value: PLAIN | {"pricing": PRICE | {name: value}}, st.sampled_from([*PRICE, "new"]), odd),
    st.builds(lambda name: {key: PLAIN[key] for key in PLAIN if key != name}, st.sampled_from(sorted(PLAIN))),
    st.sampled_from([PLAIN | {"status": "played"}, PLAIN | {"recipient_user_id": "MX.1"}]),
    odd,
)


def shown(content: WebhookContent) -> dict[str, Any]:
    return {each.name: getattr(content, each.name) or None for each in fields(content)}


PERSON = {"wa_id": PLAIN["recipient_id"], "user_id": "MX.2"}
people = st.one_of(st.just([PERSON]), odd, st.lists(odd, max_size=2))


@given(st.lists(statuses, max_size=3), st.one_of(st.none(), people))
@example([PLAIN], None)
@example([PLAIN], [PERSON])
def test_both_ways_read_the_same(told: list[Any], who: Any) -> None:
    document = json.loads(envelope(*told))
    if who is not None:
        document["entry"][0]["changes"][0]["value"]["contacts"] = who
    assert shown(read_cloud(json.dumps(document).encode())) == shown(read_long(document))


def test_the_ordinary_body_goes_the_short_way() -> None:
    words = {"delivered": read_cloud(envelope(PLAIN)).deliveries[0].status}
    assert plain_statuses(json.loads(envelope(PLAIN, PLAIN)), words) is not None


@given(odd, st.sampled_from(["entry", "changes", "value", "field", "statuses"]))
def test_an_envelope_of_another_shape_goes_the_long_way(value: Any, at: str) -> None:
    document = json.loads(envelope(PLAIN))
    change = document["entry"][0]["changes"][0]
    if at == "entry":
        document["entry"] = value
    elif at == "changes":
        document["entry"][0]["changes"] = value
    elif at == "statuses":
        change["value"]["statuses"] = value
    else:
        change[at] = value
    assert not plain_statuses(document, {})
