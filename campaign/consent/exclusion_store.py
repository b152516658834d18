"""The SQL of what one campaign leaves out."""

from collections.abc import Iterable

from sqlalchemy import text
from sqlalchemy.orm import Session

from campaign.consent.copying import copy_rows

US_MARKETING = "us_marketing"
QUIET_LIST = "quiet_list"
MESSAGED_RECENTLY = "messaged_recently"
"""The reasons, as stored in `rejected_row.reason` and `message.reason`."""

REGION_OF_CONTACT = "(SELECT known.region FROM contact AS known WHERE known.phone_identity = {identity})"
"""The country of a person's phone, for who has a contact already; one index probe."""


def EXCLUDED_SQL(identity: str, category: str, now: str, *, campaign_id: str, region: str | None = None) -> str:
    """A scalar SQL expression: NULL when a campaign does not leave the person out, else the reason.

    identity, category, now, campaign_id  SQL fragments: a column or a bind name
    region  the country of the phone; None asks the contact
    cost    two index probes per row; with --not-messaged-within one more for each campaign of those days
    source  platform.md I.29: the area code decides, so +1 alone is not the United States
    """
    home = region or REGION_OF_CONTACT.format(identity=identity)
    return f"""
        (SELECT {EXCLUDED_BY_SQL(identity, category, now, region=home)}
         FROM campaign AS leaves_out WHERE leaves_out.id = {campaign_id})"""


def EXCLUDED_BY_SQL(identity: str, category: str, now: str, *, region: str, quiet_if: str = "true") -> str:
    """The same where the campaign stands in the FROM clause already, as `leaves_out`.

    quiet_if  SQL condition without which there is no quiet list to look into
    """
    since = f"{now} - make_interval(days => leaves_out.not_messaged_within_days)"
    return f"""CASE
            WHEN {category} = 'marketing' AND NOT leaves_out.us_marketing AND {identity} LIKE '1%' AND {region} = 'US'
                THEN 'us_marketing'
            WHEN {quiet_if} AND (SELECT true FROM campaign_exclusion AS quiet
                  WHERE quiet.campaign_id = leaves_out.id AND quiet.phone_identity = {identity} LIMIT 1)
                THEN 'quiet_list'
            WHEN leaves_out.not_messaged_within_days IS NOT NULL AND (
                  SELECT true FROM campaign AS other CROSS JOIN LATERAL (
                      SELECT 1 FROM message AS lately
                      WHERE lately.campaign_id = other.id AND lately.phone_identity = {identity}
                        AND lately.attempt > 0 AND lately.claimed_at > {since}
                        AND lately.state NOT IN ('queued', 'skipped', 'failed', 'dropped')
                      LIMIT 1) AS theirs
                  WHERE other.id <> leaves_out.id AND other.launched_at IS NOT NULL
                    AND (other.ended_at IS NULL OR other.ended_at > {since})
                  LIMIT 1)
                THEN 'messaged_recently'
         END"""


def add_exclusions(session: Session, campaign_id: int, identities: Iterable[str]) -> int:
    """Keep people as left out of a campaign; how many there are."""
    session.execute(text("CREATE TEMP TABLE IF NOT EXISTS listed_quiet (phone_identity text) ON COMMIT DROP"))
    session.execute(text("TRUNCATE listed_quiet"))
    copy_rows(session, "COPY listed_quiet FROM STDIN (FORMAT csv)", ((identity,) for identity in identities))
    statement = text(
        "INSERT INTO campaign_exclusion (campaign_id, phone_identity) "
        "SELECT DISTINCT CAST(:campaign_id AS bigint), phone_identity FROM listed_quiet"
    )
    return session.execute(statement, {"campaign_id": campaign_id}).rowcount  # type: ignore[attr-defined, no-any-return]
