"""A report of any kind."""

from pathlib import Path

import pytest

from campaign.errors import UsageError
from campaign.reports.write import KINDS, write_report
from tests.campaign.reports.conftest import Listed


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_is_written_even_of_nothing(listed: Listed, tmp_path: Path, kind: str) -> None:
    out = tmp_path / f"{kind}.csv"
    with listed.sessions() as session:
        count = write_report(session, listed.campaign, kind, out).lines
    assert len(out.read_text().splitlines()) == count + 1


def test_another_kind_is_refused_by_name(listed: Listed, tmp_path: Path) -> None:
    with (
        listed.sessions() as session,
        pytest.raises(UsageError, match="recipients, summary, errors, rejected, replies"),
    ):
        write_report(session, listed.campaign, "everything", tmp_path / "out.csv")
    assert list(tmp_path.iterdir()) == []
