"""What kind of day it is: every fault and habit of the platform, as numbers in a TOML file.

Keys and their meaning: docs/sandbox.md, which a test holds to these fields. A share is decided per person from the
seed, never from the order of arrival, so that two runs with one seed treat a phone alike.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

# Habits of real webhooks that trip readers: platform.md I.16, I.18, I.20, I.23, and the wrapped errors of C.1.
QUIRKS = frozenset(
    {"string_codes", "millisecond_timestamps", "dashed_language", "quality_under_status", "wrapped_errors"}
)


class BadScenario(ValueError):
    """A scenario that cannot be used; the message names the key and the next step."""


def _share(default: float = 0.0) -> Any:
    return field(default=default, metadata={"share": True})


@dataclass(frozen=True, slots=True)
class People:
    """Who the recipients are."""

    not_on_whatsapp: float = _share()  # 131026 by webhook
    contact_check: bool = False  # On-Premise: 1006 until /v1/contacts was asked
    capped: float = _share()  # 131049 by webhook after a 200
    cap_lasts_s: float = 86_400.0  # platform time, from the first message that it stopped
    cap_repeat_extends_s: float = 86_400.0  # since April 2026 a try within a day prolongs the block, platform.md E
    us_marketing_paused: bool = False  # 131049 for US area codes since April 2025; off, as test numbers are American
    experiment: float = _share()  # 130472 by webhook, marketing only
    opted_out: float = _share()  # 131050 by webhook, marketing only
    failed_after_sent: float = _share()  # `failed` may follow `sent`, platform.md D.3
    delivered: float = _share(1.0)  # the others blocked the sender or never come online: silence
    offline: float = _share()  # of those
    offline_for_s: float = 3_600.0  # platform time; a shorter TTL ends first, silently
    delivered_and_failed: float = _share()  # several devices: delivered wins
    read: float = _share(0.7)  # the others have switched receipts off
    read_without_delivered: float = _share()  # of the readers; allowed by platform.md D.3
    stop_replies: float = _share()  # a text
    button_stops: float = _share()  # the quick reply of the template
    in_app_stops: float = _share()  # user_preferences, and 131050 from then on
    other_replies: float = _share()  # opens a window, means nothing
    reply_after_s: float = 1.0  # after reading
    stop_words: tuple[str, ...] = ("STOP",)
    other_spelling: float = _share()  # of Mexican, Argentine and Brazilian numbers
    hidden_phone: float = _share()  # known by a business-scoped id only, since 2026


@dataclass(frozen=True, slots=True)
class Limits:
    """How much the platform takes."""

    throughput_per_s: int = 0  # 130429 above; 0: no limit
    throttle_status: int = 400  # 400 in Meta's list, 429 at newer providers, platform.md J
    retry_after_s: float = 0.0  # not documented by the platform; 0: not sent
    pair_interval_s: float = 6.0  # 131056; platform.md E
    pair_burst: int = 45  # borrowed from later allowance
    tier: int = 0  # different people a day; 0: no limit
    tier_code: int = 131048  # the platform documents none of its own
    management_calls_per_h: int = 0  # 80007 above; 0: no limit


@dataclass(frozen=True, slots=True)
class Network:
    """What the line between client and platform does."""

    latency_ms: float = 0.0  # median
    latency_p95_ms: float = 0.0  # below the median it counts as the median
    unavailable_every_s: float = 0.0  # 0: never away
    unavailable_for_s: float = 0.0  # the last part of each period
    unavailable_status: int = 503  # with code 2
    reset_before: float = _share()  # never taken
    reset_after: float = _share()  # taken
    timeout_before: float = _share()  # never taken
    timeout_after: float = _share()  # taken
    timeout_s: float = 120.0  # then the connection is cut
    error_500_before: float = _share()  # 131000, never taken
    error_500_after: float = _share()  # 131000, and yet taken
    strikes: int = 1  # per person, then requests go through


@dataclass(frozen=True, slots=True)
class Pacing:
    """When the platform holds a template's messages, and what it decides."""

    held_after: int = 0  # messages of one template; 0: never held
    categories: tuple[str, ...] = ("MARKETING",)  # utility is paced too after a pause, platform.md B.4
    verdict: str = "good"  # good or bad
    verdict_after_s: float = 3_600.0  # platform time; the goal is one hour
    release_over_s: float = 0.0  # real time
    whole_portfolio: bool = False  # drops with 132015 while the template stays active, platform.md I.10


@dataclass(frozen=True, slots=True)
class TemplatePause:
    """One template leaves service for a while. `language` empty: every language of it."""

    name: str
    language: str = ""
    after_s: float = 0.0  # platform time, from the start
    lasts_s: float = 10_800.0  # platform time; 0: until somebody ends it
    status: str = "PAUSED"


@dataclass(frozen=True, slots=True)
class Templates:
    """What happens to templates."""

    pauses: tuple[TemplatePause, ...] = ()
    answers_paused: float = _share()  # message_status paused: nothing is delivered
    answers_without_status: float = _share()  # as good as accepted, platform.md I.9
    ttl_s: float = 2_592_000.0  # 30 days, platform.md H
    authentication_ttl_s: float = 600.0  # 10 minutes


