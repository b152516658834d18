"""Bodies of requests, and answers that no dataclass of the domain is already. Unknown fields are refused."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field

from console.api.words import LONGEST_TEXT, Moment, PhoneText, Plain, Region, Text
from models.access import Role
from models.people import Category


class Body(BaseModel):
    """A body of a request: a field that is not known is a mistake and said to be one."""

    model_config = ConfigDict(extra="forbid")


class PeopleIn(Body):
    """Phones and what is to be recorded about them."""

    phones: Annotated[list[PhoneText], Field(min_length=1, max_length=10_000)]
    category: Category = Category.ALL
    source: Text
    proof: Text | None = None
    region: Region | None = None


class BanIn(Body):
    """Phones that must not be written to, for good or until a time."""

    phones: Annotated[list[PhoneText], Field(min_length=1, max_length=10_000)]
    category: Category = Category.ALL
    source: Text
    until: Moment | None = None
    region: Region | None = None


class UserIn(Body):
    """Somebody to let in."""

    name: Text
    password: Annotated[Plain, Field(max_length=LONGEST_TEXT)]
    role: Role


class UserChange(Body):
    """What changes about a user; what is left out stays."""

    role: Role | None = None
    disabled: bool | None = None
    password: Annotated[Plain | None, Field(max_length=LONGEST_TEXT)] = None


class KeyIn(Body):
    """An API key to be made."""

    name: Annotated[Plain, Field(min_length=1, max_length=100)]
    role: Role
    expires_at: Moment | None = None


class Answer(BaseModel):
    """An answer read from attributes of rows and dataclasses."""

    model_config = ConfigDict(from_attributes=True)


class UploadOut(Answer):
    """A list that has arrived; its id names it when a campaign is created."""

    id: str
    file_name: str
    size_bytes: int


class CampaignState(Answer):
    """What an act on a campaign left it in."""

    id: int
    name: str
    state: str
    state_reason: str | None
    state_text: str | None
    start_at: datetime | None
    asked_for_approval: bool = False


class SequenceState(Answer):
    """What an act on a sequence left it in."""

    id: int
    name: str
    state: str
    asked_for_approval: bool = False


class RefusedRow(Answer):
    """A row or phone that was not taken, and why."""

    row: int
    reason: str
    text: str


class Recorded(Answer):
    """How many rows or phones were recorded and known before; how many were refused why, and the first thousand."""

    rows: int
    recorded: int
    known: int
    refused_by_reason: dict[str, int]
    refused: Sequence[RefusedRow]


class EventOut(Answer):
    """One entry of a person's consent history."""

    category: str
    action: str
    source: str
    proof: str | None
    occurred_at: datetime
    recorded_by: str
    recorded_at: datetime


class BanOut(Answer):
    """One ban on writing to a phone."""

    phone_e164: str
    category: str
    reason: str
    source: str
    until: datetime | None
    created_at: datetime


class PersonOut(Answer):
    """What a person said, and what may be sent to them now, by category: `allowed`, or the reason why not."""

    phone: str
    region: str | None
    may_write: dict[str, str]
    events: Sequence[EventOut]
    suppressions: Sequence[BanOut]


class SenderOut(Answer):
    """A business number. Its secrets are named, never shown."""

    id: int
    name: str
    provider: str
    state: str
    quality: str | None
    status: str | None
    health: str | None
    health_reason: str | None
    rate_mps: int
    tier: int | None
    restricted_until: datetime | None
    last_webhook_at: datetime | None
    refreshed_at: datetime | None


class TemplateOut(Answer):
    """One language of one template, as of the last sync."""

    id: int
    name: str
    language: str
    category: str
    status: str
    quality: str | None
    sendable: bool
    parameter_format: str
    components: list[dict[str, Any]]
    synced_at: datetime


class UserOut(Answer):
    """A user; never the password."""

    name: str
    role: str
    created_at: datetime
    last_login_at: datetime | None
    disabled_at: datetime | None


class KeyOut(Answer):
    """An API key; never the key itself."""

    name: str
    hint: str
    role: str
    created_by: str
    created_at: datetime
    expires_at: datetime | None
    revoked_at: datetime | None
    used_at: datetime | None


class NewKeyOut(BaseModel):
    """A key that was just made; it is shown this once."""

    name: str
    key: str


class Me(BaseModel):
    """Who is asking, and what they may do."""

    name: str
    role: Role
    may: Sequence[str]


class AuditOut(Answer):
    """One entry of the audit log."""

    id: int
    at: datetime
    actor: str
    act: str
    subject: str
    before: dict[str, Any] | None
    after: dict[str, Any] | None


class Count(BaseModel):
    """How many."""

    count: int
