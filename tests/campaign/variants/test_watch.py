"""Variants on a real database: the split at the import, the sample, and the winner for the rest, exactly once."""

import json
from collections import Counter
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from threading import Barrier, Thread
from typing import Any

import pytest
from sqlalchemy import text

from campaign.creation import NewCampaign, create_campaign
from campaign.errors import UsageError
from campaign.lifecycle import find_campaign, launch, resume
from campaign.reports.sections import summary_lines
from campaign.reports.summary import load_figures
from campaign.sending.canary.watch import bounded_shares, follow_canaries, note_taken
from campaign.sending.store import claim_due
from campaign.variants import store
from campaign.variants.shares import VariantTerms, WinnerTerms
from campaign.variants.told import compare, variant_words
from campaign.variants.watch import follow_winners
from models import WinnerRule
from models.session import Sessions, session_scope
from models.variant import Measure
from tests.factories import NOON, fiction_phone, grant, make_sender, make_template

PEOPLE, SAMPLE, WAIT = 900, 600, timedelta(hours=4)
OTHER = [{"type": "BODY", "text": "Only {{2}}, {{1}}!"}]
RULE = WinnerTerms(Measure.READ, WAIT.total_seconds(), SAMPLE)


@pytest.fixture
def request_(sessions: Sessions, tmp_path: Path) -> NewCampaign:
    """A campaign of two variants for people who agreed."""
    with session_scope(sessions) as session:
        sender = make_sender(session)
        make_template(session, sender)
        make_template(session, sender, "spring_b", components=OTHER)
        grant(session, [fiction_phone(n) for n in range(PEOPLE)])
    path = tmp_path / "list.csv"
    path.write_text("phone,name\n" + "".join(f"{fiction_phone(n)},Ann {n}\n" for n in range(PEOPLE)))
    return NewCampaign(
        name="spring", sender="shop", template="spring_sale", language="en_US", audience=path,
        mapping=("body.1=name", "body.2==15%"),
        variants=(VariantTerms("A", 50), VariantTerms("B", 50, "spring_b")),
    )  # fmt: skip


def drawn(sessions: Sessions) -> dict[str, str]:
    """Phone to the template that each will be sent."""
    with sessions() as session:
        rows = session.execute(
            text(
                "SELECT m.phone_e164, t.name FROM message m JOIN campaign c ON c.id = m.campaign_id "
                "JOIN template t ON t.id = COALESCE(m.template_id, c.template_id)"
            )
        )
        return {row[0]: row[1] for row in rows}


def send(sessions: Sessions, most: int, read: dict[str, float] | None = None) -> int:
    """Claim as lanes do; everything is delivered, and a share of each variant read."""
    with session_scope(sessions) as session:
        campaign = find_campaign(session, "spring")
        if campaign.state != "running":
            return 0
        shares = bounded_shares(session, {campaign.id: most}, [campaign.id])
        claimed, _ = claim_due(session, shares, limit=most, now=NOON, lease=timedelta(minutes=1))
        note_taken(session, {campaign.id: [each.id for each in claimed]}, NOON)
        session.execute(
            text(
                "UPDATE message m SET state = 'delivered', delivered_at = :now, read_at = CASE WHEN "
                "m.row_number % 100 < 100 * CAST(CAST(:read AS jsonb) ->> t.name AS float) THEN :now END "
                "FROM campaign c, template t WHERE c.id = m.campaign_id "
                "AND t.id = COALESCE(m.template_id, c.template_id) AND m.id = ANY(:ids)"
            ),
            {"now": NOON, "ids": [each.id for each in claimed], "read": json.dumps(read or {})},
        )
        return len(claimed)


def sweep(sessions: Sessions, now: Any) -> list[int]:
    """As tasks.sweeps does it: winners before canaries, in one transaction."""
    with session_scope(sessions) as session:
        decided = follow_winners(session, now)
        follow_canaries(session, now)
        return decided


def sampled(sessions: Sessions, request: NewCampaign, read: dict[str, float]) -> None:
    """A campaign whose sample was sent and now waits."""
    create_campaign(sessions, replace(request, winner=RULE), now=NOON)
    launch(sessions, "spring", now=NOON)
    assert send(sessions, 1000, read) == SAMPLE
    assert send(sessions, 1000, read) == 0


def test_the_list_is_split_by_share_and_each_row_filled_for_its_own(sessions: Sessions, request_: NewCampaign) -> None:
    create_campaign(sessions, request_, now=NOON)
    counted = Counter(drawn(sessions).values())
    assert counted.total() == PEOPLE
    assert abs(counted["spring_sale"] / PEOPLE - 0.5) < 0.06
    with sessions() as session:
        parameters = session.scalars(text("SELECT DISTINCT parameters - 'body.1' FROM message")).all()
    assert parameters == [{"body.2": "15%"}]


def test_the_same_list_again_is_split_alike(sessions: Sessions, request_: NewCampaign) -> None:
    create_campaign(sessions, request_, now=NOON)
    first = drawn(sessions)
    with session_scope(sessions) as session:
        session.delete(find_campaign(session, "spring"))
    request_.audience.write_text(  # type: ignore[union-attr]
        "name,phone\n" + "".join(f"Ann,{fiction_phone(n)[1:]}\n" for n in reversed(range(PEOPLE)))
    )
    create_campaign(sessions, request_, now=NOON)
    assert drawn(sessions) == first


