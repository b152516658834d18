"""A sequence as a request describes it: what its first campaign is created from, and the steps."""

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from campaign.sequences.making import NewSequence
from campaign.sequences.steps import MOST_STEPS, plan_steps
from campaign.settings import Settings
from console.api.campaign_in import SendingIn, with_files
from console.api.shapes import Body
from console.api.words import Moment, Text
from models.sequence import Condition

Span = Annotated[str, Field(pattern=r"^\d{1,6} ?[smhdw]$", description="Such as 30m, 12h, 3d or 2w")]


class StepIn(Body):
    """One step. The first is for everybody on the list and says neither `after` nor `delay` nor `give_up`."""

    template: Text
    language: Annotated[Text | None, Field(description="Without it that of the step before")] = None
    mapping: Annotated[Sequence[Text], Field(max_length=200, description="SLOT=COLUMN; a file is SLOT=@UPLOAD")] = ()
    after: Annotated[Condition | None, Field(description="What the step before must have come to")] = None
    delay: Annotated[Span | None, Field(description="From then on; for who has not, from the delivery on")] = None
    give_up: Annotated[Span | None, Field(description="How long a read or a reply is waited for")] = None

    def table(self, settings: Settings) -> dict[str, Any]:
        """The step as campaign.sequences.steps reads it from a file.

        raises  NotFound when a file that it names is not here
        """
        said = self.model_dump(mode="json", exclude={"mapping"}, exclude_none=True)
        return said | {"map": with_files(self.mapping, settings)}


class SequenceIn(SendingIn):
    """Campaigns that follow one another for each person on one list."""

    steps: Annotated[Sequence[StepIn], Field(min_length=2, max_length=MOST_STEPS)]
    reply_ends: Annotated[bool, Field(description="A reply ends it for that person; an opt-out always does")] = True
    start_at: Moment | None = None
    deadline_at: Moment | None = None

    def new_sequence(self, settings: Settings) -> NewSequence:
        """What is to be created.

        raises  UsageError, NotFound when a file that it names is not here
        """
        steps = [step.table(settings) for step in self.steps]
        plan = plan_steps({"reply_ends": self.reply_ends, "step": steps})
        first = self.request(
            settings, template=plan.first.template, language=plan.first.language,
            start_at=self.start_at, deadline_at=self.deadline_at,
        )  # fmt: skip
        return NewSequence(first, plan)
