"""People with each role."""

import pytest

from campaign.access.roles import Actor
from models.access import Role

ADMIN = Actor("cli:root", Role.ADMIN)
PASSWORD = "correct horse battery"


@pytest.fixture
def admin() -> Actor:
    return ADMIN


@pytest.fixture
def operator() -> Actor:
    return Actor("user:olga", Role.OPERATOR)


@pytest.fixture
def viewer() -> Actor:
    return Actor("user:vera", Role.VIEWER)