def test_the_better_variant_gets_the_rest(sessions: Sessions, request_: NewCampaign) -> None:
    sampled(sessions, request_, {"spring_sale": 0.2, "spring_b": 0.5})
    assert sweep(sessions, NOON + WAIT - timedelta(seconds=1)) == []
    assert len(sweep(sessions, NOON + WAIT)) == 1
    with sessions() as session:
        found = compare(session, "spring")
        rest = session.execute(
            text(
                "SELECT t.name, m.parameters ?| ARRAY['A/body.1', 'B/body.1', 'A/body.2'], count(*) FROM message m "
                "JOIN campaign c ON c.id = m.campaign_id JOIN template t ON t.id = COALESCE(m.template_id, "
                "c.template_id) WHERE m.state = 'queued' AND m.parameters ->> 'body.2' = '15%' GROUP BY 1, 2"
            )
        ).all()
    assert (found.winner, found.decision and found.decision[:9]) == ("B", "B wins (p")
    assert {row[0] for row in rest} == {"spring_b"}
    assert sum(row[2] for row in rest) == PEOPLE - SAMPLE
    assert send(sessions, 1000) == PEOPLE - SAMPLE


def test_where_nobody_wins_the_rest_gets_the_variants_by_their_shares(
    sessions: Sessions, request_: NewCampaign
) -> None:
    sampled(sessions, request_, {"spring_sale": 0.3, "spring_b": 0.3})
    before = drawn(sessions)
    assert len(sweep(sessions, NOON + WAIT)) == 1
    assert drawn(sessions) == before
    with sessions() as session:
        found = compare(session, "spring")
    assert (found.winner, (found.decision or "").endswith("The rest gets the variants by their shares.")) == (
        None,
        True,
    )


def test_several_sweeps_at_once_decide_once(sessions: Sessions, request_: NewCampaign) -> None:
    sampled(sessions, request_, {"spring_sale": 0.2, "spring_b": 0.5})
    ready, decided = Barrier(4), []

    def sweep_at_once() -> None:
        ready.wait()
        decided.extend(sweep(sessions, NOON + WAIT))

    threads = [Thread(target=sweep_at_once) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(decided) == 1
    assert sweep(sessions, NOON + 2 * WAIT) == []


def test_killed_after_the_decision_it_is_made_again_alike(
    sessions: Sessions, request_: NewCampaign, monkeypatch: pytest.MonkeyPatch
) -> None:
    sampled(sessions, request_, {"spring_sale": 0.2, "spring_b": 0.5})

    def killed(*arguments: Any) -> int:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(store, "give_winner", killed)
        with pytest.raises(KeyboardInterrupt):
            sweep(sessions, NOON + WAIT)
    with sessions() as session:
        assert session.query(WinnerRule).one().decided_at is None
    assert len(sweep(sessions, NOON + WAIT)) == 1


def test_whoever_goes_on_before_the_decision_has_decided(sessions: Sessions, request_: NewCampaign) -> None:
    sampled(sessions, request_, {"spring_sale": 0.2, "spring_b": 0.5})
    resume(sessions, "spring", now=NOON)
    assert sweep(sessions, NOON + WAIT) == []
    with sessions() as session:
        assert "went on or ended before" in (compare(session, "spring").decision or "")


def test_status_and_summary_tell_of_each_variant(sessions: Sessions, request_: NewCampaign) -> None:
    sampled(sessions, request_, {"spring_sale": 0.2, "spring_b": 0.5})
    with sessions() as session:
        campaign = find_campaign(session, "spring")
        words = variant_words(session, campaign.id)
        lines = [line for line in summary_lines(load_figures(session, campaign)) if line.section == "variant"]
    assert [line.split(":")[0] for line in words] == [
        "Variant A (spring_sale en_US, 50%)",
        "Variant B (spring_b en_US, 50%)",
    ]
    assert sum(line.number or 0 for line in lines if line.detail == "delivered") == SAMPLE
    assert sum(line.number or 0 for line in lines if line.detail == "messages") == PEOPLE


@pytest.mark.parametrize(
    ("second", "said"),
    [
        (VariantTerms("B", 50), "variants A and B are both spring_sale"),
        (VariantTerms("B", 50, "receipt"), "variant B is utility and the campaign marketing"),
        (VariantTerms("B", 50, "gone"), "no template gone"),
        (VariantTerms("B", 50, "paused"), "is PAUSED, not APPROVED"),
    ],
)
def test_variants_that_cannot_be_sent_or_compared_are_refused(
    sessions: Sessions, request_: NewCampaign, second: VariantTerms, said: str
) -> None:
    from campaign.errors import CampaignError
    from models import Sender

    with session_scope(sessions) as session:
        sender = session.query(Sender).one()
        make_template(session, sender, "receipt", category="utility")
        make_template(session, sender, "paused", status="PAUSED")
    with pytest.raises(CampaignError, match=said):
        create_campaign(sessions, replace(request_, variants=(VariantTerms("A", 50), second)), now=NOON)
    with sessions() as session:
        assert session.scalar(text("SELECT count(*) FROM campaign")) == 0


def test_the_campaigns_own_template_is_one_of_them(sessions: Sessions, request_: NewCampaign) -> None:
    variants = (VariantTerms("A", 50, "spring_b"), VariantTerms("B", 50, "spring_b", "en_US"))
    with pytest.raises(UsageError, match="both spring_b"):
        create_campaign(sessions, replace(request_, variants=variants), now=NOON)
