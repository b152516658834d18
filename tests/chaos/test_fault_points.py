"""A process killed exactly at each fault point: before and after every commit, and with requests on their way."""

from pathlib import Path

from campaign.fault_points import FaultPoint
from tests.chaos.engine_room import arm, engine_room, scenario_file
from tests.chaos.ledger_judge import judge, table

PEOPLE, RATE, SLOW_MS = 150, 100, 150


def test_killed_at_each_fault_point_nothing_is_sent_twice_and_nothing_lost(tmp_path: Path) -> None:
    slow = scenario_file(tmp_path, ["[network]", f"latency_ms = {SLOW_MS}", f"latency_p95_ms = {2 * SLOW_MS}"])
    with engine_room(tmp_path / "home", slow) as room:
        killed: dict[int, FaultPoint] = {}
        for point in FaultPoint:
            if point == FaultPoint.AFTER_CLAIM_COMMIT:
                # Else the claim might be one of the campaign before, and be counted there.
                room.wait_for(
                    "all before is claimed", lambda: not any(room.counts(id_)["queued"] for id_ in killed), 60
                )
            campaign_id = room.launch(PEOPLE, RATE)
            room.wait_for(f"{point}: under way", lambda id_=campaign_id: room.counts(id_)["queued"] < PEOPLE, 30)
            armed = arm(room, point)
            room.wait_for(f"somebody dies at {point}", lambda armed=armed: not armed.exists(), 30)
            killed[campaign_id] = point
        room.come_to_rest(120, RATE)
        verdicts = judge(room, dict.fromkeys(killed, PEOPLE))
    print(table("killed at", {point: verdicts[id_] for id_, point in killed.items()}))
    for id_, point in killed.items():
        verdict = verdicts[id_]
        assert (verdict.duplicates, verdict.lost, verdict.in_doubt) == (0, 0, 0), f"{point}: {verdict}"
        assert verdict.sends == PEOPLE, f"{point}: {verdict}"
    by_point = {point: verdicts[id_] for id_, point in killed.items()}
    # The kills were where they claim to be: something was claimed, or taken, and nobody had written down more.
    assert by_point[FaultPoint.AFTER_CLAIM_COMMIT].doubted
    assert by_point[FaultPoint.REQUESTS_ON_THEIR_WAY].unheard
    assert by_point[FaultPoint.BEFORE_RECORD_COMMIT].unheard
