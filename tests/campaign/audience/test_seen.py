"""Nobody who came before is missed; few are taken for one of them."""

import numpy as np

from campaign.audience.seen import SeenBefore


def test_whoever_came_before_is_named_and_hardly_anybody_else() -> None:
    seen = SeenBefore()
    assert not seen.add(np.arange(525_510_000_000, 525_510_050_000)).any()
    found = seen.add(np.arange(525_510_049_000, 525_510_060_000))
    assert found[:1000].all()
    others = np.arange(525_520_000_000, 525_520_020_000)
    assert seen.add(others).sum() < len(others) / 50


def test_no_people_are_fine() -> None:
    assert len(SeenBefore().add(np.array([], "int64"))) == 0
