"""A draft to the request that a campaign, or a schedule of campaigns, is made from. Pure but for the look at a path."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from pathlib import Path

from campaign.access.incoming import path_of
from campaign.audience.opening import Reading
from campaign.audience.query.known import CONTACTS as ENGINE_CONTACTS
from campaign.creation import NewCampaign
from campaign.drafting.content import (
    ANY_HOUR,
    AT,
    CAPPED,
    CONSTANT,
    CONTACTS,
    DAILY,
    DEFAULT_HOURS,
    HOURS,
    MONTHLY,
    OWN_RULE,
    RECUR,
    SPREAD,
    UPLOADED,
    DraftContent,
)
from campaign.errors import UsageError
from campaign.policies import Policies
from campaign.schedules.making import NewSchedule
from campaign.scheduling.recurrence import read_recurrence
from campaign.scheduling.spread import read_spread
from campaign.scheduling.timing import Timing, check_timing
from campaign.scheduling.windows import DAYS
from campaign.scheduling.zones import checked_zone, read_moment
from campaign.sending.canary.terms import CanaryTerms
from campaign.settings import Settings
from models.campaign import HoldPolicy, Priority, UncertainPolicy
from models.schedule import Overlap


def new_campaign(content: DraftContent, settings: Settings, *, now: datetime) -> NewCampaign:
    """What the draft comes to. One that recurs comes to what each of its runs is made from.

    raises  UsageError, NotFound when a file is not here any more
    """
    start_at, deadline_at = instants(content, now=now)
    return NewCampaign(
        name=content.name.strip(),
        sender=content.sender,
        template=content.template,
        language=content.language,
        audience=audience_of_draft(content, settings),
        mapping=mapping_items(content, settings),
        language_column=content.language_column or None,
        opt_out_button=content.opt_out_button,
        phone_column=content.phone_column or None,
        region=content.region.strip().upper() or None,
        start_at=start_at,
        deadline_at=deadline_at,
        rate_mps=content.rate_mps,
        hold_policy=HoldPolicy(content.hold_policy),
        policies=_policies(content),
        us_marketing=content.us_marketing or None,
        exclude=path_of(settings, content.exclude) if content.exclude else None,
        not_messaged_within_days=content.not_messaged_within,
        reading=reading_of(content),
        timing=timing_of(content),
    )


def new_schedule(content: DraftContent, settings: Settings, *, now: datetime) -> NewSchedule:
    """What a draft that recurs comes to.

    raises  UsageError, NotFound when a file is not here any more
    """
    if any(slot.get("kind") == UPLOADED for slot in content.slots.values()):
        raise UsageError("a campaign that repeats takes its picture from a link; give a link instead of a file")
    if content.exclude:
        raise UsageError(
            "a campaign that repeats takes no quiet list; leave it out, or use the days since the last message"
        )
    zone, first_at = _first(content, now)
    hours = content.deadline_hours
    return NewSchedule(
        campaign=new_campaign(content, settings, now=now),
        zone=zone,
        first_at=first_at,
        rule=rule_of(content),
        until=_day(content.until),
        overlap=Overlap(content.overlap),
        deadline_after=timedelta(hours=hours) if hours else None,
    )


def problems_of_when(content: DraftContent, settings: Settings, *, now: datetime) -> dict[str, str]:
    """What is wrong with the time, hours, pace and care that were chosen: part of the form to sentence."""
    spread = content.spread.strip() if content.pace == SPREAD else None
    checks: dict[str, Callable[[], object]] = {
        "start": lambda: _check_start(content, now),
        "hours": lambda: _check_hours(content, settings, now),
        "pace": lambda: read_spread(spread, None, None),
        "care": lambda: _policies(content),
    }
    found = {}
    for part, check in checks.items():
        try:
            check()
        except UsageError as error:
            found[part] = str(error)
    return found


def _check_start(content: DraftContent, now: datetime) -> None:
    start_at, deadline_at = instants(content, now=now)
    if start_at and deadline_at and deadline_at <= start_at:
        raise UsageError("the deadline is not after the start; correct one of them")
    check_timing(Timing(), start_at=start_at, deadline_at=deadline_at, default_window=None, now=now)
    if content.start == RECUR:
        zone, first_at = _first(content, now)
        read_recurrence(rule_of(content), zone=zone, first_at=first_at, until=_day(content.until))


def _check_hours(content: DraftContent, settings: Settings, now: datetime) -> None:
    timing = replace(timing_of(content), spread=None, per_hour=None, per_day=None)
    check_timing(timing, start_at=None, deadline_at=None, default_window=settings.default_window, now=now)


def audience_of_draft(content: DraftContent, settings: Settings) -> Path | str:
    """The list that a draft names.

    raises  UsageError when it names none, NotFound when it is not here any more
    """
    if content.source == CONTACTS:
        return ENGINE_CONTACTS
    if not content.upload:
        raise UsageError("there is no list yet; choose a file, or the people the engine knows")
    return path_of(settings, content.upload)


def reading_of(content: DraftContent) -> Reading:
    """How the list is to be read."""
    from_contacts = content.source == CONTACTS
    return Reading(
        sheet=None if from_contacts else content.sheet or None,
        where=tuple(item for item in content.where if item.strip()) if from_contacts else (),
        landlines=content.landlines,
        services=content.services,
    )


def mapping_items(content: DraftContent, settings: Settings) -> list[str]:
    """What fills the slots, as `campaign create --map` takes it.

    raises  UsageError, NotFound when a file is not here any more
    """
    items = []
    for slot, source in content.slots.items():
        kind = source.get("kind")
        if kind == CONSTANT and source.get("text", "").strip():
            items.append(f"{slot}=={source['text']}")
        elif kind == UPLOADED and source.get("upload"):
            items.append(f"{slot}=@{path_of(settings, source['upload'])}")
        elif kind not in {CONSTANT, UPLOADED} and source.get("column"):
            items.append(f"{slot}={_column(source['column'])}{_rewrite(source)}{_fallback(source)}")
    return items


def timing_of(content: DraftContent) -> Timing:
    """When people may be written to, and how fast."""
    window = window_of(content)
    keeps = window is not None or content.hours == DEFAULT_HOURS
    quiet = tuple(day.strip() for day in content.quiet_days.replace(";", ",").split(",") if day.strip())
    return Timing(
        zone=content.zone or None,
        window=window or ("00:00-24:00" if content.hours == ANY_HOUR and (quiet or content.holidays) else None),
        quiet_days=quiet,
        holidays=content.holidays.strip() or None,
        zone_column=(content.zone_column or None) if keeps else None,
        any_hour=content.hours == ANY_HOUR and not (quiet or content.holidays),
        spread=content.spread.strip() or None if content.pace == SPREAD else None,
        per_hour=content.per_hour if content.pace == CAPPED else None,
        per_day=content.per_day if content.pace == CAPPED else None,
    )


def window_of(content: DraftContent) -> str | None:
    """The sending hours as the domain reads them; None where none were chosen.

    raises  UsageError when days or hours are missing
    """
    if content.hours == HOURS:
        if not content.window_days or not content.window_from or not content.window_to:
            raise UsageError("the sending hours lack days, a beginning or an end; fill them in")
        return ", ".join(f"{day} {content.window_from}-{content.window_to}" for day in content.window_days)
    return content.window_text.strip() or None if content.hours == "text" else None


def rule_of(content: DraftContent) -> str:
    """The repetition as RFC 5545 writes it.

    raises  UsageError when it names no day
    """
    if content.repeat == OWN_RULE:
        return content.rule
    if content.repeat == DAILY:
        return "FREQ=DAILY"
    if content.repeat == MONTHLY:
        if not 1 <= (content.repeat_day or 0) <= 31:
            raise UsageError("the repetition needs a day of the month from 1 to 31")
        return f"FREQ=MONTHLY;BYMONTHDAY={content.repeat_day}"
    if not content.repeat_days:
        raise UsageError("the repetition names no day of the week; choose one")
    days = (day for day in DAYS if day in content.repeat_days)
    return f"FREQ=WEEKLY;BYDAY={','.join(day[:2].upper() for day in days)}"


def instants(content: DraftContent, *, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Start and deadline of a draft that does not recur, UTC.

    raises  UsageError
    """
    if content.start == RECUR:
        return None, None
    zone = checked_zone(content.zone, given_as="the time zone") if content.zone else "UTC"
    start = None
    if content.start == AT:
        if not content.start_at:
            raise UsageError("the start has no day and time yet; fill them in, or start now")
        start = read_moment(content.start_at, zone, now=now, given_as="the start")
    deadline = read_moment(content.deadline_at, zone, now=now, given_as="the deadline") if content.deadline_at else None
    return start, deadline


