"""What the demo says on the screen."""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from console.demo.compare import MOST_SHOWN, Comparison
from models.states import OPEN_STATES

if TYPE_CHECKING:
    from campaign.reports.summary import CampaignStatus

LINE_EVERY_S = 5.0


class Telling:
    """Writes to the terminal; plain lines where there is none."""

    def __init__(self) -> None:
        self._console = Console()

    def list_made(self, rows: int) -> None:
        """The list is there, what follows takes a moment."""
        self._console.print(
            f"A list of {rows:,} made-up rows, good and bad. Starting stores, workers and a stand-in …", soft_wrap=True
        )

    def engine_runs(self, receiver_url: str, platform_url: str) -> None:
        """Everything runs."""
        self._console.print(
            f"PostgreSQL, Valkey, workers and beat run; webhooks arrive at {receiver_url},", soft_wrap=True
        )
        self._console.print(
            f"the stand-in of WhatsApp answers at {platform_url}. Nothing leaves this machine.", soft_wrap=True
        )

    @contextmanager
    def progress(self, rows: int) -> Iterator[Callable[["CampaignStatus"], None]]:
        """Live progress: how many rows have come to their end, and in which states all of them are."""
        if not self._console.is_terminal:
            yield self._lines(rows)
            return
        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        with Progress(*columns, console=self._console) as bar:
            task = bar.add_task("Running", total=rows)

            def show(status: "CampaignStatus") -> None:
                bar.update(task, completed=_done(status), description=_standing(status))

            yield show

    def say(self, line: str) -> None:
        """One line as it is."""
        self._console.print(line, soft_wrap=True, markup=False, highlight=False)

    def _lines(self, rows: int) -> Callable[["CampaignStatus"], None]:
        shown_at = -LINE_EVERY_S

        def show(status: "CampaignStatus") -> None:
            nonlocal shown_at
            if time.monotonic() - shown_at >= LINE_EVERY_S:
                shown_at = time.monotonic()
                self.say(f"{_standing(status)}; {_done(status):,} of {rows:,} at their end")

        return show

    def result(
        self, rows: Sequence[Mapping[str, str]], summary: Mapping[str, Any], compared: Comparison, out: Path
    ) -> None:
        """Counts that add up, the rate as the platform saw it, and whether report and ledger agree."""
        self._console.print(_counts(rows))
        for number, busiest in summary["busiest_second"].items():
            self._console.print(f"Busiest second at number {number}: {_busiest(busiest)} requests.")
        self._console.print(f"The report with a line for every row is in {out}.", soft_wrap=True)
        if compared.open:
            waiting = ", ".join(
                f"{count:,} {reason.replace('_', ' ')}" for reason, count in compared.open.most_common()
            )
            self._console.print(
                f"{compared.open.total():,} rows are open, for what became of them was not told: {waiting}.",
                soft_wrap=True,
            )
        if compared.expired:
            self._console.print(f"{compared.expired:,} rows expired without a report.", soft_wrap=True)
        if compared.agree:
            self._console.print(f"[green]Report and ledger agree[/] on {compared.messages:,} messages, line by line.")
            return
        for difference in compared.differences[:MOST_SHOWN]:
            self._console.print(f"  {difference}", markup=False, soft_wrap=True)
        self._console.print(f"[red]Report and ledger differ[/] in {len(compared.differences):,} places.")


def _done(status: "CampaignStatus") -> int:
    return status.rows - sum(status.counts.get(state, 0) for state in OPEN_STATES)


def _standing(status: "CampaignStatus") -> str:
    held = ((state, count) for state, count in status.counts.items() if count)
    return f"{status.state}: " + ", ".join(f"{count:,} {state}" for state, count in held)


def _counts(rows: Sequence[Mapping[str, str]]) -> Table:
    table = Table(show_edge=False, pad_edge=False)
    table.add_column("What became of the rows")
    table.add_column("Why")
    table.add_column("Rows", justify="right")
    found = Counter((row["status"], row["reason"]) for row in rows)
    for (status, reason), count in sorted(found.items(), key=lambda item: (item[0][0], -item[1])):
        table.add_row(status, reason.replace("_", " "), f"{count:,}")
    table.add_section()
    table.add_row("all", "", f"{found.total():,}")
    return table


def _busiest(busiest: object) -> object:
    return busiest.get("count") if isinstance(busiest, Mapping) else busiest
