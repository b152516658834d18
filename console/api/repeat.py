"""Requests that may be sent again: with an Idempotency-Key what they do is done once, and answered the same again."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, TypeVar

from fastapi import Depends, Header, Request
from pydantic import BaseModel, TypeAdapter

from campaign.access.once import LONGEST_KEY, once
from campaign.access.roles import Actor
from console.api.door import Acting, Door, Doored

T = TypeVar("T")

Key = Annotated[
    str | None,
    Header(
        alias="Idempotency-Key",
        pattern=rf"^[!-~]{{1,{LONGEST_KEY}}}$",
        description="Chosen by you, kept for a day: the same request with the same key is done once",
    ),
]


@dataclass(frozen=True)
class Repeat:
    """A request under way, and the key that it came with."""

    door: Door
    by: Actor
    key: str | None
    where: str

    def answer(self, kind: Any, body: BaseModel | Mapping[str, Any], do: Callable[[], T]) -> T:
        """Do it and answer, or answer what was answered before.

        kind    the type of the answer
        raises  what `do` raises; Conflict while the first is under way, UsageError for a key of another request
        """
        shape: TypeAdapter[T] = TypeAdapter(kind)
        if self.key is None:
            return do()
        given = body.model_dump(mode="json") if isinstance(body, BaseModel) else dict(body)
        request = {"where": self.where, "body": given}

        def doing() -> Mapping[str, Any]:
            return {"answer": shape.dump_python(do(), mode="json")}

        kept = once(self.door.sessions, self.by, self.key, request, doing, now=self.door.clock())
        return shape.validate_python(kept["answer"])


def _repeat(request: Request, door: Doored, by: Acting, key: Key = None) -> Repeat:
    return Repeat(door, by, key, f"{request.method} {request.url.path}?{request.url.query}")


Repeatable = Annotated[Repeat, Depends(_repeat)]
