"""What lint can find: every code with its level and what it means. docs/templates.md is tested against it."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple


class Level(StrEnum):
    """Whether the platform refuses it, or people may dislike it."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing to mend: a code for tests, a sentence for people; `count` is of rows where it was found in a list."""

    level: Level
    code: str
    text: str
    count: int | None = None


class Known(NamedTuple):
    """A code as the page on templates tells it."""

    level: Level
    means: str


def finding(code: str, text: str, count: int | None = None) -> Finding:
    """A finding with the level of its code."""
    return Finding(FINDINGS[code].level, code, text, count)


_E, _W = Level.ERROR, Level.WARNING

FINDINGS: Mapping[str, Known] = {
    # The template by itself
    "not_sendable": Known(_E, "the platform has not approved it, or has paused or disabled it"),
    "unsupported": Known(_E, "it has a part that cannot be filled; it is kept, and no campaign can use it"),
    "bad_name": Known(_E, "its name has other characters than a-z, 0-9 and _"),
    "bad_category": Known(_E, "its category is none of marketing, utility and authentication"),
    "unknown_language": Known(_W, "its language is not a code that WhatsApp lists"),
    "no_body": Known(_E, "it has no body text"),
    "too_long": Known(_E, "a text is longer than allowed, with short values or the constants given"),
    "long_label": Known(_E, "a button's label is longer than 25 characters"),
    "bad_variables": Known(_E, "variables are not numbered from 1, or names and numbers are mixed up"),
    "fixed_text": Known(_E, "a footer has a variable, or a header has more than one"),
    "bad_address": Known(_E, "a button's address has its variable elsewhere than at the end, or more than one"),
    "too_many_buttons": Known(_E, "there are more buttons of a kind than allowed"),
    "mixed_buttons": Known(_W, "quick replies and other buttons are not grouped, or cannot be seen on a desktop"),
    "bad_cards": Known(_E, "a carousel has fewer than 2 or more than 10 cards, or a card more than 2 buttons"),
    "offer_footer": Known(_E, "a limited-time offer has a footer"),
    "edge_variable": Known(_W, "the body begins or ends with a variable"),
    "adjacent_variables": Known(_W, "two variables of the body touch each other"),
    "folded": Known(_W, "a marketing text has more than five lines, and is folded"),
    "no_opt_out": Known(_W, "a marketing template does not say how to opt out"),
    "promotional": Known(_W, "a utility template advertises, so the platform may make it marketing"),
    # The template together with what fills it
    "mapping": Known(_E, "a slot is not mapped, or the mapping names a slot or column that does not exist"),
    "missing_media": Known(_E, "the header's picture, video or document is not mapped"),
    "bad_media": Known(_E, "a media value is neither a link nor the id of an upload"),
    "bad_address_end": Known(_E, "a whole address is given where only its end belongs"),
    "bad_code": Known(_E, "a code is longer than 15 characters, or holds a link or an emoji"),
    "bad_value": Known(_E, "a value is not of the form that its slot takes: place, moment, products, data"),
    "media_link": Known(_W, "media is given as a link: the platform fetches it anew, and slowly"),
    "category_changed": Known(_W, "the platform changed the template's category after the campaign was created"),
    # The rows of a list
    "collapsed": Known(_W, "values had line breaks, tabs or long gaps, which became single spaces"),
    "fallback": Known(_W, "values were empty, and the fallback stands in their place"),
    "language_fallback": Known(_W, "people whose language the template does not have get the fallback language"),
}
"""Every code that lint gives. Rows that cannot be sent are refused with a reason instead."""
