"""What becomes of an accepted message: sent, delivered, read, failed or expired; and who is told when.

The truth goes into the ledger when it happens. The webhook may be late, doubled, out of order or lost.
"""

from sandbox.ledger import DELIVERED, FAILED, READ, SENT, Entry
from sandbox.people import Ask, Draws, draw, fraction, yes
from sandbox.phone import is_us, person_of
from sandbox.replies import Replies
from sandbox.templates import Template
from sandbox.world import World

# Each kind of status is lost by a draw of its own, so that holes differ from person to person.
_LOST = {SENT: Ask.LOST_SENT, DELIVERED: Ask.LOST_DELIVERED, READ: Ask.LOST_READ, FAILED: Ask.LOST_FAILED}
_CAP, _EXPERIMENT, _OPTED_OUT, _UNDELIVERABLE, _WINDOW_CLOSED, _PAUSED = 131049, 130472, 131050, 131026, 131047, 132015


class Journey:
    """Moves messages along the timetable, person by person."""

    def __init__(self, world: World, replies: Replies) -> None:
        self._at, self._replies = world, replies
        self._capped_until: dict[str, float] = {}

    def begin(self, entry: Entry, draws: Draws, template: Template | None) -> None:
        """Set an accepted message on its way."""
        code = self._late_refusal(entry, draws, template)
        if code is not None:
            self.fail(entry, code, draws)
        else:
            self._deliver(entry, draws, template)

    def release(self, entry: Entry) -> None:
        """A held message goes out after all."""
        template = self._at.templates.find(entry.template or "", entry.language or "")
        self.begin(entry, self._draws(entry), template)

    def drop(self, entry: Entry) -> None:
        """A held message is dropped by the verdict."""
        self._happen(entry, FAILED, _PAUSED)

    def fail(self, entry: Entry, code: int, draws: Draws) -> None:
        """Report a failure later; for some people after `sent`."""
        people, webhooks, now = self._at.scenario.people, self._at.scenario.webhooks, self._at.clock.now()
        pace = self._pace(draws)
        if yes(draws, Ask.FAILED_AFTER_SENT, people.failed_after_sent):
            self._at.timetable.at(now + webhooks.sent_after_s * pace, self._happen, entry, SENT, None)
        self._at.timetable.at(now + webhooks.failed_after_s * pace, self._happen, entry, FAILED, code)

    def _draws(self, entry: Entry) -> Draws:
        return draw(self._at.scenario.seed, person_of(entry.wa_id or ""))

    def _pace(self, draws: Draws) -> float:
        return 1 + self._at.scenario.webhooks.spread * (2 * fraction(draws, Ask.PACE) - 1)

    def _late_refusal(self, entry: Entry, draws: Draws, template: Template | None) -> int | None:
        """The code that a webhook will bring, platform.md C.3, or None."""
        people, person = self._at.scenario.people, person_of(entry.wa_id or "")
        # First of all: whoever is not there cannot be capped.
        if yes(draws, Ask.NOT_ON_WHATSAPP, people.not_on_whatsapp):
            return _UNDELIVERABLE
        window = self._replies.window_open(entry.door.number_id, person)
        # Free text outside the window fails late, not in the answer, platform.md I.33.
        if template is None:
            return None if window else _WINDOW_CLOSED
        # Cap, experiment and opt-out concern marketing alone.
        if template.category != "MARKETING":
            return None
        if person in self._replies.opted_out or yes(draws, Ask.OPTED_OUT, people.opted_out):
            return _OPTED_OUT
        # An open window lifts both the experiment and the cap, platform.md E and C.3.
        if window:
            return None
        if yes(draws, Ask.EXPERIMENT, people.experiment):
            return _EXPERIMENT
        if people.us_marketing_paused and is_us(person):
            return _CAP
        if yes(draws, Ask.CAPPED, people.capped) and self._still_capped(person):
            return _CAP
        return None

    def _still_capped(self, person: str) -> bool:
        """The cap runs from the first message that it stopped; trying again early prolongs it, platform.md E."""
        people, now = self._at.scenario.people, self._at.clock.platform_now()
        until = self._capped_until.get(person)
        # Counted from the first message that it stops, so that nobody's cap ends before it began.
        if until is None:
            self._capped_until[person] = now + people.cap_lasts_s
            return True
        if now >= until:
            return False
        self._capped_until[person] = max(until, now + people.cap_repeat_extends_s)
        return True

    def _deliver(self, entry: Entry, draws: Draws, template: Template | None) -> None:
        people, webhooks = self._at.scenario.people, self._at.scenario.webhooks
        at, now = self._at.timetable.at, self._at.clock.now()
        pace = self._pace(draws)
        # The next tick comes before the answer, which waits for it.
        early = webhooks.early and yes(draws, Ask.EARLY, webhooks.early)
        at(now if early else now + webhooks.sent_after_s * pace, self._happen, entry, SENT, None)
        away = self._away_s(draws, template)
        # `sent`, and then nothing: blocked, or away for longer than the TTL.
        if away is None:
            at(now + self._at.clock.real_s(self._ttl_s(template)), self._expire, entry)
            return
        if not yes(draws, Ask.READ, people.read):
            at(now + away + webhooks.delivered_after_s * pace, self._happen, entry, DELIVERED, None)
        else:
            if not yes(draws, Ask.READ_WITHOUT_DELIVERED, people.read_without_delivered):
                at(now + away + webhooks.delivered_after_s * pace, self._happen, entry, DELIVERED, None)
            at(now + away + webhooks.read_after_s * pace, self._happen, entry, READ, None)
        if yes(draws, Ask.DELIVERED_AND_FAILED, people.delivered_and_failed):
            at(now + away + webhooks.read_after_s * pace, self._happen, entry, FAILED, _UNDELIVERABLE)
        if self._replies.kind_of(draws):
            after = max(webhooks.read_after_s, webhooks.delivered_after_s) * pace + people.reply_after_s
            at(now + away + after, self._replies.answer, entry, draws)

    def _ttl_s(self, template: Template | None) -> float:
        rules = self._at.scenario.templates
        if template is None:
            return rules.ttl_s
        if template.ttl_s is not None and template.ttl_s > 0:
            return template.ttl_s
        return rules.authentication_ttl_s if template.category == "AUTHENTICATION" else rules.ttl_s

    def _away_s(self, draws: Draws, template: Template | None) -> float | None:
        """Real seconds until the person can be reached; None when the TTL passes first, or for good."""
        people = self._at.scenario.people
        if not yes(draws, Ask.DELIVERED, people.delivered):
            return None
        # Blocked senders and lost phones look alike, platform.md I.26.
        if not yes(draws, Ask.OFFLINE, people.offline):
            return 0.0
        return self._at.clock.real_s(people.offline_for_s) if people.offline_for_s < self._ttl_s(template) else None

    def _happen(self, entry: Entry, bit: int, code: int | None) -> None:
        now = self._at.clock.now()
        if bit == SENT:
            entry.sent_at = now
        elif bit == DELIVERED:
            entry.delivered_at = now
        elif bit == READ:
            entry.read_at = now
        else:
            entry.failed_at, entry.error_code = now, code
        self._report(entry, bit, now)

    def _expire(self, entry: Entry) -> None:
        # Silent: no webhook tells of a TTL that ran out, platform.md H.
        entry.expired_at = self._at.clock.now()

    def _report(self, entry: Entry, bit: int, now: float) -> None:
        webhooks, door, add = self._at.scenario.webhooks, entry.door, self._at.outbox.add
        item = door.dialect.status(entry, bit, now, webhooks.quirks)
        if not (webhooks.late or webhooks.duplicated or webhooks.reordered or webhooks.lost):
            add(door.dialect, door.number, "statuses", item, (entry, bit))
            return
        draws = self._draws(entry)
        if yes(draws, _LOST[bit], webhooks.lost):
            self._at.outbox.counters.items_lost_on_purpose += 1
            return
        # The truth is in the ledger already; what follows concerns the news of it.
        due = now
        if yes(draws, Ask.LATE, webhooks.late):
            due += webhooks.late_by_s
        if bit != READ and yes(draws, Ask.REORDERED, webhooks.reordered):
            # The earlier a status, the later it is told: read, delivered, sent.
            due += webhooks.read_after_s * (2.0 if bit == SENT else 1.5)
        times = 2 if yes(draws, Ask.DUPLICATED, webhooks.duplicated) else 1
        # The second copy goes into another batch, as a redelivery would.
        for time in range(times):
            again = time * 2 * webhooks.gather_ms / 1000
            arguments = (door.dialect, door.number, "statuses", item, (entry, bit))
            if due + again <= now:
                add(*arguments)
            else:
                self._at.timetable.at(due + again, add, *arguments)
