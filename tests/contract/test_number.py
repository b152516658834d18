"""Templates, numbers and webhook addresses, in every dialect alike."""

import pytest

from campaign.errors import PlatformError
from campaign.providers.base import NumberInfo, WebhookAddress
from campaign.providers.number import read_graph_number
from campaign.settings import Settings
from sandbox.templates import NAMESPACE
from tests.contract.conftest import Bound, make_provider
from tests.fixtures.reading import answer


async def test_every_page_of_templates_is_read(bound: Bound) -> None:
    known = len(await bound.provider.list_templates())
    for number in range(120):
        one = {"name": f"extra_{number}", "language": "en_US", "category": "UTILITY", "status": "APPROVED"}
        bound.client.control("templates", {**one, "components": [{"type": "BODY", "text": "Hello"}]})
    listed = await bound.provider.list_templates()
    assert len({(record.name, record.language) for record in listed}) == len(listed) == known + 120


async def test_a_template_says_the_same_in_every_dialect(bound: Bound) -> None:
    found = {(t.name, t.language): t for t in await bound.provider.list_templates()}
    sale = found["spring_sale", "en_US"]
    assert (sale.category, sale.status, sale.parameter_format) == ("marketing", "APPROVED", "POSITIONAL")
    assert sale.components[0]["type"]
    assert sale.platform_id
    assert sale.namespace == (None if bound.dialect == "cloud" else NAMESPACE)


async def test_a_template_with_names_in_its_text_is_named(bound: Bound) -> None:
    record = {"name": "with_names", "language": "en_US", "category": "UTILITY", "status": "APPROVED"}
    body = {"type": "BODY", "text": "Hello {{first_name}}, welcome."}
    bound.client.control("templates", {**record, "parameter_format": "NAMED", "components": [body]})
    found = {t.name: t for t in await bound.provider.list_templates()}
    assert found["with_names"].parameter_format == "NAMED"


async def test_a_number_is_described_as_far_as_the_dialect_can(bound: Bound) -> None:
    info = await bound.provider.read_number()
    expected = {
        "cloud": NumberInfo("CONNECTED", "GREEN", "STANDARD", "TIER_UNLIMITED", "AVAILABLE"),
        "d360": NumberInfo(health="AVAILABLE"),
        "d360-onprem": NumberInfo(),
    }
    assert info == expected[bound.dialect]


async def test_a_restricted_number_says_so(bound: Bound) -> None:
    bound.client.control("restrict", {"status": "RESTRICTED", "lasts_s": 1000})
    info = await bound.provider.read_number()
    bound.client.control("restrict", {"status": "CONNECTED"})
    if bound.dialect == "d360-onprem":
        assert info == NumberInfo()
        return
    assert info.health == "BLOCKED"
    assert info.health_reason is not None
    assert "PHONE_NUMBER" in info.health_reason
    assert info.status == ("RESTRICTED" if bound.dialect == "cloud" else None)


def test_the_documented_answer_is_read_in_full() -> None:
    info = read_graph_number(answer("cloud_phone_number_info"))
    assert info == NumberInfo(
        "CONNECTED", "GREEN", "STANDARD", "TIER_2K", "LIMITED", "BUSINESS: Business is not verified."
    )


async def test_a_webhook_address_is_registered(bound: Bound) -> None:
    if bound.dialect == "cloud":
        bound.receiver.token = "agreed"
    await bound.provider.register_webhook(WebhookAddress(bound.receiver.url, "agreed"))
    await bound.provider.send(bound.message("+525555500077"))
    bound.receiver.until(lambda: bound.receiver.statuses())
    headers = {name.lower(): value for name, value in bound.receiver.posts[-1].headers.items()}
    assert bound.dialect == "cloud" or headers["authorization"] == "agreed"


async def test_a_webhook_address_that_does_not_agree_is_refused_by_meta(bound: Bound) -> None:
    if bound.dialect != "cloud":
        return  # 360dialog asks nobody
    with pytest.raises(PlatformError, match="subscribed_apps answered HTTP 400"):
        await bound.provider.register_webhook(WebhookAddress(bound.receiver.url, "unheard of"))


@pytest.mark.parametrize("call", ["list_templates", "read_number"])
async def test_a_wrong_key_is_said_and_not_repeated(bound: Bound, call: str, settings: Settings) -> None:
    if (bound.dialect, call) == ("d360-onprem", "read_number"):
        return  # asks nothing
    provider = make_provider(bound.dialect, bound.client.url, settings, token="not-this-one")
    with pytest.raises(PlatformError, match="HTTP 401") as raised:
        await getattr(provider, call)()
    await provider.aclose()
    assert "not-this-one" not in str(raised.value)
