"""A great list in many time zones on a virtual clock: not one message outside the hours of the person."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from campaign.scheduling.timing import Timing
from models.session import Sessions, session_scope
from tests.campaign.scheduling.test_placing import campaign_of, outside
from tests.campaign.scheduling.virtual import Virtual

ZONES = [
    "Pacific/Honolulu",
    "America/Anchorage",
    "America/Los_Angeles",
    "America/Denver",
    "America/Phoenix",
    "America/Chicago",
    "America/Mexico_City",
    "America/New_York",
    "America/Bogota",
    "America/Lima",
    "America/Caracas",
    "America/Santiago",
    "America/Halifax",
    "America/St_Johns",
    "America/Sao_Paulo",
    "America/Argentina/Buenos_Aires",
    "America/Noronha",
    "Atlantic/Azores",
    "Europe/London",
    "Africa/Lagos",
    "Europe/Berlin",
    "Europe/Madrid",
    "Africa/Cairo",
    "Europe/Athens",
    "Africa/Nairobi",
    "Europe/Istanbul",
    "Asia/Tehran",
    "Asia/Dubai",
    "Asia/Kabul",
    "Asia/Karachi",
    "Asia/Kolkata",
    "Asia/Kathmandu",
    "Asia/Dhaka",
    "Asia/Yangon",
    "Asia/Bangkok",
    "Asia/Singapore",
    "Asia/Tokyo",
    "Australia/Adelaide",
    "Australia/Sydney",
    "Pacific/Auckland",
]
START = datetime(2026, 11, 1, 3, 0, tzinfo=UTC)
"""The day on which North America puts its clocks back."""


@pytest.mark.parametrize(
    "people",
    [pytest.param(2_000, id="small"), pytest.param(100_000, id="great", marks=pytest.mark.chaos)],
)
def test_nobody_in_forty_zones_is_written_to_outside_their_hours(sessions: Sessions, tmp_path, people: int) -> None:
    timing = Timing(window="09:00-20:00", zone_column="zone")
    virtual = campaign_of(sessions, tmp_path, ZONES, timing=timing, now=START)
    multiply(sessions, people // len(ZONES))
    virtual.launch()
    # Slow enough that closings leave something over: a day is not enough for anybody's zone.
    each_tick = people // 100
    while virtual.now < START + timedelta(days=4):
        virtual.tick(each_tick)
        if virtual.state()[0] == "running" and len(virtual.sent) == people:
            break
        virtual.now += timedelta(minutes=10)
    assert len(virtual.sent) == len({phone for _, _, phone in virtual.sent}) == people
    assert outside(sessions, virtual.sent) == []
    assert looked_at_little(virtual, people)


def multiply(sessions: Sessions, times: int) -> None:
    """Make each person of a list many, who live in the same place and have agreed to as much."""
    with session_scope(sessions) as session:
        for statement in _MULTIPLY:
            session.execute(text(statement), {"times": times})


_MULTIPLY = (
    """
    INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
    SELECT phone_identity || 'x' || n, phone_e164 || 'x' || n, category, action, source, occurred_at, recorded_by
    FROM consent_event CROSS JOIN generate_series(2, :times) AS n
    """,
    """
    INSERT INTO message (campaign_id, sender_id, row_number, phone_identity, phone_e164, parameters, due_at, queued_at,
                         zone_group)
    SELECT campaign_id, sender_id, row_number + 1000 * n, phone_identity || 'x' || n, phone_e164 || 'x' || n,
           parameters, due_at, queued_at, zone_group
    FROM message CROSS JOIN generate_series(2, :times) AS n
    """,
    "UPDATE zone_group SET people = people * :times",
    "ANALYZE message",
)


def looked_at_little(virtual: Virtual, people: int) -> bool:
    """Who may not be written to now is not looked at: claims see hardly more than they send."""
    return virtual.looked_at <= people * 1.05
