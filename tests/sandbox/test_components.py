"""Every departure from a template is refused with the platform's code; every shape of platform.md A.4 is taken."""

from typing import Any

import pytest

from sandbox.config import SandboxConfig
from sandbox.server import running
from tests.sandbox.client import CLOUD_KEY, NUMBER, SALE, Client, refusal

IN_2030_MS = 1_900_000_000_000


def body(*texts: str) -> dict[str, Any]:
    return {"type": "body", "parameters": [{"type": "text", "text": text} for text in texts]}


def named(**texts: str) -> dict[str, Any]:
    parameters = [{"type": "text", "parameter_name": name, "text": text} for name, text in texts.items()]
    return {"type": "body", "parameters": parameters}


def header(kind: str, **content: Any) -> dict[str, Any]:
    return {"type": "header", "parameters": [{"type": kind, kind: content}]}


def button(sub_type: str, index: Any, kind: str, value: Any) -> dict[str, Any]:
    return {"type": "button", "sub_type": sub_type, "index": index, "parameters": [{"type": kind, kind: value}]}


def card(index: int, *components: dict[str, Any]) -> dict[str, Any]:
    return {"card_index": index, "components": list(components)}


IMAGE = header("image", link="https://cdn.example.com/a.jpg")
URL = button("url", "1", "text", "abc123")
OFFER = {
    "type": "limited_time_offer",
    "parameters": [{"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": IN_2030_MS}}],
}
CODE = button("copy_code", 0, "coupon_code", "SPRING15")
OTP = button("url", "0", "text", "493817")
SECTIONS = [{"title": "Popular", "product_items": [{"product_retailer_id": "sku-1"}, {"product_retailer_id": "sku-2"}]}]
MPM = {"thumbnail_product_retailer_id": "sku-1", "sections": SECTIONS}
CARD = (IMAGE, body("15%"), button("url", "1", "text", "abc"))
CARDS = {"type": "carousel", "cards": [card(0, *CARD), card(1, *CARD)]}
PLACE = {"latitude": "52.5", "longitude": 13.4, "name": "Shop", "address": "1 Example St"}


def record(name: str, *components: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"name": name, "language": "en_US", "category": "MARKETING", "components": list(components), **more}


def buttons(*kinds: dict[str, Any]) -> dict[str, Any]:
    return {"type": "BUTTONS", "buttons": list(kinds)}


MORE_TEMPLATES = [
    record("greeting", {"type": "HEADER", "format": "TEXT", "text": "For {{1}}"}, {"type": "BODY", "text": "Hello"}),
    record("plain", {"type": "BODY", "text": "The shop is open."}),
    record("clip", {"type": "HEADER", "format": "VIDEO"}, {"type": "BODY", "text": "Watch"}),
    record("bill", {"type": "HEADER", "format": "DOCUMENT"}, {"type": "BODY", "text": "Your bill"}),
    record("visit", {"type": "HEADER", "format": "LOCATION"}, {"type": "BODY", "text": "Come by"}),
    record("product", {"type": "HEADER", "format": "PRODUCT"}, {"type": "BODY", "text": "New"}),
    record("coupon", {"type": "BODY", "text": "Save"}, buttons({"type": "COPY_CODE", "text": "Copy"})),
    record("catalog", {"type": "BODY", "text": "See all"}, buttons({"type": "CATALOG", "text": "View"})),
    record("products", {"type": "BODY", "text": "For you"}, buttons({"type": "MPM", "text": "View"})),
    record("survey", {"type": "BODY", "text": "Tell us"}, buttons({"type": "FLOW", "text": "Begin"})),
    record("call", {"type": "BODY", "text": "Talk"}, buttons({"type": "PHONE_NUMBER", "text": "Call"})),
    record("twice", {"type": "BODY", "text": "{{1}}, yes {{1}}: " + "x" * 900}),
    record(
        "offer",
        {"type": "LIMITED_TIME_OFFER", "limited_time_offer": {"text": "Ends soon", "has_expiration": True}},
        {"type": "BODY", "text": "Hurry {{1}}"},
        buttons({"type": "COPY_CODE"}, {"type": "URL", "url": "https://shop.example.com/{{1}}"}),
    ),
]

