"""What the platform says when it refuses: one row per code, with its HTTP status and its On-Premise twin.

Codes, HTTP status and meaning: platform.md C.3 and C.5. Titles are those of the platform's own answers where one was
seen, else its meaning in a few words.
"""

from typing import NamedTuple


class Row(NamedTuple):
    """One code of the platform."""

    code: int
    status: int
    title: str
    on_premise: int
    details: str = ""


class Refusal(Exception):
    """The platform does not take a request.

    details     the platform's second sentence, which names the offender
    on_premise  the On-Premise code, where it is not the usual twin
    """

    def __init__(
        self, code: int, details: str = "", *, status: int | None = None, on_premise: int | None = None
    ) -> None:
        self.row = row_of(code)
        self.code = code
        self.on_premise = on_premise or self.row.on_premise
        self.details = details or self.row.details or self.row.title
        self.status = status or self.row.status
        super().__init__(f"{code}: {self.details}")


_ROWS = (
    # Graph itself: token, permission, budgets.
    Row(0, 401, "AuthException", 1005, "We were unable to authenticate the app user."),
    Row(1, 400, "API Unknown", 1000, "Invalid request or possible server error."),
    Row(2, 503, "API Service", 1016, "Temporary due to downtime or due to being overloaded."),
    Row(3, 500, "API Method", 1005, "Capability or permissions issue."),
    Row(4, 400, "Application request limit reached", 1015, "The app has reached its API call rate limit."),
    Row(10, 403, "Application does not have permission for this action", 1005),
    Row(17, 400, "User request limit reached", 1015),
    Row(33, 400, "Unsupported post request. Object does not exist or cannot be loaded", 1006),
    Row(100, 400, "Invalid parameter", 1009),
    Row(104, 401, "An access token is required to request this resource.", 1005),
    Row(190, 401, "Invalid OAuth access token - Cannot parse access token", 1005),
    Row(200, 403, "Permissions error", 1005),
    Row(368, 403, "Temporarily blocked for policies violations", 1031),
    Row(613, 400, "Calls to this api have exceeded the rate limit.", 1015),
    Row(803, 400, "Some of the aliases you requested do not exist", 1006),
    Row(80007, 400, "Rate limit issues", 1015, "The WhatsApp Business Account has reached its rate limit."),
    # The number and the account.
    Row(130403, 400, "Recipient is blocked by the business", 1007),
    Row(130429, 400, "Rate limit hit", 1015, "Cloud API message throughput has been reached."),
    Row(130472, 400, "User's number is part of an experiment", 472),
    Row(130497, 403, "Business account is restricted from messaging users in this country.", 1031),
    Row(131000, 500, "Something went wrong", 500, "Message failed to send due to an unknown error."),
    Row(131005, 403, "Access denied", 1005),
    Row(131008, 400, "Required parameter is missing", 1008),
    Row(131009, 400, "Parameter value is not valid", 1009),
    Row(131014, 400, "Request for url failed", 1014),
    Row(131016, 500, "Service unavailable", 1016, "A service is temporarily unavailable."),
    Row(131021, 400, "Recipient cannot be sender", 1021),
    Row(131026, 400, "Message undeliverable", 1013, "Message Undeliverable."),
    Row(131030, 400, "Recipient phone number not in allowed list", 1006),
    Row(131031, 403, "Business Account locked", 1031, "The WhatsApp Business Account is restricted or disabled."),
    Row(131037, 400, "WhatsApp provided number needs display name approval before message can be sent.", 1031),
    Row(131042, 400, "Business eligibility payment issue", 402),
    Row(131044, 400, "Payment issue", 402),
    Row(131045, 500, "Incorrect certificate", 430),
    # The recipient; most of these come by webhook after a 200.
    Row(131047, 400, "Re-engagement message", 470, "More than 24 hours have passed since the recipient last replied."),
    Row(131048, 400, "Spam rate limit hit", 471, "Too many messages were sent from this phone number."),
    Row(
        131049,
        400,
        "This message was not delivered to maintain healthy ecosystem engagement.",
        131049,
        "In order to maintain a healthy ecosystem engagement, the message failed to be delivered.",
    ),
    Row(
        131050,
        400,
        "Unable to deliver the message. This recipient has chosen to stop receiving marketing messages on WhatsApp "
        "from your business",
        131050,
    ),
    Row(131051, 400, "Unsupported message type", 501, "Message type is not currently supported."),
    Row(131052, 400, "Media download error", 400),
    Row(131053, 400, "Media upload error", 1014),
    Row(131055, 400, "Method not allowed", 1025),
    Row(
        131056,
        400,
        "(Business Account, Consumer Account) pair rate limit hit",
        1015,
        "Message failed to send because there were too many messages sent from this phone number to the same phone "
        "number in a short period of time.",
    ),
    Row(131057, 500, "Business Account is in maintenance mode", 1016),
    Row(131062, 400, "Business-scoped user ID recipients are not supported for this message.", 1009),
    Row(131063, 400, "Marketing messages are disabled on Cloud API for this account", 1031),
    Row(131064, 400, "Account limited because of miscategorized templates", 471),
    # The template and its parameters.
    Row(132000, 400, "Number of parameters does not match the expected number of params", 2000),
    Row(132001, 404, "Template name does not exist in the translation", 2001),
    Row(132005, 400, "Translated text too long", 2005),
    Row(132007, 400, "Template format character policy violated", 2007),
    Row(132008, 400, "Template parameter value is not allowed", 2004),
    Row(132012, 400, "Parameter format does not match format in the created template", 2012),
    Row(132015, 400, "Template is paused", 2061, "Template is paused due to low quality and cannot be sent."),
    Row(132016, 400, "Template is disabled", 2062, "Template has been permanently disabled due to low quality."),
    Row(132018, 400, "There is an issue with the parameters in your template", 2006),
    Row(132068, 400, "Flow is blocked", 2068),
    Row(132069, 400, "Flow is throttled", 2069),
    # Registration, payments, marketing API, identity.
    Row(133004, 503, "Server temporarily unavailable", 1016),
    Row(133010, 400, "Phone number not registered", 1031),
    Row(134011, 400, "WhatsApp Payments terms of service has not been accepted", 402),
    Row(134100, 400, "Only marketing messages are supported", 1025),
    Row(134101, 400, "Template sync in progress", 2002),
    Row(134102, 500, "Template is not available for use", 2002),
    Row(135000, 400, "Generic user error", 1025),
    Row(137000, 400, "Recipient identity key hash mismatch", 1028),
    # On-Premise alone has no twin for these; they are here to be armed.
    Row(1006, 404, "Resource not found", 1006, "unknown contact"),
)

TABLE = {row.code: row for row in _ROWS}


def row_of(code: int) -> Row:
    """The row of a code; for a code that the table lacks, one that says as much."""
    return TABLE.get(code) or Row(code, 400, f"Error {code}", code)
