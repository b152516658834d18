"""People who write: replies, buttons, opt-outs in the app, and the window that a message from them opens.

Shapes: platform.md D.4 and D.5. A window lasts 24 h of platform time, G.3.
"""

from collections.abc import Mapping
from typing import Any

from sandbox import events
from sandbox.ledger import Entry
from sandbox.people import Ask, Draws, fraction
from sandbox.phone import person_of
from sandbox.templates import Template
from sandbox.world import World

_WINDOW_S = 86_400.0
_SMALL_TALK = "Thanks, I will have a look"


class Replies:
    """Everything that comes from people."""

    def __init__(self, world: World) -> None:
        self._at = world
        self.opted_out: set[str] = set()
        self._last_inbound: dict[tuple[str, str], float] = {}
        self._buttons: dict[int, dict[str, str]] = {}
        self._count = 0

    def window_open(self, number_id: str, person: str) -> bool:
        """Whether a person has written to a number in the last 24 h."""
        last = self._last_inbound.get((number_id, person))
        return last is not None and self._at.clock.platform_now() - last < _WINDOW_S

    def write(self, number_id: str, who: events.Who, body: str) -> str:
        """A person writes a text; the id of the message."""
        return self._arrive(number_id, who, {"type": "text", "text": {"body": body}})

    def press(self, number_id: str, who: events.Who, button: Mapping[str, str], reply_to: str | None) -> str:
        """A person presses a quick reply: payload and text. Without `reply_to` no context comes, platform.md I.27."""
        # It names the message that the button belongs to.
        context = {"context": {"from": self._at.numbers[number_id].display, "id": reply_to}} if reply_to else {}
        return self._arrive(number_id, who, {**context, "type": "button", "button": dict(button)})

    def change_number(self, number_id: str, who: events.Who, new_wa_id: str) -> str:
        """A person tells WhatsApp that the number is another one now."""
        body = f"User changed from {who.wa_id} to {new_wa_id}"
        system = {"body": body, "wa_id": new_wa_id, "type": "user_changed_number"}
        return self._arrive(number_id, who, {"type": "system", "system": system})

    def prefer(self, number_id: str, who: events.Who, value: str) -> None:
        """A person stops or resumes marketing in the app."""
        if value == "stop":
            self.opted_out.add(person_of(who.wa_id))
        else:
            self.opted_out.discard(person_of(who.wa_id))
        preference = events.preference(who, value, self._at.clock.now())
        self._at.tell(number_id, "user_preferences", preference, who)

    def note_button(self, entry: Entry, draws: Draws, content: Mapping[str, Any], template: Template) -> None:
        """Keep which quick reply a person will press, if one: that which speaks of stopping, else the first.

        The ledger does not hold the payloads of a request, so they are kept for these people only.
        """
        # Only people who will press: payloads of all others are not kept.
        buttons = template.quick_replies() if self.kind_of(draws) == "button" else []
        if not buttons:
            return
        position, label = next((one for one in buttons if "stop" in one[1].lower()), buttons[0])
        payload = label
        for component in content.get("components") or ():
            if str(component.get("index")) == str(position) and component.get("parameters"):
                payload = component["parameters"][0]["payload"]
        self._buttons[entry.seq] = {"payload": payload, "text": label}

    def kind_of(self, draws: Draws) -> str:
        """How a person answers: stop, button, in_app, other, or not at all."""
        people, at = self._at.scenario.people, fraction(draws, Ask.REPLY)
        # One draw shared out, so that nobody answers in two ways.
        for share, kind in (
            (people.stop_replies, "stop"),
            (people.button_stops, "button"),
            (people.in_app_stops, "in_app"),
            (people.other_replies, "other"),
        ):
            if at < share:
                return kind
            at -= share
        return ""

    def answer(self, entry: Entry, draws: Draws) -> None:
        """Let a person answer a message."""
        kind, number_id, who = self.kind_of(draws), entry.door.number_id, events.Who(entry.wa_id or "", entry.hidden)
        words = self._at.scenario.people.stop_words or ("STOP",)
        if kind == "in_app":
            self.prefer(number_id, who, "stop")
        elif kind == "button" and entry.seq in self._buttons:
            self.press(number_id, who, self._buttons.pop(entry.seq), entry.message_id)
        elif kind in ("stop", "button"):
            self.write(number_id, who, words[draws[Ask.PACE] % len(words)])
        elif kind == "other":
            self.write(number_id, who, _SMALL_TALK)

    def _arrive(self, number_id: str, who: events.Who, content: Mapping[str, Any]) -> str:
        self._count += 1
        now = self._at.clock.now()
        message_id = self._at.voice(number_id).inbound_id(who.wa_id, self._count)
        self._last_inbound[number_id, person_of(who.wa_id)] = self._at.clock.platform_now()
        # What comes in counts against the throughput too, platform.md I.31.
        self._at.throughput.admit(number_id, now, self._at.scenario.limits.throughput_per_s)
        message = {**events.sender_of(who), "id": message_id, "timestamp": str(int(now)), **content}
        self._at.tell(number_id, "messages", message, who)
        return message_id
