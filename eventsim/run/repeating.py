"""Which recorded calls are made again to mount an environment at a position. Pure.

Those that may have changed it, with the tool and the clock that were in force: a fork
may have taken a tool away or set another time since.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from eventsim.core.arguments import is_unavailable
from eventsim.core.events import (
    ClockSet,
    EnvironmentMounted,
    Event,
    Source,
    ToolCall,
    ToolCalled,
    ToolReturned,
    TrajectoryForked,
    TrajectoryImported,
    TrajectoryStarted,
    asked_calls,
)
from eventsim.core.faults import replaces
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Footing
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of

__all__ = ["Grounds", "Repeat", "environment_key", "repeats_of", "tool_then"]

Grounds = Mapping[Footing, Materials]
"""What a path works with, by what it stands on."""


class Repeat(NamedTuple):
    """A recorded call that is made again: `now` is the clock that it had."""

    position: int
    returned: ToolReturned
    call: ToolCall
    tool: ToolDefinition
    ordinal: int
    now: str


def repeats_of(
    events: Sequence[Event], materials: Materials, grounds: Grounds
) -> Iterator[Repeat]:
    """The calls that may have changed what is mounted at the end of a path."""
    replies: list[tuple[ToolCall, ...]] = []
    begins, ordinal, fault, now = _mounted_at(events, materials.source), -1, "", ""
    lasting = materials.source.lasting
    standing = _Standing(materials, grounds)
    for position, event in enumerate(events):
        asked = asked_calls(event)
        if asked is not None:
            replies.append(asked)
        elif isinstance(event, ToolCalled):
            fault = event.fault
        elif isinstance(event, ClockSet):
            now = event.now
        else:
            standing.see(event)
        if not isinstance(event, ToolReturned):
            continue
        ordinal += 1
        if position < begins or event.by in ("import", "edit") or replaces(fault):
            continue
        call = replies[event.reply][event.index]
        tool = standing.tool(call.name, copied=event.by == "copy")
        if tool is None or not tool.writes or tool.environment in lasting:
            continue
        # What an external one answered with an error may have changed it too.
        unknown = is_unavailable(event.content)
        if not event.is_error or (tool.environment and not unknown):
            yield Repeat(position, event, call, tool, ordinal, now)


class _Standing:
    """The tools that are in force along a path."""

    def __init__(self, materials: Materials, grounds: Grounds) -> None:
        self._last, self._grounds = materials, grounds
        self._state = Dialogue()
        self._here = self._before = materials

    def see(self, event: Event) -> None:
        """A fork may stand on something else than its parent."""
        if isinstance(event, TrajectoryStarted | TrajectoryImported | TrajectoryForked):
            self._state = fold([event], self._state)
            self._before = self._here
            footing = self._state.footing
            if footing is not None:
                self._here = self._grounds.get(footing, self._last)

    def tool(self, name: str, *, copied: bool) -> ToolDefinition | None:
        """What a call of this name means here. What a fork took over was executed
        with the tools of its parent.
        """
        first, second = self._here, self._before
        if copied:
            first, second = second, first
        return first.tool_by_name.get(name) or second.tool_by_name.get(name)


def tool_then(
    events: Sequence[Event], materials: Materials, grounds: Grounds, name: str
) -> ToolDefinition | None:
    """What a call that was taken over at the end of a path means."""
    standing = _Standing(materials, grounds)
    for event in events:
        standing.see(event)
    return standing.tool(name, copied=True)


def environment_key(
    state: Dialogue, materials: Materials, repeats: Sequence[Repeat]
) -> str:
    """What an environment is a function of."""
    assert state.root is not None
    root = [state.root.seed, state.root.lineage, materials.now]
    source = materials.source.model_dump(mode="json")
    done = [(each.ordinal, each.call.id, each.returned.content) for each in repeats]
    return digest_of([root, source, done])


def _mounted_at(events: Sequence[Event], source: Source) -> int:
    """Where the environment of this source was mounted for the last time; past the end
    if it is not what is mounted there.
    """
    for position in range(len(events) - 1, -1, -1):
        event = events[position]
        if isinstance(event, EnvironmentMounted):
            same = (
                event.name == source.name
                and event.rows_digest == source.rows_digest
                and event.external == source.environments_digest
            )
            return position if same else len(events)
    return len(events)
