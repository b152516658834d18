"""The table of error codes against the codes that the platform is known to give."""

import pytest

from campaign.sending.error_table import (
    CLOUD_RULES,
    ERROR_TABLE,
    ONPREM_RULES,
    Action,
    Rule,
    Scope,
    error_table,
    rule_for,
)
from models.states import PauseReason

# Codes that concern the authoring of templates or onboarding and never answer a send.
NOT_SEND_ERRORS = {131052, 1752041, 2388019, 2388040, 2388047, 2388072, 2388073, 2388293, 2388299}

CLOUD_CODES = {
    0, 1, 2, 3, 4, 10, 17, 33, 100, 104, 190, 368, 613, 803, 80007, 130403, 130429, 130472, 130497, 131000, 131005,
    131008, 131009, 131014, 131016, 131021, 131026, 131030, 131031, 131037, 131042, 131044, 131045, 131047, 131048,
    131049, 131050, 131051, 131053, 131055, 131056, 131057, 131062, 131063, 131064, 132000, 132001, 132005, 132007,
    132008, 132012, 132015, 132016, 132018, 132068, 132069, 133000, 133004, 133005, 133006, 133008, 133009, 133010,
    133015, 133016, 134011, 134100, 134101, 134102, 135000, 137000,
}  # fmt: skip

ONPREM_CODES = {
    400, 402, 408, 410, 430, 432, 433, 470, 471, 472, 480, 500, 501, 1000, 1001, 1002, 1004, 1005, 1006, 1007, 1008,
    1009, 1010, 1011, 1013, 1014, 1015, 1016, 1017, 1018, 1021, 1022, 1023, 1024, 1025, 1026, 1028, 1031, 2000, 2001,
    2002, 2003, *range(2004, 2018), *range(2023, 2031), 2036, 2050, 2060, 2061, 2062, 2068, 2069,
}  # fmt: skip


def test_every_code_of_a_send_is_in_the_table_and_no_other() -> None:
    assert {rule.code for rule in CLOUD_RULES} == CLOUD_CODES - NOT_SEND_ERRORS
    assert {rule.code for rule in ONPREM_RULES} == ONPREM_CODES


def test_each_action_is_used() -> None:
    assert {rule.action for rule in ERROR_TABLE.values()} == set(Action)


def test_a_code_may_stand_in_the_table_once() -> None:
    rule = Rule(1, Action.UNCERTAIN, Scope.MESSAGE, "Twice.")
    with pytest.raises(ValueError, match="1 stands twice"):
        error_table([rule, rule])


@pytest.mark.parametrize("rule", ERROR_TABLE.values(), ids=lambda rule: str(rule.code))
def test_a_rule_has_a_sentence_and_a_pause_has_a_reason(rule: Rule) -> None:
    assert rule.sentence.endswith(".")
    assert rule.sentence[0].isupper()
    pauses = rule.action in {Action.PAUSE_NUMBER, Action.PAUSE_TEMPLATE}
    assert (rule.pause is not None) == pauses


@pytest.mark.parametrize(
    ("code", "text", "status", "action"),
    [
        (130429, "", 400, Action.THROTTLE_ALL),
        (130429, "", 429, Action.THROTTLE_ALL),
        (131049, "", 400, Action.RETRY_INCREASING),
        (250, "Permissions error", 403, Action.PAUSE_NUMBER),
        # 360dialog's gateway: no code, HTTP 400, the text decides
        (None, "Endpoint rate limit exceeded", 400, Action.THROTTLE_ALL),
        (None, "limit of 1 request every 5 seconds", 400, Action.THROTTLE_ALL),
        (None, "Message not sent because of lack of payment", 400, Action.PAUSE_NUMBER),
        (None, "Invalid api key", 401, Action.PAUSE_NUMBER),
        (None, "", 429, Action.THROTTLE_ALL),
        (None, "", 503, Action.THROTTLE_ALL),
    ],
)
def test_a_rule_is_found_by_code_then_words_then_status(
    code: int | None, text: str, status: int, action: Action
) -> None:
    rule = rule_for(code, text, status)
    assert rule is not None
    assert rule.action is action


@pytest.mark.parametrize(("code", "status"), [(999999, 400), (999999, 429), (None, 400), (None, 418)])
def test_what_nobody_knows_has_no_rule(code: int | None, status: int) -> None:
    assert rule_for(code, "something new", status) is None


def test_a_permission_code_keeps_its_number() -> None:
    rule = rule_for(210)
    assert rule is not None
    assert (rule.code, rule.pause) == (210, PauseReason.CREDENTIALS)
