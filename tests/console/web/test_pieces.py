"""What several pages draw."""

import xml.etree.ElementTree as ET

from campaign.desk.problems import Kind, Problem
from console.web.pages.audit import address
from console.web.pages.problems import place_of
from console.web.pieces import bars


def drawn(values):
    return ET.fromstring(bars(values, label="People <by> hour", every=2))


def test_each_value_has_a_bar_that_is_named_and_none_is_higher_than_the_room():
    picture = drawn([("10:00", 0), ("11:00", 5), ("12:00", 10)])
    found = picture.findall("rect")
    assert [bar.findtext("title") for bar in found] == ["10:00: 0", "11:00: 5", "12:00: 10"]
    heights = [float(bar.get("height")) for bar in found]
    assert heights[0] == 0
    assert heights[1] * 2 == heights[2]
    assert all(float(bar.get("y")) >= 0 for bar in found)


def test_the_picture_says_what_it_shows_and_holds_no_markup_of_others():
    picture = drawn([("<b>", 1)])
    assert (picture.get("role"), picture.get("aria-label")) == ("img", "People <by> hour")
    assert picture.find("rect").findtext("title") == "<b>: 1"


def test_nothing_to_show_is_a_picture_too():
    assert drawn([]).findall("rect") == []


def test_every_kind_of_problem_but_the_house_itself_leads_somewhere():
    nowhere = [kind for kind in Kind if place_of(Problem(kind, "shop", 7)) is None]
    assert nowhere == [Kind.ENGINE_SILENT, Kind.NOTICES_GIVEN_UP, Kind.VARIABLE_UNREAD]
    assert place_of(Problem(Kind.APPROVAL, "spring", 7)) == "/campaigns/7"
    assert place_of(Problem(Kind.WEBHOOK_UNREAD, "shop", 7)) == "/senders/shop"


def test_a_filter_of_the_audit_log_is_an_address():
    assert address({"actor": "user:ana", "subject": "", "before": 5}) == "/audit?actor=user%3Aana&before=5"
