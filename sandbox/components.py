"""The components of a template message against the template's plan: count, type, names, positions.

The first departure is refused with the platform's code. Sources: platform.md A.4, C.3; the wording of details follows
answers of the platform that were seen in public.
"""

from collections.abc import Mapping
from typing import Any

from sandbox import parameters as check
from sandbox.parameters import Values, allow_keys, as_list, as_object
from sandbox.plan import ButtonPlan, HeaderPlan, Plan, TextPlan
from sandbox.refusals import Refusal

# Footers take no parameters, so they are no component of a message.
_COMPONENT_KEYS = {
    "header": frozenset({"type", "parameters"}),
    "body": frozenset({"type", "parameters"}),
    "button": frozenset({"type", "sub_type", "index", "parameters"}),
    "carousel": frozenset({"type", "cards"}),
    "limited_time_offer": frozenset({"type", "parameters"}),
}


def check_components(given: object, plan: Plan, values: Values) -> None:
    """Refuse components that do not fit the plan.

    raises  Refusal with the platform's code: 100, 131008, 131009, 132000, 132005, 132012 or 132018
    """
    components = as_list(given, "template['components']")
    # The usual case of a static template, without a walk.
    if not components and plan.bare:
        return
    _check_set(components, plan, "template['components']", values)


def _check_set(components: list[Any], plan: Plan, where: str, values: Values) -> None:
    single: dict[str, Any] = {}
    buttons: list[tuple[Any, str]] = []
    for number, component in enumerate(components):
        here = f"{where}[{number}]"
        # Both cases occur in the platform's own pages, platform.md A.4.
        kind = str(as_object(component, here).get("type", "")).lower()
        if kind not in _COMPONENT_KEYS:
            raise Refusal(100, f"Param {here}['type'] must be one of {{HEADER, BODY, BUTTON, CAROUSEL, ...}}.")
        allow_keys(component, _COMPONENT_KEYS[kind], here)
        if kind == "button":
            buttons.append((component, here))
        elif kind in single:
            raise Refusal(131009, f"{kind}: the component is given more than once")
        else:
            single[kind] = (component, here)
    _check_header(single.get("header"), plan, values)
    _check_body(single.get("body"), plan, values)
    _check_buttons(buttons, plan, values)
    _check_offer(single.get("limited_time_offer"), plan, values)
    _check_cards(single.get("carousel"), plan, values)


def _parameters(found: tuple[Mapping[str, Any], str] | None) -> tuple[list[Any], str]:
    if found is None:
        return [], ""
    component, here = found
    return as_list(component.get("parameters"), f"{here}['parameters']"), f"{here}['parameters']"


def _check_header(found: Any, plan: Plan, values: Values) -> None:
    given, where = _parameters(found)
    # No header in the template: parameters for one are a wrong count, not an unknown field.
    header = plan.header or HeaderPlan("TEXT", TextPlan("header", (), (), 0, 60))
    if header.text is not None:
        _check_text(given, header.text, where, plan.named, values)
        return
    # A media header needs its file with every message, though the template has an example of its own.
    if not given:
        raise Refusal(132012, f"header: Format mismatch, expected {header.kind}, received UNKNOWN")
    if len(given) != 1:
        raise _count("header", len(given), 1)
    one, here = as_object(given[0], f"{where}[0]"), f"{where}[0]"
    if header.kind == "LOCATION":
        check.check_location(one, here)
    elif header.kind == "PRODUCT":
        check.check_product(one, here)
    else:
        check.check_media(one, header.kind.lower(), here, values)


def _check_body(found: Any, plan: Plan, values: Values) -> None:
    given, where = _parameters(found)
    if plan.body is not None:
        _check_text(given, plan.body, where, plan.named, values)


def _check_text(given: list[Any], plan: TextPlan, where: str, named: bool, values: Values) -> None:
    if len(given) != len(plan.names):
        raise _count(plan.where, len(given), len(plan.names))
    length = plan.fixed
    seen: set[str] = set()
    for number, parameter in enumerate(given):
        here = f"{where}[{number}]"
        one = as_object(parameter, here)
        # Presence and characters come before length, as a rule; the platform promises no order, platform.md C.1.
        text = check.shown_text(one, here, values)
        check.check_code(text, plan)
        place = _place(one, plan, seen) if named else _position(one, number)
        length += len(text) * plan.uses[place]
    if length > plan.limit:
        raise Refusal(132005, f"{plan.where}: translated text is {length} characters, {plan.limit} are allowed")


def _position(parameter: Mapping[str, Any], number: int) -> int:
    if "parameter_name" in parameter:
        raise Refusal(132012, "parameter_name is given, and the template has positional parameters")
    return number


