"""`campaign create` killed in the middle: nothing of the campaign exists, and the same command then succeeds.

An import is one transaction; the server rolls it back when it notices that its client is gone. Only what is named by
its own content, and the temporary CSV of a workbook or a query, may stay behind on the disk.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from sqlalchemy import func, select, text

from models import AudienceImport, Campaign, Contact, Message, RejectedRow, Upload
from models.session import Sessions, session_scope
from tests.factories import make_sender, make_template

ROWS = 40_000
TABLES = (Campaign, AudienceImport, Message, RejectedRow, Contact, Upload)


def command(path: Path) -> list[str]:
    options = {"sender": "shop", "template": "spring_sale", "language": "en_US", "audience": path, "region": "MX"}
    arguments = [str(word) for key, value in options.items() for word in (f"--{key}", value)]
    entry = "import sys; from console.cli.main import main; sys.exit(main(sys.argv[1:]))"
    return [sys.executable, "-c", entry, "create", "spring", *arguments, "--map", "body.1=name", "--map", "body.2==x"]


def writing(sessions: Sessions) -> bool:
    """Whether some transaction has written messages that nobody else can see yet."""
    with sessions() as session:
        held = "SELECT count(*) FROM pg_locks JOIN pg_class ON pg_class.oid = relation WHERE relname = 'message'"
        return bool(session.scalar(text(f"{held} AND mode = 'RowExclusiveLock' AND pid <> pg_backend_pid()")))


def counts(sessions: Sessions) -> list[int]:
    with sessions() as session:
        return [session.scalar(select(func.count()).select_from(table)) or 0 for table in TABLES]


def wait_until(holds: object, *, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():  # type: ignore[operator]
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_nothing_is_half_created_by_a_create_that_is_killed(
    sessions: Sessions, database_url: str, redis_url: str, tmp_path: Path
) -> None:
    path = tmp_path / "list.csv"
    path.write_text("name,phone\n" + "".join(f"Ana,+5255{55550000 + n}\n" for n in range(ROWS)))
    with session_scope(sessions) as session:
        make_template(session, make_sender(session))
        grant = """
            INSERT INTO consent_event (phone_identity, phone_e164, category, action, source, occurred_at, recorded_by)
            SELECT '5255' || (55550000 + n), '+5255' || (55550000 + n), 'marketing', 'opt_in', 'test',
                   now() - interval '1 day', 'test' FROM generate_series(0, :rows - 1) AS n
        """
        session.execute(text(grant), {"rows": ROWS})
    named = {"DATABASE_URL": database_url, "REDIS_URL": redis_url, "HOME": str(tmp_path), "IMPORT_CHUNK_ROWS": "2000"}
    environment = os.environ | {f"CAMPAIGN_{name}": value for name, value in named.items()}
    process = subprocess.Popen(command(path), env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    try:
        wait_until(lambda: writing(sessions) or process.poll() is not None)
        assert process.poll() is None, process.stdout and process.stdout.read()
        process.send_signal(signal.SIGKILL)
        process.wait(timeout=10)
    finally:
        process.kill()
        process.communicate()
    wait_until(lambda: not writing(sessions))
    assert counts(sessions) == [0] * len(TABLES)
    assert not (tmp_path / "uploads").exists()
    again = subprocess.run(command(path), env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert (again.returncode, again.stderr[:200].startswith("Warning: 40,000 numbers follow")) == (0, True), (
        again.stderr
    )
    assert counts(sessions) == [1, 1, ROWS, 0, ROWS, 1]
