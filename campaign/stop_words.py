"""The words with which people say stop, or start again, and the buttons that begin with one.

Only words that cannot be meant for an order or an appointment: "cancel" is not one of them. A reply counts when the
word is the whole message; a button's label when it begins with one, since we chose its words ourselves.
"""

import re
import unicodedata
from collections.abc import Collection, Mapping

_LENGTHENING = "\u0640"

STOP_WORDS: Mapping[str, tuple[str, ...]] = {
    "ar": ("توقف", "إيقاف", "إلغاء الاشتراك"),
    "de": ("stopp", "abmelden", "abbestellen", "austragen"),
    "en": ("stop", "stop all", "stopall", "unsubscribe", "opt out", "opt-out", "optout", "no more messages"),
    "es": ("baja", "darme de baja", "darse de baja", "detener", "parar", "no recibir"),
    "fr": ("arrêt", "arrêter", "désinscrire", "me désinscrire", "désabonner", "se désabonner"),
    "id": ("berhenti",),
    "it": ("ferma", "disiscrivi", "disiscrivimi", "annulla iscrizione"),
    "nl": ("afmelden", "uitschrijven"),
    "pt": ("parar", "pare", "sair", "descadastrar", "não receber"),
    "ru": ("стоп", "отписаться"),
}
"""Language to words; compared without regard to the template's language, to case and to accents."""

START_WORDS: Mapping[str, tuple[str, ...]] = {
    "de": ("anmelden",),
    "en": ("start", "unstop", "subscribe", "opt in", "opt-in", "optin"),
    "es": ("alta", "darme de alta"),
    "nl": ("aanmelden",),
    "pt": ("voltar a receber",),
    "ru": ("подписаться",),
}
"""The same for those who want messages again; heeded only where the settings allow it."""


def says_stop(text: str, more: Collection[str] = (), fewer: Collection[str] = ()) -> bool:
    """Whether a whole message is a word of the list: ` ¡STOP! 🙏` is, `Don't stop` is not.

    more, fewer  words beside the list, and words of it that do not count, as `bare` gives them
    """
    return _is_one(bare(text), _STOP, more, fewer)


def says_start(text: str, more: Collection[str] = (), fewer: Collection[str] = ()) -> bool:
    """Whether a whole message asks for messages again."""
    return _is_one(bare(text), _START, more, fewer)


def _is_one(said: str, built_in: Collection[str], more: Collection[str], fewer: Collection[str]) -> bool:
    return said in more or (said in built_in and said not in fewer)


def begins_with_stop_word(label: str) -> bool:
    """Whether a button's label begins with a word of the list: `Stop promotions` does, `Nonstop offers` does not."""
    return _BEGINS.match(_plain(label)) is not None


def mentions_stop_word(text: str) -> bool:
    """Whether a text tells, anywhere in it, how to opt out."""
    return _HOLDS.search(_plain(text)) is not None


def bare(text: str) -> str:
    """A text without case, accents, punctuation and emoji, its words one space apart."""
    return " ".join("".join(each if each.isalnum() else " " for each in _plain(text)).split())


def _plain(text: str) -> str:
    decomposed = unicodedata.normalize("NFKD", text.strip().casefold())
    return "".join(character for character in decomposed if not _is_unseen(character))


def _is_unseen(character: str) -> bool:
    """An accent, a mark that cannot be seen and parts no words, or the stroke that lengthens an Arabic word."""
    return (
        bool(unicodedata.combining(character)) or unicodedata.category(character) == "Cf" or character == _LENGTHENING
    )


def _all(words: Mapping[str, tuple[str, ...]]) -> list[str]:
    return [word for of_language in words.values() for word in of_language]


_STOP = frozenset(map(bare, _all(STOP_WORDS)))
_START = frozenset(map(bare, _all(START_WORDS)))
_BEGINS = re.compile(rf"(?:{'|'.join(re.escape(_plain(word)) for word in _all(STOP_WORDS))})\b")
_HOLDS = re.compile(rf"\b(?:{_BEGINS.pattern})")
