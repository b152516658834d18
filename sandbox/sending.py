"""One request to send, from the raw body to the answer: the same order of questions for every dialect.

Is the platform up, is there room, is the number free, is the message well made, may this person have it now.
"""

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

from sandbox.answers import SUCCESS, Answer, Broken
from sandbox.components import check_components
from sandbox.dialects import Door, GatewayRefusal
from sandbox.envelope import Message, read_cloud, read_json, read_on_premise, read_template
from sandbox.faults import Fault
from sandbox.ledger import Entry
from sandbox.mishaps import Mishaps
from sandbox.parameters import Values
from sandbox.people import Ask, Draws, draw, yes
from sandbox.phone import other_spelling, person_of
from sandbox.platform import Platform
from sandbox.refusals import Refusal
from sandbox.templates import Template

_WHITESPACE_CODE_FROM_VERSION = 23
# Codes that ask a client to slow down; they may bring Retry-After.
_THROTTLING = (4, 80007, 130429)


class Case(NamedTuple):
    """A message that passed every question: who, what, and what is armed against it."""

    message: Message
    template: Template | None
    fault: Fault | None
    draws: Draws


class Sending:
    """Takes requests to send, for all dialects."""

    def __init__(self, platform: Platform) -> None:
        self._at = platform
        self._mishaps = Mishaps(platform)
        self._values = Values(platform.media, platform.clock.platform_now)
        self._older_values = Values(platform.media, platform.clock.platform_now, strict_whitespace=False)

    def take(self, door: Door, raw: bytes, at: float, *, marketing: bool = False) -> Answer:
        """Decide on one request that arrived at `at`; it stands in the ledger afterwards, whatever came of it."""
        entry: Entry | None = None
        try:
            document = read_json(raw)
            # Not a message: it leaves no trace in the ledger.
            if "status" in document:
                return _mark_read(document)
            entry = self._open(door, at, document)
            return self._decide(entry, document, marketing)
        except Refusal as refusal:
            return self._refuse(door, entry or self._at.ledger.open(at, door), refusal)
        except Broken as broken:
            assert entry is not None
            entry.outcome = "lost" if broken.answer.manner != "plain" else "refused"
            entry.http_status = broken.answer.status or None
            return broken.answer

    def turn_away(self, door: Door, at: float, refusal: Refusal) -> Answer:
        """Refuse a request before it is read: a wrong key, a number that does not exist."""
        return self._refuse(door, self._at.ledger.open(at, door), refusal)

    def _open(self, door: Door, at: float, document: Mapping[str, Any]) -> Entry:
        entry = self._at.ledger.open(at, door)
        to, data = document.get("to"), document.get("biz_opaque_callback_data")
        entry.to = to if isinstance(to, str) else None
        entry.callback_data = data if isinstance(data, str) else None
        template = document.get("template")
        if isinstance(template, dict):
            self._note_template(entry, template)
        return entry

    def _note_template(self, entry: Entry, template: Mapping[str, Any]) -> None:
        name, language = template.get("name"), template.get("language")
        code = language.get("code") if isinstance(language, dict) else None
        known = self._at.templates.find(str(name), str(code))
        # The book's own texts, so that a million entries share two of them.
        entry.template = known.name if known else str(name)
        entry.language = known.language if known else str(code)

    def _decide(self, entry: Entry, document: Mapping[str, Any], marketing: bool) -> Answer:
        door = entry.door
        self._check_platform(door, entry.at)
        on_premise = not door.dialect.callback_data
        message = read_on_premise(document) if on_premise else read_cloud(document, marketing=marketing)
        # After the envelope, since a fault may be for one recipient.
        fault = self._at.faults.next(message.digits, door.number_id) if self._at.faults else None
        if fault is not None:
            self._mishaps.meet_armed_before(fault)
        template = self._check_message(message, door, on_premise)
        if marketing:
            _check_marketing(template)
        person = person_of(message.digits)
        self._check_person(person, message, door)
        # By person and not by spelling: both have one fate.
        draws = draw(self._at.scenario.seed, person)
        self._mishaps.meet_before(person, draws)
        return self._accept(entry, Case(message, template, fault, draws))

    def _check_platform(self, door: Door, at: float) -> None:
        """Is the platform up, is there room, is the number free?"""
        limits = self._at.scenario.limits
        self._mishaps.check_spell(at)
        if limits.throughput_per_s and not self._at.throughput.admit(door.number_id, at, limits.throughput_per_s):
            raise door.dialect.throttled(limits.throttle_status)
        if door.number is not None and not door.number.sends:
            raise Refusal(131031, f"The phone number is {door.number.status}.")

    def _check_message(self, message: Message, door: Door, on_premise: bool) -> Template | None:
        """Is it well made?"""
        # Free text has no template to fit; whether the window is open shows later.
        if message.kind != "template":
            return None
        asked = read_template(message.content, on_premise=on_premise)
        template = self._at.templates.sendable(asked.name, asked.language)
        values = self._values if door.version >= _WHITESPACE_CODE_FROM_VERSION else self._older_values
        check_components(asked.components, template.plan, values)
        if message.hidden and template.category == "AUTHENTICATION":
            raise Refusal(131062)
        return template

    def _check_person(self, person: str, message: Message, door: Door) -> None:
        """May this person have it now?"""
        scenario, now = self._at.scenario, self._at.clock.platform_now()
        if door.number is not None and message.digits == door.number.display:
            raise Refusal(131021)
        on_premise = not door.dialect.callback_data
        if on_premise and scenario.people.contact_check and person not in self._at.checked_contacts:
            raise Refusal(1006)
        self._at.pairs.take((door.number_id, person), now, scenario.limits)
        # People inside an open window do not count, platform.md E.
        if not self._at.replies.window_open(door.number_id, person):
            self._at.tier.take(person, now, scenario.limits)

    def _accept(self, entry: Entry, case: Case) -> Answer:
        people, template, draws = self._at.scenario.people, case.template, case.draws
        digits = case.message.digits
        entry.wa_id = other_spelling(digits) if yes(draws, Ask.OTHER_SPELLING, people.other_spelling) else digits
        entry.hidden = case.message.hidden or yes(draws, Ask.HIDDEN_PHONE, people.hidden_phone)
        # Kept, because a template may move to another category before the statuses come.
        entry.category = template.category.lower() if template else None
        entry.outcome = self._outcome(case)
        if template is not None:
            template.approved_count += 1
            self._at.replies.note_button(entry, draws, case.message.content, template)
        self._set_off(entry, case)
        body = entry.door.dialect.accepted(entry, self._message_status(entry, case))
        answer = Answer(200, body, wait_s=self._mishaps.latency_s(draws))
        return self._mishaps.meet_after(entry, answer, case.fault, draws)

    def _outcome(self, case: Case) -> str:
        if case.template is None:
            return "accepted"
        if case.fault is not None and case.fault.kind in ("held", "paused"):
            return case.fault.kind
        if self._at.pacing.must_hold(case.template):
            return "held"
        paused = yes(case.draws, Ask.ANSWERS_PAUSED, self._at.scenario.templates.answers_paused)
        return "paused" if paused else "accepted"

    def _set_off(self, entry: Entry, case: Case) -> None:
        if entry.outcome == "held" and case.template is not None:
            self._at.pacing.hold(case.template, entry)
        elif case.fault is not None and case.fault.kind == "fail_later":
            self._at.journey.fail(entry, case.fault.code, case.draws)
        elif entry.outcome == "accepted":
            self._at.journey.begin(entry, case.draws, case.template)

    def _message_status(self, entry: Entry, case: Case) -> str | None:
        if entry.outcome == "held":
            return "held_for_quality_assessment"
        if entry.outcome == "paused":
            return "paused"
        if case.template is None or (case.fault is not None and case.fault.kind == "without_status"):
            return None
        share = self._at.scenario.templates.answers_without_status
        return None if yes(case.draws, Ask.ANSWERS_WITHOUT_STATUS, share) else "accepted"

    def _refuse(self, door: Door, entry: Entry, refusal: Refusal) -> Answer:
        status, body = door.dialect.refused(refusal, self._at.scenario.webhooks.quirks)
        gateway = isinstance(refusal, GatewayRefusal)
        # The gateway speaks in sentences and has no codes.
        entry.code, entry.http_status = None if gateway else refusal.code, status
        retry_after = self._at.scenario.limits.retry_after_s
        # A gateway that throttles says 400, platform.md C.4.
        throttled = status in (429, 503) or refusal.code in _THROTTLING or (gateway and status == 400)
        headers = ((b"retry-after", str(math.ceil(retry_after)).encode()),) if retry_after and throttled else ()
        return Answer(status, body, headers)


def _check_marketing(template: Template | None) -> None:
    """The marketing path takes marketing templates only, platform.md A.8."""
    if template is None:
        raise Refusal(131055, "Only template messages are supported.")
    if template.category != "MARKETING":
        raise Refusal(134100)


def _mark_read(document: Mapping[str, Any]) -> Answer:
    """Mark an inbound message as read, platform.md A.6."""
    if document.get("status") != "read" or not isinstance(document.get("message_id"), str):
        raise Refusal(100, "Param status must be read, with the message_id of a message received.")
    return SUCCESS
