"""Messages that may or may not have been sent: why, what would resolve them, and a person's decision."""

from collections.abc import Awaitable, Callable

from nicegui import ui

from campaign.access import campaigns as acts
from campaign.access.roles import Act
from campaign.uncertain.doubts import Doubts
from campaign.uncertain.resolve import Decision
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import sentence
from console.web.parts import ErrorLine, button, card, confirmed, moment, text
from console.web.pieces import listing
from console.web.visit import Visit


class DoubtsCard:
    """What is uncertain; no card while nothing is. `after` looks again once somebody has decided."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._after = visit, after
        self._part: Part[Doubts | None] = Part(self._draw)

    def show(self, doubts: Doubts | None) -> None:
        """Show what is uncertain. That webhooks were applied until a later instant alone is nothing new."""
        self._doubts = doubts
        self._part.show(_Seen.of(doubts))  # type: ignore[arg-type]

    def _draw(self, seen: object) -> None:
        doubts, words = self._doubts, self._visit.words
        if doubts is None or not doubts.messages:
            return
        with card(words("campaign.doubts")):
            sentence("campaign.doubts_now", {"messages": doubts.messages}, words)
            headings = [words(f"campaign.doubts_{name}") for name in ("messages", "because", "oldest", "resolved_by")]
            rows = [
                [
                    words.number(group.messages),
                    words(f"campaign.why_{group.why}"),
                    lambda at=group.oldest: moment(at, words),
                    words.said(group.resolved_by),
                ]
                for group in doubts.groups
            ]
            listing(headings, rows, caption=words("campaign.doubts"), empty="")
            if doubts.watermark is not None:
                sentence("campaign.doubts_watermark", {"at": doubts.watermark}, words, classes="hint")
            else:
                text(words("campaign.doubts_no_watermark"), "p", "hint")
            text(words(f"campaign.doubts_policy_{doubts.policy}"), "p", "hint")
            self._draw_decisions(doubts)

    def _draw_decisions(self, doubts: Doubts) -> None:
        words = self._visit.words
        if not self._visit.actor.may(Act.RESOLVE_UNCERTAIN):
            text(words("campaign.doubts_not_allowed"), "p", "hint")
            return
        errors = ErrorLine()
        with ui.element("div").classes("bar"):
            for decision, kind in ((Decision.RESEND, "danger"), (Decision.FAILED, "")):
                button(
                    words(f"campaign.doubts_{decision.value}"),
                    lambda decision=decision: self._decide(doubts, decision, errors),
                    kind=kind,
                )

    async def _decide(self, doubts: Doubts, decision: Decision, errors: ErrorLine) -> None:
        visit, words = self._visit, self._visit.words
        sure = await confirmed(
            words(f"campaign.doubts_{decision.value}"),
            words(f"campaign.doubts_{decision.value}_risk", messages=words.number(doubts.messages)),
            words("campaign.doubts_yes"),
            words("campaign.no"),
        )
        if not sure:
            return
        moved = await visit.act(
            lambda sessions, actor: acts.resolve_uncertain(sessions, actor, doubts.name, decision, now=visit.now()),
            errors=errors,
        )
        if moved is not None:
            ui.notify(words("campaign.doubts_done", messages=words.number(moved)), type="positive", position="top")
            await self._after()


class _Seen(tuple[object, ...]):
    """What makes a difference to the reader."""

    __slots__ = ()

    @classmethod
    def of(cls, doubts: Doubts | None) -> "_Seen":
        if doubts is None:
            return cls()
        return cls((doubts.policy, doubts.watermark, tuple(doubts.groups)))
