"""What nobody reports: leases that ran out, requests without an answer, times to live that have passed.

ttl.py       when a silent message counts as dropped
absence.py   the proof that a request never arrived
hearing.py   whether a report would have been heard
sweeps.py    the sweeps, each safe to run twice
history.py   messages whose webhooks are overdue, asked about at Meta
store.py     the SQL
"""

from campaign.reconciliation.sweeps import (
    sweep,
    sweep_campaigns,
    sweep_deadlines,
    sweep_expired,
    sweep_holds,
    sweep_leases,
    sweep_uncertain,
)
from campaign.reconciliation.ttl import expires_at

__all__ = [
    "expires_at",
    "sweep",
    "sweep_campaigns",
    "sweep_deadlines",
    "sweep_expired",
    "sweep_holds",
    "sweep_leases",
    "sweep_uncertain",
]
