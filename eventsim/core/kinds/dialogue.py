"""What was said and done, and how it was judged.

Texts stand here once and verbatim, as the other side saw them.
"""

from __future__ import annotations

from typing import Literal

from eventsim.core.changes import RowChange
from eventsim.core.event import By, Event
from eventsim.core.kinds.models import Answer
from eventsim.core.values import JsonObject, Value

__all__ = [
    "AssistantReplied",
    "Finding",
    "ToolAbandoned",
    "ToolCall",
    "ToolCalled",
    "ToolReturned",
    "UserMessaged",
    "VerdictGiven",
    "asked_calls",
]


class ToolCall(Value):
    """A call that the assistant, or the user, asked for. `id` is ours, unique on the
    path; `given_id` is the endpoint's, `raw_arguments` its text where that differs
    from the canonical rendering of `arguments`.
    """

    id: str
    name: str
    arguments: JsonObject
    given_id: str | None = None
    raw_arguments: str | None = None


class UserMessaged(Event):
    """The user said something, or called tools of their own side: nobody else sees
    these calls and their results. `given` marks a person's or an edit's words, `asked`
    the question of a task, put as it stands.
    """

    kind: Literal["user.messaged"] = "user.messaged"
    kind_version = 2
    origin = "outcome"
    volatile = frozenset({"answer"})
    text: str
    calls: tuple[ToolCall, ...] = ()
    is_task_complete: bool = False
    given: bool = False
    by: By = ""
    asked: bool = False
    answer: Answer = Answer()


class AssistantReplied(Event):
    """The assistant answered the user, or asked for tool calls, or both."""

    kind: Literal["assistant.replied"] = "assistant.replied"
    kind_version = 2
    origin = "outcome"
    volatile = frozenset({"answer"})
    text: str = ""
    reasoning: str | None = None
    calls: tuple[ToolCall, ...] = ()
    by: By = ""
    answer: Answer = Answer()


class ToolCalled(Event):
    """Call `index` of the path's reply number `reply` (both from 0) is executed.

    A reply is whatever can ask for calls: each of the assistant's, and the user's that
    do. They are counted, not placed, so that a resumed path says the same as one that
    was never interrupted. `fault` is what is made to go wrong on purpose.
    """

    kind: Literal["tool.called"] = "tool.called"
    kind_version = 2
    reply: int
    index: int
    name: str
    fault: str = ""
    by: By = ""


class ToolReturned(Event):
    """The result, verbatim as the assistant sees it, and what it did to rows.
    `answer` is there when a model played the tool.
    """

    kind: Literal["tool.returned"] = "tool.returned"
    kind_version = 2
    origin = "outcome"
    volatile = frozenset({"duration_us", "answer"})
    reply: int
    index: int
    content: str
    is_error: bool = False
    changes: tuple[RowChange, ...] = ()
    duration_us: int = 0
    by: By = ""
    answer: Answer | None = None


def asked_calls(event: Event) -> tuple[ToolCall, ...] | None:
    """The calls that a reply asks for; None for what is no reply."""
    match event:
        case AssistantReplied():
            return event.calls
        case UserMessaged() if event.calls:
            return event.calls
    return None


class ToolAbandoned(Event):
    """A call whose outcome will never be known on this path. It is made again, unless
    it may have changed a service that keeps its state: then its result says so.
    """

    kind: Literal["tool.abandoned"] = "tool.abandoned"
    reply: int
    index: int


class Finding(Value):
    """One check and whether it held; `objective` is None for the frame. `grade` is
    the class of a rubric point (PAPER.md): only critical ones and structural ones
    decide.
    """

    check: str
    passed: bool
    objective: int | None = None
    detail: str = ""
    grade: Literal["", "critical", "structural", "non-critical", "invalid"] = ""


class VerdictGiven(Event):
    """Whether a task was done: `proven` by its checks alone, or `judged` by a model,
    whose `reasoning` and `answer` are then here.
    """

    kind: Literal["verdict.given"] = "verdict.given"
    kind_version = 2
    volatile = frozenset({"answer"})
    task: int
    judgment: Literal["valid", "invalid"]
    basis: Literal["proven", "judged"]
    findings: tuple[Finding, ...]
    reasoning: str = ""
    answer: Answer | None = None
