"""What a person may do to a sequence as it stands: launch, approve, pause, resume, cancel."""

from collections.abc import Awaitable, Callable, Iterator

from nicegui import ui

from campaign.access.roles import Act, Actor
from campaign.sequences import acts
from campaign.sequences.views import SequenceView
from console.web.campaign_page.acts import Offer
from console.web.campaign_page.part import Part
from console.web.parts import ErrorLine, button, confirmed, text
from console.web.uploads_note import UploadsNote, approving, launching
from console.web.visit import Visit
from models.sequence import SequenceState as S
from models.session import Sessions


def offered(seen: SequenceView, actor: Actor) -> Iterator[Offer]:
    """What somebody may do to a sequence now. Pure."""
    may = actor.may
    if seen.state == S.DRAFT and seen.asked_by is None and may(Act.LAUNCH):
        yield Offer("launch", "primary")
    if seen.state == S.DRAFT and seen.asked_by not in (None, actor.name) and may(Act.APPROVE):
        yield Offer("approve", "primary")
    if seen.state == S.RUNNING and may(Act.PAUSE):
        yield Offer("pause", "primary")
    if seen.state == S.PAUSED and may(Act.RESUME):
        yield Offer("resume", "primary")
    if seen.state not in (S.COMPLETED, S.CANCELLED) and may(Act.CANCEL):
        yield Offer("cancel", "danger")


class Acts:
    """The buttons. `after` looks again."""

    def __init__(self, visit: Visit, after: Callable[[], Awaitable[None]]) -> None:
        self._visit, self._after = visit, after
        self._part: Part[tuple[tuple[Offer, ...], bool]] = Part(self._draw)
        self._uploads = UploadsNote(visit)
        self._errors = ErrorLine()

    def show(self, seen: SequenceView) -> None:
        """Offer what is possible now."""
        self._seen = seen
        self._part.show((tuple(offered(seen, self._visit.actor)), seen.asked_by == self._visit.actor.name))

    def _draw(self, shown: tuple[tuple[Offer, ...], bool]) -> None:
        offers, own_request = shown
        with ui.element("div").classes("bar acts"):
            for offer in offers:
                made = button(self._visit.words(f"sequences.act_{offer.act}"), lambda: None, kind=offer.kind)
                made.on_click(lambda offer=offer, made=made: self._do(offer.act, made))
        if own_request:
            text(self._visit.words("campaign.act_own_request"), "p", "hint")

    async def _do(self, act: str, pressed: ui.button) -> None:
        if not await self._sure(act):
            return
        # Disabled, so that a second click in the meantime does nothing.
        pressed.disable()
        campaigns = [step.campaign for step in self._seen.steps]
        done = await self._uploads.during(
            campaigns if act in {"launch", "approve"} else (),
            lambda: self._visit.act(self._doing(act, campaigns), errors=self._errors),
        )
        if done is not None:
            what = "asked" if act == "launch" and done == S.DRAFT else act
            ui.notify(self._visit.words(f"sequences.done_{what}"), type="positive", position="top")
            await self._after()
        if not pressed.is_deleted:
            pressed.enable()

    async def _sure(self, act: str) -> bool:
        seen, words = self._seen, self._visit.words
        large = act in {"launch", "approve", "cancel"} and seen.active > self._visit.door.settings.confirm_above
        return await confirmed(
            words(f"sequences.act_{act}"),
            words(f"sequences.sure_{act}", people=words.number(seen.active)),
            words(f"sequences.act_{act}"),
            words("campaign.no"),
            type_this=seen.name.strip() if large else None,
            prompt=words("campaign.type_name", name=seen.name[:60]),
        )

    def _doing(self, act: str, campaigns: list[str]) -> Callable[[Sessions, Actor], str]:
        name, now, above = self._seen.name, self._visit.now(), self._visit.door.settings.approval_above
        match act:
            case "launch":
                return launching(
                    lambda sessions, by: acts.launch(sessions, by, name, now=now, approval_above=above).state,
                    campaigns, now, above,
                )  # fmt: skip
            case "approve":
                approve = lambda sessions, by: acts.approve(sessions, by, name, now=now).state  # noqa: E731
                return approving(approve, campaigns, now)
            case "resume":
                return lambda sessions, by: acts.resume(sessions, by, name, now=now).state
            case "cancel":
                return lambda sessions, by: acts.cancel(sessions, by, name, now=now).state
            case _:
                return lambda sessions, by: acts.pause(sessions, by, name).state
