"""What a dialogue is at a position: the value that folding its path gives.

Only `core/fold.py` makes new ones. Everything here is derived; nothing is stored.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, NamedTuple

from eventsim.config import Role
from eventsim.core.changes import RowChange
from eventsim.core.events import (
    Behaviour,
    EnvironmentMounted,
    ModelCalled,
    ModelFailed,
    PersonaAssigned,
    Ref,
    TaskAssigned,
    ToolCall,
    ToolCalled,
    ToolsetMounted,
    TrajectoryEnded,
    TrajectoryImported,
    TrajectoryStarted,
    VerdictGiven,
)
from eventsim.core.tools import Requestor

__all__ = ["Dialogue", "Footing", "Message", "OpenTask", "PendingCall"]


class Footing(NamedTuple):
    """What a dialogue stands on: the run whose configuration it follows, the
    preparation that it mounts, the pipeline that decides.
    """

    run: Ref
    preparation: Ref
    pipeline: str


@dataclass(frozen=True, slots=True)
class Message:
    """One line of the transcript. `call` is what a tool message answers;
    `closing` marks the simulator's thank-you for a task, which needs no reply.
    `reasoning` is the assistant's own, for endpoints that want it back. `requestor` of
    a tool message is whose call it answers.

    How a message looks in requests never changes, so each way is worked out once and
    shared by all states that hold the message; it is no part of its value, nor is
    `carried`: what was gathered from the messages up to this one (`core/along.py`).
    """

    position: int
    speaker: Literal["user", "assistant", "tool"]
    text: str
    calls: tuple[ToolCall, ...] = ()
    call: ToolCall | None = None
    closing: bool = False
    reasoning: str | None = None
    requestor: Requestor = "assistant"
    _encoded: dict[str, bytes] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )
    carried: dict[str, tuple[int, tuple[Any, ...], Any]] = field(
        default_factory=dict, init=False, repr=False, compare=False
    )

    @property
    def is_private(self) -> bool:
        """Whether the user's side alone sees it: calls of its own, and results."""
        if self.speaker == "user":
            return bool(self.calls) and not self.text
        return self.requestor == "user"

    @property
    def awaits_assistant(self) -> bool:
        """Whether the assistant speaks after it."""
        return self.speaker != "assistant" and not self.is_private

    def encoded(self, view: str, encode: Callable[[Message], bytes]) -> bytes:
        """What `encode` makes of this message, made once for each `view`: the name of
        a pure function of the message.
        """
        found = self._encoded.get(view)
        if found is None:
            found = self._encoded[view] = encode(self)
        return found


@dataclass(frozen=True, slots=True)
class PendingCall:
    """A call that was asked for and that has no result yet."""

    reply: int
    index: int
    call: ToolCall
    requestor: Requestor = "assistant"


@dataclass(frozen=True, slots=True)
class OpenTask:
    """The task at hand and what has happened since it was assigned.

    `statements` are the assistant's texts to the user, `changes` what writes did.
    """

    assigned: TaskAssigned
    position: int
    user_messages: int = 0
    complete: bool = False
    changes: tuple[RowChange, ...] = ()
    statements: tuple[str, ...] = ()


class Begun(NamedTuple):
    """How much of a path there was when its run went on from it: limits are the run's
    own, and count from there.
    """

    turns: int = 0
    tokens: int = 0
    latency_ms: int = 0


class Dialogue(NamedTuple):
    """The state of a path of `length` events.

    A named tuple, for a new one is made at every event, and replacing fields of a
    frozen dataclass of this size costs ten times as much.

    `user_calls` and `assistant_calls` count answered model calls, `replies` what can
    ask for tool calls. Of the call at hand,
    `rejected` are the answers that could not be used, each with the reason, `failures`
    the tries since then that brought none. `steps` counts the rounds of tool calls
    since the user last spoke, `turns` and `tool_calls` those of the whole path.
    `behaviours` shape the user's next message, `spoke_under` those of the last one in
    this task. `tokens`, `cost_usd` and `latency_ms` add up all model calls of the path,
    failed and rejected ones too; `context_tokens` is the input of the last one.
    `abandoned_tool` is the intent of the first call that waits, if it was made once and
    its outcome is unknown. `number` is its own in its run; a fork that no run planned
    has none.
    """

    length: int = 0
    root: TrajectoryStarted | TrajectoryImported | None = None
    footing: Footing | None = None
    label: str = ""
    number: int | None = None
    seed: int = 0
    lineage: str = ""
    environment: EnvironmentMounted | None = None
    toolset: ToolsetMounted | None = None
    policy: str | None = None
    persona: PersonaAssigned | None = None
    clock: str | None = None
    task: OpenTask | None = None
    verdicts: tuple[VerdictGiven, ...] = ()
    messages: tuple[Message, ...] = ()
    pending: tuple[PendingCall, ...] = ()
    behaviours: tuple[Behaviour, ...] = ()
    spoke_under: tuple[Behaviour, ...] = ()
    open_model: ModelCalled | None = None
    open_tool: ToolCalled | None = None
    abandoned_tool: ToolCalled | None = None
    user_calls: int = 0
    assistant_calls: int = 0
    replies: int = 0
    failures: int = 0
    last_failure: ModelFailed | None = None
    rejected: tuple[tuple[str, str], ...] = ()
    last_problem: str = ""
    steps: int = 0
    turns: int = 0
    tool_calls: int = 0
    tokens: int = 0
    cost_usd: float = 0.0
    latency_ms: int = 0
    context_tokens: int = 0
    begun: Begun = Begun()
    ended: TrajectoryEnded | None = None

    @property
    def rejections(self) -> int:
        """How many answers of the call at hand were rejected."""
        return len(self.rejected)

    def ordinal(self, role: Role) -> int:
        """How many calls of a role were answered on the path: the next one's number."""
        match role:
            case "user":
                return self.user_calls
            case "assistant":
                return self.assistant_calls
            case "tool":
                return self.tool_calls
            case "judge":
                return len(self.verdicts)
        raise ValueError(f"{role} does not speak in a dialogue")

    @property
    def valid(self) -> bool | None:
        """Whether every task passed; None before the first verdict."""
        if not self.verdicts:
            return None
        return all(verdict.judgment == "valid" for verdict in self.verdicts)
