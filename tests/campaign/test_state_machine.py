"""Claims, answers, webhooks, sweeps, kills, cancel and requeue in any order, against a model of the platform's ledger.

Two promises are looked at after every step: no path sends a message twice, and none loses a row. The platform of the
model is honest: of what it took it first tries to tell within two thirds of the grace, or as long after a hold. It may
tell it twice and in any order, and whoever asked it may be dead. When nobody answers for long it may try again as late
as it likes, until it gives up. What else the platform may do to us is in docs/how-it-never-sends-twice.md.
"""

import json
import os
import random
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest
from hypothesis import HealthCheck, Phase
from hypothesis import settings as how
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import select, text

from campaign import lifecycle
from campaign.callback import callback_data
from campaign.errors import CampaignError
from campaign.providers.base import Accepted, Held, NotSent, Outcome, Refused, Uncertain
from campaign.reconciliation import store as reconciliation_store
from campaign.reconciliation import sweep
from campaign.reconciliation.hearing import Hearing, longest_silence
from campaign.sending.record import Sending, decide, decide_unsent, write_decided
from campaign.sending.retry import RetryPolicy
from campaign.sending.store import claim_due
from campaign.settings import Settings
from campaign.webhooks.batch import InboxRules
from campaign.webhooks.inbox import apply_webhooks
from models import Campaign, HearingStretch, Message, WebhookEvent
from models.session import Sessions, session_scope
from models.states import FINAL_STATES, OPEN_STATES, CampaignState, MessageState
from tests.campaign.platform_model import Platform, Request, Taken
from tests.factories import fiction_phone, grant, make_campaign, make_messages, make_sender, make_template

PEOPLE = 12
CAPPED, UNREACHABLE, BAD_TEMPLATE, THROTTLED, UNKNOWN_FAULT = 131049, 131026, 132015, 130429, 131000

# The word for what a request meets: whether it was taken, and what its worker learned of that.
TAKEN: dict[str, Callable[[Taken], Outcome]] = {
    "answered": lambda taken: Held(taken.wamid, "1") if taken.held else Accepted(taken.wamid, "1"),
    "taken, no answer": lambda taken: Uncertain("timeout"),
    "taken, answered 500": lambda taken: Refused(UNKNOWN_FAULT, "fault", 500),
}
NOT_TAKEN: dict[str, Outcome] = {
    "lost on the way": Uncertain("reset"),
    "never left": NotSent("no connection"),
    "throttled": Refused(THROTTLED, "slow down", 429),
    "refused": Refused(100, "bad parameter", 400),
}

# Most requests are taken: what was never taken cannot be sent twice.
FATES = st.sampled_from(["answered", *TAKEN, *TAKEN, *NOT_TAKEN])
AFTERWARDS = ("recorded", "recorded", "killed", "takes its time")


