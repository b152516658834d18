"""Windows and spreads on a virtual clock: who is written to when, whatever is paused, late or tried again."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import text

from campaign import lifecycle
from campaign.creation import NewCampaign, Reading, create_campaign
from campaign.errors import UsageError
from campaign.scheduling.placing import follow_windows
from campaign.scheduling.timing import Timing
from models import Message, Opening, RejectedRow, ZoneGroup
from models.session import session_scope
from tests.campaign.scheduling.virtual import LEAVES_WITHIN, Virtual
from tests.factories import fiction_phone, grant, make_sender, make_template

START = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
MEXICO = ["America/Mexico_City", "America/Tijuana", "America/Cancun"]


def shop(sessions):
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender, "receipt", category="utility")
        make_template(session, sender)


def agreed(session, phones, now):
    """Consent of people to everything, a day before."""
    grant(session, phones, "all", occurred_at=now - timedelta(days=1))


def campaign_of(sessions, tmp_path, zones, *, timing=None, now=START, **given):
    """A campaign in which row n lives in `zones[n]`; None leaves it to the phone."""
    shop(sessions)
    path = tmp_path / "list.csv"
    rows = "".join(f"{fiction_phone(n)},Ann,{zone or ''}\n" for n, zone in enumerate(zones))
    path.write_text("phone,name,zone\n" + rows)
    with session_scope(sessions) as session:
        agreed(session, [fiction_phone(n) for n in range(len(zones))], now)
    timing = timing or Timing(window="09:00-20:00", zone_column="zone")
    request = NewCampaign(
        name="spring", sender="shop", template="receipt", language="en_US", audience=path,
        mapping=("body.1=name", "body.2==15%"), timing=timing, **given,
    )  # fmt: skip
    create_campaign(sessions, request, now=now)
    return Virtual(sessions, "spring", now)


def zones_by_number(sessions):
    with sessions() as session:
        return {group.number: group.zones for group in session.query(ZoneGroup)}


def outside(sessions, sent, opens=9, closes=20):
    """Who was written to outside the hours of any zone they may be in, up to the instant at which it leaves."""
    zones = zones_by_number(sessions)
    wrong = []
    for at, group, phone in sent:
        for zone in zones[group]:
            first, last = (moment.astimezone(ZoneInfo(zone)) for moment in (at, at + LEAVES_WITHIN))
            if not (opens <= first.hour and last.hour < closes and first.date() == last.date()):
                wrong.append((phone, zone, first.isoformat()))
    return wrong


def test_each_zone_is_written_to_in_its_own_hours(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Asia/Tokyo", "Europe/London", "America/Los_Angeles"])
    virtual.launch()
    for _ in virtual.run(START + timedelta(days=1), timedelta(minutes=10)):
        pass
    zones = zones_by_number(sessions)
    assert {zones[group][0]: at.hour for at, group, _ in virtual.sent} == {
        "Asia/Tokyo": 0,
        "Europe/London": 12,
        "America/Los_Angeles": 17,
    }
    assert outside(sessions, virtual.sent) == []


def test_who_may_not_be_written_to_now_is_not_looked_at(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Asia/Tokyo"] * 40 + ["Europe/London"] * 10)
    virtual.launch()
    assert virtual.tick() == 10
    assert virtual.looked_at == 10


def test_a_campaign_pauses_outside_every_window_and_goes_on_by_itself(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Asia/Tokyo", "Asia/Tokyo"])
    virtual.launch()
    virtual.tick()
    assert virtual.state() == ("paused", "outside_window")
    virtual.now = datetime(2026, 11, 21, 0, 0, tzinfo=UTC)
    virtual.tick()
    assert virtual.state()[0] == "running"
    assert len(virtual.sent) == 2


def test_what_a_closing_leaves_over_moves_to_the_next_opening(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"] * 30, now=START + timedelta(hours=7, minutes=59))
    virtual.launch()
    assert virtual.tick(10) == 10
    virtual.now = START + timedelta(hours=8)
    assert virtual.tick() == 0
    with sessions() as session:
        waiting = session.query(Message).filter_by(state="queued")
        assert {message.due_at for message in waiting} == {datetime(2026, 11, 21, 9, tzinfo=UTC)}
    assert virtual.looked_at == 10
    virtual.now = datetime(2026, 11, 21, 9, tzinfo=UTC)
    assert virtual.tick() == 20


def test_nothing_is_claimed_that_would_leave_after_the_closing(sessions, tmp_path):
    closing = START + timedelta(hours=8)
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"] * 4)
    virtual.launch()
    virtual.now = closing - LEAVES_WITHIN - timedelta(seconds=1)
    assert virtual.tick(2) == 2
    virtual.now = closing - LEAVES_WITHIN
    assert virtual.tick() == 0


def test_a_retry_at_night_waits_for_the_morning(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"])
    virtual.launch()
    virtual.tick()
    virtual.now = datetime(2026, 11, 20, 20, 0, tzinfo=UTC)
    virtual.tick()
    night = datetime(2026, 11, 20, 23, 0, tzinfo=UTC)
    with session_scope(sessions) as session:
        session.execute(text("UPDATE message SET state = 'queued', due_at = :at"), {"at": night})
    virtual.now = night
    assert virtual.tick() == 1  # looked at once, and put off
    assert len(virtual.sent) == 1
    virtual.tick()
    assert virtual.state() == ("paused", "outside_window")
    virtual.now = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
    virtual.tick()
    assert len(virtual.sent) == 2
    assert outside(sessions, virtual.sent) == []


def test_a_person_who_resumes_at_night_sends_nobody_a_message(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"] * 3)
    virtual.launch()
    lifecycle.pause(sessions, "spring")
    virtual.now = datetime(2026, 11, 20, 22, 0, tzinfo=UTC)
    lifecycle.resume(sessions, "spring", now=virtual.now)
    for _ in virtual.run(datetime(2026, 11, 21, 8, 50, tzinfo=UTC), timedelta(hours=1)):
        assert virtual.sent == []


def test_nothing_leaves_after_the_deadline_not_even_what_is_claimed_just_before(sessions, tmp_path):
    deadline = START + timedelta(hours=2)
    virtual = campaign_of(sessions, tmp_path, [None] * 6, timing=Timing(), deadline_at=deadline)
    virtual.launch()
    virtual.now = deadline - LEAVES_WITHIN - timedelta(seconds=1)
    assert virtual.tick(2) == 2
    virtual.now = deadline - LEAVES_WITHIN
    virtual.tick()
    assert len(virtual.sent) == 2
    with sessions() as session:
        assert {m.reason for m in session.query(Message).filter_by(state="skipped")} == {"deadline"}


def test_without_an_opening_written_down_nobody_is_written_to(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"])
    virtual.launch()
    with session_scope(sessions) as session:
        session.query(Opening).delete()
    virtual.tick()
    assert virtual.sent == []


def test_openings_are_renewed_while_a_campaign_goes_on(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"])
    virtual.launch()
    with session_scope(sessions) as session:
        session.execute(text("UPDATE message SET due_at = :at"), {"at": START + timedelta(days=40)})
    for _ in virtual.run(START + timedelta(days=41), timedelta(hours=6)):
        pass
    assert [at.date().isoformat() for at, _, _ in virtual.sent] == ["2026-12-30"]
    assert outside(sessions, virtual.sent) == []


def test_following_twice_at_once_is_following_once(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, ["Asia/Tokyo"])
    virtual.launch()
    for _ in range(3):
        follow_windows(sessions, now=START, leaves_within=LEAVES_WITHIN)
    assert virtual.state() == ("paused", "outside_window")


def test_the_contacts_own_zone_wins_over_list_and_phone(sessions, tmp_path):
    with session_scope(sessions) as session:
        session.execute(
            text(
                "INSERT INTO contact (phone_identity, phone_e164, time_zone) VALUES (:identity, :phone, 'Asia/Tokyo')"
            ),
            {"identity": fiction_phone(0).lstrip("+"), "phone": fiction_phone(0)},
        )
    campaign_of(sessions, tmp_path, ["Europe/London", "Mars/Olympus", None])
    # The fictional numbers of the third row's area code belong to the east of the United States.
    assert zones_by_number(sessions) == {1: ["Asia/Tokyo"], 2: ["America/New_York"]}


def test_a_person_whose_zones_share_no_open_hour_is_refused_with_the_reason(sessions, tmp_path):
    shop(sessions)
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n+18005550123,Ann\n+12015550123,Bea\n")
    with session_scope(sessions) as session:
        agreed(session, ["+18005550123", "+12015550123"], START)
    request = NewCampaign(
        name="spring", sender="shop", template="receipt", language="en_US", audience=path,
        mapping=("body.1=name", "body.2==15%"), timing=Timing(window="10:00-12:00"), reading=Reading(services=True),
    )  # fmt: skip
    create_campaign(sessions, request, now=START)
    with sessions() as session:
        assert [(row.row_number, row.reason) for row in session.query(RejectedRow)] == [(1, "no_hour")]
        assert session.query(Message).count() == 1


def test_a_deadline_before_anybody_may_be_written_to_is_refused_and_nothing_is_kept(sessions, tmp_path):
    with pytest.raises(UsageError, match="comes before the first hour in which anybody on the list"):
        campaign_of(sessions, tmp_path, ["Asia/Tokyo"], deadline_at=START + timedelta(hours=3))
    assert zones_by_number(sessions) == {}


def test_a_spread_is_even_over_the_open_hours_of_each_zone(sessions, tmp_path):
    timing = Timing(window="09:00-12:00", zone_column="zone", spread="6h")
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"] * 60 + ["Asia/Tokyo"] * 12, timing=timing)
    virtual.launch()
    for _ in virtual.run(START + timedelta(days=2), timedelta(minutes=5)):
        pass
    zones = zones_by_number(sessions)
    places = [(zones[group][0], at) for at, group, _ in virtual.sent]
    per_day = Counter((zone, at.astimezone(ZoneInfo(zone)).day) for zone, at in places)
    assert per_day == {
        ("Europe/London", 21): 30, ("Europe/London", 22): 30, ("Asia/Tokyo", 21): 6, ("Asia/Tokyo", 22): 6,
    }  # fmt: skip
    assert outside(sessions, virtual.sent, 9, 12) == []


def test_a_spread_without_a_window_counts_from_the_launch(sessions, tmp_path):
    virtual = campaign_of(sessions, tmp_path, [None] * 60, timing=Timing(spread="6h"))
    virtual.launch()
    per_hour = Counter()
    for now in virtual.run(START + timedelta(hours=7), timedelta(minutes=6)):
        per_hour[(now - START) // timedelta(hours=1)] = len(virtual.sent)
    assert [per_hour[hour] for hour in range(7)] == [10, 20, 30, 40, 50, 60, 60]


@pytest.mark.parametrize(("cap", "span"), [("per_hour", timedelta(hours=1)), ("per_day", timedelta(hours=24))])
def test_a_cap_holds_in_every_span_even_after_a_long_pause(sessions, tmp_path, cap, span):
    virtual = campaign_of(sessions, tmp_path, [None] * 50, timing=Timing(**{cap: 10}))
    virtual.launch()
    virtual.now = START + 3 * span  # nothing ran meanwhile: what is overdue must not all leave at once
    for _ in virtual.run(START + 12 * span, span / 12):
        pass
    sent = sorted(at for at, _, _ in virtual.sent)
    assert len(sent) == 50
    assert max(sum(at <= each < at + span for each in sent) for at in sent) == 10


def test_caps_per_day_and_windows_together(sessions, tmp_path):
    timing = Timing(window="09:00-20:00", zone_column="zone", per_day=10)
    virtual = campaign_of(sessions, tmp_path, ["Europe/London"] * 15 + ["Asia/Tokyo"] * 15, timing=timing)
    virtual.launch()
    for _ in virtual.run(START + timedelta(days=7), timedelta(hours=1)):
        pass
    assert len(virtual.sent) == 30
    assert outside(sessions, virtual.sent) == []
    sent = sorted(at for at, _, _ in virtual.sent)
    assert max(sum(at <= each < at + timedelta(hours=24) for each in sent) for at in sent) == 10


@pytest.mark.parametrize(
    ("zone", "change"),
    [
        ("America/New_York", datetime(2026, 11, 1, 6, tzinfo=UTC)),
        ("Europe/Berlin", datetime(2027, 3, 28, 1, tzinfo=UTC)),
        ("Australia/Lord_Howe", datetime(2027, 4, 3, 15, tzinfo=UTC)),
    ],
)
def test_the_hours_stay_the_persons_over_a_change_of_clocks(sessions, tmp_path, zone, change):
    begin = change - timedelta(days=1)
    timing = Timing(window="09:00-20:00", zone_column="zone", per_hour=5)
    virtual = campaign_of(sessions, tmp_path, [zone] * 130, timing=timing, now=begin)
    virtual.launch()
    for _ in virtual.run(begin + timedelta(days=5), timedelta(minutes=5)):
        pass
    assert len(virtual.sent) == 130
    assert outside(sessions, virtual.sent) == []
