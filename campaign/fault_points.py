"""Places at which a test may kill a process, to prove that nothing is sent twice and nothing is lost from there on.

`reached()` does nothing unless two things hold that no installation has: CAMPAIGN_FAULT_POINTS was set to a folder when
the process started (no setting reads it, so `campaign doctor` names it), and that folder holds a file with the point's
name. The file is taken away by the one process that dies of it, so each file kills once.
"""

import os
import signal
from enum import StrEnum
from pathlib import Path

VARIABLE = "CAMPAIGN_FAULT_POINTS"


class FaultPoint(StrEnum):
    """Each place, in the order in which a message passes them."""

    BEFORE_CLAIM_COMMIT = "before-claim-commit"
    AFTER_CLAIM_COMMIT = "after-claim-commit"
    REQUESTS_ON_THEIR_WAY = "requests-on-their-way"
    AFTER_RESPONSE = "after-response"
    BEFORE_RECORD_COMMIT = "before-record-commit"
    AFTER_RECORD_COMMIT = "after-record-commit"
    BEFORE_WEBHOOK_COMMIT = "before-webhook-commit"
    AFTER_WEBHOOK_COMMIT = "after-webhook-commit"
    BEFORE_APPLY_COMMIT = "before-apply-commit"
    AFTER_APPLY_COMMIT = "after-apply-commit"


_FOLDER = os.environ.get(VARIABLE)


def reached(point: FaultPoint) -> None:
    """Say that the process is at a point; it dies there when a test has armed it."""
    if _FOLDER is not None:
        _die_if_armed(Path(_FOLDER) / point)


def _die_if_armed(armed: Path) -> None:
    try:
        armed.unlink()
    except OSError:  # not armed, or another process was first
        return
    os.kill(os.getpid(), signal.SIGKILL)
