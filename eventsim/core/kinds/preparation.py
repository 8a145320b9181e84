"""What was prepared: the kinds of the streams of tools and of tasks.

A preparation serves many dialogues, which mount it by reference; what was tried and
rejected is kept with its reason.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.event import Event, Ref
from eventsim.core.kinds.runs import Source
from eventsim.core.tasks import Task, Witness
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import JsonObject

__all__ = [
    "PolicyWritten",
    "PreparationEnded",
    "PreparationStarted",
    "QuestionsGenerated",
    "StageEnded",
    "TaskCreated",
    "TaskRejected",
    "ToolDefined",
    "ToolOutputPredicted",
    "ToolRejected",
]


class PreparationStarted(Event):
    """The head of a stream of questions for one source, of tools, or of the tasks of
    one trajectory; `index` counts the streams of one purpose in a run.

    A stream of tasks refers to the stream its tools come from, and lists the digests
    of the tools that the trajectory is offered, in the order of the request; `policy`
    is the assistant's instructions, `now` the time inside the dialogue.

    `stages` are the stages of PAPER.md that fill the stream, in order; without any it
    was made by rule, in one batch. `question` is what a toolset is made for.

    One that `continues` another has its tasks, and its policy if it writes none, before
    its own; its first task stands in the place of number `replaces`, if that is not 0.
    `dialogue` is the state of a dialogue that it was made to go on with.
    """

    kind: Literal["preparation.started"] = "preparation.started"
    kind_version = 2
    origin = "given"
    volatile = frozenset(
        {"run", "tools_from", "questions_from", "continues", "dialogue"}
    )
    label: str
    purpose: Literal["questions", "tools", "tasks"]
    source: Source
    run: Ref | None = None
    index: int | None = None
    stages: tuple[str, ...] = ()
    seed: int = 0
    lineage: str = ""
    question: str = ""
    questions_from: Ref | None = None
    tools_from: Ref | None = None
    continues: Ref | None = None
    replaces: int = 0
    dialogue: Ref | None = None
    toolset: tuple[str, ...] = ()
    policy: str = ""
    now: str = ""


class QuestionsGenerated(Event):
    """Questions that users of the domain would ask."""

    kind: Literal["questions.generated"] = "questions.generated"
    origin = "outcome"
    questions: tuple[str, ...]


class ToolDefined(Event):
    """A tool. One with a statement was run once against the database; one without is
    played by a model, and its output is predicted later. One that is `given` was there
    before: in an import, or in what a conversation shows.
    """

    kind: Literal["tool.defined"] = "tool.defined"
    kind_version = 2
    origin = "outcome"
    tool: ToolDefinition
    given: bool = False


class ToolOutputPredicted(Event):
    """The JSON Schema of a tool's result. `repaired` lists fields whose type was set
    to the one they had first in this toolset.
    """

    kind: Literal["tool.output_predicted"] = "tool.output_predicted"
    origin = "outcome"
    name: str
    returns: JsonObject
    repaired: tuple[str, ...] = ()


class ToolRejected(Event):
    """A tool that was proposed, or defined earlier in the stream, is left out: why."""

    kind: Literal["tool.rejected"] = "tool.rejected"
    origin = "outcome"
    name: str
    reason: str


class PolicyWritten(Event):
    """The assistant's instructions."""

    kind: Literal["policy.written"] = "policy.written"
    origin = "outcome"
    text: str


class TaskCreated(Event):
    """A task; one with checks was proved possible and not trivial by its witness."""

    kind: Literal["task.created"] = "task.created"
    kind_version = 2
    origin = "outcome"
    task: Task
    witness: Witness | None = None


class TaskRejected(Event):
    """A task that was drafted and not accepted, and why."""

    kind: Literal["task.rejected"] = "task.rejected"
    origin = "outcome"
    title: str
    reason: str


class StageEnded(Event):
    """A stage has nothing more to ask."""

    kind: Literal["stage.ended"] = "stage.ended"
    stage: str


class PreparationEnded(Event):
    """The preparation is complete and may be mounted, unless `reason` says why not."""

    kind: Literal["preparation.ended"] = "preparation.ended"
    kind_version = 2
    reason: Literal["completed", "model_failed", "model_rejected", "nothing_usable"] = (
        "completed"
    )
    detail: str = ""
