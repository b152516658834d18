"""The chart."""

import xml.etree.ElementTree as ET
from datetime import timedelta

import pytest

from campaign.overview.details import Course
from console.web.campaign_page.chart import SERIES, drawing, ends_of, lines, ticks, totals
from tests.factories import NOON

MINUTE = timedelta(minutes=1)


def bucket(minute, **counts):
    return {"at": (NOON + minute * MINUTE).isoformat()} | dict.fromkeys(SERIES, 0) | counts


def course(*buckets, minutes=10):
    return Course(NOON, NOON + minutes * MINUTE, 60, buckets)


def test_lines_rise_to_the_sum_of_their_buckets_and_are_level_between():
    drawn = lines(course(bucket(0, accepted=5), bucket(5, accepted=3, failed=1)))
    assert drawn["accepted"] == [(0.0, 0), (0.0, 0), (0.1, 5), (0.5, 5), (0.6, 8), (1.0, 8)]
    assert totals(drawn) == {"accepted": 8, "delivered": 0, "read": 0, "failed": 1}


def test_no_line_runs_over_the_end_or_backwards():
    for points in lines(course(bucket(9.9, read=1), bucket(2, read=1))).values():
        shares = [share for share, _ in points]
        assert shares == sorted(shares)
        assert shares[-1] == 1.0


@pytest.mark.parametrize(("highest", "marks"), [(0, [0, 1]), (3, [0, 1, 2, 3]), (37, [0, 10, 20, 30, 40])])
def test_the_scale_is_in_round_numbers_to_above_the_highest_point(highest, marks):
    assert ticks({"read": [(1.0, highest)]}) == marks


@pytest.mark.parametrize("highest", [1, 9, 101, 999_999, 1_000_000])
def test_the_scale_has_few_marks(highest):
    marks = ticks({"read": [(1.0, highest)]})
    assert marks[-1] >= highest
    assert len(marks) <= 6


def test_the_drawing_is_svg_with_a_line_each_and_says_what_it_shows():
    drawn = ET.fromstring(drawing(lines(course(bucket(0, accepted=5))), 'a "label" <b>'))
    assert drawn.attrib["aria-label"] == 'a "label" <b>'
    polylines = [one for one in drawn if one.tag == "polyline"]
    assert len({one.attrib["stroke-dasharray"] for one in polylines}) == len(SERIES)


def test_what_has_not_begun_has_no_lines():
    nothing = Course(None, NOON, 1, ())
    assert (lines(nothing), ends_of(nothing)) == ({}, [])
