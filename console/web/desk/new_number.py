"""The form for a number of one's own. Its secrets stay in variables; the form takes their names."""

import os
from collections.abc import Awaitable, Callable

from nicegui import ui

from campaign.access.roles import Actor
from campaign.access.senders import add
from campaign.senders import NewSender, missing_for
from console.web.parts import ErrorLine, button, text
from console.web.texts import Words
from console.web.visit import Visit
from models.sender import ProviderKind, Sender
from models.session import Sessions

LONGEST = 200


def new_number(visit: Visit, added: Callable[[], Awaitable[None]], *, opened: bool) -> None:
    """The form; `added` is called when a number was."""
    words = visit.words
    with ui.element("details").classes("card fold-card").props('id="add"' + (" open" if opened else "")):
        text(words("practice.add"), "summary")
        text(words("practice.add_hint"), "p", "hint")
        form = _Form(words)
        errors, lacking = ErrorLine(), ui.element("div").props('aria-live="polite"')

        async def save() -> None:
            done = await visit.act(form.add, errors=errors, done=words("practice.added", name=form.name.value or ""))
            lacking.clear()
            if done is not None:
                with lacking:
                    for sentence in missing_for(done, os.environ, visit.door.settings.secret_key):
                        text(words.said(sentence), "p", "warning")
                form.clear()
                await added()

        with ui.element("div").classes("row-end"):
            button(words("practice.add"), save, kind="primary")


class _Form:
    """The fields, and the number that they make."""

    def __init__(self, words: Words) -> None:
        with ui.element("div").classes("form-row"):
            self.name = _field(words("practice.name"), 60)
            kinds = {
                ProviderKind.CLOUD.value: words("practice.cloud"),
                ProviderKind.D360.value: words("practice.d360"),
                ProviderKind.D360_ONPREM.value: words("practice.d360_onprem"),
            }
            self.provider = ui.select(kinds, value="cloud", label=words("practice.provider"))
            self.provider.props("outlined dense").classes("grow")
        with ui.element("div").classes("form-row"):
            self.phone_number_id = _field(words("practice.phone_number_id"))
            self.waba_id = _field(words("practice.waba_id"))
        with ui.element("div").classes("form-row"):
            self.token_env = _field(words("practice.token_env"), 300)
            self.app_secret_env = _field(words("practice.app_secret_env"), 300)
            self.webhook_token_env = _field(words("practice.webhook_token_env"), 300)
        with ui.element("div").classes("form-row"):
            self.rate_mps = _whole(words("practice.rate"))
            self.tier = _whole(words("practice.tier"))
        with ui.element("details").classes("fold-out"):
            text(words("practice.advanced"), "summary")
            self.base_url = _field(words("practice.base_url"))

    def add(self, sessions: Sessions, by: Actor) -> Sender:
        """Add what the fields say; errors in the words of the form."""
        new = NewSender(
            name=_said(self.name) or "",
            provider=ProviderKind(self.provider.value),
            token_env=_said(self.token_env) or "",
            base_url=_said(self.base_url),
            rate_mps=_number(self.rate_mps),
            tier=_number(self.tier),
            phone_number_id=_said(self.phone_number_id),
            waba_id=_said(self.waba_id),
            app_secret_env=_said(self.app_secret_env),
            webhook_token_env=_said(self.webhook_token_env),
        )
        return add(sessions, by, new, environment=os.environ)

    def clear(self) -> None:
        """Ready for another one."""
        for field in (self.name, self.phone_number_id, self.waba_id, self.token_env, self.app_secret_env):
            field.value = ""


def _field(label: str, most: int = LONGEST) -> ui.input:
    return ui.input(label).props(f"outlined dense maxlength={most}").classes("grow")


def _whole(label: str) -> ui.number:
    return ui.number(label, min=1, max=2_000_000_000, precision=0).props("outlined dense clearable").classes("grow")


def _said(field: ui.input) -> str | None:
    return (field.value or "").strip()[:LONGEST] or None


def _number(field: ui.number) -> int | None:
    return int(field.value) if field.value is not None else None
