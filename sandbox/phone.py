"""Spellings of a phone number: as a request gives it, as the platform returns it, as one person.

Mexico, Argentina and Brazil write one person in two ways, platform.md F.
"""

import re

_SEPARATORS = str.maketrans("", "", " -().")
_DIGITS = re.compile(r"[1-9]\d{6,14}")

# Area codes of +1 that are not in the United States: Canada, the Caribbean and the non-geographic ones.
# The marketing pause follows US area codes only, platform.md I.29.
_NOT_US = frozenset(
    re.findall(
        r"\d+",
        """
        204 226 236 249 250 257 263 289 306 343 354 365 367 368 382 387 403 416
        418 428 431 437 438 450 460 468 474 506 514 519 537 548 568 579 581 584
        587 600 604 613 622 639 647 672 683 705 709 742 753 778 780 782 807 819
        825 867 873 879 902 905 942 242 246 264 268 284 345 441 473 649 658 664
        721 758 767 784 809 829 849 868 869 876 500 521 522 533 544 566 577 588
        700 710 800 833 844 855 866 877 888 900
        """,
    )
)


def read_digits(to: str) -> str | None:
    """The digits of a recipient as the platform understands it, or None when it is no phone number."""
    digits = to.removeprefix("+")
    if not digits.isdecimal():
        digits = to.translate(_SEPARATORS).removeprefix("+")
    return digits if _DIGITS.fullmatch(digits) else None


def person_of(digits: str) -> str:
    """One name for a person, whichever of two spellings is used."""
    if digits.startswith("521") and len(digits) == 13:
        return "52" + digits[3:]
    if digits.startswith("549") and len(digits) == 13:
        return "54" + digits[3:]
    if digits.startswith("55") and len(digits) == 13 and digits[4] == "9":
        return digits[:4] + digits[5:]
    return digits


def other_spelling(digits: str) -> str:
    """The second spelling of a Mexican, Argentine or Brazilian mobile; any other number as it is."""
    person = person_of(digits)
    if person != digits:
        return person
    if len(digits) == 12 and digits.startswith(("52", "54")):
        return f"{digits[:2]}{'1' if digits[1] == '2' else '9'}{digits[2:]}"
    if len(digits) == 12 and digits.startswith("55"):
        return f"{digits[:4]}9{digits[4:]}"
    return digits


def is_us(digits: str) -> bool:
    """Whether the number has an area code of the United States."""
    return len(digits) == 11 and digits.startswith("1") and digits[1:4] not in _NOT_US
