"""The words with which people say stop, and the buttons that begin with one.

Only words that cannot be meant for an order or an appointment: "cancel" is not one of them.
"""

import re
import unicodedata

STOP_WORDS: dict[str, tuple[str, ...]] = {
    "en": ("stop", "unsubscribe", "opt out", "opt-out", "no more messages"),
    "es": ("baja", "darme de baja", "darse de baja", "detener", "parar", "no recibir"),
    "pt": ("parar", "pare", "sair", "descadastrar", "nao receber"),
    "de": ("stopp", "abmelden", "abbestellen", "austragen"),
    "fr": ("arret", "arreter", "desinscrire", "me desinscrire", "desabonner", "se desabonner"),
    "it": ("ferma", "disiscrivi", "disiscrivimi", "annulla iscrizione"),
    "nl": ("afmelden", "uitschrijven"),
}
"""Language to words, lower case and without accents; compared without regard to the template's language."""

_BEGINS = re.compile(rf"(?:{'|'.join(re.escape(word) for words in STOP_WORDS.values() for word in words)})\b")
_HOLDS = re.compile(rf"\b(?:{_BEGINS.pattern})")


def begins_with_stop_word(label: str) -> bool:
    """Whether a button's label begins with a word of the list: `Stop promotions` does, `Nonstop offers` does not."""
    return _BEGINS.match(_plain(label)) is not None


def mentions_stop_word(text: str) -> bool:
    """Whether a text tells, anywhere in it, how to opt out."""
    return _HOLDS.search(_plain(text)) is not None


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not unicodedata.combining(character))
