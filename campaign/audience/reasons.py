"""Why a row of a list is refused: the codes, and for each what is wrong and what to do about it."""

from collections.abc import Mapping
from enum import StrEnum


class RejectReason(StrEnum):
    """One code per cause; stored in `rejected_row.reason` and shown in reports."""

    # The row
    RAGGED_ROW = "ragged_row"
    UNREADABLE_ROW = "unreadable_row"
    MISSING_VALUE = "missing_value"
    TEXT_TOO_LONG = "text_too_long"
    BAD_MEDIA = "bad_media"
    BAD_ADDRESS_END = "bad_address_end"
    BAD_CODE = "bad_code"
    BAD_VALUE = "bad_value"
    # Its phone
    NO_PHONE = "no_phone"
    NOT_A_NUMBER = "not_a_number"
    LOST_DIGITS = "lost_digits"
    NO_COUNTRY = "no_country"
    BAD_COUNTRY = "bad_country"
    TOO_SHORT = "too_short"
    TOO_LONG = "too_long"
    NOT_VALID = "not_valid"
    NOT_MOBILE = "not_mobile"
    # The person
    DUPLICATE = "duplicate"
    NO_CONSENT = "no_consent"
    CONSENT_WITHDRAWN = "consent_withdrawn"
    CONSENT_EXPIRED = "consent_expired"
    SUPPRESSED = "suppressed"
    US_MARKETING = "us_marketing"
    QUIET_LIST = "quiet_list"
    MESSAGED_RECENTLY = "messaged_recently"
    NO_HOUR = "no_hour"
    # Lists of consent only
    BAD_CATEGORY = "bad_category"
    BAD_ACTION = "bad_action"
    BAD_TIME = "bad_time"
    NO_SOURCE = "no_source"
    ERASED = "erased"


VALUE_REASONS = frozenset(
    {
        RejectReason.MISSING_VALUE,
        RejectReason.TEXT_TOO_LONG,
        RejectReason.BAD_MEDIA,
        RejectReason.BAD_ADDRESS_END,
        RejectReason.BAD_CODE,
        RejectReason.BAD_VALUE,
    }
)
"""Reasons that lie in what the template is filled with."""

CONSENT_REASONS = frozenset({RejectReason.NO_CONSENT, RejectReason.CONSENT_WITHDRAWN, RejectReason.CONSENT_EXPIRED})
"""Reasons that lie in what the person said."""

EXCLUSION_REASONS = frozenset({RejectReason.US_MARKETING, RejectReason.QUIET_LIST, RejectReason.MESSAGED_RECENTLY})
"""Reasons that lie in the campaign, which leaves people out who agreed."""

CONSENT_LIST_REASONS = frozenset(
    {
        RejectReason.BAD_CATEGORY,
        RejectReason.BAD_ACTION,
        RejectReason.BAD_TIME,
        RejectReason.NO_SOURCE,
        RejectReason.ERASED,
    }
)
"""Reasons that only a list of consent can give."""

SENTENCES: Mapping[RejectReason, str] = {
    RejectReason.RAGGED_ROW: "The row has more or fewer fields than the header; mend the row and upload it again.",
    RejectReason.UNREADABLE_ROW: "The row cannot be split into fields; close the quotation mark or shorten the row.",
    RejectReason.MISSING_VALUE: "A value the template needs is empty; fill it in or give the slot a fallback.",
    RejectReason.TEXT_TOO_LONG: "A text is longer than WhatsApp allows once it is filled in; shorten the values.",
    RejectReason.BAD_MEDIA: "The picture, video or document is neither a link nor the id of an upload; correct it.",
    RejectReason.BAD_ADDRESS_END: "A whole address stands where only its end belongs; keep that end.",
    RejectReason.BAD_CODE: "A code is longer than 15 characters, or holds a link or an emoji; shorten it.",
    RejectReason.BAD_VALUE: "A value is not of the form that its place takes, such as a date or a number; correct it.",
    RejectReason.NO_PHONE: "The row has no phone; add one.",
    RejectReason.NOT_A_NUMBER: "The phone is not one telephone number; write a single number in digits.",
    RejectReason.LOST_DIGITS: "The spreadsheet has rounded the phone; format the column as text and export it again.",
    RejectReason.NO_COUNTRY: "The phone names no country; write it with + and country code, or name the region.",
    RejectReason.BAD_COUNTRY: "The phone begins with a country code that does not exist; correct it.",
    RejectReason.TOO_SHORT: "The phone has too few digits for its country; complete it.",
    RejectReason.TOO_LONG: "The phone has too many digits for its country; correct it.",
    RejectReason.NOT_VALID: "The phone is in no range its country has given out; correct it.",
    RejectReason.NOT_MOBILE: "The phone is a landline or a service number; ask for a mobile number.",
    RejectReason.DUPLICATE: "The person is already in the list; nothing to do.",
    RejectReason.NO_CONSENT: "The person has not agreed to such messages; record their consent first.",
    RejectReason.CONSENT_WITHDRAWN: "The person has withdrawn their consent; do not write unless they agree anew.",
    RejectReason.CONSENT_EXPIRED: "The consent is older than such consent lasts; ask the person anew.",
    RejectReason.SUPPRESSED: "The phone is suppressed; remove the suppression only if its cause is gone.",
    RejectReason.US_MARKETING: "WhatsApp delivers no marketing to American numbers; use another channel.",
    RejectReason.QUIET_LIST: "The person is on this campaign's quiet list; nothing to do.",
    RejectReason.MESSAGED_RECENTLY: "Another campaign has written to the person lately; wait, or shorten the distance.",
    RejectReason.NO_HOUR: "The zones the person may be in have no open hour in common; say which it is, or widen it.",
    RejectReason.BAD_CATEGORY: "The category is unknown; use marketing, utility, authentication or all.",
    RejectReason.BAD_ACTION: "The action is unknown; use opt_in or opt_out.",
    RejectReason.BAD_TIME: "The time cannot be read or lies ahead; write it like 2026-03-01T12:00:00Z.",
    RejectReason.NO_SOURCE: "Nothing says where the consent comes from; fill the source column or pass --source.",
    RejectReason.ERASED: "The person was erased since; record them only if they agree anew, with the time.",
}
"""What is wrong and what to do, for each code."""
