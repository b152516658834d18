"""What can happen to one request on its way: faults armed from outside, and the shares of the scenario.

`before` means that the platform never took the message, `after` that it did, whatever the client saw.
"""

import math
from statistics import NormalDist

from sandbox.answers import HTML, PAGE, Answer, Broken
from sandbox.dialects import GatewayRefusal
from sandbox.faults import Fault
from sandbox.ledger import Entry
from sandbox.people import Ask, Draws, fraction, yes
from sandbox.phone import person_of
from sandbox.refusals import Refusal
from sandbox.world import World

_NORMAL = NormalDist()
_Z_95 = _NORMAL.inv_cdf(0.95)
# Far beyond any real answer, and still cheap to make.
_HUGE = 8_000_000
# Long enough for a tick, a POST and a slow receiver.
_EARLY_WAIT_S = 0.25


class Mishaps:
    """Strikes requests. What strikes a person does so `network.strikes` times and then lets go, so that retries end."""

    def __init__(self, world: World) -> None:
        self._at = world

    def check_spell(self, at: float) -> None:
        """Is the platform up? It is away in the last part of each period, so that every run begins well.

        raises  Refusal 2 with the scenario's HTTP status
        """
        network = self._at.scenario.network
        if not network.unavailable_every_s:
            return
        into_period = (at - self._at.started_at) % network.unavailable_every_s
        if into_period >= network.unavailable_every_s - network.unavailable_for_s:
            raise Refusal(2, status=network.unavailable_status)

    def meet_armed_before(self, fault: Fault) -> None:
        """Armed faults that keep a message from being taken."""
        if fault.kind == "refuse":
            raise Refusal(fault.code, fault.text, status=fault.status)
        if fault.kind == "gateway":
            raise GatewayRefusal(fault.status or 400, fault.text or "API not available")
        if fault.kind == "http":
            raise Broken(Answer(fault.status or 502, PAGE, (HTML,)))
        if fault.kind == "error_before":
            raise Refusal(fault.code, fault.text, status=500)
        if fault.kind in ("reset_before", "timeout_before"):
            raise Broken(self._silence(fault.kind))

    def meet_before(self, person: str, draws: Draws) -> None:
        """The scenario's shares of requests that break before they are taken."""
        network = self._at.scenario.network
        if self._struck(person, draws, Ask.RESET_BEFORE, network.reset_before):
            raise Broken(self._silence("reset_before"))
        if self._struck(person, draws, Ask.TIMEOUT_BEFORE, network.timeout_before):
            raise Broken(self._silence("timeout_before"))
        if self._struck(person, draws, Ask.ERROR_500_BEFORE, network.error_500_before):
            raise Refusal(131000)

    def meet_after(self, entry: Entry, answer: Answer, fault: Fault | None, draws: Draws) -> Answer:
        """What the client sees of a message that was taken."""
        answer = self._armed_after(entry, answer, fault) if fault is not None else self._after(entry, answer, draws)
        entry.http_status = answer.status or None
        return answer

    def latency_s(self, draws: Draws) -> float:
        """How long the platform takes to answer; longer where the webhook is to overtake the answer."""
        network, webhooks = self._at.scenario.network, self._at.scenario.webhooks
        wait = _EARLY_WAIT_S if webhooks.early and yes(draws, Ask.EARLY, webhooks.early) else 0.0
        if network.latency_ms <= 0:
            return wait
        # Log-normal through the median and the 95th percentile.
        spread = math.log(max(1.0, network.latency_p95_ms / network.latency_ms)) / _Z_95
        # The ends of the distribution are cut: nobody waits for an hour.
        at = min(max(fraction(draws, Ask.LATENCY), 0.001), 0.999)
        return wait + network.latency_ms / 1000 * math.exp(spread * _NORMAL.inv_cdf(at))

    def _armed_after(self, entry: Entry, answer: Answer, fault: Fault) -> Answer:
        if fault.kind in ("reset_after", "timeout_after"):
            return self._silence(fault.kind)
        if fault.kind == "error_after":
            entry.code = fault.code
            return Answer(*entry.door.dialect.refused(Refusal(fault.code, fault.text, status=500)))
        if fault.kind == "slow":
            return answer._replace(wait_s=fault.after_s)
        if fault.kind == "truncated":
            return answer._replace(manner="truncated")
        if fault.kind == "huge":
            return answer._replace(body=b'{"padding":"' + b"x" * _HUGE + b'"}')
        bodies = {"not_json": PAGE, "empty": b"{}"}
        return answer._replace(body=bodies[fault.kind]) if fault.kind in bodies else answer

    def _after(self, entry: Entry, answer: Answer, draws: Draws) -> Answer:
        network, person = self._at.scenario.network, person_of(entry.wa_id or "")
        if self._struck(person, draws, Ask.RESET_AFTER, network.reset_after):
            return self._silence("reset_after")
        if self._struck(person, draws, Ask.TIMEOUT_AFTER, network.timeout_after):
            return self._silence("timeout_after")
        if self._struck(person, draws, Ask.ERROR_500_AFTER, network.error_500_after):
            entry.code = 131000
            return Answer(*entry.door.dialect.refused(Refusal(131000)))
        return answer

    def _struck(self, person: str, draws: Draws, question: Ask, share: float) -> bool:
        if not share or not yes(draws, question, share):
            return False
        # Kept only for those who are struck.
        key = f"{question}:{person}"
        times = self._at.strikes.get(key, 0) + 1
        self._at.strikes[key] = times
        return times <= self._at.scenario.network.strikes

    def _silence(self, kind: str) -> Answer:
        if kind.startswith("reset"):
            return Answer(0, b"", manner="reset")
        return Answer(0, b"", wait_s=self._at.scenario.network.timeout_s, manner="hang")
