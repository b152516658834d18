"""The chart over time, with its legend and the same as a table."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any

from nicegui import ui

from campaign.overview.details import Course
from console.web.campaign_page.chart import SERIES, drawing, ends_of, lines, swatch, ticks, totals
from console.web.campaign_page.part import Part
from console.web.campaign_page.sentence import span, time_html
from console.web.parts import card, table, text
from console.web.texts import Words

SHORT = timedelta(minutes=10)
"""A course that is shorter is told to the second."""


class Chart:
    """The card with the chart. Redrawn in place; whether the table is open stays as it was."""

    def __init__(self, words: Words) -> None:
        self._words = words
        with card(words("campaign.chart")) as self._card:
            self._empty = text(words("campaign.chart_empty"), "p", "empty")
            with ui.element("figure").classes("chart") as self._figure:
                with ui.element("div").classes("plot"):
                    self._scale = ui.html("", sanitize=False).classes("scale").props('aria-hidden="true"')
                    self._drawing = ui.html("", sanitize=False).classes("lines")
                self._times = ui.html("", sanitize=False).classes("times").props('aria-hidden="true"')
                self._legend = ui.html("", sanitize=False, tag="figcaption").classes("legend")
            with ui.element("details") as self._details:
                text(words("campaign.chart_table"), "summary")
                self._table = Part(self._draw_table)

    def show(self, course: Course) -> None:
        """Show a course."""
        drawn = lines(course)
        some = any(totals(drawn).values())
        self._card.set_visibility(course.since is not None)
        self._empty.set_visibility(not some)
        self._figure.set_visibility(some)
        self._details.set_visibility(some)
        if not some or course.since is None:
            return
        named = {name: f"{self._words(f'campaign.line_{name}')} {self._words.number(count)}"
                 for name, count in totals(drawn).items()}  # fmt: skip
        label = self._words("campaign.chart_label", counts=", ".join(named.values()))
        self._drawing.set_content(drawing(drawn, label))
        self._scale.set_content("".join(f"<span>{self._words.number(mark)}</span>" for mark in reversed(ticks(drawn))))
        short = course.until - course.since < SHORT
        times = (time_html(at, seconds=short) for at in ends_of(course))
        self._times.set_content("".join(f"<span>{time}</span>" for time in times))
        self._legend.set_content("".join(f"<span>{swatch(name)} {words}</span>" for name, words in named.items()))
        self._table.show(course)

    def _draw_table(self, course: Course) -> None:
        words = self._words
        headings = [words("campaign.chart_from"), *(words(f"campaign.line_{name}") for name in SERIES)]
        caption = words("campaign.chart_caption", span=span(timedelta(seconds=course.bucket_s), words))
        rows = [self._row(bucket) for bucket in course.buckets]
        table(headings, rows, caption=caption, empty=words("campaign.chart_empty"))

    def _row(self, bucket: Mapping[str, Any]) -> list[object]:
        at = datetime.fromisoformat(bucket["at"])
        return [
            lambda: ui.html(time_html(at, seconds=True), sanitize=False, tag="span"),
            *(self._words.number(bucket[name]) for name in SERIES),
        ]
