"""The tools that a conversation from elsewhere goes on with, where a model plays them.

Tools that it calls and nobody defined are defined by its calls; what a tool returns is
what its results show, or is predicted as for any played tool (PAPER.md, 2). Where more
tools are wanted, they are written for what the conversation is about.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.draws import lineage_of
from eventsim.core.events import Event, PreparationEnded, Ref, Source, ToolDefined
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import digest_of
from eventsim.exchange.shown import fitted_tools, is_played, shown_tools
from eventsim.run.paths import Opened
from eventsim.run.preparations import Preparations

__all__ = ["Fitting"]

_PREDICTS = "output_schemas"
_MOST_LETTERS = 1_000


class Fitting:
    """What must be made of the tools of an opened path before it can go on."""

    def __init__(self, opened: Opened, *, more: bool) -> None:
        materials, messages = opened.materials, opened.state.messages
        self._opened = opened
        self._more = more and not materials.source.image
        self._tools: tuple[ToolDefinition, ...] = ()
        if materials.source.image:
            return
        rubrics = [task.rubric for task in materials.tasks if task.rubric]
        expected = [call for rubric in rubrics for call in rubric.expected_calls]
        known = materials.toolset
        self._tools = (
            *fitted_tools(messages, known),
            *shown_tools(messages, known, expected),
        )
        if self._more:
            names = {tool.name for tool in self._tools}
            others = [t for t in known if is_played(t) and t.name not in names]
            self._tools = (*others, *self._tools)

    @property
    def needed(self) -> bool:
        """Whether there is anything to make."""
        return bool(self._tools) or self._more

    def toolset(self, made: Sequence[ToolDefinition]) -> tuple[ToolDefinition, ...]:
        """The tools that are offered when these were made: each in its place, new ones
        last.
        """
        there = {tool.name: tool for tool in made}
        known = self._opened.materials.toolset
        kept = [there.pop(tool.name, tool) for tool in known]
        return (*kept, *there.values())

    async def make(self, crew: Preparations, index: int) -> Ref:
        """The stream of tools that trajectory `index` goes on with; paths that need
        the same have the same. Raises: LogError, BudgetSpent, EndpointDown.
        """
        digest = digest_of([tool.digest for tool in self._tools])
        if self._more:  # what is written depends on what was said
            digest = digest_of([digest, self._opened.head.hash])
        async with crew.lock("tools", digest):
            label = f"tools-{crew.run.label}-{digest[:10]}"
            for info in crew.store.labelled(label):
                return await crew.finish(info)
            return await self._begin(crew, index, digest, label)

    async def _begin(
        self, crew: Preparations, index: int, digest: str, label: str
    ) -> Ref:
        stages = self._stages()
        started = crew.started("tools", index, self._source()).model_copy(
            update={
                "label": label,
                "index": None,
                "lineage": lineage_of("tools", digest),
                "stages": stages,
                "question": self._question() if self._more else "",
                "dialogue": self._opened.head if self._more else None,
            }
        )
        events: list[Event] = [
            started,
            *(ToolDefined(tool=tool, given=True) for tool in self._tools),
            *(() if stages else (PreparationEnded(),)),
        ]
        await crew.store.append(None, events, expected_version=0)
        (info,) = crew.store.labelled(label)
        return await crew.finish(info)

    def _stages(self) -> tuple[str, ...]:
        if self._more:
            first = "expansion" if self._tools else "tool_specifications"
            return (first, _PREDICTS)
        return (_PREDICTS,) if any(not t.returns for t in self._tools) else ()

    def _source(self) -> Source:
        source = self._opened.materials.source
        about = source.about or ("" if source.seed_tools else self._about())
        title = source.called
        return source.model_copy(update={"title": title, "about": about})

    def _about(self) -> str:
        """What is known of the domain: the instructions, else what the person said."""
        policy = " ".join(self._opened.materials.policy.split())
        return policy[:_MOST_LETTERS] or self._question()

    def _question(self) -> str:
        """What the person wrote, the last of it: tools are made for that."""
        said = [m.text for m in self._opened.state.messages if m.speaker == "user"]
        return " ".join(" ".join(said).split())[-_MOST_LETTERS:]
