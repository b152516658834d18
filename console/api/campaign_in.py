"""A campaign, or a schedule of campaigns, as a request describes it: the fields of `campaign create`, never a path."""

import os
import re
from collections.abc import Mapping, Sequence
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, model_validator

from campaign.access.databases import askable
from campaign.access.incoming import path_of
from campaign.audience.opening import Reading
from campaign.audience.query.address import FROM_VARIABLE
from campaign.audience.query.known import CONTACTS
from campaign.creation import NewCampaign
from campaign.errors import UsageError
from campaign.policies import Policies
from campaign.schedules.making import NewSchedule
from campaign.scheduling.timing import Timing
from campaign.sending.canary.terms import MOST_PEOPLE, WAIT_S, CanaryTerms
from campaign.settings import Settings
from campaign.variants.shares import VariantTerms, WinnerTerms
from console.api.shapes import Body
from console.api.words import Day, Local, LongText, Moment, Region, Text, UploadId
from models.campaign import HoldPolicy, Priority, UncertainPolicy
from models.schedule import Overlap
from models.variant import Measure

Count = Annotated[int, Field(ge=1, le=10**9)]
Share = Annotated[float, Field(ge=0, le=1)]
_FILE = re.compile(r"([^=]+)=@(.*)", re.DOTALL)


class QueryIn(Body):
    """A query on a database of yours whose address an admin has put into a variable of the engine."""

    variable: Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_]{0,63}$")]
    sql: LongText
    parameters: Annotated[Sequence[Text], Field(max_length=50, description="NAME=VALUE for its :NAME places")] = ()


class CanaryIn(Body):
    """Who is written to first, how long to wait then, and the largest shares with which the others are written to."""

    people: Annotated[int, Field(ge=1, le=MOST_PEOPLE)]
    wait_s: Annotated[float, Field(ge=0, le=30 * 86_400)] = WAIT_S
    failed: Share = 0.05
    held: Share = 0.05
    blocked: Share = 0.02


class VariantIn(Body):
    """A template for a share of the list; one of the variants is the campaign's own template."""

    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,19}$")]
    share: Annotated[int, Field(ge=1, le=99, description="Percent; of all together 100")]
    template: Text | None = None
    language: Text | None = None


class WinnerIn(Body):
    """What decides which variant gets the rest of the list, after a sample."""

    measure: Measure
    sample: Annotated[int, Field(ge=1, le=MOST_PEOPLE, description="People who are written to before the decision")]
    after_s: Annotated[float, Field(ge=0, le=30 * 86_400, description="From the last of them to the decision")]
    confidence: Annotated[int, Field(ge=80, le=99, description="Percent")] = 95


class SendingIn(Body):
    """From whom, to whom, when and how fast: what all that is created says, whatever it writes."""

    name: Text
    sender: Text
    upload: UploadId | None = None
    contacts: Annotated[
        list[Text] | None,
        Field(description="Conditions on the engine's own contacts, such as region=MX", max_length=20),
    ] = None
    query: QueryIn | None = None
    sheet: Annotated[Text | None, Field(description="Of a workbook, when it is not the first")] = None
    landlines: bool = False
    service_numbers: bool = False
    phone_column: Text | None = None
    region: Region | None = None
    rate_mps: Annotated[int | None, Field(ge=1, le=100_000)] = None
    hold_policy: HoldPolicy = HoldPolicy.PAUSE
    uncertain_policy: UncertainPolicy = UncertainPolicy.WAIT
    priority: Priority | None = None
    us_marketing: bool | None = None
    not_messaged_within_days: Annotated[int | None, Field(ge=1, le=36_500)] = None
    zone: Annotated[Text | None, Field(description="IANA name")] = None
    window: Annotated[Text | None, Field(description="Such as mon-fri 09:00-20:00, sat 10:00-14:00")] = None
    quiet_days: Annotated[Sequence[Day], Field(max_length=366)] = ()
    holidays: Annotated[Text | None, Field(description="Country, or country and part, such as DE-BY")] = None
    zone_column: Text | None = None
    any_hour: bool = False
    spread: Annotated[Text | None, Field(description="Evenly over so much time, such as 6h")] = None
    per_hour: Count | None = None
    per_day: Count | None = None

    @model_validator(mode="after")
    def _one_audience(self) -> "SendingIn":
        if sum(each is not None for each in (self.upload, self.contacts, self.query)) != 1:
            raise ValueError("name one audience: upload, contacts or query")
        return self

    def request(self, settings: Settings, **more: Any) -> NewCampaign:
        """What is to be created; `more` says what is written.

        raises  UsageError, NotFound when a file that it names is not here
        """
        return NewCampaign(
            name=self.name, sender=self.sender, audience=self._audience(settings), reading=self._reading(settings),
            phone_column=self.phone_column, region=self.region, rate_mps=self.rate_mps, hold_policy=self.hold_policy,
            us_marketing=self.us_marketing, not_messaged_within_days=self.not_messaged_within_days,
            timing=self._timing(), **{"policies": Policies(self.uncertain_policy, self.priority)} | more,
        )  # fmt: skip

    def _audience(self, settings: Settings) -> Path | str:
        if self.query is not None:
            return f"{FROM_VARIABLE}{self.query.variable}"
        return CONTACTS if self.upload is None else path_of(settings, self.upload)

    def _reading(self, settings: Settings) -> Reading:
        asked = self.query
        environment: Mapping[str, str] = askable(settings, asked.variable, os.environ) if asked is not None else {}
        return Reading(
            sheet=self.sheet, where=self.contacts or (), landlines=self.landlines, services=self.service_numbers,
            query=asked.sql if asked else None, parameters=asked.parameters if asked else (), environment=environment,
        )  # fmt: skip

    def _timing(self) -> Timing:
        return Timing(
            zone=self.zone, window=self.window, quiet_days=tuple(day.isoformat() for day in self.quiet_days),
            holidays=self.holidays, zone_column=self.zone_column, any_hour=self.any_hour, spread=self.spread,
            per_hour=self.per_hour, per_day=self.per_day,
        )  # fmt: skip


