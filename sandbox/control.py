"""The control endpoints under `/_sandbox`: read the ledger, change the day, play a person."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from typing import Any

from sandbox.account import Number, Target, tier_limit
from sandbox.answers import Answer, json_answer
from sandbox.events import Who
from sandbox.faults import BadFault
from sandbox.management import verify_address
from sandbox.platform import Platform
from sandbox.refusals import Refusal
from sandbox.requests import Request
from sandbox.scenario import BadScenario
from sandbox.templates import BadTemplates, Template

# A page of this size takes some 50 ms of the loop that also takes the messages.
_PAGE_MOST = 10_000
Handler = Callable[[Request, re.Match[str]], Answer | Awaitable[Answer]]


class BadControl(ValueError):
    """A control call that cannot be understood; the message says why."""


class Control:
    """Answers `/_sandbox/…`. Every answer is JSON; a misunderstanding is 400 with `{"error": …}`."""

    def __init__(self, platform: Platform) -> None:
        self._at = platform
        self._routes: list[tuple[str, re.Pattern[str], Handler]] = [
            (method, re.compile(pattern), handler)
            for method, pattern, handler in (
                ("GET", r"/health", lambda request, match: json_answer({"ok": True})),
                ("GET", r"/ledger", self._ledger),
                ("GET", r"/summary", self._summary),
                ("GET", r"/scenario", lambda request, match: json_answer(self._at.scenario.as_dict())),
                ("POST", r"/scenario", self._scenario),
                ("POST", r"/templates", self._add_template),
                ("POST", r"/templates/([^/]+)/(status|quality|category)", self._template),
                ("POST", r"/inbound", self._inbound),
                ("POST", r"/preferences", self._preferences),
                ("POST", r"/quality", self._quality),
                ("POST", r"/restrict", self._restrict),
                ("POST", r"/verdict", self._verdict),
                ("GET", r"/faults", lambda request, match: json_answer({"faults": self._at.faults.as_list()})),
                ("POST", r"/faults", self._arm),
                ("DELETE", r"/faults", self._disarm),
                ("POST", r"/webhook", self._webhook),
                ("POST", r"/reset", self._reset),
            )
        ]

    async def answer(self, request: Request) -> Answer:
        """Answer one call."""
        path = request.path.removeprefix("/_sandbox")
        for method, pattern, handler in self._routes:
            match = pattern.fullmatch(path)
            if match and method == request.method:
                try:
                    answer = handler(request, match)
                    return await answer if isinstance(answer, Awaitable) else answer
                except (BadControl, BadFault, BadScenario, BadTemplates, ValueError, Refusal) as error:
                    return json_answer({"error": str(error)}, 400)
        known = ", ".join(sorted({f"{method} /_sandbox{p.pattern}" for method, p, _ in self._routes}))
        return json_answer({"error": f"no such control: {request.method} {request.path}; there are {known}"}, 404)

    def _ledger(self, request: Request, match: re.Match[str]) -> Answer:
        after, limit = int(request.query.get("after", 0)), int(request.query.get("limit", 1000))
        entries = self._at.ledger.page(after, min(limit, _PAGE_MOST))
        total = len(self._at.ledger)
        # None only at the end: a reader that follows `next` sees every entry once.
        following = entries[-1].seq if entries and entries[-1].seq < total else None
        return json_answer({"entries": [one.as_dict() for one in entries], "next": following, "total": total})

    async def _summary(self, request: Request, match: re.Match[str]) -> Answer:
        # Sums over a million entries take a second: not on the loop that takes the messages.
        summary = await asyncio.to_thread(self._at.ledger.summary)
        platform = {
            "webhooks": self._at.outbox.as_dict(),
            "held": self._at.pacing.count(),
            "tier_used": self._at.tier.used(self._at.clock.platform_now()),
            "scheduled": len(self._at.timetable),
        }
        return json_answer(summary | platform)

    def _scenario(self, request: Request, match: re.Match[str]) -> Answer:
        return json_answer(self._at.change_scenario(_object(request)).as_dict())

    def _add_template(self, request: Request, match: re.Match[str]) -> Answer:
        return json_answer(self._at.templates.add(_object(request)).as_graph())

    def _template(self, request: Request, match: re.Match[str]) -> Answer:
        wanted = _object(request)
        name, aspect = match.groups()
        value = _text(wanted, aspect).upper()
        templates = self._at.templates.named(name, str(wanted.get("language") or ""))
        if not templates:
            raise BadControl(f"there is no template {name!r} in language {wanted.get('language') or 'any'!r}")
        # Every language is a template of its own to the platform.
        for template in templates:
            self._change(template, aspect, value, str(wanted.get("title") or ""))
        return json_answer({"changed": [template.as_graph() for template in templates]})

    def _change(self, template: Template, aspect: str, value: str, title: str) -> None:
        if aspect == "status":
            self._at.set_template_status(template, value, title)
        elif aspect == "quality":
            self._at.set_template_quality(template, value)
        else:
            self._at.set_template_category(template, value)

    def _inbound(self, request: Request, match: re.Match[str]) -> Answer:
        """A person writes: `from`, and `text`, `button` {payload, text} with `reply_to`, or `new_number`."""
        wanted = _object(request)
        replies, number_id = self._at.replies, self._number(wanted).number_id
        who, button = Who(_digits(wanted, "from"), bool(wanted.get("hidden"))), wanted.get("button")
        if isinstance(button, dict):
            press = {"payload": str(button.get("payload", "")), "text": str(button.get("text", ""))}
            return json_answer({"id": replies.press(number_id, who, press, wanted.get("reply_to"))})
        if "new_number" in wanted:
            return json_answer({"id": replies.change_number(number_id, who, _digits(wanted, "new_number"))})
        return json_answer({"id": replies.write(number_id, who, _text(wanted, "text"))})

    def _preferences(self, request: Request, match: re.Match[str]) -> Answer:
        """A person stops or resumes marketing in the app: `from`, `value` stop or resume."""
        wanted = _object(request)
        value = _text(wanted, "value")
        if value not in ("stop", "resume"):
            raise BadControl("value is stop or resume")
        self._at.replies.prefer(self._number(wanted).number_id, Who(_digits(wanted, "from")), value)
        return json_answer({"ok": True})

    def _quality(self, request: Request, match: re.Match[str]) -> Answer:
        """The number's `quality`, or the `tier` of the account."""
        wanted = _object(request)
        number = self._number(wanted)
        if "quality" in wanted:
            self._at.set_number_quality(number, _text(wanted, "quality").upper())
        if "tier" in wanted:
            tier = wanted["tier"]
            self._at.set_tier(tier if isinstance(tier, int) else tier_limit(str(tier)))
        return json_answer(number.as_graph(self._at.config.waba_id))

    def _restrict(self, request: Request, match: re.Match[str]) -> Answer:
        """The number's `status` (RESTRICTED), for `lasts_s` of platform time; CONNECTED lifts it."""
        wanted = _object(request)
        number = self._number(wanted)
        status = str(wanted.get("status") or "RESTRICTED").upper()
        self._at.set_number_status(number, status, float(wanted.get("lasts_s") or 0.0))
        return json_answer(number.as_graph(self._at.config.waba_id))

    def _verdict(self, request: Request, match: re.Match[str]) -> Answer:
        """Decide on held messages now: `verdict` good or bad, `template` or all."""
        wanted = _object(request)
        verdict, name = _text(wanted, "verdict"), wanted.get("template")
        if verdict not in ("good", "bad"):
            raise BadControl("verdict is good or bad")
        # Held messages are kept per language.
        for held_name, language in self._at.pacing.held_templates():
            template = self._at.templates.find(held_name, language)
            if template is not None and name in (None, held_name):
                self._at.pacing.decide(template, verdict)
        return json_answer({"held": self._at.pacing.count()})

    def _arm(self, request: Request, match: re.Match[str]) -> Answer:
        self._at.faults.arm(_object(request))
        return json_answer({"faults": self._at.faults.as_list()})

    def _disarm(self, request: Request, match: re.Match[str]) -> Answer:
        self._at.faults.clear()
        return json_answer({"faults": []})

    async def _webhook(self, request: Request, match: re.Match[str]) -> Answer:
        """The app's address: `url` (null takes it away), `headers` of 360dialog, `verify` to ask for its consent."""
        wanted = _object(request)
        url, headers = wanted.get("url"), wanted.get("headers") or {}
        if url and wanted.get("verify"):
            await verify_address(str(url), self._at.config.verify_token)
        target = Target(str(url), {str(k): str(v) for k, v in headers.items()}) if url else None
        # An override carries messages only; the app's own address carries everything, platform.md A.1.
        if wanted.get("phone_number_id"):
            self._number(wanted).override = target
        else:
            self._at.outbox.app_target = target
        return json_answer({"url": url})

    def _reset(self, request: Request, match: re.Match[str]) -> Answer:
        self._at.reset()
        return json_answer({"ok": True})

    def _number(self, wanted: dict[str, Any]) -> Number:
        number_id = str(wanted.get("phone_number_id") or next(iter(self._at.numbers)))
        number = self._at.numbers.get(number_id)
        if number is None:
            raise BadControl(f"there is no number {number_id}; there are {', '.join(self._at.numbers)}")
        return number


def _object(request: Request) -> dict[str, Any]:
    try:
        return request.json()
    except Refusal as error:
        raise BadControl(f"the body must be a JSON object: {error}") from None


def _text(wanted: dict[str, Any], name: str) -> str:
    value = wanted.get(name)
    if not isinstance(value, str) or not value:
        raise BadControl(f"{name} is missing")
    return value


def _digits(wanted: dict[str, Any], name: str) -> str:
    digits = _text(wanted, name).removeprefix("+")
    if not digits.isdecimal():
        raise BadControl(f"{name} is a phone number in digits")
    return digits
