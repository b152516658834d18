"""`/consent`: who agreed, is the ledger intact, how long do opt-ins count, and by which words people stop."""

from nicegui import ui

from campaign.access import consent as acts
from campaign.access.roles import Act, Actor
from campaign.consent.expiry import MOST_DAYS, lifetimes
from campaign.consent.seals import Verification
from campaign.consent.words import ANY_LANGUAGE, LONGEST_WORD, Word, list_words
from campaign.desk.problems import last_verification
from console.web import jobs
from console.web.agreed import agreed_card
from console.web.page import page
from console.web.parts import ErrorLine, button, card, moment, text
from console.web.pieces import did, listing
from console.web.texts import Words
from console.web.visit import Visit
from models.consent import WordKind
from models.people import Category
from models.session import Sessions

VERIFY = "consent.verify"
OF_MESSAGES = (Category.MARKETING, Category.UTILITY, Category.AUTHENTICATION)


@page("/consent", "consent.title")
async def consent(visit: Visit) -> None:
    """The ledger and its rules."""
    ui.link(visit.words("person.back"), "/contacts").classes("back")
    agreed_card(visit)
    await _ledger(visit)
    await _lifetimes(visit)
    await _words(visit)


async def _ledger(visit: Visit) -> None:
    words = visit.words
    last = await visit.read(last_verification)
    with card(words("consent.ledger")):
        text(words("consent.ledger_hint"), "p", "hint")
        if last is None:
            text(words("consent.never_verified"), "p")
        else:
            with ui.element("p"):
                tone = "good" if last.intact else "bad"
                text(words("consent.intact" if last.intact else "consent.broken"), "span", f"chip tone-{tone}")
                text(" ")
                moment(last.at, words)
                text(f" · {last.by}", "span", "soft")
        if visit.actor.may(Act.VERIFY_CONSENT):
            errors = ErrorLine()

            async def verify() -> None:
                await jobs.start(visit, VERIFY, words("consent.verifying"), acts.verify, errors=errors)

            button(words("consent.verify"), verify)
        jobs.JobPlace(visit, VERIFY, lambda found: _verified(found, words))


def _verified(found: Verification, words: Words) -> None:
    counts = {"events": words.number(found.events), "seals": words.number(found.seals)}
    text(words("consent.found_intact" if found.intact else "consent.found_broken", **counts), "p")
    if found.erased:
        text(words("consent.found_erased", erased=words.number(found.erased)), "p")
    text(words("consent.tail", tail=words.number(found.tail), head=found.head or "–"), "p", "breakable")
    if found.faults:
        with ui.element("ul"):
            for fault in found.faults:
                text(fault, "li")


async def _lifetimes(visit: Visit) -> None:
    words = visit.words
    lives = await visit.read(lifetimes)
    may = visit.actor.may(Act.CHANGE_CONSENT_RULES)
    with card(words("consent.expiry")):
        text(words("consent.expiry_hint"), "p", "hint")
        with ui.element("div").classes("form-row"):
            for category in OF_MESSAGES:
                days = lives[category].days if category in lives else None
                _lifetime(visit, category, days, may=may)


def _lifetime(visit: Visit, category: Category, days: int | None, *, may: bool) -> None:
    words = visit.words
    name = words(f"category.{category.value}")
    if not may:
        text(f"{name}: {words('consent.days', days=days) if days else words('consent.for_good')}", "p")
        return
    with ui.element("div").classes("stack"):
        field = ui.number(words("consent.days_of", category=name), value=days, min=1, max=MOST_DAYS, precision=0)
        field.props(f'outlined dense clearable placeholder="{words("consent.for_good")}"').classes("short")
        errors = ErrorLine()

        async def save() -> None:
            wanted = int(field.value) if field.value else None
            await did(
                visit, lambda sessions, by: acts.set_lifetime(sessions, by, category.value, wanted, now=visit.now()),
                errors=errors, done=words("do.saved"),
            )  # fmt: skip

        button(words("do.save"), save, kind="small")


async def _words(visit: Visit) -> None:
    words = visit.words
    with card(words("consent.words")):
        text(words("consent.words_hint"), "p", "hint")
        shown = _Words(visit)
        if visit.actor.may(Act.CHANGE_CONSENT_RULES):
            shown.form()
        shown.place = ui.element("div")
        await shown.refresh()


class _Words:
    """The words as they are shown; drawn again after each change."""

    place: ui.element

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._errors: ErrorLine | None = None

    def form(self) -> None:
        """Where a word is added."""
        words = self._visit.words
        with ui.element("div").classes("form-row"):
            word = ui.input(words("consent.word")).props(f"outlined dense maxlength={LONGEST_WORD}").classes("grow")
            kinds = {kind.value: words(f"consent.{kind.value}") for kind in WordKind}
            kind = ui.select(kinds, value="stop", label=words("consent.kind")).props("outlined dense").classes("short")

            async def add() -> None:
                said, asks = word.value or "", WordKind(kind.value)
                added = await did(
                    self._visit,
                    lambda sessions, by: acts.add_word(
                        sessions, by, said, kind=asks, language=ANY_LANGUAGE, now=self._visit.now()
                    ),
                    errors=self._errors, done=words("do.saved"),
                )  # fmt: skip
                if added:
                    word.value = ""
                    await self.refresh()

            button(words("consent.add_word"), add)
        self._errors = ErrorLine()

    async def refresh(self) -> None:
        """Look again."""
        words = self._visit.words
        found = await self._visit.read(list_words)
        self.place.clear()
        with self.place:
            for kind in WordKind:
                of_kind = [each for each in found if each.kind == kind]
                with ui.element("details"):
                    text(words("consent.count", kind=words(f"consent.{kind.value}"), count=len(of_kind)), "summary")
                    listing(
                        [words(f"consent.{column}") for column in ("word", "language", "origin", "counts", "change")],
                        [self._row(each) for each in of_kind],
                        caption=words(f"consent.{kind.value}"),
                        empty=words("consent.no_words"),
                    )

    def _row(self, word: Word) -> list[object]:
        words = self._visit.words
        origin = words("consent.built_in" if word.origin == "built-in" else "consent.added")
        language = words("consent.any") if word.language == ANY_LANGUAGE else word.language
        counts = words("do.yes" if word.active else "do.no_word")
        return [word.word, language, origin, counts, lambda: self._change(word)]

    def _change(self, word: Word) -> None:
        if not self._visit.actor.may(Act.CHANGE_CONSENT_RULES):
            return
        words, kind = self._visit.words, WordKind(word.kind)
        now = self._visit.now

        def do(sessions: Sessions, by: Actor) -> None:
            if word.active:
                acts.remove_word(sessions, by, word.word, kind=kind, now=now())
            else:
                acts.add_word(sessions, by, word.word, kind=kind, language=word.language, now=now())

        async def change() -> None:
            if await did(self._visit, do, errors=self._errors):
                await self.refresh()

        button(words("consent.remove" if word.active else "consent.restore"), change, kind="small")
