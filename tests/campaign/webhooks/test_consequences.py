"""What a failure says of the person, and how a delivery disproves it."""

from datetime import timedelta
from typing import Any

from campaign.sending.error_table import ERROR_TABLE, Action
from campaign.webhooks.consequences import BANS
from tests.campaign.webhooks.desk import Desk, failed, status
from tests.factories import NOON, fiction_phone

UNREACHABLE, OPTED_OUT = 131026, 131050


def bans(desk: Desk) -> list[tuple[Any, ...]]:
    rows = desk.read("SELECT phone_e164, category, reason, source, until FROM suppression ORDER BY id")
    return [tuple(row) for row in rows]


def test_a_phone_that_cannot_receive_is_suppressed_for_everything(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 5, UNREACHABLE))
    assert bans(desk) == [(fiction_phone(0), "all", "not_on_whatsapp", "webhook", None)]
    assert desk.read("SELECT * FROM consent_event") == []


def test_an_opt_out_at_the_platform_is_an_event_of_the_ledger_and_a_ban_on_marketing(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 5, OPTED_OUT))
    assert bans(desk) == [(fiction_phone(0), "marketing", "opted_out", "webhook", None)]
    events = desk.read("SELECT phone_e164, category, action, source, recorded_by, occurred_at FROM consent_event")
    at = NOON + timedelta(seconds=5)
    assert [tuple(row) for row in events] == [(fiction_phone(0), "marketing", "opt_out", "webhook", "platform", at)]


def test_the_same_failure_again_says_nothing_new(desk: Desk) -> None:
    (id_,) = desk.messages()
    for _ in range(2):
        desk.tell(failed(f"w{id_}", 5, OPTED_OUT))
    assert len(bans(desk)) == 1
    assert len(desk.read("SELECT * FROM consent_event")) == 1


def test_one_who_was_reached_all_the_same_is_on_whatsapp(desk: Desk) -> None:
    first, second = desk.messages(2)
    desk.tell(failed(f"w{first}", 5, UNREACHABLE), failed(f"w{second}", 5, UNREACHABLE))
    desk.tell(status("delivered", f"w{first}", 6))
    assert [phone for phone, *_ in bans(desk)] == [fiction_phone(1)]


def test_a_failure_beside_a_delivery_bans_nobody(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.tell(failed(f"w{id_}", 5, UNREACHABLE), status("delivered", f"w{id_}", 6))
    assert bans(desk) == []


def test_a_ban_that_a_person_made_stays(desk: Desk) -> None:
    (id_,) = desk.messages()
    desk.write(
        "INSERT INTO suppression (phone_identity, phone_e164, category, reason, source) "
        "SELECT phone_identity, phone_e164, 'all', 'manual', 'operator' FROM message"
    )
    desk.tell(failed(f"w{id_}", 5, UNREACHABLE))
    desk.tell(status("delivered", f"w{id_}", 6))
    assert [reason for _, _, reason, _, _ in bans(desk)] == ["manual"]


def test_other_failures_say_nothing_of_the_person(desk: Desk) -> None:
    ids = desk.messages(3)
    desk.tell(*(failed(f"w{id_}", 5, code) for id_, code in zip(ids, (131000, 999999, 131047), strict=True)))
    without_code = status("failed", f"w{ids[0]}", 9)
    desk.tell(without_code)
    assert bans(desk) == []


def test_every_code_that_bans_is_one_that_the_table_gives_up_on() -> None:
    assert {ERROR_TABLE[code].action for code in BANS} == {Action.SUPPRESS_RECIPIENT}
