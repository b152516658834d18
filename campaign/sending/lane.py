"""One lane: permits, claim, send, record, again, until nothing is due or the lane's time is up.

The order is what keeps promises: a permit first, so that what is claimed leaves within a fraction of a second and a
pause or a withdrawn consent acts at once; then the claim, committed; only then the request; then its outcome.

Two things go on at once: one batch is prepared (permits and claim) while the batch before it is paced out, each message
at the instant of its permit.
"""

import asyncio
import random
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from campaign.errors import CampaignError
from campaign.fault_points import FaultPoint, reached
from campaign.providers.base import Accepted, Held, OutboundTemplate, Outcome, Provider, Uncertain
from campaign.scheduling.pace import count_paced, paced_shares, spread_of
from campaign.sending.canary.watch import bounded_shares, note_taken
from campaign.sending.effects import longest_brake
from campaign.sending.endpoints import messages_endpoint, number_rate
from campaign.sending.limiter import NO_PERMITS, Limiter, LimiterUnavailable, Permits
from campaign.sending.pairs import Pairs
from campaign.sending.record import Decided, Recorder, Sending, decide, decide_unfillable, decide_unsent
from campaign.sending.retry import RetryPolicy
from campaign.sending.store import Claimed, claim_due
from campaign.sending.tiers import count_claimed, pause_exhausted, room_in_tier
from campaign.sending.wording import Line
from campaign.settings import Settings
from models import Sender
from models.session import Sessions, session_scope

log = structlog.get_logger()

LONGEST_NAP_S = 0.25
SHORT_NAP_S = 0.05
RESTS = timedelta(minutes=1)
"""How long a message waits that its campaign could send and this lane could not."""


def uptime() -> float:
    """Seconds that also pass while the machine is suspended, unlike the monotonic clock on Linux."""
    return time.clock_gettime(_BOOTTIME) if _BOOTTIME is not None else time.monotonic()


_BOOTTIME: int | None = getattr(time, "CLOCK_BOOTTIME", None)


@dataclass(frozen=True)
class Tools:
    """What a lane works with; made once per process."""

    sessions: Sessions
    settings: Settings
    limiter: Callable[[str], Limiter]
    pairs: Pairs
    provider: Callable[[Sender], Provider]
    clock: Callable[[], datetime]
    rng: random.Random
    uptime: Callable[[], float] = uptime


@dataclass(frozen=True, slots=True)
class Leased:
    """A claimed message and the latest instant at which its request may leave, in seconds of `uptime`."""

    claimed: Claimed
    leave_by: float


