"""The live world: performs effects and turns what comes of them into events.

Failures are data: whatever a provider or a tool does, an event says so and the
dialogue goes on. Nothing here decides.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence

from eventsim.core.effects import CallModel, CallTool
from eventsim.core.events import (
    AssistantReplied,
    Event,
    ModelFailed,
    ModelRejected,
    ToolReturned,
    UserMessaged,
)
from eventsim.core.state import Dialogue
from eventsim.core.values import encode
from eventsim.environments.environment import CallOutcome, Environment
from eventsim.errors import ProviderFailure
from eventsim.providers.provider import Provider
from eventsim.roles import assistant, user

__all__ = ["LiveWorld"]


class LiveWorld:
    """Providers for the roles, and the environment of one trajectory.

    `said` is a person's message that stands next on the path.
    """

    def __init__(
        self,
        providers: Mapping[str, Provider],
        environment: Environment,
        said: str | None = None,
    ) -> None:
        self._providers = providers
        self._environment = environment
        self._said = said

    def given(self, _: Dialogue) -> Sequence[Event]:
        """The person's message, once."""
        said, self._said = self._said, None
        return () if said is None else (UserMessaged(text=said, given=True),)

    def batches(self, effect: CallModel | CallTool) -> bool:
        """True where nothing leaves the process."""
        if isinstance(effect, CallTool):
            return True
        return self._providers[effect.intent.provider].in_process

    async def perform(
        self, effect: CallModel | CallTool, state: Dialogue
    ) -> Sequence[Event]:
        """Do it; always exactly one event."""
        if isinstance(effect, CallTool):
            return (await self._tool(effect),)
        return (await self._model(effect, state),)

    async def _model(
        self, effect: CallModel, state: Dialogue
    ) -> UserMessaged | AssistantReplied | ModelRejected | ModelFailed:
        intent = effect.intent
        provider = self._providers[intent.provider]
        begun = time.monotonic_ns()
        try:
            response = await provider.complete(
                effect.body, idempotency_key=intent.idempotency_key
            )
        except ProviderFailure as failure:
            return ModelFailed(
                role=intent.role,
                reason=failure.reason,
                detail=failure.detail,
                retryable=failure.retryable,
                latency_ms=(time.monotonic_ns() - begun) // 1_000_000,
            )
        latency_ms = (time.monotonic_ns() - begun) // 1_000_000
        event: UserMessaged | AssistantReplied | ModelRejected
        if intent.role == "user":
            event = user.read(response)
        else:
            event = assistant.read(response, state)
        answer = event.answer.model_copy(update={"latency_ms": latency_ms})
        return event.model_copy(update={"answer": answer})

    async def _tool(self, effect: CallTool) -> ToolReturned:
        begun = time.monotonic_ns()
        if effect.tool is None:
            outcome = _unknown_tool(effect)
        else:
            outcome = await self._environment.call(
                effect.tool, effect.call.arguments, ordinal=effect.ordinal
            )
        return ToolReturned(
            reply=effect.intent.reply,
            index=effect.intent.index,
            content=outcome.content,
            is_error=outcome.is_error,
            changes=outcome.changes,
            duration_us=(time.monotonic_ns() - begun) // 1_000,
        )


def _unknown_tool(effect: CallTool) -> CallOutcome:
    message = f"There is no tool named {effect.call.name}."
    error = {"error": {"code": "unknown_tool", "message": message}}
    return CallOutcome(encode(error).decode(), is_error=True)
