"""What failures that are reported after the platform had taken a message say of template, number and account.

The message itself is decided on where reports are merged; here is what concerns the others: a number or an account that
may not send stops as it would for an answer, a number that is throttled brakes, and a template that is said to be
paused is asked about, since such a report does not prove it (platform.md I.10).

Reports come late: whoever resumed a campaign knew of the trouble, so a message that had left before says nothing new.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from campaign.sending.effects import Effects, apply_effects
from campaign.sending.error_table import Action, rule_for
from campaign.sending.pauses import store


class Reported:
    """The listener to reported failures. Brakes are noted for whoever holds the limiter.

    brakes  ids of senders to stop, and for how many seconds; 0: as long as the settings say
    """

    def __init__(self) -> None:
        self.brakes: dict[int, float] = {}

    def __call__(self, session: Session, failures: Mapping[tuple[int, int | None], datetime]) -> None:
        """Act on the failures of a batch, by campaign and code, each with when its message left; in its transaction."""
        effects: list[Effects] = []
        doubted: set[int] = set()
        stops: defaultdict[int, float] = defaultdict(float)
        # Of two reports for one campaign the one whose message left last is acted on.
        for (campaign_id, code), left_at in sorted(failures.items(), key=lambda each: each[1]):
            rule = rule_for(code) if code is not None else None
            match rule.action if rule else None:
                case Action.PAUSE_NUMBER if rule and rule.pause:
                    effects.append(replace(Effects.of_number(campaign_id, rule, rule.pause), left_at=left_at))
                case Action.PAUSE_TEMPLATE:
                    doubted.add(campaign_id)
                case Action.THROTTLE_ALL if rule and not store.resumed_since(session, campaign_id, left_at):
                    stops[campaign_id] = max(stops[campaign_id], rule.stop_s)
        # Nothing here is a hold, so no number of held messages matters.
        apply_effects(session, effects, hold_after=1)
        if doubted:
            store.doubt_templates(session, sorted(doubted))
        for campaign_id, sender_id in store.senders_of(session, sorted(stops)).items() if stops else ():
            self.brakes[sender_id] = max(self.brakes.get(sender_id, 0.0), stops[campaign_id])
