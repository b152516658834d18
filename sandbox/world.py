"""What every part of the stand-in shares: its clock, its account, its ledger, and its voice towards the receiver."""

import asyncio
import json
from collections.abc import Mapping
from typing import Any

from sandbox import events
from sandbox.account import Number, Target, make_numbers
from sandbox.clock import Clock
from sandbox.config import SandboxConfig
from sandbox.dialects import Dialect, Door, make_dialects
from sandbox.faults import Armoury
from sandbox.ledger import Ledger
from sandbox.limits import ManagementCalls, PairLimit, Throughput, Tier
from sandbox.media import MediaShelf
from sandbox.templates import TemplateBook, load_templates
from sandbox.timetable import Timetable
from sandbox.wamid import Ids
from sandbox.webhooks import Outbox


class World:
    """The state of one stand-in, and how it tells about itself. What changes the state is in `Platform`."""

    def __init__(self, config: SandboxConfig) -> None:
        self.config = config
        self.scenario = config.scenario
        self.clock = Clock(config.scenario.clock_factor)
        self.timetable = Timetable(config.scenario.webhooks.gather_ms / 1000, self.clock.now())
        self.ids = Ids()
        self.ledger = Ledger()
        self.media = MediaShelf()
        self.faults = Armoury()
        self.dialects = make_dialects(config, self.ids)
        self.outbox = Outbox(self.clock, self.timetable, lambda: self.scenario.webhooks)
        self.outbox.app_target = Target(config.webhook_url) if config.webhook_url else None
        self.begin()

    def begin(self) -> None:
        """The part of the state that a reset brings back."""
        # None asks for the shipped set; an empty list is an account without templates.
        records = self.config.templates if self.config.templates is not None else load_templates(None)
        self.templates = TemplateBook(records)
        self.numbers = make_numbers(self.config.phone_number_ids, self.config.token)
        self.throughput, self.pairs, self.tier, self.calls = Throughput(), PairLimit(), Tier(), ManagementCalls()
        self.checked_contacts: set[str] = set()
        self.strikes: dict[str, int] = {}
        self.started_at = self.clock.now()
        self.voices: dict[str, Dialect] = {}
        # Few ways in, many messages: entries point to these instead of holding three texts each.
        self._doors: dict[tuple[str, str, float], Door] = {}

    async def run(self) -> None:
        """Do what the timetable says, tick by tick, until cancelled."""
        tick_s = self.scenario.webhooks.gather_ms / 1000
        await self.outbox.start()
        try:
            while True:
                await asyncio.sleep(tick_s)
                # After a stall everything overdue happens in this turn, in order.
                self.timetable.run_due(self.clock.now())
                self.outbox.flush()
        finally:
            await self.outbox.stop()

    def door(self, dialect: Dialect, number: Number, version: float) -> Door:
        """The one object that stands for this way in; a million entries share a few of them."""
        key = (dialect.name, number.number_id, version)
        door = self._doors.get(key)
        if door is None:
            door = self._doors[key] = Door(dialect, number, number.number_id, version)
        self.voices[number.number_id] = dialect
        return door

    def voice(self, number_id: str) -> Dialect:
        """The dialect in which a number's webhooks speak: the one it was last used through."""
        return self.voices.get(number_id) or next(iter(self.dialects.values()))

    def heard(self, number_id: str, dialect: Dialect) -> None:
        """Note through which dialect a number was used."""
        self.voices[number_id] = dialect

    def tell(self, number_id: str, key: str, item: Mapping[str, Any], who: events.Who) -> None:
        """Put a message or preference of a person into the next webhook of a number."""
        contact = json.dumps(events.contact_of(who))
        self.outbox.add(self.voice(number_id), self.numbers[number_id], key, json.dumps(item), contact)

    def announce(self, field: str, value: Mapping[str, Any]) -> None:
        """Tell the app, and each number at 360dialog, about the account or a template."""
        # Numbers of one account may share an address: it is told once.
        addresses = set()
        for number in self.numbers.values():
            voice = self.voice(number.number_id)
            address = number.override.url if voice.name != "cloud" and number.override else None
            body = voice.event(field, value, self.clock.now())
            if body is not None and address not in addresses:
                self.outbox.post_event(voice, number, body)
            addresses.add(address)
