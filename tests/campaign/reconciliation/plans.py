"""How the database carries out what a piece of work asks of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Engine, event

from models.session import Sessions


@contextmanager
def _listening(engine: Engine) -> Iterator[list[tuple[str, Any]]]:
    asked: list[tuple[str, Any]] = []

    def note(connection: Any, cursor: Any, statement: str, parameters: Any, context: Any, many: bool) -> None:
        asked.append((statement, parameters))

    event.listen(engine, "before_cursor_execute", note)
    try:
        yield asked
    finally:
        event.remove(engine, "before_cursor_execute", note)


def plans_of(sessions: Sessions, work: Callable[[], object], *, force: bool) -> Sequence[str]:
    """The plans of every statement of some work that names the table of messages, each headed by its statement.

    force  let the planner take an index wherever there is one, for tables too small to be worth it
    """
    engine: Engine = sessions.kw["bind"]
    with _listening(engine) as asked:
        work()
    found = []
    with engine.connect() as connection:
        if force:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")
        for statement, parameters in asked:
            if "message" in statement:
                rows = connection.exec_driver_sql(f"EXPLAIN {statement}", parameters)
                found.append(f"{statement}\n" + "\n".join(row[0] for row in rows))
        connection.rollback()
    return found


def walks_the_table(plan: str) -> bool:
    """Whether a plan reads the whole table of messages."""
    return "Seq Scan on message" in plan
