"""What each error code of the platform asks of us, as rows. Meanings and sources: platform.md C.2 to C.6.

The sentence is what the console and the reports show. A code that is not here is never sent again: it is kept,
counted and shown.
"""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import NamedTuple

from models.states import PauseReason


class Action(StrEnum):
    """What the engine does about an error; the classes of platform.md C.2."""

    RETRY_BACKOFF = "retry_backoff"
    RETRY_INCREASING = "retry_increasing"
    PAIR_RATE_LIMIT = "pair_rate_limit"
    THROTTLE_ALL = "throttle_all"
    PAUSE_TEMPLATE = "pause_template"
    PAUSE_NUMBER = "pause_number"
    SUPPRESS_RECIPIENT = "suppress_recipient"
    WAIT_FOR_CONVERSATION = "do_not_retry_unless_conversation_open"
    PARAMETER_BUG = "template_parameter_bug"
    UNCERTAIN = "uncertain"


class Scope(StrEnum):
    """What an error concerns."""

    MESSAGE = "message"
    RECIPIENT = "recipient"
    TEMPLATE = "template"
    NUMBER = "number"
    ACCOUNT = "account"


class Rule(NamedTuple):
    """One code: what to do, what it concerns, one sentence for people; for pauses also the reason.

    stop_s  how long a throttled number stops, seconds, where no Retry-After says it; 0: as the settings say
    """

    code: int
    action: Action
    scope: Scope
    sentence: str
    pause: PauseReason | None = None
    stop_s: float = 0.0


A, S, P = Action, Scope, PauseReason

MINUTE, HOUR = 60.0, 3600.0

