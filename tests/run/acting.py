"""Dialogues in which a script plays the assistant, over external environments."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim.config import Limits, RunConfig
from eventsim.core.events import (
    AssistantReplied,
    EnvironmentSpec,
    Event,
    ToolCall,
    ToolReturned,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.values import freeze
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.prepare import Seedbed


class Script:
    """A person who plays the assistant: calls, reply after reply, then an answer."""

    role: Any = "assistant"

    def __init__(self, replies: Sequence[Sequence[tuple[str, dict[str, Any]]]]) -> None:
        self._replies = list(replies)

    async def speak(self, state: Dialogue, _: Materials) -> Sequence[Event]:
        """The next of them."""
        if not self._replies:
            return (AssistantReplied(text="Done.", by="person"),)
        calls = [
            ToolCall(
                id=f"call_{state.assistant_calls}_{index}",
                name=name,
                arguments=freeze(arguments),
            )
            for index, (name, arguments) in enumerate(self._replies.pop(0))
        ]
        return (AssistantReplied(calls=tuple(calls), by="person"),)


async def played(
    store: Store, bed: Seedbed, replies: Sequence[Any], **fields: Any
) -> str:
    """The stream of a dialogue in which the assistant makes these calls."""
    config = RunConfig(
        seed=3,
        count=1,
        tasks=1,
        pipeline="user-oriented+execution" if bed.image else "user-oriented",
        limits=Limits(max_turns=2_000, max_steps=500),
        **fields,
    )
    async with Fleet(store, player=Script(replies)) as fleet:
        run = await fleet.begin(config, [bed])
        await fleet.go(await fleet.work(run))
    (info,) = store.streams(family="dialogue", run=run.ref.stream)
    return info.stream


def results(events: Sequence[Event]) -> list[str]:
    """What the tools gave."""
    return [e.content for e in events if isinstance(e, ToolReturned)]


def alone(*specs: EnvironmentSpec) -> Seedbed:
    """A source of external environments only."""
    return Seedbed(None, "a shop", "", "shop", environments=specs)
