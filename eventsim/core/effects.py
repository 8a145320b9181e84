"""Effects as values: what `decide` wants done, which it never does itself.

A step first records what was decided, then has its effect performed; the outcome,
failures included, comes back as events.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from eventsim.core.events import Event, ModelCalled, ToolCall, ToolCalled
from eventsim.core.tools import ToolDefinition

__all__ = ["CallModel", "CallTool", "Effect", "Step"]


@dataclass(frozen=True, slots=True)
class CallModel:
    """Send `body` to the model of the intent's role."""

    intent: ModelCalled
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class CallTool:
    """Execute one call; `tool` is None when no offered tool has that name.

    `ordinal` counts the executed calls on the path before this one.
    """

    intent: ToolCalled
    call: ToolCall
    tool: ToolDefinition | None
    ordinal: int


Effect = CallModel | CallTool


@dataclass(frozen=True, slots=True)
class Step:
    """What to do next: record `events`, then perform `effect` if there is one.

    `wait_ms` is slept first: an intent is recorded when its call is about to leave.
    A step with neither events nor effect means that the path has ended.
    """

    events: tuple[Event, ...] = ()
    effect: Effect | None = None
    wait_ms: int = 0

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not self.events and self.effect is None
