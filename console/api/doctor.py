"""`/doctor`: is everything there that a campaign needs?"""

import os

from fastapi import APIRouter

from console.api.door import Doored, Viewing
from console.doctor import Finding, look

router = APIRouter(tags=["doctor"])


@router.get("/doctor")
def doctor(door: Doored, by: Viewing) -> list[Finding]:
    """Stores, schema, broker, receiver, clocks, secrets, subscribers: each with what is wrong. Takes some seconds."""
    return list(look(door.settings, os.environ))
