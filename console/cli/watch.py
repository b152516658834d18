"""Where a campaign stands: once, or followed until its end."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

from console.cli.options import utc_now
from console.cli.output import all_or_nothing, counted, print_json, say, table, terminal, words
from console.cli.webhooks import trouble_words
from models.states import FINAL_STATES, CampaignState, MessageState

if TYPE_CHECKING:
    from rich.console import Group
    from sqlalchemy.orm import Session

    from campaign.reports.summary import CampaignStatus
    from campaign.uncertain.settling import Settles
    from console.cli.stores import OpenStores
    from console.stores.pace import Share

ENDED = frozenset({CampaignState.COMPLETED, CampaignState.CANCELLED})
INTERVAL_S = 1.0


@dataclass(frozen=True)
class Look:
    """Where a campaign stands, and what would bring it on when it stands still."""

    status: "CampaignStatus"
    advice: str | None


def look(session: "Session", name: str, share: "Share") -> Look:
    """Where a campaign stands now; `share` is what the limiter grants of a sender's rate.

    raises  NotFound
    """
    from campaign.consent.watch import ledger_words
    from campaign.lifecycle import find_campaign
    from campaign.replies.store import people_who_replied, replies_words
    from campaign.reports.summary import campaign_status
    from campaign.uncertain.settling import what_settles
    from campaign.variants.told import variant_words
    from console.stores.pace import effective_rate
    from models import Sender

    campaign = find_campaign(session, name)
    sender = session.get_one(Sender, campaign.sender_id)
    status = campaign_status(session, name, utc_now(), effective_rate(sender, share))
    settles = what_settles(sender.provider, campaign.uncertain_policy)
    answers = replies_words(people_who_replied(session, campaign.id))
    webhooks = trouble_words(session, sender.id) if status.state not in ENDED else None
    more = ledger_words(session), answers, *variant_words(session, campaign.id)
    told = [words for words in (campaign.state_text, _uncertain(status, settles), webhooks, *more) if words]
    return Look(status, "\n".join(told) or None)


def show(found: Look, *, as_json: bool) -> None:
    """Print where a campaign stands."""
    if as_json:
        print_json(found.status)
        return
    say(headline(found.status))
    if found.advice:
        say(found.advice)
    terminal().print(table(("", ""), counts(found.status), header=False))
    if found.status.state not in ENDED:
        say(pace(found.status))


def follow(stores: "OpenStores", name: str, *, as_json: bool) -> None:
    """Print where a campaign stands until it has ended: in place on a terminal, else a line whenever it changes."""
    if as_json:
        for found in _looks(stores, name):
            print_json(found.status)
    elif sys.stdout.isatty():
        _follow_in_place(stores, name)
    else:
        _follow_in_lines(stores, name)


@contextmanager
def reading(name: str) -> Iterator[Callable[[int], None]]:
    """Show on a terminal how many rows of a list have been read."""
    with all_or_nothing(name):
        if not sys.stderr.isatty():
            yield lambda rows: None
            return
        with terminal(stderr=True).status(f"Reading {name} …") as shown:
            yield lambda rows: shown.update(f"Reading {name}: {counted(rows, 'row')} …")


def headline(status: "CampaignStatus") -> str:
    """`Campaign spring is paused (template_paused).`"""
    reason = f" ({status.reason})" if status.reason else ""
    return f"Campaign {status.name} is {status.state}{reason}."


def counts(status: "CampaignStatus") -> list[tuple[str, int]]:
    """States that hold anybody, then refused rows and all of them: the lines add up."""
    held = [(state, count) for state, count in status.counts.items() if count]
    return [*held, ("refused", status.refused), ("rows", status.rows)]


def pace(status: "CampaignStatus") -> str:
    """Messages per second, and when the last one leaves."""
    rate = status.rate
    eta = f"; the last message leaves at {words(status.eta)}" if status.eta else ""
    return f"{rate.now:g} messages/s now, {rate.effective:g} in effect of {rate.allowed:g} allowed{eta}"


def _uncertain(status: "CampaignStatus", settles: "Settles") -> str | None:
    count = status.counts.get(MessageState.UNCERTAIN, 0)
    # While it runs, later traffic follows at once.
    if not count or (status.state == CampaignState.RUNNING and settles == "traffic"):
        return None
    doubt = f"{counted(count, 'message')} may or may not have been sent"
    return f"{doubt}: {_SETTLED[settles]}: campaign uncertain {status.name}"


_SETTLED = {
    "traffic": "later traffic of this sender will show which, or a person decides",
    "grace": "sent again without proof when the grace time is over, as the policy says, or a person decides before",
    "person": "unless a report of the message itself comes, a person decides",
}


def _looks(stores: "OpenStores", name: str) -> Iterator[Look]:
    while True:
        with stores.sessions() as session:
            found = look(session, name, stores.share)
        yield found
        if found.status.state in ENDED:
            return
        time.sleep(INTERVAL_S)


def _follow_in_place(stores: "OpenStores", name: str) -> None:
    from rich.live import Live

    with Live(console=terminal(), auto_refresh=False) as live:
        for found in _looks(stores, name):
            live.update(_picture(found), refresh=True)


def _picture(found: Look) -> "Group":
    from rich.console import Group
    from rich.progress_bar import ProgressBar
    from rich.text import Text

    status = found.status
    done = status.refused + sum(status.counts.get(state, 0) for state in FINAL_STATES)
    bar = ProgressBar(total=max(1, status.rows), completed=done, width=60)
    lines = [Text(line) for line in (headline(status), found.advice) if line]
    return Group(*lines, bar, table(("", ""), counts(status), header=False), Text(pace(status)))


def _follow_in_lines(stores: "OpenStores", name: str) -> None:
    last = ""
    for found in _looks(stores, name):
        held = ", ".join(f"{count:,} {state}" for state, count in counts(found.status))
        line = f"{headline(found.status)} {held}"
        if line != last:
            say(line)
        last = line
