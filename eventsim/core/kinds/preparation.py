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

__all__ = [
    "PreparationEnded",
    "PreparationStarted",
    "TaskCreated",
    "TaskRejected",
    "ToolDefined",
    "ToolRejected",
]


class PreparationStarted(Event):
    """The head of a stream of tools (`purpose` tools) or of tasks for one trajectory.

    A stream of tasks refers to the stream its tools come from, and lists the digests
    of the tools that the trajectory is offered, in the order of the request; `policy`
    is the assistant's instructions, `now` the time inside the dialogue.
    """

    kind: Literal["preparation.started"] = "preparation.started"
    origin = "given"
    volatile = frozenset({"run", "tools_from"})
    label: str
    purpose: Literal["tools", "tasks"]
    source: Source
    run: Ref | None = None
    index: int | None = None
    tools_from: Ref | None = None
    toolset: tuple[str, ...] = ()
    policy: str = ""
    now: str = ""


class ToolDefined(Event):
    """A tool that was prepared and run once against the database."""

    kind: Literal["tool.defined"] = "tool.defined"
    origin = "given"
    tool: ToolDefinition


class ToolRejected(Event):
    """Something in the schema got no tool, and why."""

    kind: Literal["tool.rejected"] = "tool.rejected"
    origin = "given"
    name: str
    reason: str


class TaskCreated(Event):
    """A task that its witness proved possible and not trivial."""

    kind: Literal["task.created"] = "task.created"
    origin = "given"
    task: Task
    witness: Witness


class TaskRejected(Event):
    """A task that was drafted and not accepted, and why."""

    kind: Literal["task.rejected"] = "task.rejected"
    origin = "given"
    title: str
    reason: str


class PreparationEnded(Event):
    """The preparation is complete and may be mounted."""

    kind: Literal["preparation.ended"] = "preparation.ended"
    origin = "given"