CLOUD_RULES = (
    Rule(0, A.PAUSE_NUMBER, S.ACCOUNT, "WhatsApp does not accept the access token.", P.CREDENTIALS),
    Rule(1, A.UNCERTAIN, S.MESSAGE, "WhatsApp had an unknown fault."),
    Rule(2, A.THROTTLE_ALL, S.NUMBER, "WhatsApp is overloaded or being upgraded.", stop_s=MINUTE),
    Rule(3, A.PAUSE_NUMBER, S.ACCOUNT, "The app may not do this: a capability is missing.", P.CREDENTIALS),
    Rule(4, A.THROTTLE_ALL, S.ACCOUNT, "The app has used up its calls for now.", stop_s=MINUTE),
    Rule(10, A.PAUSE_NUMBER, S.ACCOUNT, "The app lacks a permission.", P.CREDENTIALS),
    Rule(17, A.THROTTLE_ALL, S.ACCOUNT, "The account has used up its calls for now.", stop_s=MINUTE),
    Rule(33, A.PAUSE_NUMBER, S.NUMBER, "The phone number id is wrong or was deleted.", P.CREDENTIALS),
    Rule(100, A.PARAMETER_BUG, S.MESSAGE, "The request has a field that WhatsApp does not know or accept."),
    Rule(104, A.PAUSE_NUMBER, S.ACCOUNT, "The access token is missing.", P.CREDENTIALS),
    Rule(190, A.PAUSE_NUMBER, S.ACCOUNT, "The access token has expired or is invalid.", P.CREDENTIALS),
    Rule(368, A.PAUSE_NUMBER, S.ACCOUNT, "The account is blocked for now over a policy.", P.SENDER_RESTRICTED),
    Rule(613, A.THROTTLE_ALL, S.ACCOUNT, "The account has used up its calls for now.", stop_s=MINUTE),
    Rule(803, A.PARAMETER_BUG, S.ACCOUNT, "An id in the sender's configuration does not exist."),
    Rule(80007, A.THROTTLE_ALL, S.ACCOUNT, "The WhatsApp account has used up its calls for now.", stop_s=MINUTE),
    Rule(130403, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "Your business has blocked this person."),
    Rule(130429, A.THROTTLE_ALL, S.NUMBER, "The number has reached its throughput."),
    Rule(130472, A.WAIT_FOR_CONVERSATION, S.RECIPIENT, "This person is in a WhatsApp experiment without marketing."),
    Rule(130497, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "The account may not write to this country."),
    Rule(131000, A.UNCERTAIN, S.MESSAGE, "WhatsApp had an unknown fault."),
    Rule(131005, A.PAUSE_NUMBER, S.ACCOUNT, "Access was denied: a permission is missing.", P.CREDENTIALS),
    Rule(131008, A.PARAMETER_BUG, S.MESSAGE, "A value that the template needs is missing or empty."),
    Rule(131009, A.PARAMETER_BUG, S.MESSAGE, "A value is not valid for this template or recipient."),
    Rule(131014, A.PARAMETER_BUG, S.TEMPLATE, "WhatsApp could not fetch the media link."),
    Rule(131016, A.UNCERTAIN, S.MESSAGE, "WhatsApp was out of service for a moment."),
    Rule(131021, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "The recipient is the sending number itself."),
    Rule(131026, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This number cannot receive the message."),
    Rule(131030, A.PAUSE_NUMBER, S.NUMBER, "A test number may only write to its allow list.", P.CREDENTIALS),
    Rule(131031, A.PAUSE_NUMBER, S.ACCOUNT, "The account is locked or restricted.", P.SENDER_RESTRICTED),
    Rule(131037, A.PAUSE_NUMBER, S.NUMBER, "The number's display name is not approved.", P.SENDER_RESTRICTED),
    Rule(131042, A.PAUSE_NUMBER, S.ACCOUNT, "There is a problem with the account's payment.", P.PAYMENT),
    Rule(131044, A.PAUSE_NUMBER, S.ACCOUNT, "There is a problem with the account's payment.", P.PAYMENT),
    Rule(131045, A.PAUSE_NUMBER, S.NUMBER, "The number's registration has a fault.", P.SENDER_RESTRICTED),
    Rule(131047, A.WAIT_FOR_CONVERSATION, S.RECIPIENT, "More than 24 hours have passed since this person wrote."),
    Rule(131048, A.THROTTLE_ALL, S.NUMBER, "Too many people blocked or reported the number.", stop_s=HOUR),
    Rule(131049, A.RETRY_INCREASING, S.RECIPIENT, "WhatsApp limits marketing to this person for now."),
    Rule(131050, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This person has opted out of your marketing in WhatsApp."),
    Rule(131051, A.PARAMETER_BUG, S.MESSAGE, "WhatsApp does not support this kind of message."),
    Rule(131053, A.RETRY_BACKOFF, S.MESSAGE, "WhatsApp could not fetch or store the media."),
    Rule(131055, A.PARAMETER_BUG, S.MESSAGE, "This way of sending takes marketing templates only."),
    Rule(131056, A.PAIR_RATE_LIMIT, S.RECIPIENT, "Too many messages to this person in a short time."),
    Rule(131057, A.THROTTLE_ALL, S.NUMBER, "The number is being upgraded.", stop_s=MINUTE),
    Rule(131062, A.PARAMETER_BUG, S.RECIPIENT, "This message needs the person's phone number."),
    Rule(131063, A.PAUSE_NUMBER, S.ACCOUNT, "Marketing is switched off for this way of sending.", P.CREDENTIALS),
    Rule(131064, A.PAUSE_NUMBER, S.ACCOUNT, "The account is limited over wrong categories.", P.SENDER_RESTRICTED),
    Rule(132000, A.PARAMETER_BUG, S.MESSAGE, "The number of values differs from what the template needs."),
    Rule(132001, A.PARAMETER_BUG, S.TEMPLATE, "The template does not exist in this language or is not approved."),
    Rule(132005, A.PARAMETER_BUG, S.MESSAGE, "The text is too long once the values are filled in."),
    Rule(132007, A.PARAMETER_BUG, S.MESSAGE, "The text breaks WhatsApp's rules on characters or format."),
    Rule(132008, A.PARAMETER_BUG, S.MESSAGE, "A value is not allowed in this template."),
    Rule(132012, A.PARAMETER_BUG, S.MESSAGE, "A value has another kind than the template needs."),
    Rule(132015, A.PAUSE_TEMPLATE, S.TEMPLATE, "WhatsApp has paused the template for low quality.", P.TEMPLATE_PAUSED),
    Rule(132016, A.PAUSE_TEMPLATE, S.TEMPLATE, "WhatsApp has disabled the template for good.", P.TEMPLATE_DISABLED),
    Rule(132018, A.PARAMETER_BUG, S.MESSAGE, "A value has a line break, a tab or too many spaces."),
    Rule(132068, A.PAUSE_TEMPLATE, S.TEMPLATE, "The template's flow is blocked.", P.TEMPLATE_PAUSED),
    Rule(132069, A.PAUSE_TEMPLATE, S.TEMPLATE, "The template's flow is throttled.", P.TEMPLATE_PAUSED),
    Rule(133000, A.PAUSE_NUMBER, S.NUMBER, "The number's registration is incomplete.", P.SENDER_RESTRICTED),
    Rule(133004, A.RETRY_BACKOFF, S.MESSAGE, "WhatsApp's server was out of service for a moment."),
    Rule(133005, A.PAUSE_NUMBER, S.NUMBER, "The number's PIN does not match.", P.SENDER_RESTRICTED),
    Rule(133006, A.PAUSE_NUMBER, S.NUMBER, "The number has to be verified again.", P.SENDER_RESTRICTED),
    Rule(133008, A.PAUSE_NUMBER, S.NUMBER, "Too many wrong PINs for the number.", P.SENDER_RESTRICTED),
    Rule(133009, A.PAUSE_NUMBER, S.NUMBER, "The number's PIN was tried too fast.", P.SENDER_RESTRICTED),
    Rule(133010, A.PAUSE_NUMBER, S.NUMBER, "The number is not registered with WhatsApp.", P.SENDER_RESTRICTED),
    Rule(133015, A.PAUSE_NUMBER, S.NUMBER, "The number was deleted a short time ago.", P.SENDER_RESTRICTED),
    Rule(133016, A.PAUSE_NUMBER, S.NUMBER, "The number was registered too often.", P.SENDER_RESTRICTED),
    Rule(134011, A.PAUSE_NUMBER, S.ACCOUNT, "The payment terms have not been accepted.", P.PAYMENT),
    Rule(134100, A.PARAMETER_BUG, S.MESSAGE, "This way of sending takes marketing templates only."),
    Rule(134101, A.RETRY_BACKOFF, S.TEMPLATE, "The template is still being prepared for marketing."),
    Rule(134102, A.PAUSE_TEMPLATE, S.TEMPLATE, "The template cannot be used for marketing.", P.TEMPLATE_DISABLED),
    Rule(135000, A.PARAMETER_BUG, S.MESSAGE, "WhatsApp did not accept a value."),
    Rule(137000, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This person's identity has changed and must be confirmed."),
)

# A range in the platform's list: missing permissions.
PERMISSION_CODES = range(200, 300)

ONPREM_RULES = (
    Rule(400, A.PARAMETER_BUG, S.MESSAGE, "The media could not be downloaded."),
    Rule(402, A.PAUSE_NUMBER, S.ACCOUNT, "There is a problem with the account's payment.", P.PAYMENT),
    Rule(408, A.UNCERTAIN, S.MESSAGE, "The message waited for more than a day."),
    Rule(410, A.PARAMETER_BUG, S.MESSAGE, "The message was not delivered in its time to live."),
    Rule(430, A.PAUSE_NUMBER, S.NUMBER, "The number's certificate has a fault.", P.SENDER_RESTRICTED),
    Rule(432, A.PAUSE_NUMBER, S.NUMBER, "The number's certificate has a fault.", P.SENDER_RESTRICTED),
    Rule(433, A.PAUSE_NUMBER, S.NUMBER, "The number's certificate has a fault.", P.SENDER_RESTRICTED),
    Rule(470, A.WAIT_FOR_CONVERSATION, S.RECIPIENT, "More than 24 hours have passed since this person wrote."),
    Rule(471, A.THROTTLE_ALL, S.NUMBER, "The number has reached its limit of messages or complaints.", stop_s=HOUR),
    Rule(472, A.WAIT_FOR_CONVERSATION, S.RECIPIENT, "This person is in a WhatsApp experiment without marketing."),
    Rule(480, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This person may have changed identity."),
    # Generic, and with HTTP 500: the message may have been taken. Reported by webhook it has failed for certain.
    Rule(500, A.UNCERTAIN, S.MESSAGE, "WhatsApp had a fault of its own."),
    Rule(501, A.PARAMETER_BUG, S.MESSAGE, "WhatsApp does not support this kind of message."),
    Rule(1000, A.PARAMETER_BUG, S.MESSAGE, "WhatsApp could not handle the media."),
    Rule(1001, A.PARAMETER_BUG, S.MESSAGE, "The message is too long."),
    Rule(1002, A.PARAMETER_BUG, S.MESSAGE, "The kind of message is not valid."),
    Rule(1004, A.PAUSE_NUMBER, S.ACCOUNT, "The resource exists already.", P.CREDENTIALS),
    Rule(1005, A.PAUSE_NUMBER, S.ACCOUNT, "Access was denied.", P.CREDENTIALS),
    Rule(1006, A.RETRY_BACKOFF, S.RECIPIENT, "WhatsApp does not know this contact yet."),
    Rule(1007, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "Your business has blocked this person."),
    Rule(1008, A.PARAMETER_BUG, S.MESSAGE, "A value that is needed is missing."),
    Rule(1009, A.PARAMETER_BUG, S.MESSAGE, "A value is not valid."),
    Rule(1010, A.PARAMETER_BUG, S.MESSAGE, "A value is not needed here."),
    Rule(1011, A.RETRY_BACKOFF, S.MESSAGE, "The service was not ready."),
    Rule(1013, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This number is not on WhatsApp."),
    Rule(1014, A.PARAMETER_BUG, S.MESSAGE, "The media link could not be fetched."),
    Rule(1015, A.THROTTLE_ALL, S.NUMBER, "Too many requests in a short time."),
    Rule(1016, A.RETRY_BACKOFF, S.MESSAGE, "The service was overloaded."),
    Rule(1017, A.PAUSE_NUMBER, S.NUMBER, "The provider's installation has a fault.", P.SENDER_RESTRICTED),
    Rule(1018, A.PAUSE_NUMBER, S.NUMBER, "The provider's installation has a fault.", P.SENDER_RESTRICTED),
    Rule(1021, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "The recipient is the sending number itself."),
    Rule(1022, A.PAUSE_NUMBER, S.NUMBER, "The provider's webhooks are not set up.", P.SENDER_RESTRICTED),
    Rule(1023, A.RETRY_BACKOFF, S.MESSAGE, "The service's database had a fault."),
    Rule(1024, A.PAUSE_NUMBER, S.NUMBER, "The provider asks for a new password.", P.CREDENTIALS),
    Rule(1025, A.PARAMETER_BUG, S.MESSAGE, "The request is not valid."),
    Rule(1026, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This person's WhatsApp is too old for the message."),
    Rule(1028, A.SUPPRESS_RECIPIENT, S.RECIPIENT, "This person's identity has changed and must be confirmed."),
    Rule(1031, A.PAUSE_NUMBER, S.NUMBER, "The number is locked.", P.SENDER_RESTRICTED),
    Rule(2000, A.PARAMETER_BUG, S.MESSAGE, "The number of values differs from what the template needs."),
    Rule(2001, A.PARAMETER_BUG, S.TEMPLATE, "The template does not exist in this language."),
    Rule(2002, A.RETRY_BACKOFF, S.MESSAGE, "The template could not be fetched."),
    Rule(2003, A.RETRY_BACKOFF, S.MESSAGE, "The template's language pack is missing."),
    *(
        Rule(code, A.PARAMETER_BUG, S.MESSAGE, "The template and the values sent for it do not fit.")
        for code in (*range(2004, 2014), *range(2015, 2018), *range(2023, 2031), 2036, 2050)
    ),
    Rule(2014, A.PARAMETER_BUG, S.TEMPLATE, "The template's namespace is missing."),
    Rule(2060, A.PAUSE_TEMPLATE, S.TEMPLATE, "WhatsApp has rejected the template.", P.TEMPLATE_DISABLED),
    Rule(2061, A.PAUSE_TEMPLATE, S.TEMPLATE, "WhatsApp has paused the template for low quality.", P.TEMPLATE_PAUSED),
    Rule(2062, A.PAUSE_TEMPLATE, S.TEMPLATE, "WhatsApp has disabled the template for good.", P.TEMPLATE_DISABLED),
    Rule(2068, A.PAUSE_TEMPLATE, S.TEMPLATE, "The template's flow is blocked.", P.TEMPLATE_PAUSED),
    Rule(2069, A.PAUSE_TEMPLATE, S.TEMPLATE, "The template's flow is throttled.", P.TEMPLATE_PAUSED),
)


class TextRule(NamedTuple):
    """A gateway's error that has no code: words of its text decide. Source: platform.md C.4."""

    words: tuple[str, ...]
    action: Action
    sentence: str
    pause: PauseReason | None = None


TEXT_RULES = (
    TextRule(("rate limit",), A.THROTTLE_ALL, "The provider's request limit was reached."),
    TextRule(("limit of", "request"), A.THROTTLE_ALL, "The provider's request limit was reached."),
    TextRule(("lack of payment",), A.PAUSE_NUMBER, "The provider has not been paid.", P.PAYMENT),
    TextRule(("api has been disabled",), A.PAUSE_NUMBER, "The provider has switched the API off.", P.CREDENTIALS),
    TextRule(("invalid api key",), A.PAUSE_NUMBER, "The provider does not accept the API key.", P.CREDENTIALS),
    TextRule(("endpoint", "blocked"), A.PAUSE_NUMBER, "The provider has blocked this use.", P.CREDENTIALS),
)

STATUS_RULES: Mapping[int, TextRule] = {
    401: TextRule((), A.PAUSE_NUMBER, "The provider does not accept the credentials.", P.CREDENTIALS),
    402: TextRule((), A.PAUSE_NUMBER, "The provider has not been paid.", P.PAYMENT),
    403: TextRule((), A.PAUSE_NUMBER, "The provider refuses access.", P.CREDENTIALS),
    429: TextRule((), A.THROTTLE_ALL, "Too many requests in a short time."),
    503: TextRule((), A.THROTTLE_ALL, "WhatsApp is overloaded."),
}
"""Answers with neither a known code nor a known text: what the HTTP status alone says."""


def error_table(rules: Iterable[Rule]) -> Mapping[int, Rule]:
    """Rules by code; a code may stand in it once."""
    table: dict[int, Rule] = {}
    for rule in rules:
        if rule.code in table:
            raise ValueError(f"error code {rule.code} stands twice in the table")
        table[rule.code] = rule
    return table


ERROR_TABLE = error_table((*CLOUD_RULES, *ONPREM_RULES))

_PERMISSION = Rule(200, A.PAUSE_NUMBER, S.ACCOUNT, "The app lacks a permission.", P.CREDENTIALS)


def rule_for(code: int | None, text: str = "", http_status: int = 0) -> Rule | None:
    """The rule of an error: by code, then by the gateway's words, then by HTTP status. None: unknown."""
    if code is not None:
        return ERROR_TABLE.get(code) or (_PERMISSION._replace(code=code) if code in PERMISSION_CODES else None)
    lowered = text.lower()
    by_words = (rule for rule in TEXT_RULES if all(word in lowered for word in rule.words))
    found = next(by_words, None) or STATUS_RULES.get(http_status)
    return Rule(0, found.action, Scope.NUMBER, found.sentence, found.pause) if found else None
