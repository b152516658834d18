"""${message}

Revision ID: ${up_revision}
Revises: ${down_revision | comma,n}
Created: ${create_date}

locks    which tables it locks, in what mode, for how long
back     what `downgrade` restores, and what it cannot

Rules of a migration:

- It gets 4 s to take a lock and 5 s per statement, see env.py: what needs longer goes in steps.
- A migration that has been released is never changed; the next one mends it.
- The code before it and the code after it both work on its result: add first, fill, then require; drop a release later.
- Indexes on tables that may be large are made CONCURRENTLY, in an `autocommit_block()` and a migration of their own.
- Data is filled set by set, in batches, never row by row.
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
${imports if imports else ""}
revision: str = ${repr(up_revision)}
down_revision: str | None = ${repr(down_revision)}
branch_labels: str | Sequence[str] | None = ${repr(branch_labels)}
depends_on: str | Sequence[str] | None = ${repr(depends_on)}


def upgrade() -> None:
    ${upgrades if upgrades else "pass"}


def downgrade() -> None:
    ${downgrades if downgrades else "pass"}
