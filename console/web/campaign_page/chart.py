"""A campaign over time as a drawing: messages handed over, delivered, read and failed so far. Pure.

The drawing stretches with the page; its words stand beside it in HTML, where they stay legible on a phone. Lines differ
in their dashes too, not only in their colours.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from html import escape
from itertools import accumulate

from campaign.overview.details import Course

SERIES: Mapping[str, str] = {"accepted": "", "delivered": "9 4", "read": "2 4", "failed": "12 3 2 3"}
"""What is drawn, and the dashes of its line."""

WIDTH, HEIGHT = 1000, 260

Point = tuple[float, int]
"""A share of the time, 0 to 1, and how many by then."""


def lines(course: Course) -> dict[str, list[Point]]:
    """The points of each line, from nothing at the start to all of it at the end."""
    if course.since is None:
        return {}
    length = max((course.until - course.since).total_seconds(), 1.0)
    buckets = sorted((_instant(bucket["at"]), bucket) for bucket in course.buckets)
    ends = [min(1.0, ((at - course.since).total_seconds() + course.bucket_s) / length) for at, _ in buckets]
    starts = [max(0.0, (at - course.since).total_seconds() / length) for at, _ in buckets]
    drawn: dict[str, list[Point]] = {}
    for name in SERIES:
        so_far = list(accumulate((bucket[name] for _, bucket in buckets), initial=0))
        points: list[Point] = [(0.0, 0)]
        for start, end, before, after in zip(starts, ends, so_far, so_far[1:], strict=False):
            # Between buckets nothing happens, so the line is level up to where the next one begins.
            points += [(start, before), (end, after)]
        drawn[name] = [*points, (1.0, so_far[-1])]
    return drawn


def ticks(drawn: Mapping[str, Sequence[Point]]) -> list[int]:
    """Round numbers from nought to above the highest point."""
    highest = max((points[-1][1] for points in drawn.values() if points), default=0)
    step = next(
        size * 10**power for power in range(12) for size in (1, 2, 5) if size * 10**power * 4 >= max(highest, 1)
    )
    count = max(1, -(-highest // step))
    return [step * number for number in range(count + 1)]


def drawing(drawn: Mapping[str, Sequence[Point]], label: str) -> str:
    """The lines as SVG. `label` is what a screen reader says."""
    marks = ticks(drawn)
    top = marks[-1]
    grid = "".join(
        f'<line class="grid" x1="0" x2="{WIDTH}" y1="{_y(mark, top)}" y2="{_y(mark, top)}"/>' for mark in marks
    )
    paths = "".join(
        f'<polyline class="line {name}" stroke-dasharray="{SERIES[name]}" points="{_points(points, top)}"/>'
        for name, points in drawn.items()
    )
    return (
        f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="none" role="img" aria-label="{escape(label)}">'
        f"{grid}{paths}</svg>"
    )


def swatch(name: str) -> str:
    """A piece of one line, for the legend."""
    line = f'<line class="line {name}" stroke-dasharray="{SERIES[name]}" x1="0" x2="32" y1="6" y2="6"/>'
    return f'<svg class="swatch" viewBox="0 0 32 12" width="32" height="12" aria-hidden="true">{line}</svg>'


def totals(drawn: Mapping[str, Sequence[Point]]) -> dict[str, int]:
    """How many each line ends with."""
    return {name: points[-1][1] if points else 0 for name, points in drawn.items()}


def ends_of(course: Course) -> list[datetime]:
    """The instants to write below the drawing: its start, middle and end."""
    if course.since is None:
        return []
    half: timedelta = (course.until - course.since) / 2
    return [course.since, course.since + half, course.until]


def _points(points: Sequence[Point], top: int) -> str:
    return " ".join(f"{round(share * WIDTH, 1):g},{_y(count, top)}" for share, count in points)


def _y(count: int, top: int) -> str:
    return f"{round(HEIGHT - 2 - (HEIGHT - 4) * count / max(top, 1), 1):g}"


def _instant(at: str) -> datetime:
    return datetime.fromisoformat(at)