def _place(parameter: Mapping[str, Any], plan: TextPlan, seen: set[str]) -> int:
    name = parameter.get("parameter_name")
    if not isinstance(name, str) or not name:
        # Seen in public as 100, where one would expect 132012.
        raise Refusal(100, "Parameter name is missing or empty")
    if name not in plan.names or name in seen:
        raise Refusal(132000, f"{plan.where}: parameter name ({name}) is not expected, or is given twice")
    seen.add(name)
    return plan.names.index(name)


def _check_buttons(given: list[tuple[Any, str]], plan: Plan, values: Values) -> None:
    seen: set[int] = set()
    for component, where in given:
        index = _index(component.get("index"), where)
        if index >= len(plan.buttons) or index in seen:
            raise Refusal(131009, f"buttons: there is no button at index {index}, or it is given twice")
        seen.add(index)
        _check_button(component, plan.buttons[index], index, where, values)
    for index, button in enumerate(plan.buttons):
        if button.required and index not in seen:
            raise _button_missing(index, button)


def _index(given: object, where: str) -> int:
    if given is None:
        raise Refusal(131008, f"Param {where}['index'] is missing")
    # Text and number are both taken: "0" and 0.
    if isinstance(given, bool) or not str(given).isdecimal():
        raise Refusal(131009, f"Param {where}['index'] must be the position of a button")
    return int(str(given))


def _check_button(component: Mapping[str, Any], plan: ButtonPlan, index: int, where: str, values: Values) -> None:
    sub_type = str(component.get("sub_type", "")).lower()
    given = as_list(component.get("parameters"), f"{where}['parameters']")
    if not sub_type:
        raise Refusal(131008, f"Param {where}['sub_type'] is missing")
    if not plan.sub_types:
        raise Refusal(132000, f"buttons: Button at index {index} of type {_name(plan)} takes no parameter")
    if sub_type not in plan.sub_types:
        raise Refusal(132012, f"buttons: Button at index {index} is of type {_name(plan)}, received {sub_type}")
    # A quick reply without payload comes back with its label.
    if not given and not plan.required:
        return
    if not given:
        raise _button_missing(index, plan)
    if len(given) != 1:
        raise _count(f"button {index}", len(given), 1)
    one, here = as_object(given[0], f"{where}['parameters'][0]"), f"{where}['parameters'][0]"
    if one.get("type") != plan.parameter:
        raise Refusal(132012, f"buttons: Button at index {index} needs a parameter of type {plan.parameter}")
    _check_button_parameter(one, plan, here, values)


def _check_button_parameter(one: Mapping[str, Any], plan: ButtonPlan, here: str, values: Values) -> None:
    if plan.parameter == "payload":
        check.check_payload(one, here)
    elif plan.parameter == "coupon_code":
        check.check_coupon(one, here)
    elif plan.parameter == "action":
        check.check_action(one, plan.kind, here)
    elif plan.text is not None:
        _check_text([one], plan.text, here, False, values)


def _check_offer(found: Any, plan: Plan, values: Values) -> None:
    given, where = _parameters(found)
    if not plan.offer:
        if given:
            raise _count("limited_time_offer", len(given), 0)
        return
    if len(given) != 1:
        raise Refusal(131008, "limited_time_offer: expiration_time_ms is missing")
    check.check_offer(as_object(given[0], where), where, values)


def _check_cards(found: Any, plan: Plan, values: Values) -> None:
    where = found[1] if found else ""
    cards = as_list(found[0].get("cards"), f"{where}['cards']") if found else []
    # As many as the template has, never fewer, platform.md A.4, 13.
    if len(cards) != len(plan.cards):
        raise Refusal(
            132000, f"carousel: number of cards ({len(cards)}) does not match the template ({len(plan.cards)})"
        )
    seen: set[int] = set()
    for number, card in enumerate(cards):
        here = f"{where}['cards'][{number}]"
        allow_keys(as_object(card, here), {"card_index", "components"}, here)
        index = _index(card.get("card_index"), here)
        if index >= len(plan.cards) or index in seen:
            raise Refusal(131009, f"carousel: there is no card at index {index}, or it is given twice")
        seen.add(index)
        _check_set(as_list(card.get("components"), here), plan.cards[index], f"{here}['components']", values)


def _count(where: str, given: int, expected: int) -> Refusal:
    return Refusal(
        132000,
        f"{where}: number of localizable_params ({given}) does not match the expected number of params ({expected})",
    )


def _button_missing(index: int, plan: ButtonPlan) -> Refusal:
    return Refusal(131008, f"buttons: Button at index {index} of type {_name(plan)} requires a parameter")


def _name(plan: ButtonPlan) -> str:
    return plan.kind.replace("_", " ").title().replace(" ", "")
