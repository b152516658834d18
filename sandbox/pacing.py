"""Quality holds: after so many messages of a template the platform keeps the rest until it has a verdict.

Rules: platform.md B.4. The threshold is unpublished; here it is a number in the scenario.
"""

from collections.abc import Callable
from typing import NamedTuple

from sandbox.clock import Clock
from sandbox.ledger import Entry
from sandbox.scenario import Pacing
from sandbox.templates import Template
from sandbox.timetable import Timetable


class Hands(NamedTuple):
    """What a verdict sets in motion."""

    release: Callable[[Entry], None]
    drop: Callable[[Entry], None]
    praise: Callable[[Template], None]
    pause: Callable[[Template], None]


class PacingDesk:
    """The held messages by template, and the verdicts to come.

    rules  asked anew each time, so that a scenario can change under way
    """

    def __init__(self, clock: Clock, timetable: Timetable, rules: Callable[[], Pacing], hands: Hands) -> None:
        self._clock, self._timetable, self._rules, self._hands = clock, timetable, rules, hands
        self._held: dict[tuple[str, str], list[Entry]] = {}
        self._cleared: set[tuple[str, str]] = set()

    def must_hold(self, template: Template) -> bool:
        """Whether the next message of a template waits for a verdict."""
        rules = self._rules()
        if rules.held_after <= 0 or template.key in self._cleared or template.category not in rules.categories:
            return False
        # The threshold is unpublished and differs by business, platform.md I.34.
        return template.approved_count >= rules.held_after

    def hold(self, template: Template, entry: Entry) -> None:
        """Keep a message; the first of a template starts its clock."""
        held = self._held.get(template.key)
        if held is None:
            held = self._held[template.key] = []
            due = self._clock.now() + self._clock.real_s(self._rules().verdict_after_s)
            self._timetable.at(due, self._decide_on, template, held)
        held.append(entry)

    def decide(self, template: Template, verdict: str | None = None) -> None:
        """Let go of what is held, or drop it; the scenario's verdict unless another is given."""
        held, rules = self._held.pop(template.key, None), self._rules()
        if held is None:
            return
        if (verdict or rules.verdict) == "good":
            # A good verdict is for good: the template is held no more until it leaves service.
            self._cleared.add(template.key)
            self._hands.praise(template)
            self._release(held, rules.release_over_s)
            return
        # Portfolio pacing drops messages with the same code while the template stays active, platform.md I.10.
        if not rules.whole_portfolio:
            self._hands.pause(template)
        for entry in held:
            self._hands.drop(entry)

    def renew(self, template: Template) -> None:
        """A template comes back into service: it is paced from the beginning."""
        self._cleared.discard(template.key)
        template.approved_count = 0

    def count(self) -> int:
        """Messages held at present."""
        return sum(map(len, self._held.values()))

    def held_templates(self) -> list[tuple[str, str]]:
        """Name and language of the templates with held messages."""
        return list(self._held)

    def clear(self) -> None:
        """Forget everything."""
        self._held.clear()
        self._cleared.clear()

    def _decide_on(self, template: Template, held: list[Entry]) -> None:
        # A verdict given by hand meanwhile has ended this hold; a later one has a clock of its own.
        if self._held.get(template.key) is held:
            self.decide(template)

    def _release(self, held: list[Entry], over_s: float) -> None:
        now = self._clock.now()
        # In the order in which they came.
        for place, entry in enumerate(held):
            self._timetable.at(now + over_s * place / len(held), self._hands.release, entry)
