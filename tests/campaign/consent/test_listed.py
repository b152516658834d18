"""One row of a consent list: an event, or the reason why not."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from campaign.audience.reasons import RejectReason as Reason
from campaign.audience.source import open_list
from campaign.consent.listed import Defaults, ListReader, NotRecorded
from campaign.consent.store import ListedEvent
from campaign.errors import UsageError
from models.people import Category, ConsentAction
from tests.factories import NOON

DEFAULTS = Defaults(Category.MARKETING, ConsentAction.OPT_IN, "sign-up form", "MX", NOON)


def read(tmp_path: Path, header: str, line: str, **changed: Any) -> ListedEvent:
    path = tmp_path / "consent.csv"
    path.write_text(f"{header}\n{line}\n")
    source = open_list(path, phone_column=None)
    ((row,),) = source.chunks(10)
    return ListReader(source, replace(DEFAULTS, **changed)).read(row)


@pytest.mark.parametrize(
    ("text", "action"),
    [
        *(("Opt-In", ConsentAction.OPT_IN), ("opted in", ConsentAction.OPT_IN), ("Subscribed", ConsentAction.OPT_IN)),
        *(("OPTOUT", ConsentAction.OPT_OUT), ("opt out", ConsentAction.OPT_OUT)),
        ("Unsubscribed", ConsentAction.OPT_OUT),
    ],
)
def test_actions_as_other_systems_write_them(tmp_path: Path, text: str, action: ConsentAction) -> None:
    assert read(tmp_path, "phone,action", f"5555551234,{text}").action is action


def test_who_withdraws_in_a_column_that_is_not_read_stops_the_list(tmp_path: Path) -> None:
    words = r"consent\.csv row 1: column Status says Opt-out, and no column is the action; call that column action"
    with pytest.raises(UsageError, match=words):
        read(tmp_path, "phone,name,Status", "5555551234,Ana, Opt-out ")
    assert read(tmp_path, "phone,note,action", "5555551234,opt-out,opt_in").action is ConsentAction.OPT_IN


def test_flags_fill_what_the_list_leaves_out(tmp_path: Path) -> None:
    assert read(tmp_path, "phone", "55 5555 1234") == ListedEvent(
        1, "525555551234", "+525555551234", Category.MARKETING, ConsentAction.OPT_IN, "sign-up form", None, None
    )
    assert read(tmp_path, "phone,category,source,proof", "5555551234,,,").source == "sign-up form"


def test_the_list_comes_before_the_flags(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        "Teléfono;Category;ACTION;Source;Proof;Occurred at",
        "5555551234; Utility ;opt-out;shop;https://example.org/1;2026-11-01T10:00:00-06:00",
    )
    assert found[3:] == (
        *(Category.UTILITY, ConsentAction.OPT_OUT, "shop", "https://example.org/1"),
        datetime(2026, 11, 1, 16, tzinfo=UTC),
    )


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-01T10:00:00Z", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01T10:00:00+02:00", datetime(2026, 11, 1, 8, tzinfo=UTC)),
        # Without an offset it is read as UTC.
        ("2026-11-01 10:00", datetime(2026, 11, 1, 10, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
        ("", None),
    ],
)
def test_times(tmp_path: Path, text: str, moment: datetime | None) -> None:
    assert read(tmp_path, "phone,occurred_at", f"5555551234,{text}").occurred_at == moment


def test_nothing_is_taken_from_the_future(tmp_path: Path) -> None:
    ahead = (NOON + timedelta(seconds=1)).isoformat()
    with pytest.raises(NotRecorded, match="lies ahead") as refused:
        read(tmp_path, "phone,occurred_at", f"5555551234,{ahead}")
    assert refused.value.reason is Reason.BAD_TIME
    assert read(tmp_path, "phone,occurred_at,action", f"5555551234,{ahead},opt_out").occurred_at == NOON
    assert read(tmp_path, "phone,occurred_at", f"5555551234,{NOON.isoformat()}").occurred_at == NOON


@pytest.mark.parametrize(
    ("header", "line", "changed", "reason"),
    [
        ("phone", "call me", {}, Reason.NOT_A_NUMBER),
        ("phone", "5555551234", {"region": None}, Reason.NO_COUNTRY),
        ("phone,category", "5555551234,newsletter", {}, Reason.BAD_CATEGORY),
        ("phone,category", "5555551234,", {"category": None}, Reason.BAD_CATEGORY),
        ("phone,action", "5555551234,maybe", {}, Reason.BAD_ACTION),
        ("phone,source", "5555551234,", {"source": None}, Reason.NO_SOURCE),
        ("phone,source", "5555551234,", {"source": ""}, Reason.NO_SOURCE),
        ("phone,occurred_at", "5555551234,yesterday", {}, Reason.BAD_TIME),
        ("phone,occurred_at", "5555551234,01/11/2026", {}, Reason.BAD_TIME),
        ("phone,occurred_at", "5555551234,0001-01-01T00:00:00+14:00", {}, Reason.BAD_TIME),
        ("phone,category", "5555551234", {}, Reason.RAGGED_ROW),
    ],
)
def test_what_cannot_be_recorded(
    tmp_path: Path, header: str, line: str, changed: dict[str, Any], reason: Reason
) -> None:
    with pytest.raises(NotRecorded) as refused:
        read(tmp_path, header, line, **changed)
    assert refused.value.reason is reason
    assert refused.value.text


def test_consent_of_a_landline_is_recorded(tmp_path: Path) -> None:
    assert read(tmp_path, "phone", "+44 20 7946 0123").phone_identity == "442079460123"