TAKEN = [
    ("spring_sale", SALE),
    ("spring_sale", [*SALE, button("quick_reply", "0", "payload", "optout:marketing:c1")]),
    ("spring_sale", [*SALE, button("QUICK_REPLY", 0, "payload", "optout")]),
    ("spring_sale", [*SALE, {"type": "button", "sub_type": "quick_reply", "index": "0"}]),
    ("spring_sale", [{"type": "BODY", "parameters": SALE[0]["parameters"]}]),
    ("spring_offer", [IMAGE, body("Ann", "15%"), URL]),
    ("order_shipped", [named(first_name="Ann", order_number="A-1"), button("url", "0", "text", "A-1")]),
    ("login_code", [body("493817"), OTP]),
    ("new_arrivals", [body("Ann"), CARDS]),
    ("greeting", [{"type": "header", "parameters": [{"type": "text", "text": "Ann"}]}]),
    ("plain", None),
    ("plain", []),
    ("plain", [{"type": "body", "parameters": []}]),
    ("clip", [header("video", link="https://cdn.example.com/a.mp4")]),
    ("bill", [header("document", link="https://cdn.example.com/i.pdf", filename="invoice.pdf")]),
    ("visit", [header("location", **PLACE)]),
    ("product", [header("product", product_retailer_id="sku-1", catalog_id="200000000000001")]),
    ("coupon", [CODE]),
    ("catalog", None),
    ("catalog", [button("CATALOG", 0, "action", {"thumbnail_product_retailer_id": "sku-1"})]),
    ("products", [button("mpm", "0", "action", MPM)]),
    ("survey", [button("flow", "0", "action", {"flow_token": "t-1", "flow_action_data": {"k": "v"}})]),
    ("offer", [body("Ann"), OFFER, CODE, URL]),
    ("spring_sale", [body("Ann", "5%    more")]),
    (
        "spring_sale",
        [
            {
                "type": "body",
                "parameters": [
                    {"type": "date_time", "date_time": {"fallback_value": "Sunday"}},
                    {"type": "currency", "currency": {"fallback_value": "$5", "code": "USD", "amount_1000": 5000}},
                ],
            }
        ],
    ),
]

