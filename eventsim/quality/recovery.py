"""What became of the tool faults that were injected: a measure of recovery. Pure.

A fault is dealt with if the assistant makes the same call again in the same task and it
returns, or if the user is told before they speak again. It is recovered from if the
verdict on the task says that this was enough. A way around by other arguments or
another tool cannot be known from events alone, and is not counted: the measure errs on
the low side. Source: DESIGN.md, faults as events.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

from eventsim.core.events import (
    AssistantReplied,
    Event,
    TaskAssigned,
    ToolCall,
    ToolCalled,
    ToolReturned,
    UserMessaged,
    VerdictGiven,
)

__all__ = ["Recovery", "recoveries"]

_TOLD = re.compile(
    r"\b(?:could ?n[o']t|can ?not|can't|unable|error|fail\w*|problem|timed? ?out|"
    r"sorry|not (?:allowed|permitted|available|possible|found)|denied|unavailable|"
    r"too many|busy|incomplete|only (?:part|some)|no longer|again later)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Recovery:
    """One injected fault. `repeated`: the call was made again in the task, with the
    same arguments, and returned without a fault or an error. `told`: a reply speaks of
    trouble before the user speaks again (English words). `judgment` is that on its
    task, "" without one.
    """

    position: int
    task: int
    tool: str
    fault: str
    repeated: bool = False
    told: bool = False
    judgment: Literal["", "valid", "invalid"] = ""

    @property
    def dealt_with(self) -> bool:
        """Whether the assistant reacted in either way."""
        return self.repeated or self.told

    @property
    def recovered(self) -> bool:
        """Whether the assistant reacted and its task was judged valid."""
        return self.dealt_with and self.judgment == "valid"


def recoveries(events: Iterable[Event]) -> tuple[Recovery, ...]:
    """The faults of a path, in order, with what became of each."""
    found: list[Recovery] = []
    made: list[ToolCall] = []
    calls: tuple[ToolCall, ...] = ()
    open_call: ToolCalled | None = None
    task, first, silent = 0, 0, 0
    for position, event in enumerate(events):
        match event:
            case TaskAssigned():
                task, first = event.number, len(found)
            case UserMessaged():
                silent = len(found)
            case ToolCalled():
                open_call = event
                if event.fault:
                    found.append(Recovery(position, task, event.name, event.fault))
                    made.append(calls[event.index])
            case ToolReturned() if open_call is not None:
                if not open_call.fault and not event.is_error:
                    _repeat(found, made, first, calls[open_call.index])
            case AssistantReplied():
                calls = event.calls
                if not calls and _TOLD.search(event.text):
                    told = [replace(each, told=True) for each in found[silent:]]
                    found[silent:] = told
            case VerdictGiven():
                found[first:] = [
                    replace(each, judgment=event.judgment) for each in found[first:]
                ]
    return tuple(found)


def _repeat(
    found: list[Recovery], made: list[ToolCall], first: int, call: ToolCall
) -> None:
    """Mark the faults from `first` on whose call is made again by `call`."""
    for index in range(first, len(found)):
        faulty = made[index]
        if (faulty.name, faulty.arguments) == (call.name, call.arguments):
            found[index] = replace(found[index], repeated=True)
