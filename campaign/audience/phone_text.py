"""What a cell of a list says, brought down to digits: damage undone where no digit has to be guessed."""

import re
import unicodedata

from campaign.audience.reasons import RejectReason as Reason

# What people and databases write where there is nothing.
_NOTHING = frozenset({"", "-", "--", "n/a", "na", "null", "none", "nan", "nil", "#n/a", "s/n", "?", "."})
# ="5555551234" keeps a spreadsheet from turning digits into a number.
_QUOTED_FORMULA = re.compile(r'=?"(.*)"')
# Schemes of other systems: tel: and whatsapp: of gateways, p: of lead forms, links to a chat.
_PREFIX = re.compile(r"(?:tel|phone|mobile|whatsapp|wa|p)\s*:\s*|https?://wa\.me/", re.IGNORECASE)
_SCIENTIFIC = re.compile(r"\+?(\d)(?:[.,](\d+))?[eE]\+?(\d{1,3})")
_FLOAT = re.compile(r"(\+?\d{7,})[.,](\d{1,2}|0+)")
_THOUSANDS = re.compile(r"\+?\d{1,3}(?:,\d{3}){2,}")
_TRUNK_ZERO = re.compile(r"\(\s*0\s*\)")
_ZERO_BELONGS = re.compile(r"\+\s*39")
"""Italy keeps the zero when called from abroad."""

_PHONE_CHARACTERS = re.compile(r"[0-9\s+().\-/\[\]~]*")
_SEPARATORS = re.compile(r"[^0-9+]")
_FEWEST, _MOST = 5, 20
"""Digits; up to 20, so that a prefix for dialling abroad has room."""

# A slash also parts area code and number, hence two sides of seven digits before it counts as two numbers.
_BETWEEN_NUMBERS = re.compile(r"[/;,|&]|\s(?:y|e|o|or|and|und|oder|ou|et)\s")
_SEVEN_DIGITS = re.compile(r"(?:\D*\d){7}")
_MINUS_SIGN = "\u2212"
_FRACTION = (Reason.NOT_A_NUMBER, "is a fraction, not a telephone number")


def digits_in(text: str) -> str | tuple[Reason, str]:
    """The digits of a phone, with a leading `+` where it has one, or the reason and words why there are none."""
    plain = _unwrapped(text if text.isascii() else _ascii(text))
    if plain.lower() in _NOTHING:
        return Reason.NO_PHONE, "is empty"
    if scientific := _SCIENTIFIC.fullmatch(plain):
        return _from_scientific(scientific)
    if _THOUSANDS.fullmatch(plain):
        plain = plain.replace(",", "")
    if as_float := _FLOAT.fullmatch(plain):
        if as_float[2].strip("0"):
            return _FRACTION
        plain = as_float[1]
    # +44 (0)7700 means +44 7700 from abroad or 07700 at home, never both.
    if not _ZERO_BELONGS.match(plain):
        plain = _TRUNK_ZERO.sub("", plain) if plain.startswith(("+", "00", "(+")) else plain
    return _only_digits(plain)


def _ascii(text: str) -> str:
    """Digits of any script, full-width signs, odd spaces and dashes as ASCII; what cannot be seen is dropped."""
    return "".join(map(_ascii_character, text))


def _ascii_character(character: str) -> str:
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    # Zero-width characters, and the direction marks that phone books put around a number.
    if category == "Cf":
        return ""
    # Every kind of space: no-break, narrow, ideographic.
    if category.startswith("Z"):
        return " "
    if category == "Pd" or character == _MINUS_SIGN:
        return "-"
    if character in "\u2018\u2019\u02bc\u2032\u00b4":
        return "'"
    # Full-width and small forms of ASCII signs; a superscript or a fraction is not the digit it resembles.
    wide = unicodedata.normalize("NFKC", character) if "\ufe50" <= character <= "\uffee" else character
    return wide if len(wide) == 1 else character


def _unwrapped(text: str) -> str:
    """Without the marks that keep a spreadsheet from calculating, and without a scheme."""
    plain = text.strip()
    if formula := _QUOTED_FORMULA.fullmatch(plain):
        plain = formula[1].strip()
    plain = plain.lstrip("'`").rstrip("'").strip()
    prefix = _PREFIX.match(plain)
    return plain[prefix.end() :].strip() if prefix else plain


def _from_scientific(found: re.Match[str]) -> str | tuple[Reason, str]:
    """`5.215512345678E+12` says every digit; `5.2155E+12` has lost eight."""
    digits, decimals = found[1] + (found[2] or ""), int(found[3])
    if len(digits) == decimals + 1:
        return digits
    if len(digits) <= decimals:
        return Reason.LOST_DIGITS, f"was rounded by a spreadsheet, digits lost: {decimals + 1 - len(digits)}"
    return _FRACTION


def _only_digits(plain: str) -> str | tuple[Reason, str]:
    parts = _BETWEEN_NUMBERS.split(plain)
    if len(parts) > 1 and sum(bool(_SEVEN_DIGITS.match(part)) for part in parts) > 1:
        return Reason.NOT_A_NUMBER, "holds more than one number: keep one"
    if not _PHONE_CHARACTERS.fullmatch(plain):
        strange = sorted(set(re.sub(_PHONE_CHARACTERS.pattern, "", plain)))
        return Reason.NOT_A_NUMBER, f"holds {' '.join(strange[:5])}, which no telephone number has"
    signs = _SEPARATORS.sub("", plain)
    digits = signs.lstrip("+")
    if not digits:
        return Reason.NO_PHONE, "has no digits"
    if "+" in digits:
        return Reason.NOT_A_NUMBER, "has a + in the middle"
    if not _FEWEST <= len(digits) <= _MOST:
        reason = Reason.TOO_SHORT if len(digits) < _FEWEST else Reason.TOO_LONG
        return reason, f"has {len(digits)} digits, a phone has {_FEWEST} to 15"
    # "+00 52" and "+52" say the same.
    return "+" + digits.removeprefix("00") if signs.startswith("+") else digits
