"""The plan of a campaign over days, as a small table."""

from typing import TYPE_CHECKING

from console.cli.output import counted, say, table, terminal, words

if TYPE_CHECKING:
    from campaign.planning.days import Plan

SHOWN_DAYS = 31
"""Days that stand in the table; what follows is told in one line."""


def show_plan(plan: "Plan") -> None:
    """Say when the first and the last message leave; with more than one day, each day and what limits it."""
    if plan.start is None:
        return
    if len(plan.days) > 1:
        rows = [(f"{day.day:%a %Y-%m-%d}", day.messages, ", ".join(day.limited_by)) for day in plan.days[:SHOWN_DAYS]]
        terminal().print(table(("day", "messages", "limited by"), rows))
        if more := plan.days[SHOWN_DAYS:]:
            say(f"and {counted(sum(day.messages for day in more), 'message')} on {counted(len(more), 'more day')}")
    if plan.end is None:
        left, days = counted(plan.left, "message"), counted(len(plan.days), "day")
        say(f"{left} would be left after {days}; the limit is too low.")
    else:
        say(f"The first message leaves at {words(plan.start)}, the last at {words(plan.end)}.")