class EngineAndPlatform(RuleBasedStateMachine):
    """One campaign of a few people, its workers, and the platform."""

    def __init__(self, sessions: Sessions, settings: Settings) -> None:
        super().__init__()
        self.sessions, self.settings = sessions, settings
        self.policy, self.rng = RetryPolicy.from_settings(settings), random.Random(1)
        self.rules = InboxRules.from_settings(settings, self.rng)
        self.now = datetime.now(UTC).replace(microsecond=0)
        grace = timedelta(seconds=settings.uncertain_grace_s)
        self.silence = longest_silence(grace)
        self.platform = Platform(grace - self.silence, self.silence, timedelta(seconds=settings.webhook_retry_s))
        self.pulse: int | None = None
        self.others = 0
        self.requests: list[Request] = []
        self.lease = timedelta(seconds=settings.lease_s)

    @initialize()
    def a_running_campaign(self) -> None:
        tables = "message, attempt, webhook_event, hearing, campaign, sender, template, suppression, marketing_cap"
        with session_scope(self.sessions) as session:
            session.execute(text(f"TRUNCATE {tables} CASCADE"))
            self.sender = make_sender(session)
            self.campaign = make_campaign(session, self.sender, make_template(session, self.sender))
            due = {"due_at": self.now, "queued_at": self.now}
            self.ids = make_messages(session, self.campaign, PEOPLE, **due)
            self.other = make_campaign(session, self.sender, make_template(session, self.sender, "other"), "other")

    # What workers do

    @rule(meets=st.lists(FATES, min_size=1, max_size=3), then=st.sampled_from(AFTERWARDS))
    def send(self, meets: list[str], then: str) -> None:
        """Claim, commit, request; then the worker records what it learned, is killed, or takes its time."""
        sent = self.claim(len(meets))
        for request, fate in zip(sent, meets, strict=False):
            self.leave(request, fate)
        for request in sent:
            if then == "recorded":
                self.write(request)
            request.died = then == "killed"

    @rule()
    def the_queue_is_worked_off(self) -> None:
        """What is queued again stands behind all that never left it."""
        self.send(["answered"] * PEOPLE, "recorded")

    @rule(meets=FATES)
    def sent_killed_and_swept_up_after(self, meets: str) -> None:
        """The straight way into doubt and out of it, so that steps are left for what goes on beside."""
        self.send([meets], "killed")
        self.time_passes(90)
        self.send(["answered"], "recorded")
        self.time_passes(1000)
        self.applied_and_swept()

    @rule(most=st.integers(1, 2), killed=st.booleans())
    def claim_and_stall(self, most: int, killed: bool) -> None:
        """Claimed, and nothing has left yet; or the worker was killed in between."""
        for request in self.claim(most):
            request.died = killed

    @rule()
    def killed_before_the_claim_is_committed(self) -> None:
        with self.sessions() as session, session.begin() as transaction:
            claim_due(session, {self.campaign.id: 3}, limit=3, now=self.now, lease=self.lease)
            transaction.rollback()

    @precondition(lambda self: self.may_leave())
    @rule(data=st.data(), meets=st.sampled_from([*TAKEN, *NOT_TAKEN]))
    def leaves_late(self, data: st.DataObject, meets: str) -> None:
        self.leave(data.draw(st.sampled_from(self.may_leave())), meets)

    def claim(self, most: int) -> list[Request]:
        with session_scope(self.sessions) as session:
            claimed, _ = claim_due(session, {self.campaign.id: most}, limit=most, now=self.now, lease=self.lease)
        leave_by = self.now + timedelta(seconds=self.settings.departure_window_s)
        fresh = [Request(each, self.now, leave_by) for each in claimed]
        self.requests += fresh
        return fresh

    def may_leave(self) -> list[Request]:
        return [each for each in self.to_record() if not each.left and self.now <= each.leave_by]

    def leave(self, request: Request, meets: str) -> None:
        request.answer = meets
        if meets in TAKEN:
            self.platform.take(request, self.now)

    @precondition(lambda self: self.to_record())
    @rule(data=st.data())
    def record_late(self, data: st.DataObject) -> None:
        self.write(data.draw(st.sampled_from(self.to_record())))

    def write(self, request: Request) -> None:
        """What was learned is written; what never left is handed back."""
        request.recorded = True
        decided = decide_unsent(request.claimed, self.now)
        if request.left:
            sending = Sending(request.claimed, self.campaign.category, None)
            bounds = {"now": self.now, "rng": self.rng, "settings": self.settings}
            decided = decide(sending, self.outcome(request), self.policy, **bounds)
        write_decided(self.sessions, [decided], self.settings.hold_after)

    def to_record(self) -> list[Request]:
        return [each for each in self.requests if not (each.died or each.recorded)]

    @staticmethod
    def outcome(request: Request) -> Outcome:
        assert request.answer is not None
        return TAKEN[request.answer](request.taken) if request.taken else NOT_TAKEN[request.answer]

    @precondition(lambda self: self.to_record())
    @rule(data=st.data())
    def worker_is_killed(self, data: st.DataObject) -> None:
        data.draw(st.sampled_from(self.to_record())).died = True

    # What the platform does

    @precondition(lambda self: not self.platform.holding)
    @rule(then=st.sampled_from(["taken, no answer", "answered"]), verdict=st.sampled_from(["none", "seen", "past"]))
    def the_template_is_held(self, then: str, verdict: str) -> None:
        """From a message on whose answer is read; the next answer may be lost. Other campaigns go on all the while."""
        sent = self.claim(1)
        self.platform.holding = bool(sent)
        for request in sent:
            self.leave(request, "answered")
            self.write(request)
        self.send([then], "recorded")
        self.time_passes(90)
        if self.answers():
            self.another_campaign_is_reported()
        self.time_passes(1000)
        if verdict != "none" and self.platform.holding:
            self.the_verdict_is_good()
            self.time_passes(30 if verdict == "seen" else 1000)
        self.applied_and_swept()
        self.the_queue_is_worked_off()

    @precondition(lambda self: self.platform.holding)
    @rule()
    def the_verdict_is_good(self) -> None:
        """What was held is sent; one of them is told at once, the others in their time."""
        held = next(taken for taken in self.platform.taken if taken.held)
        if self.answers():
            self.tell(held, "sent")
        self.platform.end_hold(self.now)

    @precondition(lambda self: self.answers())
    @rule()
    def another_campaign_is_reported(self) -> None:
        """Later traffic of the same sender, with another template."""
        with session_scope(self.sessions) as session:
            given = {"state": "delivered", "attempt": 1, "claimed_at": self.now, "accepted_at": self.now}
            make_messages(session, self.other, 1, first=self.others, **given, sent_at=self.now, delivered_at=self.now)
        self.others += 1
        self.time_passes(1)
        self.receive([])

    @precondition(lambda self: self.answers())
    @rule()
    def the_receiver_goes_away(self) -> None:
        self.receiver_is_well()
        self.platform.find_nobody(self.now)
        self.pulse = None

    @precondition(lambda self: not self.answers())
    @rule()
    def the_receiver_is_back(self) -> None:
        self.platform.find_somebody(self.now)
        self.time_passes(0)

    @precondition(lambda self: self.answers())
    @rule(outage=st.sampled_from([90, 250, 1000, 9000]), died=st.booleans())
    def sent_while_nobody_answers(self, outage: int, died: bool) -> None:
        """The straight way to a report that found nobody, and later traffic that is reported at once."""
        self.the_receiver_goes_away()
        self.send(["taken, no answer"], "killed" if died else "recorded")
        self.time_passes(outage)
        self.the_receiver_is_back()
        self.another_campaign_is_reported()
        self.time_passes(1000)
        self.applied_and_swept()
        self.the_queue_is_worked_off()

    def answers(self) -> bool:
        return self.platform.deaf_since is None and hasattr(self, "campaign")

    def receiver_is_well(self) -> None:
        """What the receiver keeps of itself, as of now."""
        with session_scope(self.sessions) as session:
            if self.pulse is None:
                stretch = HearingStretch(since_at=self.now, until_at=self.now)
                session.add(stretch)
                session.flush()
                self.pulse = stretch.id
            else:
                session.get_one(HearingStretch, self.pulse).until_at = self.now

    @precondition(lambda self: self.platform.taken and self.answers())
    @rule(data=st.data(), word=st.sampled_from(["sent", "delivered", "read"]))
    def platform_tells(self, data: st.DataObject, word: str) -> None:
        """A report of something taken, in any order and any number of times; of what was held, its release."""
        living = [taken for taken in self.platform.taken if not taken.failed]
        if living:
            self.tell(data.draw(st.sampled_from(living)), word)

    @precondition(lambda self: self.platform.taken and self.answers())
    @rule(data=st.data(), code=st.sampled_from([CAPPED, UNREACHABLE, BAD_TEMPLATE]))
    def platform_tells_of_a_failure(self, data: st.DataObject, code: int) -> None:
        fresh = [taken for taken in self.platform.taken if not taken.told]
        if fresh:
            taken = data.draw(st.sampled_from(fresh))
            taken.failed = True
            self.tell(taken, "failed", errors=[{"code": code, "title": "words"}])

    @precondition(lambda self: self.answers() and any(taken.told for taken in self.platform.taken))
    @rule(data=st.data())
    def platform_tells_again(self, data: st.DataObject) -> None:
        taken = data.draw(st.sampled_from([taken for taken in self.platform.taken if taken.told]))
        if word := next((word for word in taken.told if word != "failed"), None):
            self.tell(taken, word)

    def tell(self, taken: Taken, word: str, **more: object) -> None:
        claimed = taken.request.claimed
        status = {
            "id": taken.wamid,
            "status": word,
            "timestamp": str(int(self.now.timestamp())),
            "biz_opaque_callback_data": callback_data(claimed.campaign_id, claimed.id, claimed.attempt),
            **more,
        }
        self.receive([status])
        if taken.held:
            self.platform.end_hold(self.now)
        taken.told.append(word)
        taken.tell_by = None

    def receive(self, statuses: list[dict[str, object]]) -> None:
        """Put a webhook into the inbox."""
        value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "1"}, "statuses": statuses}
        entry = {"id": "100000000000010", "changes": [{"field": "messages", "value": value}]}
        body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}).encode()
        with session_scope(self.sessions) as session:
            session.add(WebhookEvent(sender_id=self.sender.id, body=body, received_at=self.now))

    # What goes on beside

    @rule()
    def webhooks_are_applied(self) -> None:
        apply_webhooks(self.sessions, self.rules, clock=lambda: self.now)

    @rule()
    def everything_is_swept(self) -> None:
        sweep(self.sessions, self.settings, clock=lambda: self.now)

    @rule()
    def applied_and_swept(self) -> None:
        self.webhooks_are_applied()
        self.everything_is_swept()

    @rule(seconds=st.sampled_from([1, 30, 90, 1000]))
    def time_passes(self, seconds: int) -> None:
        """An honest platform has told by its time, and the inbox has been worked off meanwhile, or not."""
        if self.answers():
            self.receiver_is_well()
        until = self.now + timedelta(seconds=seconds)
        for taken in self.platform.due(until):
            self.now = max(self.now, taken.tell_by or self.now)
            self.tell(taken, "sent")
        self.now = until
        if self.answers():
            self.receiver_is_well()

    @rule(verb=st.sampled_from(["resume", "pause", "cancel"]), firmly=st.integers(0, 9))
    def a_person_steers(self, verb: str, firmly: int) -> None:
        given = {} if verb == "pause" else {"now": self.now}
        if verb == "resume" or firmly == 9:  # what stands still proves little, so it is rare
            with suppress(CampaignError):  # not now
                getattr(lifecycle, verb)(self.sessions, self.campaign.name, **given)

    # The two promises

    @invariant()
    def nobody_is_sent_a_message_twice(self) -> None:
        assert self.platform.sent_twice() == []

    @invariant()
    def every_row_stands_where_it_can_go_on(self) -> None:
        if not hasattr(self, "campaign"):
            return
        with self.sessions() as session:
            rows = session.scalars(select(Message).where(Message.campaign_id == self.campaign.id)).all()
            state = session.get_one(Campaign, self.campaign.id).state
        assert sorted(row.id for row in rows) == self.ids
        for row in rows:
            assert row.state in OPEN_STATES | FINAL_STATES
            # Each open state has what makes it leave: a lease, an end of its time to live, a claim to be proven absent.
            assert row.state != MessageState.SENDING or row.lease_until is not None
            assert row.state != MessageState.UNCERTAIN or row.claimed_at is not None
            with_platform = row.state in (MessageState.ACCEPTED, MessageState.HELD, MessageState.SENT)
            assert not with_platform or row.expires_at is not None
        assert state != CampaignState.COMPLETED or not [row for row in rows if row.state in OPEN_STATES]

    def teardown(self) -> None:
        """In the end every row is at an end, or in doubt for want of later traffic; and what people have is shown."""
        if not hasattr(self, "campaign"):
            return
        for request in self.to_record():
            request.died = True
        if not self.answers():
            self.the_receiver_is_back()
        if self.platform.holding:
            self.the_verdict_is_good()
        for _ in range(3):
            self.time_passes(100_000)
            self.applied_and_swept()
        self.now += timedelta(days=40)
        self.everything_is_swept()
        self.nobody_is_sent_a_message_twice()
        with self.sessions() as session:
            rows = session.scalars(select(Message).where(Message.campaign_id == self.campaign.id)).all()
            paused = session.get_one(Campaign, self.campaign.id).state
        waiting = {MessageState.UNCERTAIN, MessageState.QUEUED}
        for row in rows:
            assert row.state in FINAL_STATES | waiting, f"{row.state} in a campaign that is {paused}"
            has = {word for taken in self.platform.of(row.id) for word in taken.told}
            assert "read" not in has or row.state == MessageState.READ
            assert "delivered" not in has or row.state in (MessageState.DELIVERED, MessageState.READ)


