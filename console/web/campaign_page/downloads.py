"""Reports of every kind, and the list as it was uploaded."""

from nicegui import ui

from campaign.overview.list_file import ListFile
from campaign.reports.write import KINDS
from console.web.parts import card, text
from console.web.texts import Words


def draw_downloads(campaign_id: int, words: Words, kept: ListFile | None) -> None:
    """The card with the links; `kept` is None where no file of the list lies here."""
    with card(words("campaign.downloads")), ui.element("ul").classes("downloads"):
        for kind in KINDS:
            _link(f"/api/v1/campaigns/{campaign_id}/reports/{kind}", f"report_{kind}", words)
        if kept is not None:
            _link(f"/api/v1/uploads/{kept.sha256}", "report_list", words, kept.file_name)


def _link(target: str, key: str, words: Words, name: str | None = None) -> None:
    with ui.element("li"):
        ui.link(words(f"campaign.{key}"), target).classes("button small").props("download")
        text(name or words(f"campaign.{key}_about"), "span", "hint")
