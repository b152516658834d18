"""`/templates/{id}`: one language of one template: as a person will see it, what lint finds, and its slots."""

from nicegui import ui

from campaign.desk.templates import TemplateView, view_template
from campaign.errors import NotFound
from campaign.templates.findings import Level
from campaign.templates.shown import shown
from console.web.page import page
from console.web.parts import card, chip, moment, table, text
from console.web.phone_preview import phone_preview
from console.web.pieces import category_of, facts, quality
from console.web.texts import Words
from console.web.visit import Visit


@page("/templates/{id}", "template.title")
async def template(visit: Visit) -> None:
    """What it says, and what is said of it."""
    words, id_ = visit.words, visit.path["id"]
    ui.link(words("template.back"), "/templates").classes("back")
    if not id_.isdecimal() or len(id_) > 18:
        raise NotFound(words("template.unknown", id=id_[:40]))
    view = await visit.read(view_template, int(id_))
    found = view.template
    visit.entitle(f"{found.name} ({found.language})")
    with ui.element("div").classes("split"):
        with ui.element("div"):
            _facts(view, words)
            _findings(view, words)
            _slots(view, words)
            _campaigns(view, words)
        with ui.element("div"):
            bubbles = shown(found.components, view.values, category=found.category)
            phone_preview(bubbles, title=", ".join(view.senders) or found.name, words=words)


def _facts(view: TemplateView, words: Words) -> None:
    found = view.template
    with card():
        facts(
            [
                (words("templates.status"), lambda: chip(found.status, words)),
                (words("templates.quality"), lambda: quality(found.quality, words)),
                (words("templates.category"), category_of(found.category, words)),
                (words("template.senders"), ", ".join(view.senders)),
                (
                    words("template.ttl"),
                    words("template.seconds", n=words.number(found.ttl_seconds or 0)) if found.ttl_seconds else None,
                ),
                (words("template.unpaused"), (lambda: moment(found.unpaused_at, words)) if found.unpaused_at else None),
                (words("templates.synced"), lambda: moment(found.synced_at, words)),
            ]
        )


def _findings(view: TemplateView, words: Words) -> None:
    with card(words("template.findings")):
        if not view.findings:
            text(words("template.no_findings"), "p", "soft")
        for finding in view.findings:
            level = "bad" if finding.level is Level.ERROR else "warn"
            with ui.element("p").classes("verdict"):
                text(words(f"template.{finding.level.value}"), "span", f"chip tone-{level}")
                text(words.said(finding.text))


def _slots(view: TemplateView, words: Words) -> None:
    with card(words("template.slots")):
        rows = [[key, words("template.optional" if optional else "template.needed")] for key, optional in view.slots]
        headings = [words("template.slot"), words("template.filled")]
        table(headings, rows, caption=words("template.slots"), empty=words("template.no_slots"))


def _campaigns(view: TemplateView, words: Words) -> None:
    if not view.campaigns:
        return
    with card(words("template.campaigns")):
        with ui.element("ul").classes("plain-list"):
            for id_, name, state in view.campaigns:
                with ui.element("li"):
                    ui.link(name, f"/campaigns/{id_}")
                    text(" ")
                    chip(state, words)
