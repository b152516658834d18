"""One parameter of a template message, checked as the platform checks it: type, presence, characters, length.

Sources: platform.md A.4 (shapes and parameter values), B.3 (lengths), C.3 (codes).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from sandbox.media import MediaShelf
from sandbox.plan import CODE_LIMIT, PAYLOAD_LIMIT, TextPlan
from sandbox.refusals import Refusal

# Newline, tab, or more than four spaces in a row, platform.md A.4.
_BAD_WHITESPACE = re.compile(r"[\n\r\t]| {5}")
# No URL, no emoji in a code, platform.md A.4, 12.
_BAD_IN_CODE = re.compile(r"https?://|www\.|[\U0001F000-\U0001FAFF\u2600-\u27BF]")
# A caption is for free-form media; templates have none.
_MEDIA_FIELDS = {"image": {"id", "link"}, "video": {"id", "link"}, "document": {"id", "link", "filename"}}
_MILLISECONDS_FROM = 10**11


class Values:
    """What the checks need to know beside the parameter.

    strict_whitespace  the version has the code 132018 (v23 and later); before, it was 100
    now                platform time, epoch seconds
    """

    __slots__ = ("media", "now", "strict_whitespace")

    def __init__(self, media: MediaShelf, now: Callable[[], float], *, strict_whitespace: bool = True) -> None:
        self.media, self.now, self.strict_whitespace = media, now, strict_whitespace


def allow_keys(given: Mapping[str, Any], allowed: frozenset[str] | set[str], where: str) -> None:
    """Refuse a field that the platform does not know."""
    for key in given:
        if key not in allowed:
            raise Refusal(100, f'Unexpected key "{key}" on param "{where}".')


def as_object(given: object, where: str) -> Mapping[str, Any]:
    """The value when it is a JSON object."""
    if not isinstance(given, dict):
        raise Refusal(100, f"Param {where} must be a JSON object.")
    return given


def as_list(given: object, where: str) -> list[Any]:
    """The value when it is an array; an absent one is empty."""
    if given is None:
        return []
    if not isinstance(given, list):
        raise Refusal(100, f"Param {where} must be an array.")
    return given


def text_of(parameter: Mapping[str, Any], where: str, values: Values) -> str:
    """The text of a parameter of type text, checked for absence, blanks and whitespace."""
    text = parameter.get("text")
    if text is None:
        raise Refusal(131008, "Parameter of type text is missing text value")
    if not isinstance(text, str):
        raise Refusal(100, f"Param {where}['text'] must be a string.")
    if not text or text.isspace():
        raise Refusal(131008, "Parameter of type text is missing text value")
    if _BAD_WHITESPACE.search(text):
        code = 132018 if values.strict_whitespace else 100
        raise Refusal(code, "Param text cannot have new-line/tab characters or more than 4 consecutive spaces")
    return text


def shown_text(parameter: Mapping[str, Any], where: str, values: Values) -> str:
    """What a parameter of a text puts into it: its text, or the fallback of the older typed parameters."""
    kind = parameter.get("type")
    if kind == "text":
        if len(parameter) != 2:
            allow_keys(parameter, {"type", "text", "parameter_name"}, where)
        return text_of(parameter, where, values)
    if kind in ("currency", "date_time"):
        return _fallback(parameter, str(kind), where)
    if kind is None:
        raise Refusal(131008, f"Param {where}['type'] is missing")
    raise Refusal(132012, f"body: Parameter type {str(kind).upper()} is not allowed in a text")


def check_code(text: str, plan: TextPlan) -> None:
    """A one-time code: short, and neither link nor picture. Source: platform.md A.4, 12."""
    if plan.value_limit is not None and len(text) > plan.value_limit:
        raise Refusal(132018, f"{plan.where}: the code is longer than {plan.value_limit} characters")
    if plan.value_limit is not None and _BAD_IN_CODE.search(text):
        raise Refusal(132018, f"{plan.where}: links and emoji are not allowed in a code")


def check_media(parameter: Mapping[str, Any], kind: str, where: str, values: Values) -> None:
    """A media header: the right type, exactly one of id and link, an id that was uploaded and has not expired."""
    given = str(parameter.get("type", "unknown"))
    if given != kind:
        raise Refusal(132012, f"header: Format mismatch, expected {kind.upper()}, received {given.upper()}")
    allow_keys(parameter, {"type", kind}, where)
    if kind not in parameter:
        raise Refusal(131008, f"Param {where}['{kind}'] is missing")
    media = as_object(parameter[kind], f"{where}['{kind}']")
    allow_keys(media, _MEDIA_FIELDS[kind], f"{where}['{kind}']")
    # Neither is a missing value, both are a wrong one.
    if ("id" in media) == ("link" in media):
        raise Refusal(131009 if "id" in media else 131008, f"header: {kind} needs exactly one of id and link")
    if "link" in media and not re.match(r"https?://[^/\s]+", str(media["link"])):
        raise Refusal(131009, f"Param {where}['{kind}']['link'] is not a valid URI.")
    if "id" in media and not values.media.holds(str(media["id"]), values.now()):
        raise Refusal(
            100, f"Param {where}['{kind}']['id'] is not a valid whatsapp business account media attachment ID"
        )


def check_location(parameter: Mapping[str, Any], where: str) -> None:
    """A location header: coordinates in range; name and address are optional."""
    location = _typed(parameter, "location", where)
    allow_keys(location, {"latitude", "longitude", "name", "address"}, f"{where}['location']")
    for name, most in (("latitude", 90.0), ("longitude", 180.0)):
        if location.get(name) in (None, ""):
            raise Refusal(131008, f"header: location needs {name}")
        # Numbers come as text or as number.
        try:
            inside = abs(float(location[name])) <= most
        except (TypeError, ValueError):
            inside = False
        if not inside:
            raise Refusal(131009, f"header: {name} must be a number between -{most:g} and {most:g}")


def check_product(parameter: Mapping[str, Any], where: str) -> None:
    """A single-product header."""
    product = _typed(parameter, "product", where)
    allow_keys(product, {"product_retailer_id", "catalog_id"}, f"{where}['product']")
    for name in ("product_retailer_id", "catalog_id"):
        if not product.get(name):
            raise Refusal(131008, f"header: product needs {name}")


def check_payload(parameter: Mapping[str, Any], where: str) -> None:
    """The payload of a quick reply."""
    allow_keys(parameter, {"type", "payload"}, where)
    payload = parameter.get("payload")
    if not isinstance(payload, str) or not payload:
        raise Refusal(131008, "Parameter of type payload is missing payload value")
    if len(payload) > PAYLOAD_LIMIT:
        raise Refusal(131009, f"buttons: payload is longer than {PAYLOAD_LIMIT} characters")


def check_coupon(parameter: Mapping[str, Any], where: str) -> None:
    """The code of a copy-code button."""
    allow_keys(parameter, {"type", "coupon_code"}, where)
    code = parameter.get("coupon_code")
    if not isinstance(code, str) or not code.strip():
        raise Refusal(131008, "Parameter of type coupon_code is missing coupon_code value")
    if len(code) > CODE_LIMIT:
        raise Refusal(131009, f"buttons: coupon code is longer than {CODE_LIMIT} characters")


def check_offer(parameter: Mapping[str, Any], where: str, values: Values) -> None:
    """A limited-time offer: its end, in UNIX milliseconds, lies ahead. Source: platform.md A.4, 14."""
    offer = _typed(parameter, "limited_time_offer", where)
    allow_keys(offer, {"expiration_time_ms"}, f"{where}['limited_time_offer']")
    ends = offer.get("expiration_time_ms")
    if ends is None:
        raise Refusal(131008, "limited_time_offer: expiration_time_ms is missing")
    if not isinstance(ends, int) or isinstance(ends, bool):
        raise Refusal(131009, "limited_time_offer: expiration_time_ms must be an integer")
    # A time in seconds is the usual mistake; read as milliseconds it lies in January 1970.
    if ends < _MILLISECONDS_FROM or ends / 1000 <= values.now():
        raise Refusal(131009, "limited_time_offer: expiration_time_ms must be a time in the future, in milliseconds")


def check_action(parameter: Mapping[str, Any], kind: str, where: str) -> None:
    """The action of a catalog, multi-product or flow button."""
    action = _typed(parameter, "action", where)
    _ACTIONS[kind](action, f"{where}['action']")


def _check_catalog(action: Mapping[str, Any], where: str) -> None:
    allow_keys(action, {"thumbnail_product_retailer_id"}, where)
    if not isinstance(action.get("thumbnail_product_retailer_id"), str):
        raise Refusal(131008, "buttons: catalog action needs thumbnail_product_retailer_id")


def _check_products(action: Mapping[str, Any], where: str) -> None:
    allow_keys(action, {"thumbnail_product_retailer_id", "sections"}, where)
    if not action.get("thumbnail_product_retailer_id"):
        raise Refusal(131008, "buttons: mpm action needs thumbnail_product_retailer_id")
    sections = as_list(action.get("sections"), f"{where}['sections']")
    if not 1 <= len(sections) <= 10:
        raise Refusal(131009, f"buttons: mpm takes 1 to 10 sections, not {len(sections)}")
    products = 0
    for number, section in enumerate(sections):
        here = f"{where}['sections'][{number}]"
        allow_keys(as_object(section, here), {"title", "product_items"}, here)
        # A single section needs no title.
        if len(sections) > 1 and not section.get("title"):
            raise Refusal(131008, "buttons: a section of several needs a title")
        for item in as_list(section.get("product_items"), f"{here}['product_items']"):
            if not as_object(item, here).get("product_retailer_id"):
                raise Refusal(131008, "buttons: a product item needs product_retailer_id")
            products += 1
    if not 1 <= products <= 30:
        raise Refusal(131009, f"buttons: mpm takes 1 to 30 products, not {products}")


def _check_flow(action: Mapping[str, Any], where: str) -> None:
    allow_keys(action, {"flow_token", "flow_action_data"}, where)
    if not isinstance(action.get("flow_token", ""), str):
        raise Refusal(100, f"Param {where}['flow_token'] must be a string.")
    as_object(action.get("flow_action_data", {}), f"{where}['flow_action_data']")


# By the kind of the button, since the parameter's type is `action` for all of them.
_ACTIONS = {"CATALOG": _check_catalog, "MPM": _check_products, "FLOW": _check_flow}


def _typed(parameter: Mapping[str, Any], kind: str, where: str) -> Mapping[str, Any]:
    given = parameter.get("type")
    if given != kind:
        raise Refusal(132012, f"Format mismatch, expected {kind.upper()}, received {str(given or 'unknown').upper()}")
    allow_keys(parameter, {"type", kind}, where)
    if kind not in parameter:
        raise Refusal(131008, f"Param {where}['{kind}'] is missing")
    return as_object(parameter[kind], f"{where}['{kind}']")


def _fallback(parameter: Mapping[str, Any], kind: str, where: str) -> str:
    allow_keys(parameter, {"type", kind, "parameter_name"}, where)
    inner = as_object(parameter.get(kind), f"{where}['{kind}']")
    allow_keys(inner, {"fallback_value", "code", "amount_1000"} if kind == "currency" else _DATE_FIELDS, where)
    # Only the fallback is shown, and yet the others are asked for, platform.md A.4, 16.
    needed = ("fallback_value", "code", "amount_1000") if kind == "currency" else ("fallback_value",)
    for name in needed:
        if inner.get(name) in (None, ""):
            raise Refusal(131008, f"Parameter of type {kind} is missing {name} value")
    if kind == "currency" and not isinstance(inner["amount_1000"], int):
        raise Refusal(131009, f"Param {where}['currency']['amount_1000'] must be an integer.")
    return str(inner["fallback_value"])


_DATE_FIELDS = frozenset(
    {"fallback_value", "day_of_week", "day_of_month", "year", "month", "hour", "minute", "calendar", "timestamp"}
)