class _Common(SendingIn):
    """What a campaign and a schedule of campaigns have in common."""

    template: Text
    language: Text
    mapping: Annotated[
        Sequence[Text],
        Field(max_length=200, description="SLOT=COLUMN, as campaign create --map; a file is SLOT=@UPLOAD"),
    ] = ()
    language_column: Text | None = None
    opt_out_button: Annotated[int | None, Field(ge=0, le=9)] = None
    canary: CanaryIn | None = None

    def written(self, settings: Settings, **more: Any) -> NewCampaign:
        """What is to be created.

        raises  UsageError, NotFound when a file that it names is not here
        """
        terms = CanaryTerms(**self.canary.model_dump()) if self.canary else None
        return self.request(
            settings, template=self.template, language=self.language, mapping=with_files(self.mapping, settings),
            language_column=self.language_column, opt_out_button=self.opt_out_button,
            policies=Policies(self.uncertain_policy, self.priority, terms), **more,
        )  # fmt: skip


class CampaignIn(_Common):
    """A campaign from a list that was uploaded, from the contacts that the engine knows, or from a query."""

    start_at: Moment | None = None
    deadline_at: Moment | None = None
    exclude_upload: Annotated[UploadId | None, Field(description="A quiet list: people whom it leaves out")] = None
    variants: Annotated[Sequence[VariantIn], Field(max_length=6, description="Templates to compare; 2 to 6")] = ()
    winner: Annotated[WinnerIn | None, Field(description="Without it every share gets its variant")] = None

    def new_campaign(self, settings: Settings) -> NewCampaign:
        """What is to be created.

        raises  UsageError, NotFound when a file that it names is not here
        """
        exclude = path_of(settings, self.exclude_upload) if self.exclude_upload else None
        winner = WinnerTerms(**self.winner.model_dump()) if self.winner else None
        return self.written(
            settings, start_at=self.start_at, deadline_at=self.deadline_at, exclude=exclude,
            variants=tuple(VariantTerms(**each.model_dump()) for each in self.variants), winner=winner,
        )  # fmt: skip


class ScheduleIn(_Common):
    """A campaign that recurs: each run reads its audience anew and starts by itself."""

    zone: Annotated[Text, Field(description="IANA name; the rule and first_at are read in it")]
    first_at: Annotated[Local, Field(description="First start by the clock of the zone, without offset")]
    rule: Annotated[Text, Field(description="RRULE of RFC 5545, such as FREQ=WEEKLY;BYDAY=MO")]
    until: Annotated[Day | None, Field(description="Last day on which a run may start")] = None
    overlap: Overlap = Overlap.SKIP
    deadline_after_s: Annotated[int | None, Field(ge=60, le=366 * 86_400)] = None

    def new_schedule(self, settings: Settings) -> NewSchedule:
        """What is to be created.

        raises  UsageError, NotFound when its list is not here
        """
        if any(_FILE.fullmatch(item) for item in self.mapping):
            raise UsageError("mapping: uploaded files wait for a day, and a schedule for longer; give a link instead")
        return NewSchedule(
            self.written(settings), zone=self.zone, first_at=self.first_at, rule=self.rule, until=self.until,
            overlap=self.overlap,
            deadline_after=timedelta(seconds=self.deadline_after_s) if self.deadline_after_s else None,
        )  # fmt: skip


def with_files(items: Sequence[str], settings: Settings) -> list[str]:
    """A mapping whose files are uploads: `header.1=@ID` names what was uploaded, and no path of this machine ever.

    raises  NotFound when an upload is not here
    """
    found = ((item, _FILE.fullmatch(item)) for item in items)
    return [f"{file[1]}=@{path_of(settings, file[2].strip())}" if file else item for item, file in found]
