"""What every page stands in: the name of the product, the way to every other page, who is signed in."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from html import escape
from typing import NamedTuple

from nicegui import ui
from nicegui.element import Element
from nicegui.elements.html import Html

from campaign.access.roles import Act
from campaign.desk.problems import count_waiting
from console.web.parts import text
from console.web.visit import Visit


class Place(NamedTuple):
    """One entry of the menu; seen by who may do `act`."""

    path: str
    title: str
    icon: str
    act: Act = Act.VIEW


PLACES: Sequence[Place] = (
    Place("/", "campaigns.title", "campaign"),
    Place("/sequences", "sequences.title", "linear_scale"),
    Place("/schedules", "schedules.title", "event"),
    Place("/contacts", "contacts.title", "group"),
    Place("/templates", "templates.title", "description"),
    Place("/senders", "senders.title", "phone_in_talk"),
    Place("/problems", "problems.title", "report_problem"),
    Place("/audit", "audit.title", "history"),
    Place("/users", "users.title", "manage_accounts", Act.MANAGE_USERS),
    Place("/settings", "settings.title", "tune"),
)
"""The menu, in its order. A new page that is not part of another gets a row here."""

HEAD = '<link rel="stylesheet" href="/look/console.css">' + "".join(
    f'<script src="/look/{name}.js" defer></script>' for name in ("console", "focus")
)


@contextmanager
def frame(visit: Visit, title: str, path: str) -> Iterator[Html]:
    """The frame of one page, for the block that builds it; gives the heading."""
    words = visit.words
    ui.page_title(f"{title} · {words('product')}")
    ui.add_head_html(f'<script>document.documentElement.lang = "{words.language}"</script>{HEAD}')
    ui.colors(primary="#0b6b4f", positive="#0b6b4f", negative="#a32020", warning="#8a5a00", info="#1d5a8c")
    # What NiceGUI puts a page into calls itself its main part; ours is below, beside a header and a menu.
    _around(ui.context.client.content).props('role="presentation"')
    ui.link(words("frame.skip"), "#content").classes("skip")
    with ui.element("header").classes("top").props('role="banner"'):
        with ui.link(target="/").classes("brand"):
            ui.element("span").classes("brand-mark").props('aria-hidden="true"')
            text(words("product"))
        with ui.element("div").classes("who"):
            with ui.link(target="/account").classes("account").props(f'title="{words("account.title")}"'):
                text(f"{visit.actor.person} · {words('role.' + visit.actor.role.value)}")
            with ui.element("form").props('method="post" action="/logout"'):
                with ui.element("button").classes("button small").props('type="submit"'):
                    text(words("frame.sign_out"))
    with ui.element("div").classes("shell"):
        waiting = None
        with ui.element("nav").classes("menu").props(f'aria-label="{words("frame.menu")}"'):
            for place in PLACES:
                if visit.actor.may(place.act):
                    count = _entry(place, visit, here=_is_part(path, place.path))
                    waiting = count or waiting
        # Where the menu is a row that scrolls, one sees where one is.
        ui.run_javascript(
            "document.querySelector('.menu-entry.here')?.scrollIntoView({inline:'center',block:'nearest'})"
        )
        with ui.element("main").classes("content").props('id="content" tabindex="-1"'):
            yield text(title, "h1")
            # Now only: whatever runs by a timer has the page sent as it stands, built or not.
            _count(visit, waiting)


def _around(element: Element) -> Element:
    slot = element.parent_slot
    return slot.parent if slot is not None else element


def _is_part(path: str, of: str) -> bool:
    """Whether a page is a menu entry's, or a part of it."""
    if of == "/":
        return path == "/" or path.startswith("/campaigns")
    return path == of or path.startswith(f"{of}/") or (path, of) == ("/consent", "/contacts")


def _entry(place: Place, visit: Visit, *, here: bool) -> Html | None:
    """One entry; where it counts something, the place of the number."""
    with ui.link(target=place.path).classes("menu-entry" + (" here" if here else "")) as entry:
        if here:
            entry.props('aria-current="page"')
        ui.icon(place.icon).props('aria-hidden="true"')
        text(visit.words(place.title))
        return text("", "span", "count") if place.path == "/problems" else None


def _count(visit: Visit, shown: Html | None) -> None:
    """How many things wait for a person; looked up once the page stands, so that no page waits for it."""
    if shown is None:
        return
    shown.set_visibility(False)

    async def look() -> None:
        waiting = await visit.read(count_waiting)
        if waiting:
            label = visit.words("problems.waiting", count=waiting)
            read_out = f'<span class="hidden-text">{escape(label)}</span>'
            shown.set_content(f'<span aria-hidden="true">{waiting}</span>{read_out}')
            shown.set_visibility(True)

    ui.timer(0, look, once=True)
