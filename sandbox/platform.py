"""The changes to the stand-in that the platform would tell about, by itself or because somebody asked for them."""

from collections.abc import Mapping
from typing import Any

from sandbox import events
from sandbox.account import Number, tier_name
from sandbox.journey import Journey
from sandbox.pacing import Hands, PacingDesk
from sandbox.replies import Replies
from sandbox.scenario import Scenario
from sandbox.templates import SENDABLE, Template
from sandbox.world import World

_PAUSE_TITLES = ("FIRST_PAUSE", "SECOND_PAUSE")
_QUALITY_FIELD, _STATUS_FIELD = "message_template_quality_update", "message_template_status_update"


class Platform(World):
    """One stand-in, whole: the state with everything that moves it."""

    def begin(self) -> None:
        """The state that a reset brings back, with nobody written to and nothing held."""
        super().begin()
        self.replies = Replies(self)
        self.journey = Journey(self, self.replies)
        hands = Hands(self.journey.release, self.journey.drop, self._praise, self._pause_for_quality)
        self.pacing = PacingDesk(self.clock, self.timetable, lambda: self.scenario.pacing, hands)
        self._apply(self.scenario)

    def reset(self) -> None:
        """Forget every request, person and armed fault; addresses of webhooks and the scenario stay."""
        overrides = {number_id: number.override for number_id, number in self.numbers.items()}
        for forgetful in (self.timetable, self.ledger, self.media, self.faults, self.outbox):
            forgetful.clear()
        # The ledger counts from 1 again: without a new run, old ids would name new messages.
        self.ids.renew()
        self.begin()
        for number_id, override in overrides.items():
            self.numbers[number_id].override = override

    def change_scenario(self, changes: Mapping[str, Any]) -> Scenario:
        """Patch the scenario under way. What is already on the timetable stays there.

        raises  BadScenario
        """
        scenario = self.scenario.patched(changes)
        self.clock.run_at(scenario.clock_factor)
        # Pauses are planned once: a patch of something else must not plan them again.
        new_pauses = scenario.templates.pauses != self.scenario.templates.pauses
        self._apply(scenario, pauses=new_pauses)
        return scenario

    def _apply(self, scenario: Scenario, *, pauses: bool = True) -> None:
        self.scenario = scenario
        # The tier that the account shows is the one that is enforced.
        for number in self.numbers.values():
            number.tier = tier_name(scenario.limits.tier)
        for pause in scenario.templates.pauses if pauses else ():
            begins = self.clock.now() + self.clock.real_s(pause.after_s)
            ends = begins + self.clock.real_s(pause.lasts_s)
            for template in self.templates.named(pause.name, pause.language):
                self.timetable.at(begins, self.set_template_status, template, pause.status)
                if pause.lasts_s and pause.status != "DISABLED":
                    self.timetable.at(ends, self.set_template_status, template, "APPROVED")

    def set_template_status(self, template: Template, status: str, title: str = "") -> None:
        """Change a template's status and tell about it."""
        if template.status == status:
            return
        was, template.status = template.status, status
        if status == "APPROVED" and was in ("PAUSED", "DISABLED"):
            title = title or "UNPAUSE"
        # Back in service, a template is paced from the beginning, platform.md B.4.
        if status in SENDABLE:
            self.pacing.renew(template)
        if status == "PAUSED":
            title = title or _PAUSE_TITLES[min(template.pauses, 1)]
            template.pauses += 1
        quirks = self.scenario.webhooks.quirks
        self.announce(_STATUS_FIELD, events.template_status(template, status, title, quirks))

    def set_template_quality(self, template: Template, quality: str) -> None:
        """Change a template's quality and tell about it."""
        if template.quality == quality:
            return
        previous, template.quality = template.quality, quality
        template.quality_at = int(self.clock.now())
        quirks = self.scenario.webhooks.quirks
        field = _STATUS_FIELD if "quality_under_status" in quirks else _QUALITY_FIELD
        self.announce(field, events.template_quality(template, previous, quirks))

    def set_template_category(self, template: Template, category: str) -> None:
        """Move a template to another category and tell about it."""
        previous, template.category = template.category, category
        keys = events.template_key(template, self.scenario.webhooks.quirks)
        self.announce("template_category_update", {**keys, "previous_category": previous, "new_category": category})

    def set_number_quality(self, number: Number, quality: str) -> None:
        """Change a number's quality; RED flags it."""
        was, number.quality = number.quality, quality
        # YELLOW is shown and not announced.
        if "RED" in (was, quality) and was != quality:
            event = "FLAGGED" if quality == "RED" else "UNFLAGGED"
            self._announce_number(number, event)

    def set_tier(self, people: int) -> None:
        """Change the messaging limit of the account, which all numbers share; 0 is no limit."""
        raised = people == 0 or 0 < self.scenario.limits.tier < people
        self.change_scenario({"limits": {"tier": people}})
        self.announce("business_capability_update", {"max_daily_conversations_per_business": tier_name(people)})
        self._announce_number(next(iter(self.numbers.values())), "UPGRADE" if raised else "DOWNGRADE")

    def set_number_status(self, number: Number, status: str, lasts_s: float = 0.0) -> None:
        """Restrict a number, or let it go. `lasts_s` in platform time; 0: until lifted."""
        number.status = status
        number.restricted_until = self.clock.platform_now() + lasts_s if lasts_s and status != "CONNECTED" else None
        if number.restricted_until:
            due = self.clock.now() + self.clock.real_s(lasts_s)
            self.timetable.at(due, self._lift, number)
        if status != "CONNECTED":
            # In real time, for the reader of the webhook; a week when no end is set.
            ends = int(self.clock.now() + (self.clock.real_s(lasts_s) if lasts_s else 604_800))
            info = {"restriction_type": "RESTRICTED_BIZ_INITIATED_MESSAGING", "expiration": ends}
            self.announce("account_update", {"event": "ACCOUNT_RESTRICTION", "restriction_info": [info]})

    def _lift(self, number: Number) -> None:
        if number.restricted_until is not None:
            number.status, number.restricted_until = "CONNECTED", None

    def _announce_number(self, number: Number, event: str) -> None:
        value = {
            "display_phone_number": number.display,
            "event": event,
            "max_daily_conversations_per_business": number.tier,
        }
        self.announce("phone_number_quality_update", value)

    def _praise(self, template: Template) -> None:
        self.set_template_quality(template, "GREEN")

    def _pause_for_quality(self, template: Template) -> None:
        # Both sources of platform.md J are served: a quality event and a status event.
        self.set_template_quality(template, "RED")
        self.set_template_status(template, "PAUSED", "RATE_LIMITING_PAUSE")
