"""What a draft holds: everything that has been chosen so far, as it was typed. Pure."""

from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from typing import Any, Self

FILE, CONTACTS = "file", "contacts"
NOW, AT, RECUR = "now", "at", "recur"
ANY_HOUR, DEFAULT_HOURS, HOURS, HOURS_TEXT = "any", "default", "set", "text"
FULL, SPREAD, CAPPED = "full", "spread", "capped"
DAILY, WEEKLY, MONTHLY, OWN_RULE = "daily", "weekly", "monthly", "own"
COLUMN, CONSTANT, UPLOADED = "column", "constant", "file"

Slots = Mapping[str, Mapping[str, str]]
"""Slot to what fills it.

kind  column (`column`, with `rewrite` and `fallback` where given), constant (`text`) or file (`upload` and `name`)
"""

ABOUT_THE_DRAFT = frozenset({"step", "preview_row", "test_phone", "test", "made"})
"""Fields that no campaign is made from: changing them leaves the campaign that was made as it is."""


@dataclass(frozen=True, slots=True)
class DraftContent:
    """One draft. Texts are as typed, an empty one was not chosen; times are by the clock of `zone`.

    upload      id of the list among those that have arrived
    where       conditions on the engine's own contacts
    hours       `default`: the settings' window; `any`, `set` (days, from, to) or `text`
    pace        `full`, `spread` over a time, or `capped` per hour and day
    made        id and name of the campaign that was made from it, not launched yet
    test        name of the last test campaign
    """

    step: str = "list"
    name: str = ""
    source: str = FILE
    upload: str = ""
    file_name: str = ""
    size_bytes: int = 0
    sheet: str = ""
    phone_column: str = ""
    region: str = ""
    where: tuple[str, ...] = ()
    landlines: bool = False
    services: bool = False
    sender: str = ""
    template: str = ""
    language: str = ""
    language_column: str = ""
    opt_out_button: int | None = None
    slots: Slots = field(default_factory=dict)
    start: str = NOW
    start_at: str = ""
    zone: str = ""
    deadline_at: str = ""
    hours: str = DEFAULT_HOURS
    window_days: tuple[str, ...] = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    window_from: str = "09:00"
    window_to: str = "20:00"
    window_text: str = ""
    quiet_days: str = ""
    holidays: str = ""
    zone_column: str = ""
    pace: str = FULL
    spread: str = ""
    per_hour: int | None = None
    per_day: int | None = None
    rate_mps: int | None = None
    repeat: str = WEEKLY
    repeat_days: tuple[str, ...] = ("mon",)
    repeat_day: int | None = 1
    rule: str = ""
    until: str = ""
    overlap: str = "skip"
    deadline_hours: int | None = None
    canary: int | None = None
    canary_wait_min: int | None = 60
    canary_failed: int | None = 5
    canary_held: int | None = 5
    canary_blocked: int | None = 2
    hold_policy: str = "pause"
    uncertain: str = "wait"
    priority: str = ""
    exclude: str = ""
    exclude_name: str = ""
    not_messaged_within: int | None = None
    us_marketing: bool = False
    preview_row: int = 1
    test_phone: str = ""
    test: str = ""
    made: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def from_json(cls, stored: Mapping[str, Any]) -> Self:
        """A draft as it was kept; what does not fit is as if it had not been chosen."""
        known = {each.name: each for each in fields(cls)}
        return cls(**{name: _read(known[name], value) for name, value in stored.items() if name in known})

    def as_json(self) -> dict[str, Any]:
        """What has been chosen, for keeping."""
        mine = {each.name: getattr(self, each.name) for each in fields(self)}
        return {
            name: list(value) if isinstance(value, tuple) else value
            for name, value in mine.items()
            if value != _default(name)
        }

    def changed(self, **values: Any) -> Self:
        """The same with some values changed."""
        return replace(self, **values)

    @property
    def campaign_name(self) -> str:
        """Name of the campaign that was made; empty when there is none."""
        return str(self.made.get("name", ""))

    @property
    def campaign_id(self) -> int:
        """Its id."""
        return int(self.made.get("id", 0))


def about_the_campaign(before: DraftContent, after: DraftContent) -> bool:
    """Whether two drafts would make different campaigns."""
    names = (each.name for each in fields(DraftContent) if each.name not in ABOUT_THE_DRAFT)
    return any(getattr(before, name) != getattr(after, name) for name in names)


def _default(name: str) -> Any:
    each = _FIELDS[name]
    return each.default_factory() if each.default_factory is not MISSING else each.default


def _read(each: Any, value: Any) -> Any:
    default = _default(each.name)
    if isinstance(default, tuple):
        return tuple(str(item) for item in value) if isinstance(value, list | tuple) else default
    if isinstance(default, Mapping):
        return value if isinstance(value, Mapping) else default
    if "None" in str(each.type):
        return value if isinstance(value, int) and not isinstance(value, bool) else None
    return value if type(value) is type(default) else default


_FIELDS = {each.name: each for each in fields(DraftContent)}