def patient(settings: Settings) -> Settings:
    """Settings whose times are those of the model."""
    times = {"lease_s": 60.0, "send_timeout_s": 20.0, "departure_s": 5.0, "uncertain_grace_s": 900.0}
    backoff = {"retry_backoff_s": 2.0, "retry_backoff_max_s": 300.0}
    return settings.model_copy(update={**times, **backoff, "webhook_retry_s": 50_000.0})


@pytest.mark.parametrize(
    ("examples", "steps"),
    [(25, 30), pytest.param(int(os.environ.get("CHAOS_EXAMPLES", "200")), 60, marks=pytest.mark.chaos)],
    ids=["short", "long"],
)
def test_no_path_sends_twice_or_loses_a_row(sessions: Sessions, settings: Settings, examples: int, steps: int) -> None:
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(number) for number in range(PEOPLE)])
    machine = partial(EngineAndPlatform, sessions, patient(settings))
    bounds = how(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        print_blob=True,
        # A step costs some statements, so a failure is shown as it was found and not made smaller.
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=bounds)


def _deaf_to_outages(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Hearing, "throughout", lambda hearing, since, until: True)


def _blind_to_holds(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(reconciliation_store, "held_until", lambda session, template_ids: {})


@pytest.mark.parametrize("guarded", [True, False], ids=["guarded", "without its guard"])
@pytest.mark.parametrize(
    ("unguard", "path"),
    [
        (_deaf_to_outages, lambda machine: machine.sent_while_nobody_answers(outage=9000, died=False)),
        (_blind_to_holds, lambda machine: machine.the_template_is_held("taken, no answer", "none")),
        (_blind_to_holds, lambda machine: machine.the_template_is_held("taken, no answer", "seen")),
    ],
    ids=["an outage", "a hold", "the end of a hold"],
)
def test_the_model_sees_what_each_guard_of_the_proof_is_for(
    sessions: Sessions,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    unguard: Callable[[pytest.MonkeyPatch], None],
    path: Callable[[EngineAndPlatform], None],
    guarded: bool,
) -> None:
    if not guarded:
        unguard(monkeypatch)
    with session_scope(sessions) as session:
        grant(session, [fiction_phone(number) for number in range(PEOPLE)])
    machine = EngineAndPlatform(sessions, patient(settings))
    machine.a_running_campaign()
    path(machine)
    assert (machine.platform.sent_twice() == []) is guarded
