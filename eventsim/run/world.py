"""The live world of a dialogue: performs effects and says what came of them.

Failures are data: whatever a model or a tool does, an event says so and the dialogue
goes on. Nothing here decides.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from typing import Protocol

from eventsim.config import Role
from eventsim.core.arguments import unknown_tool
from eventsim.core.effects import CallModel, CallTool, Effect
from eventsim.core.events import (
    AssistantReplied,
    Event,
    ModelFailed,
    ModelRejected,
    ToolReturned,
    UserMessaged,
    VerdictGiven,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.environments.environment import CallOutcome
from eventsim.environments.faults import FaultInjector
from eventsim.roles import assistant, judge, tool, user
from eventsim.run.calling import Caller

__all__ = ["LiveWorld", "Player", "execute"]

Outcome = UserMessaged | AssistantReplied | ToolReturned | VerdictGiven | ModelRejected

_READERS: dict[str, Callable[[bytes, Dialogue, Materials], Outcome]] = {
    "user": user.read,
    "assistant": assistant.read,
    "tool": tool.read,
    "judge": judge.read,
}


class Player(Protocol):
    """A person who takes the part of the user or of the assistant."""

    @property
    def role(self) -> Role:
        """Which of them."""
        ...

    async def speak(self, state: Dialogue, materials: Materials) -> Sequence[Event]:
        """What they say next, as given events. Raises: PersonLeft."""
        ...


class LiveWorld:
    """The models of the roles, and the environment of one trajectory.

    `said` is a person's message that stands next on the path; `player` is a person
    who takes a role.
    """

    def __init__(
        self,
        caller: Caller,
        environment: FaultInjector,
        materials: Materials,
        said: str | None = None,
        player: Player | None = None,
    ) -> None:
        self._caller = caller
        self._environment = environment
        self._materials = materials
        self._said = said
        self._player = player

    def given(self, _: Dialogue) -> Sequence[Event]:
        """The person's message, once."""
        said, self._said = self._said, None
        return () if said is None else (UserMessaged(text=said, given=True),)

    async def played(self, effect: Effect, state: Dialogue) -> Sequence[Event]:
        """What the person says whose role is called. Raises: PersonLeft."""
        if self._player is None or not isinstance(effect, CallModel):
            return ()
        if effect.intent.role != self._player.role:
            return ()
        return await self._player.speak(state, self._materials)

    async def admit(self, effect: Effect, wait_ms: int) -> None:
        """Raises: BudgetSpent."""
        await self._caller.admit(effect, wait_ms)

    def batches(self, effect: Effect) -> bool:
        """True where nothing leaves the process."""
        return self._caller.batches(effect)

    async def perform(self, effect: Effect, state: Dialogue) -> Sequence[Event]:
        """Do it; always exactly one event. Raises: EndpointDown."""
        if isinstance(effect, CallTool):
            return (await self._execute(effect),)
        return (await self._call(effect, state),)

    async def _call(self, effect: CallModel, state: Dialogue) -> Outcome | ModelFailed:
        response = await self._caller.send(effect)
        if isinstance(response, ModelFailed):
            return response
        event: Outcome = _READERS[effect.intent.role](
            response.body, state, self._materials
        )
        assert event.answer is not None
        answer = await self._caller.complete(effect, event.answer, response)
        return event.model_copy(update={"answer": answer})

    async def _execute(self, effect: CallTool) -> ToolReturned:
        begun = time.monotonic_ns()
        outcome = await execute(self._environment, effect)
        spent = outcome.duration_us
        if spent is None:
            spent = (time.monotonic_ns() - begun) // 1_000
        return ToolReturned(
            reply=effect.intent.reply,
            index=effect.intent.index,
            content=outcome.content,
            is_error=outcome.is_error,
            changes=outcome.changes,
            duration_us=spent,
        )


async def execute(environment: FaultInjector, effect: CallTool) -> CallOutcome:
    """Execute one call, with the fault that its intent names."""
    if effect.tool is None:
        return CallOutcome(unknown_tool(effect.call.name), is_error=True)
    return await environment.call(
        effect.tool,
        effect.call.arguments,
        ordinal=effect.ordinal,
        fault=effect.intent.fault,
    )
