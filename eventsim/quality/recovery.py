"""What became of the tool faults that were injected: a measure of recovery. Pure.

A fault is dealt with if the assistant gets the true result after all, by another call
of the same tool in the same task, or if the user is told before they speak again. The
verdict on the task says whether that was enough. Source: DESIGN.md, faults as events.
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
    """One injected fault. `repeated`: the tool was called again in the task and
    returned without a fault or an error. `told`: a reply speaks of trouble before the
    user speaks again (English words). `judgment` is that on its task, "" without one.
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


def recoveries(events: Iterable[Event]) -> tuple[Recovery, ...]:
    """The faults of a path, in order, with what became of each."""
    found: list[Recovery] = []
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
            case ToolReturned() if open_call is not None:
                if not open_call.fault and not event.is_error:
                    _update(found, first, tool=open_call.name)
            case AssistantReplied() if not event.calls and _TOLD.search(event.text):
                found[silent:] = [replace(each, told=True) for each in found[silent:]]
            case VerdictGiven():
                found[first:] = [
                    replace(each, judgment=event.judgment) for each in found[first:]
                ]
    return tuple(found)


def _update(found: list[Recovery], first: int, *, tool: str) -> None:
    for index in range(first, len(found)):
        if found[index].tool == tool:
            found[index] = replace(found[index], repeated=True)