@dataclass(frozen=True, slots=True)
class Webhooks:
    """How the platform tells what became of messages."""

    sent_after_s: float = 0.1  # each from the moment the message was taken
    delivered_after_s: float = 0.4
    read_after_s: float = 1.5
    failed_after_s: float = 0.3
    spread: float = 0.5  # of each person's delays, either way
    gather_ms: float = 50.0  # width of a tick; what falls into one is told together
    batch: int = 200  # the platform sends up to 1,000
    early: float = _share()  # `sent` before the answer, platform.md I.2
    late: float = _share()
    late_by_s: float = 5.0
    duplicated: float = _share()  # platform.md I.3
    reordered: float = _share()  # read, delivered, sent; platform.md I.1
    lost: float = _share()  # of each kind by itself
    quirks: tuple[str, ...] = ()  # see QUIRKS
    timeout_s: float = 10.0
    retry_after_s: float = 1.0  # doubles each time
    retry_at_most_s: float = 60.0
    give_up_after_s: float = 129_600.0  # 36 h, the shorter of two documented horizons, platform.md J
    connections: int = 8  # real webhooks come in parallel and overtake each other
    queue: int = 500_000  # items; the oldest are dropped first


@dataclass(frozen=True, slots=True)
class Scenario:
    """All of it. The defaults are the calm day: everything is taken, delivered and reported."""

    seed: int = 1
    clock_factor: float = 1.0
    people: People = field(default_factory=People)
    limits: Limits = field(default_factory=Limits)
    network: Network = field(default_factory=Network)
    pacing: Pacing = field(default_factory=Pacing)
    templates: Templates = field(default_factory=Templates)
    webhooks: Webhooks = field(default_factory=Webhooks)

    def patched(self, changes: Mapping[str, Any]) -> "Scenario":
        """The scenario with the keys in `changes` replaced, section by section.

        raises  BadScenario for an unknown key or a value out of range
        """
        scenario: Scenario = _patched(self, changes, "")
        _check(scenario)
        return scenario

    def as_dict(self) -> dict[str, Any]:
        """Every key with its value."""
        return asdict(self)


def load_scenario(path: Path) -> Scenario:
    """Read a scenario file.

    raises  BadScenario naming the file, the key and the next step
    """
    try:
        with path.open("rb") as file:
            return Scenario().patched(tomllib.load(file))
    except OSError as error:
        raise BadScenario(
            f"{path} cannot be read ({error.strerror}); name a scenario file or one of samples/"
        ) from None
    except tomllib.TOMLDecodeError as error:
        raise BadScenario(f"{path} is not TOML: {error}; mend that line") from None
    except BadScenario as error:
        raise BadScenario(f"{path}: {error}") from None


def _patched(section: Any, changes: Mapping[str, Any], prefix: str) -> Any:
    known = {one.name: one for one in fields(section)}
    values: dict[str, Any] = {}
    for key, value in changes.items():
        name = f"{prefix}{key}"
        if key not in known:
            raise BadScenario(f"unknown key {name}; keys there are {', '.join(sorted(known))}")
        present = getattr(section, key)
        if is_dataclass(present):
            if not isinstance(value, Mapping):
                raise BadScenario(f"{name} is a section; give it keys")
            values[key] = _patched(present, value, f"{name}.")
        else:
            values[key] = _value(name, present, value, share="share" in known[key].metadata)
    return replace(section, **values)


def _value(name: str, present: Any, value: Any, *, share: bool) -> Any:
    if name == "templates.pauses":
        return tuple(_pause(one) for one in value)
    if isinstance(present, tuple):
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            raise BadScenario(f"{name} is a list of texts, not {value!r}")
        return tuple(value)
    if isinstance(present, float) and isinstance(value, int) and not isinstance(value, bool):
        value = float(value)
    if type(value) is not type(present):
        raise BadScenario(f"{name} is a {type(present).__name__}, not {value!r}")
    if share and not 0 <= float(value) <= 1:
        raise BadScenario(f"{name} is a share between 0 and 1, not {value!r}")
    if isinstance(value, int | float) and value < 0:
        raise BadScenario(f"{name} is not below 0, and {value!r} is")
    return value


def _pause(changes: Mapping[str, Any]) -> TemplatePause:
    if not isinstance(changes.get("name"), str):
        raise BadScenario("templates.pauses needs the name of a template in each of its tables")
    pause: TemplatePause = _patched(TemplatePause(changes["name"]), changes, "templates.pauses.")
    return pause


def _check(scenario: Scenario) -> None:
    if scenario.clock_factor <= 0:
        raise BadScenario("clock_factor is above 0; 86400 makes a day pass in a second")
    if scenario.pacing.verdict not in ("good", "bad"):
        raise BadScenario(f'pacing.verdict is "good" or "bad", not "{scenario.pacing.verdict}"')
    if unknown := set(scenario.webhooks.quirks) - QUIRKS:
        raise BadScenario(f"webhooks.quirks knows {', '.join(sorted(QUIRKS))}, not {', '.join(sorted(unknown))}")
    if scenario.webhooks.gather_ms < 1 or scenario.webhooks.batch < 1 or scenario.webhooks.connections < 1:
        raise BadScenario("webhooks.gather_ms, webhooks.batch and webhooks.connections are at least 1")
