"""The SQL of who of a list gets no message: withheld by the gate, left out by the campaign, or there already."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import TextClause, text
from sqlalchemy.orm import Session

from campaign.audience.people import column_of
from campaign.consent.exclusion_store import EXCLUDED_BY_SQL
from campaign.consent.store import WITHHELD_SQL
from models.campaign import Campaign

if TYPE_CHECKING:
    import pandas as pd

# One text instead of an array: a third of the time to send and to take apart.
_LISTED = """unnest(string_to_array(CAST(:identities AS text), ','), string_to_array(CAST(:regions AS text), ','))
             WITH ORDINALITY AS listed (phone_identity, region, place)"""
_ASKED = ("listed.phone_identity", ":category", "CAST(:now AS timestamptz)")


def withheld(session: Session, category: str, people: "pd.DataFrame", now: datetime) -> dict[int, str]:
    """Row to the gate's reason, for those who may not be written to.

    cost  two index probes per person, whatever the statistics say
    """
    return dict(_found(session, _WITHHELD, people, {"category": category, "now": now}))


def leaves_out_many(session: Session, campaign: Campaign) -> bool:
    """Whether a campaign leaves out more than people in the United States: then everybody has to be asked for."""
    asked = {"campaign_id": campaign.id}
    return campaign.not_messaged_within_days is not None or bool(session.scalar(_ANY_QUIET, asked))


def left_out(session: Session, campaign: Campaign, people: "pd.DataFrame", now: datetime) -> dict[int, str]:
    """Row to the reason for which the campaign leaves people out, whether they agreed or not.

    cost  one index probe per person with a quiet list, one for each campaign of the days without a second message
    """
    values = {"category": campaign.category, "now": now, "campaign_id": campaign.id}
    return dict(_found(session, _LEFT_OUT, people, values))


def listed_before(session: Session, campaign: Campaign, people: "pd.DataFrame") -> dict[int, int]:
    """Row of a person to the earlier row that became their message, for those who have one; one index probe each."""
    return dict(_found(session, _LISTED_BEFORE, people, {"campaign_id": campaign.id}))


def _found(
    session: Session, statement: TextClause, people: "pd.DataFrame", values: Mapping[str, object]
) -> Iterator[tuple[int, Any]]:
    """Row of the list and what a statement finds of the person in it."""
    if people.empty:
        return
    identities, regions = column_of(people, "phone_identity"), column_of(people, "region").fill_null("")
    listed = {"identities": ",".join(identities.to_pylist()), "regions": ",".join(regions.to_pylist())}
    for place, found in session.execute(statement, {**values, **listed}):
        yield int(people.index[place - 1]), found


# OFFSET 0 keeps the probes from being done twice, in the list and in the WHERE.
_WITHHELD = text(f"""
    SELECT place, reason
    FROM (SELECT listed.place, {WITHHELD_SQL(*_ASKED)} AS reason FROM {_LISTED} OFFSET 0) AS decided
    WHERE reason IS NOT NULL
""")
# Asked once per statement, whether there is a quiet list to look into.
_QUIET_IF = "(SELECT true FROM campaign_exclusion WHERE campaign_id = :campaign_id LIMIT 1)"
_ANY_QUIET = text(f"SELECT {_QUIET_IF}")
_LEFT_OUT = text(f"""
    SELECT place, reason
    FROM (SELECT listed.place, {EXCLUDED_BY_SQL(*_ASKED, region="listed.region", quiet_if=_QUIET_IF)} AS reason
          FROM (SELECT id, us_marketing, not_messaged_within_days FROM campaign WHERE id = :campaign_id OFFSET 0)
               AS leaves_out CROSS JOIN {_LISTED} OFFSET 0) AS decided
    WHERE reason IS NOT NULL
""")
# A scalar subselect keeps the planner from reading the whole campaign, whose rows it has no statistics of.
_LISTED_BEFORE = text(f"""
    SELECT place, first_row
    FROM (SELECT listed.place,
                 (SELECT message.row_number FROM message
                  WHERE message.campaign_id = :campaign_id
                    AND message.phone_identity = listed.phone_identity) AS first_row
          FROM {_LISTED} OFFSET 0) AS found
    WHERE first_row IS NOT NULL
""")