class Lane:
    """One chain of claims and sends for one sender. Belongs to one event loop."""

    def __init__(self, sender: Sender, lines: Mapping[int, Line], tools: Tools) -> None:
        self._sender = sender
        self._lines = lines
        self._tools = tools
        self._settings = tools.settings
        self._provider = tools.provider(sender)
        self._limiter = tools.limiter(f"sender:{sender.id}")
        self._rate_mps = number_rate(sender, self._settings.flagged_share)
        self._endpoint = messages_endpoint(sender)
        caps = {id_: line.cap(self._rate_mps, self._settings.flagged_share) for id_, line in lines.items()}
        self._caps = {id_: (tools.limiter(f"campaign:{id_}"), cap) for id_, cap in caps.items() if cap is not None}
        self._policy = RetryPolicy.from_settings(tools.settings)
        self._recorder = Recorder(tools.sessions, tools.settings)
        self._batches: asyncio.Queue[tuple[Sequence[Leased], Permits, int] | None] = asyncio.Queue(maxsize=1)
        self._unsent: list[Leased] = []
        self._resting: list[Decided] = []
        self._flying: set[asyncio.Task[None]] = set()
        self._underway = 0
        self._has_room = asyncio.Event()
        self._has_room.set()
        # One batch on its way and one being prepared, even where there are few connections.
        self._most_underway = max(self._settings.send_connections, 2 * self._settings.claim_batch)
        self._stopped: set[int] = set()
        self._canaries = [id_ for id_, line in lines.items() if line.campaign.canary_left is not None]
        self._paced = {id_: spread_of(line.campaign) for id_, line in lines.items() if spread_of(line.campaign).capped}
        self._turns = 0
        self._braked_until = 0.0
        self._void_before_us = 0.0
        self._broken: LimiterUnavailable | None = None
        self.claimed = 0

    async def run(self, keep_going: Callable[[], bool]) -> None:
        """Work while `keep_going()` and something is due; then wait for what is on its way and write everything."""
        pacer = asyncio.create_task(self._pace())
        try:
            while keep_going() and not self._broken and await self._turn():
                pass
        finally:
            await self._batches.put(None)
            await pacer
            while self._flying:
                await asyncio.wait(self._flying)
            for leased in self._unsent:
                self._recorder.add(decide_unsent(leased.claimed, self._tools.clock()))
            await self._recorder.close()
        if self._broken:
            raise self._broken

    async def _turn(self) -> bool:
        """Prepare one batch. False: nothing is due and nothing is on its way."""
        await self._has_room.wait()
        room = self._settings.claim_batch
        shares, given = await asyncio.to_thread(self._shares, room) if self._caps else (self._equal_shares(room), {})
        want = min(room, sum(shares.values()) + len(self._unsent))
        self._turns += 1
        permits = await asyncio.to_thread(self._reserve, want) if want else None
        if permits is None or not permits.count:
            await asyncio.to_thread(self._give_back, given, {})
            await asyncio.sleep(min(permits.wait_s if permits else SHORT_NAP_S, LONGEST_NAP_S))
            return True
        return await self._fill(permits, shares, given)

    async def _fill(self, permits: Permits, shares: Mapping[int, int], given: Mapping[int, Permits]) -> bool:
        """Find a message for each permit and hand both to the pacer."""
        messages, self._unsent = self._unsent[: permits.count], self._unsent[permits.count :]
        fresh: Sequence[Leased] = ()
        if permits.count > len(messages):
            fresh = await asyncio.to_thread(self._claim, shares, permits.count - len(messages))
            self._put_to_rest()
            messages = [*messages, *fresh]
        if len(messages) < permits.count or given:
            await asyncio.to_thread(self._return_unused, permits, len(messages), given, fresh)
        if not messages:
            return await self._wait_for_more()
        self._count_underway(len(messages))
        await self._batches.put((messages, permits, self._turns))
        return True

    def _put_to_rest(self) -> None:
        """Hand back those who were written to just now; collected in the claim's thread, recorded in the loop's."""
        resting, self._resting = self._resting, []
        for decided in resting:
            self._recorder.add(decided)

    async def _wait_for_more(self) -> bool:
        """Nothing was due: wait for an answer, which may put a message back, or for a cap to give again."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=LONGEST_NAP_S, return_when=asyncio.FIRST_COMPLETED)
        else:
            await asyncio.sleep(SHORT_NAP_S)
        return bool(self._underway or self._unsent or self._caps)

    async def _pace(self) -> None:
        """Send each message at the instant of a permit. What finds none is left for a later batch."""
        while (batch := await self._batches.get()) is not None:
            messages, permits, turn = batch
            index = 0
            for number, leased in enumerate(messages):
                permits, index = await self._at_a_permit(permits, index, len(messages) - number, turn)
                if index == permits.count:
                    self._unsent += messages[number:]
                    self._count_underway(number - len(messages))
                    break
                self._launch(leased)
                index += 1

    async def _at_a_permit(self, permits: Permits, index: int, want: int, turn: int) -> tuple[Permits, int]:
        """Wait for the instant of a permit; permits and its index, which is their count where none was met.

        A permit that was missed is gone: used late, it would bunch up behind others and could lift a sliding second
        above the rate. A busy machine wakes us late, so that is asked again after every wait. New ones are asked for
        only as long as no later turn holds any: they would come after those, which would be missed meanwhile, and so
        on for ever, at half the rate.
        """
        asked = False
        while True:
            index = permits.first_usable(index, time.monotonic() - self._settings.permit_late_s)
            # What was reserved before a brake is not used after it.
            if index == permits.count or permits.server_first_us < self._void_before_us:
                if asked or turn != self._turns:
                    return permits, permits.count
                permits, index, asked = self._more_permits(want), 0, True
            elif (early_s := permits.at(index) - time.monotonic()) > 0:
                await asyncio.sleep(early_s)
            else:
                return permits, index

    def _more_permits(self, want: int) -> Permits:
        """Permits in place of missed ones: one short call from the loop; on a way through a thread these age too."""
        try:
            return self._reserve(want)
        except LimiterUnavailable as error:
            self._broken = error
            return NO_PERMITS

    def _reserve(self, want: int) -> Permits:
        return self._limiter.reserve(self._rate_mps, want, self._endpoint)

    def _launch(self, leased: Leased) -> None:
        if self._flying:
            reached(FaultPoint.REQUESTS_ON_THEIR_WAY)
        if self._tools.uptime() > leased.leave_by:
            # It waited long for a permit, or this process stood still: nobody may count on it not leaving later.
            self._land(decide_unsent(leased.claimed, self._tools.clock()))
            return
        task = asyncio.create_task(self._send(leased.claimed))
        self._flying.add(task)
        task.add_done_callback(self._flying.discard)

    async def _send(self, claimed: Claimed) -> None:
        line = self._lines[claimed.campaign_id]
        if line.rests(claimed, self._stopped):
            self._land(decide_unsent(claimed, self._tools.clock(), RESTS))
            return
        if line.template_id(claimed) in self._stopped:
            # Its campaign is being paused: what was claimed before goes back, untouched.
            self._land(decide_unsent(claimed, self._tools.clock()))
            return
        try:
            message = line.outbound(claimed)
        except (CampaignError, LookupError, ValueError) as error:
            self._land(decide_unfillable(claimed, self._tools.clock(), f"{type(error).__name__}: {error}"))
            return
        outcome = await self._hand_over(message)
        reached(FaultPoint.AFTER_RESPONSE)
        sending = Sending(claimed, line.campaign.category, line.wording(claimed).template.ttl_seconds)
        now, rng = self._tools.clock(), self._tools.rng
        # What was learned comes first: nothing that fails afterwards may cost it.
        decided = decide(sending, outcome, self._policy, now=now, rng=rng, settings=self._settings)
        if decided.effects and decided.effects.template_status:
            self._stopped.add(line.template_id(claimed))
        self._land(decided)
        if not isinstance(outcome, Accepted | Held | Uncertain):
            await asyncio.to_thread(self._tools.pairs.release, self._sender.id, claimed.phone_identity)

    async def _hand_over(self, message: OutboundTemplate) -> Outcome:
        try:
            return await self._provider.send(message)
        except Exception as error:
            log.exception("a send broke", sender=self._sender.name)
            return Uncertain(f"{type(error).__name__} while sending")

    def _count_underway(self, change: int) -> None:
        """Keep count; there is room once a whole batch fits, since small claims cost as much as large ones."""
        self._underway += change
        if self._underway + self._settings.claim_batch <= self._most_underway:
            self._has_room.set()
        else:
            self._has_room.clear()

    def _land(self, decided: Decided) -> None:
        self._count_underway(-1)
        self._recorder.add(decided)
        if decided.effects and (stop_s := longest_brake([decided.effects], self._settings.brake_s)) is not None:
            self._brake(stop_s)

    def _brake(self, stop_s: float) -> None:
        """Stop the whole sender at once, before anything is written; complaints of one burst brake once."""
        if time.monotonic() < self._braked_until:
            return
        self._braked_until = time.monotonic() + LONGEST_NAP_S
        log.warning("the platform throttles: the sender stops", sender=self._sender.name, stop_s=stop_s)
        try:
            self._void_before_us = self._limiter.brake(stop_s)
        except LimiterUnavailable as error:  # then nobody gets permits, which is brake enough
            self._broken = error

    def _claim(self, shares: Mapping[int, int], limit: int) -> Sequence[Leased]:
        leave_by = self._tools.uptime() + self._settings.departure_window_s
        claimed = self._claim_within_tier(shares, limit)
        self.claimed += len(claimed)
        try:
            waits = self._tools.pairs.take(self._sender.id, [each.phone_identity for each in claimed])
        except LimiterUnavailable as error:
            # Claimed, and known not to leave: back to the queue instead of waiting for the lease to run out.
            self._broken = error
            self._resting += [decide_unsent(each, self._tools.clock()) for each in claimed]
            return ()
        for each, wait_s in zip(claimed, waits, strict=True):
            if wait_s:
                self._resting.append(decide_unsent(each, self._tools.clock(), timedelta(seconds=wait_s)))
        return [Leased(each, leave_by) for each, wait_s in zip(claimed, waits, strict=True) if not wait_s]

    def _claim_within_tier(self, shares: Mapping[int, int], limit: int) -> Sequence[Claimed]:
        lease, reserve = timedelta(seconds=self._settings.lease_s), self._settings.tier_reserve
        leaves_within = timedelta(seconds=self._settings.leaves_within_s)
        with session_scope(self._tools.sessions) as session:
            now = self._tools.clock()
            room = room_in_tier(session, self._sender, reserve, now)
            if room == 0:
                pause_exhausted(session, self._sender, reserve, now)
                return ()
            limit = limit if room is None else min(limit, room)
            if self._canaries:
                shares = bounded_shares(session, shares, self._canaries)
            if self._paced:
                shares = paced_shares(session, shares, self._paced, now)
            claimed, _ = claim_due(session, shares, limit=limit, now=now, lease=lease, leaves_within=leaves_within)
            count_paced(session, (each.campaign_id for each in claimed), self._paced, now)
            if self._canaries:
                note_taken(session, self._of_canaries(claimed), now)
            count_claimed(session, self._sender, [each.phone_identity for each in claimed], now)
            reached(FaultPoint.BEFORE_CLAIM_COMMIT)
        if claimed:
            reached(FaultPoint.AFTER_CLAIM_COMMIT)
        return claimed

    def _of_canaries(self, claimed: Sequence[Claimed]) -> dict[int, list[int]]:
        taken: dict[int, list[int]] = {}
        for each in claimed:
            if each.campaign_id in self._canaries:
                taken.setdefault(each.campaign_id, []).append(each.id)
        return taken

    def _equal_shares(self, most: int) -> dict[int, int]:
        return dict.fromkeys(self._lines, most)

    def _shares(self, most: int) -> tuple[dict[int, int], dict[int, Permits]]:
        """The most each campaign may give now; capped ones what their own limiter gives."""
        shares = self._equal_shares(most)
        given: dict[int, Permits] = {}
        for id_, (limiter, rate_mps) in self._caps.items():
            given[id_] = limiter.reserve(rate_mps, most)
            shares[id_] = given[id_].count
        return {id_: share for id_, share in shares.items() if share}, given

    def _return_unused(
        self, permits: Permits, used: int, given: Mapping[int, Permits], fresh: Sequence[Leased]
    ) -> None:
        if used < permits.count:
            self._limiter.give_back(permits, used)
        taken = {id_: sum(1 for leased in fresh if leased.claimed.campaign_id == id_) for id_ in given}
        self._give_back(given, taken)

    def _give_back(self, given: Mapping[int, Permits], taken: Mapping[int, int]) -> None:
        for id_, permits in given.items():
            if taken.get(id_, 0) < permits.count:
                self._caps[id_][0].give_back(permits, taken.get(id_, 0))