def _first(content: DraftContent, now: datetime) -> tuple[str, datetime]:
    if not content.zone:
        raise UsageError("a campaign that repeats needs a time zone; choose one")
    if not content.start_at:
        raise UsageError("the first start has no day and time yet; fill them in")
    zone = checked_zone(content.zone, given_as="the time zone")
    moment = read_moment(content.start_at, zone, now=now, given_as="the first start")
    if moment < now:
        raise UsageError("the first start has passed; give one to come")
    return zone, datetime.combine(*_date_and_time(content.start_at))


def _date_and_time(text: str) -> tuple[date, time]:
    written = datetime.fromisoformat(text)
    return written.date(), written.time()


def _policies(content: DraftContent) -> Policies:
    terms = None
    if content.canary is not None:
        terms = CanaryTerms(
            content.canary,
            wait_s=60.0 * (content.canary_wait_min or 0),
            failed=(content.canary_failed or 0) / 100,
            held=(content.canary_held or 0) / 100,
            blocked=(content.canary_blocked or 0) / 100,
        )
    priority = Priority(content.priority) if content.priority else None
    return Policies(UncertainPolicy(content.uncertain), priority, terms)


def _column(column: str) -> str:
    if column.startswith(("=", "@")) or "|" in column:
        raise UsageError(f"the column {column} has a sign in its name (=, @ or |) that cannot be used; rename it")
    return column


def _rewrite(source: Mapping[str, str]) -> str:
    rewrite = source.get("rewrite", "")
    return f":{rewrite}" if rewrite else ""


def _fallback(source: Mapping[str, str]) -> str:
    fallback = source.get("fallback", "").strip()
    return f"|{fallback}" if fallback else ""


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError:
        raise UsageError(f"the last day {text!r} is no date") from None
