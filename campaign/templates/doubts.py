"""How long a template is left alone that sends say is paused while the platform's list says that it may be sent.

132015 does not prove that this very template is paused, so the platform is asked, and campaigns go on when its list
says APPROVED. Where the next message is refused all the same, each further question waits twice as long, from a minute
to an hour: campaigns would else stop and go on every minute. It begins anew once a message of it was taken in between,
or the platform tells of a change of the template, or an hour has passed without a refusal. Source: platform.md I.10.
"""

from datetime import timedelta

ASK_AGAIN = timedelta(minutes=1)
"""Least time between two readings because of the same template: the platform counts them, platform.md E."""
LONGEST = timedelta(hours=1)
MOST_DOUBTS = 7
"""Questions in a row that are counted: the wait is at its longest by then."""

_LONGEST_SQL = f"interval '{LONGEST.total_seconds():.0f} s'"

ASK_AT_SQL = f"""(template.asked_at + LEAST({_LONGEST_SQL},
    interval '{ASK_AGAIN.total_seconds():.0f} s' * power(2, GREATEST(template.doubts, 1) - 1)))"""
"""When `template` may be asked about again, for a doubt that is younger than the last question."""

RESTS_SQL = f"""(template.doubts > 0 AND template.doubted_at > template.asked_at
    AND {ASK_AT_SQL} > clock_timestamp())"""
"""Whether what the platform's list says of `template` is not enough to go on yet."""

DOUBTS_SQL = f"""CASE WHEN template.doubted_at > template.asked_at THEN template.doubts
    WHEN template.asked_at < clock_timestamp() - {_LONGEST_SQL} OR EXISTS (
        SELECT FROM message JOIN campaign AS its ON its.id = message.campaign_id
        WHERE message.accepted_at > template.asked_at AND COALESCE(message.template_id, its.template_id) = template.id
    ) THEN 0 ELSE template.doubts END"""
"""Questions in a row, as they count when `template` is doubted: looked up once after each question."""
