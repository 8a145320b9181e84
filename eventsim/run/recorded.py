"""The recorded world: replay's answers and its judge.

The path stands in for the world and for the journal. Outcomes and given events are
taken as they were; decided events are compared field by field with what `decide`
computes now. With an environment, tool calls are also executed again.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Sequence
from typing import Any, Generic, TypeVar

from eventsim.core.arguments import is_unavailable
from eventsim.core.effects import CallModel, CallTool, Effect
from eventsim.core.events import (
    AssistantReplied,
    ClockSet,
    EnvironmentMounted,
    Event,
    ModelFailed,
    ModelRejected,
    ToolReturned,
    UserMessaged,
    VerdictGiven,
    origin_of,
)
from eventsim.environments.environment import CallOutcome
from eventsim.environments.faults import FaultInjector
from eventsim.errors import Diverged
from eventsim.run.world import execute

__all__ = ["PathEnds", "Recorded", "compare", "first_difference"]

S = TypeVar("S")
Mount = Callable[[int], Awaitable[FaultInjector]]
Repeat = Callable[[int, FaultInjector], Awaitable[CallOutcome | None]]

_FROM_MODELS: dict[str, type] = {
    "user": UserMessaged,
    "assistant": AssistantReplied,
    "tool": ToolReturned,
    "judge": VerdictGiven,
}


class PathEnds(Exception):
    """The recorded path has no further event: an open path has an end too."""


class Recorded(Generic[S]):
    """World and journal over a recorded path, from its beginning. With `mount`, which
    gives the environment that is mounted at a position, calls are executed again;
    `repeat` executes the one whose result was taken over at a position. Calls of
    environments that are `lasting` are not.
    """

    def __init__(
        self,
        events: Sequence[Event],
        mount: Mount | None = None,
        repeat: Repeat | None = None,
        lasting: Collection[str] = (),
    ) -> None:
        self._events = events
        self._lasting = lasting
        self._next = 0
        self._mount = mount
        self._repeat = repeat
        self._environment: FaultInjector | None = None

    @property
    def remaining(self) -> int:
        """How many recorded events have not been reached."""
        return len(self._events) - self._next

    @property
    def position(self) -> int:
        """Where the next recorded event stands."""
        return self._next

    @property
    def next_event(self) -> Event:
        """The next recorded event. Raises: PathEnds."""
        if self._next == len(self._events):
            raise PathEnds
        return self._events[self._next]

    @property
    def after_next(self) -> Sequence[Event]:
        """The recorded events after the next one."""
        return self._events[self._next + 1 :]

    def given(self, _: S) -> Sequence[Event]:
        """The given events that stand next."""
        start = end = self._next
        while end < len(self._events) and origin_of(self._events[end]) == "given":
            end += 1
        if end == start == len(self._events):
            raise PathEnds
        return self._events[start:end]

    async def played(self, _effect: Effect, _state: S) -> Sequence[Event]:
        """Nobody plays: what people said was given."""
        return ()

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        """At once: no time passes in a replay."""

    def batches(self, _: Effect) -> bool:
        """Always apart: a fork may lie between intent and outcome."""
        return False

    async def append(self, events: Sequence[Event]) -> int:
        """Compare with what was recorded. Raises: Diverged, PathEnds."""
        for taken, computed in enumerate(events):
            if self._next == len(self._events):
                raise PathEnds
            recorded = self._events[self._next]
            if origin_of(recorded) == "given" and origin_of(computed) != "given":
                return taken
            compare(self._next, recorded, computed)
            if self._mount is not None and isinstance(recorded, EnvironmentMounted):
                await self._remount(recorded, self._mount)
            if self._environment is not None and isinstance(recorded, ClockSet):
                self._environment.set_clock(recorded.now)
            if isinstance(recorded, ToolReturned) and recorded.by == "copy":
                await self._again(recorded)
            self._next += 1
        return len(events)

    async def hold(self, events: Sequence[Event]) -> int:
        """Compared at once. Raises: Diverged, PathEnds."""
        return await self.append(events)

    async def flush(self) -> None:
        """Nothing is held."""

    async def perform(self, effect: Effect, _: S) -> Sequence[Event]:
        """The recorded outcome, or nothing where none was recorded."""
        outcome = self.next_event
        if isinstance(effect, CallModel):
            wanted = _FROM_MODELS[effect.intent.role]
            if not isinstance(outcome, (wanted, ModelFailed, ModelRejected)):
                return ()
        elif not isinstance(outcome, ToolReturned):
            return ()
        if origin_of(outcome) == "given":
            return ()
        if isinstance(effect, CallTool) and isinstance(outcome, ToolReturned):
            await self._execute(effect, outcome)
        return (outcome,)

    async def close(self) -> None:
        """Let go of what is mounted."""
        if self._environment is not None:
            await self._environment.close()

    async def _remount(self, recorded: EnvironmentMounted, mount: Mount) -> None:
        await self.close()
        self._environment = await mount(self._next)
        digest = await self._environment.own_digest()
        if digest != recorded.rows_digest:
            raise Diverged(
                self._next, recorded.kind, "rows_digest", recorded.rows_digest, digest
            )

    async def _again(self, recorded: ToolReturned) -> None:
        if self._environment is None or self._repeat is None:
            return
        if is_unavailable(recorded.content):
            return
        outcome = await self._repeat(self._next, self._environment)
        if outcome is not None:
            again = recorded.model_copy(update={"content": outcome.content})
            compare(self._next, recorded, again)

    async def _execute(self, effect: CallTool, recorded: ToolReturned) -> None:
        if self._environment is None or effect.tool is None:
            return
        if effect.tool.environment in self._lasting:
            return
        if effect.tool.environment and is_unavailable(recorded.content):
            return  # what it did is unknown, and waiting again would tell nothing
        outcome = await execute(self._environment, effect)
        computed = recorded.model_copy(
            update={
                "content": outcome.content,
                "is_error": outcome.is_error,
                "changes": outcome.changes,
            }
        )
        compare(self._next, recorded, computed)


def compare(position: int, recorded: Event, computed: Event) -> None:
    """Raises: Diverged naming the first field that differs."""
    if recorded is computed:
        return
    if recorded.kind != computed.kind:
        raise Diverged(position, recorded.kind, "kind", recorded.kind, computed.kind)
    difference = first_difference(
        recorded.model_dump(mode="json"), computed.model_dump(mode="json")
    )
    if difference is not None:
        field, was, now = difference
        raise Diverged(position, recorded.kind, field, _short(was), _short(now))


def first_difference(
    recorded: Any, computed: Any, field: str = ""
) -> tuple[str, Any, Any] | None:
    """The first place where two JSON values differ: its path and both values."""
    if isinstance(recorded, dict) and isinstance(computed, dict):
        for key in [*recorded, *(k for k in computed if k not in recorded)]:
            inner = f"{field}.{key}" if field else key
            found = first_difference(recorded.get(key), computed.get(key), inner)
            if found is not None:
                return found
        return None
    if isinstance(recorded, list) and isinstance(computed, list):
        for index, (was, now) in enumerate(zip(recorded, computed, strict=False)):
            found = first_difference(was, now, f"{field}[{index}]")
            if found is not None:
                return found
        if len(recorded) != len(computed):
            return (f"{field}.length", len(recorded), len(computed))
        return None
    same = type(recorded) is type(computed) and recorded == computed
    return None if same else (field, recorded, computed)


def _short(value: Any, limit: int = 160) -> str:
    text = value if isinstance(value, str) else repr(value)
    return text if len(text) <= limit else text[: limit - 1] + "…"
