"""What a person may do to a campaign as it stands: launch, approve, pause, resume, cancel, take back."""

from collections.abc import Awaitable, Callable, Iterator
from typing import NamedTuple

from nicegui import ui

from campaign.access import campaigns as acts
from campaign.access.roles import Act, Actor
from campaign.moving.move import MOVABLE_IN
from campaign.overview.glance import Glance
from campaign.sequences.acts import approve_campaign
from console.web.campaign_page.part import Part
from console.web.parts import ErrorLine, button, confirmed, text
from console.web.uploads_note import UploadsNote, approving, launching
from console.web.visit import Visit
from models.session import Sessions
from models.states import CampaignState, MessageState, PauseReason

C = CampaignState


class Offer(NamedTuple):
    """An act that is offered, and how its button looks."""

    act: str
    kind: str = ""


def offered(seen: Glance, actor: Actor) -> Iterator[Offer]:
    """What somebody may do to a campaign now. Pure."""
    state, may = seen.line.state, actor.may
    if state == C.DRAFT:
        if seen.asked_by is None and may(Act.LAUNCH):
            yield Offer("launch", "primary")
        elif seen.asked_by not in (None, actor.name) and may(Act.APPROVE):
            yield Offer("approve", "primary")
        if may(Act.CREATE_CAMPAIGN):
            yield Offer("take_back", "danger")
        return
    if state == C.PAUSED and may(Act.RESUME):
        yield Offer("resume", "primary")
    if state in (C.RUNNING, C.SCHEDULED) and may(Act.PAUSE):
        yield Offer("pause", "primary")
    if state == C.PAUSED and seen.line.reason != PauseReason.OPERATOR and may(Act.PAUSE):
        yield Offer("stay_paused")
    movable = seen.count(MessageState.QUEUED, MessageState.DROPPED)
    if state in MOVABLE_IN and movable and may(Act.MOVE):
        yield Offer("move")
    if state not in (C.COMPLETED, C.CANCELLED) and may(Act.CANCEL):
        yield Offer("cancel", "danger")


class Acts:
    """The buttons. `after` looks again; `move` opens the way to another template."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]], move: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._after, self._move = visit, after, move
        self._part: Part[tuple[tuple[Offer, ...], bool]] = Part(self._draw)
        self._uploads = UploadsNote(visit)
        self._errors = ErrorLine()

    def show(self, seen: Glance) -> None:
        """Offer what is possible now."""
        self._seen = seen
        own_request = seen.asked_by == self._visit.actor.name
        self._part.show((tuple(offered(seen, self._visit.actor)), own_request))

    def _draw(self, shown: tuple[tuple[Offer, ...], bool]) -> None:
        offers, own_request = shown
        with ui.element("div").classes("bar acts"):
            for offer in offers:
                words = self._visit.words(f"campaign.act_{offer.act}")
                made = button(words, lambda: None, kind=offer.kind)
                made.on_click(lambda offer=offer, made=made: self._do(offer.act, made))
        if own_request:
            text(self._visit.words("campaign.act_own_request"), "p", "hint")

    async def _do(self, act: str, pressed: ui.button) -> None:
        if act == "move":
            await self._move()
            return
        if not await self._sure(act):
            return
        # Disabled, so that a second click in the meantime does nothing.
        pressed.disable()
        uploads = [self._seen.line.name] if act in {"launch", "approve"} else []
        done = await self._uploads.during(
            uploads, lambda: self._visit.act(self._doing(act, uploads), errors=self._errors)
        )
        if done is None:
            pressed.enable()
            return
        if act == "take_back":
            ui.navigate.to("/")
            return
        what = "asked" if act == "launch" and done == C.DRAFT else act
        ui.notify(self._visit.words(f"campaign.done_{what}"), type="positive", position="top")
        await self._after()
        if not pressed.is_deleted:
            pressed.enable()

    async def _sure(self, act: str) -> bool:
        seen, words = self._seen, self._visit.words
        if act not in {"launch", "approve", "cancel", "take_back", "resume"}:
            return True
        waiting = seen.count(MessageState.QUEUED)
        name = seen.line.name
        large = act in {"launch", "approve", "cancel"} and waiting > self._visit.door.settings.confirm_above
        return await confirmed(
            words(f"campaign.act_{act}"),
            words(f"campaign.sure_{act}", messages=words.number(waiting)),
            words(f"campaign.act_{act}"),
            words("campaign.no"),
            type_this=name.strip() if large else None,
            prompt=words("campaign.type_name", name=name[:60]),
        )

    def _doing(self, act: str, uploads: list[str]) -> Callable[[Sessions, Actor], str]:
        name, visit = self._seen.line.name, self._visit
        now, above = visit.now(), visit.door.settings.approval_above

        def do(sessions: Sessions, by: Actor) -> str:
            match act:
                case "launch":
                    return acts.launch(sessions, by, name, now=now, approval_above=above).state
                case "approve":
                    return approve_campaign(sessions, by, name, now=now).state
                case "resume":
                    return acts.resume(sessions, by, name, now=now).state
                case "cancel":
                    return acts.cancel(sessions, by, name, now=now).state
                case "take_back":
                    acts.delete_draft(sessions, by, name)
                    return "gone"
                case _:
                    return acts.pause(sessions, by, name).state

        if act == "launch":
            return launching(do, uploads, now, above)
        return approving(do, uploads, now) if act == "approve" else do