REFUSED = [
    # How many
    ("spring_sale", [body("Ann")], 132000, "body: number of localizable_params (1) does not match the expected"),
    ("spring_sale", [], 132000, "(0) does not match the expected number of params (2)"),
    ("spring_sale", None, 132000, "(0) does not match"),
    ("spring_sale", [body("Ann", "X", "more")], 132000, "(3) does not match"),
    ("plain", [body("Ann")], 132000, "expected number of params (0)"),
    ("plain", [{"type": "header", "parameters": [{"type": "text", "text": "Ann"}]}], 132000, "header: number of"),
    ("call", [button("url", 0, "text", "x")], 132000, "PhoneNumber takes no parameter"),
    ("new_arrivals", [body("Ann"), {"type": "carousel", "cards": [card(0, *CARD)]}], 132000, "number of cards (1)"),
    ("new_arrivals", [body("Ann")], 132000, "number of cards (0)"),
    ("plain", [OFFER], 132000, "limited_time_offer: number of"),
    # Text
    ("spring_sale", [body("Ann", "")], 131008, "Parameter of type text is missing text value"),
    ("spring_sale", [body("Ann", "  ")], 131008, "missing text value"),
    ("spring_sale", [{"type": "body", "parameters": [{"type": "text"}] * 2}], 131008, "missing text value"),
    ("spring_sale", [{"type": "body", "parameters": [{"type": "text", "text": 5}] * 2}], 100, "must be a string"),
    ("spring_sale", [body("Ann", "a\nb")], 132018, "new-line/tab"),
    ("spring_sale", [body("Ann", "a\tb")], 132018, "new-line/tab"),
    ("spring_sale", [body("Ann", "a     b")], 132018, "more than 4 consecutive spaces"),
    ("spring_sale", [body("Ann", "x" * 1000)], 132005, "1024 are allowed"),
    ("twice", [body("x" * 60)], 132005, "translated text is"),
    ("greeting", [{"type": "header", "parameters": [{"type": "text", "text": "x" * 57}]}], 132005, "60 are allowed"),
    ("offer", [body("x" * 600), OFFER, CODE, URL], 132005, "600 are allowed"),
    ("spring_sale", [{"type": "body", "parameters": [{"text": "a"}, {"text": "b"}]}], 131008, "['type'] is missing"),
    ("spring_sale", [{"type": "body", "parameters": IMAGE["parameters"] * 2}], 132012, "IMAGE is not allowed"),
    # Named and positional
    ("order_shipped", [body("Ann", "A-1"), URL], 100, "Parameter name is missing or empty"),
    ("order_shipped", [named(first_name="Ann", city="Ulm"), URL], 132000, "parameter name (city)"),
    ("spring_sale", [named(first_name="Ann", code="X")], 132012, "positional"),
    # Headers
    ("spring_offer", [body("Ann", "15%"), URL], 132012, "header: Format mismatch, expected IMAGE, received UNKNOWN"),
    ("spring_offer", [header("video", id="1"), body("Ann", "15%"), URL], 132012, "expected IMAGE, received VIDEO"),
    ("clip", [header("video")], 131008, "exactly one of id and link"),
    ("clip", [header("video", id="1", link="https://x.example.com")], 131009, "exactly one of id and link"),
    ("clip", [header("video", id="4711")], 100, "is not a valid whatsapp business account media attachment ID"),
    ("clip", [header("video", link="ftp://x")], 131009, "is not a valid URI"),
    ("clip", [header("video", link="https://x.example.com", caption="Hi")], 100, 'Unexpected key "caption"'),
    ("clip", [{"type": "header", "parameters": [{"type": "video"}]}], 131008, "['video'] is missing"),
    ("clip", [{"type": "header", "parameters": IMAGE["parameters"] * 2}], 132000, "header: number of"),
    ("visit", [header("location", latitude="91", longitude="1")], 131009, "latitude must be a number"),
    ("visit", [header("location", latitude="north", longitude="1")], 131009, "latitude must be a number"),
    ("visit", [header("location", latitude="1")], 131008, "needs longitude"),
    ("visit", [IMAGE], 132012, "expected LOCATION, received IMAGE"),
    ("product", [header("product", product_retailer_id="sku-1")], 131008, "needs catalog_id"),
    # Typed parameters of old
    (
        "greeting",
        [{"type": "header", "parameters": [{"type": "currency", "currency": {"fallback_value": "$5"}}]}],
        131008,
        "missing code value",
    ),
    (
        "greeting",
        [{"type": "header", "parameters": [{"type": "date_time", "date_time": {}}]}],
        131008,
        "fallback_value",
    ),
    # Buttons
    ("spring_offer", [IMAGE, body("Ann", "15%")], 131008, "Button at index 1 of type Url requires a parameter"),
    (
        "spring_offer",
        [IMAGE, body("Ann", "15%"), {"type": "button", "sub_type": "url", "index": 1, "parameters": []}],
        131008,
        "requires a parameter",
    ),
    ("spring_offer", [IMAGE, body("Ann", "15%"), button("url", 0, "text", "x")], 132012, "is of type QuickReply"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), button("url", 7, "text", "x")], 131009, "no button at index 7"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), URL, URL], 131009, "given twice"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), button("url", "first", "text", "x")], 131009, "position of a button"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), button("url", 1, "payload", "x")], 132012, "parameter of type text"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), button("url", 1, "text", "x" * 2000)], 132005, "2000 are allowed"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), {**URL, "index": None}], 131008, "['index'] is missing"),
    ("spring_offer", [IMAGE, body("Ann", "15%"), {**URL, "sub_type": ""}], 131008, "['sub_type'] is missing"),
    ("spring_sale", [*SALE, button("quick_reply", 0, "payload", "x" * 257)], 131009, "longer than 256"),
    ("spring_sale", [*SALE, button("quick_reply", 0, "payload", "")], 131008, "missing payload value"),
    ("coupon", [button("copy_code", 0, "coupon_code", "X" * 16)], 131009, "longer than 15"),
    ("coupon", [button("copy_code", 0, "coupon_code", " ")], 131008, "missing coupon_code value"),
    ("coupon", None, 131008, "of type CopyCode requires a parameter"),
    ("login_code", [body("493817")], 131008, "of type Otp requires a parameter"),
    ("login_code", [body("1" * 16), OTP], 132018, "longer than 15"),
    ("login_code", [body("http://x.ex"), OTP], 132018, "links and emoji"),
    ("login_code", [body("493817"), button("url", 0, "text", "1" * 16)], 132018, "longer than 15"),
    ("catalog", [button("catalog", 0, "action", {})], 131008, "needs thumbnail_product_retailer_id"),
    ("products", None, 131008, "of type Mpm requires a parameter"),
    ("products", [button("mpm", 0, "action", {**MPM, "sections": []})], 131009, "1 to 10 sections"),
    ("products", [button("mpm", 0, "action", {**MPM, "sections": SECTIONS * 11})], 131009, "1 to 10 sections"),
    (
        "products",
        [button("mpm", 0, "action", {**MPM, "sections": [{"title": "A", "product_items": [{}]}]})],
        131008,
        "product_retailer_id",
    ),
    (
        "products",
        [button("mpm", 0, "action", {**MPM, "sections": [{"product_items": [{"product_retailer_id": "s"}] * 31}]})],
        131009,
        "1 to 30 products",
    ),
    ("survey", [button("flow", 0, "action", {"flow_token": 5})], 100, "must be a string"),
    ("survey", [button("flow", 0, "action", {"flow_action_data": "x"})], 100, "must be a JSON object"),
    # Limited-time offers
    ("offer", [body("Ann"), CODE, URL], 131008, "expiration_time_ms is missing"),
    (
        "offer",
        [
            body("Ann"),
            {
                "type": "limited_time_offer",
                "parameters": [
                    {"type": "limited_time_offer", "limited_time_offer": {"expiration_time_ms": IN_2030_MS // 1000}}
                ],
            },
            CODE,
            URL,
        ],
        131009,
        "in milliseconds",
    ),
    # Carousels
    (
        "new_arrivals",
        [body("Ann"), {"type": "carousel", "cards": [card(0, *CARD), card(0, *CARD)]}],
        131009,
        "no card at index 0, or it is given twice",
    ),
    (
        "new_arrivals",
        [body("Ann"), {"type": "carousel", "cards": [card(0, *CARD), card(1, body("15%"), CARD[2])]}],
        132012,
        "expected IMAGE, received UNKNOWN",
    ),
    (
        "new_arrivals",
        [body("Ann"), {"type": "carousel", "cards": [card(0, *CARD), card(1, IMAGE, body("x" * 160), CARD[2])]}],
        132005,
        "160 are allowed",
    ),
    # Shape
    ("spring_sale", [{**SALE[0], "text": "x"}], 100, 'Unexpected key "text"'),
    ("spring_sale", [{"type": "footer"}], 100, "must be one of"),
    ("spring_sale", [*SALE, *SALE], 131009, "more than once"),
    ("spring_sale", {"type": "body"}, 100, "must be an array"),
    ("spring_sale", ["body"], 100, "must be a JSON object"),
    ("spring_sale", [{"type": "body", "parameters": "Ann"}], 100, "must be an array"),
    (
        "spring_sale",
        [{"type": "body", "parameters": [{"type": "text", "text": "a", "bold": True}] * 2}],
        100,
        'Unexpected key "bold"',
    ),
]


@pytest.fixture(scope="module")
def shop() -> Any:
    with running(SandboxConfig()) as one:
        client = Client(one.url)
        for template in MORE_TEMPLATES:
            client.control("templates", template)
        client.control("scenario", {"limits": {"pair_interval_s": 0}})
        yield client
        client.http.close()


@pytest.mark.parametrize(("name", "components"), TAKEN, ids=lambda value: value if isinstance(value, str) else "")
def test_a_body_that_fits_is_taken(shop: Client, name: str, components: Any) -> None:
    answer = shop.send(name=name, components=components)
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("name", "components", "code", "details"), REFUSED)
def test_a_departure_is_refused_with_the_platforms_code(
    shop: Client, name: str, components: Any, code: int, details: str
) -> None:
    status, given, said = refusal(shop.send(name=name, components=components))
    assert (status, given) == (400, code), said
    assert details in said


def test_an_uploaded_file_can_be_used_by_its_id(shop: Client) -> None:
    upload = shop.http.post(
        f"/v23.0/{NUMBER}/media",
        data={"messaging_product": "whatsapp", "type": "video/mp4"},
        files={"file": ("a.mp4", b"not really a film", "video/mp4")},
        headers=CLOUD_KEY,
    )
    assert shop.send(name="clip", components=[header("video", id=upload.json()["id"])]).status_code == 200


@pytest.mark.parametrize(("version", "code"), [("v22.0", 100), ("v23.0", 132018)])
def test_bad_whitespace_has_a_code_of_its_own_from_v23(shop: Client, version: str, code: int) -> None:
    assert refusal(shop.send(version=version, components=[body("Ann", "a\nb")]))[1] == code
