"""What a dialogue mounts, resolved: the values behind the digests in its events.

The log holds each of them once (configuration, prompts, tools, tasks); `decide` needs
the values themselves. They are gathered before the loop begins, so that deciding
stays pure.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from eventsim.config import EndpointProfile, Role, RunConfig
from eventsim.core.events import Ref, Source
from eventsim.core.state import PendingCall
from eventsim.core.tasks import Task
from eventsim.core.tools import Requestor, ToolDefinition
from eventsim.core.values import encode, freeze, sha256_hex

__all__ = ["Materials"]

_USUAL = EndpointProfile()


@dataclass(frozen=True)
class Materials:
    """All that `decide` may look at beside the state.

    `tools_from` is the stream that the tools were prepared in, `preparation` that of
    the tasks. `prompts` maps a template's name to its text, `profiles` an (endpoint,
    model) to what it can do; `now` is the time inside the dialogue, ISO 8601, UTC.
    `unprepared` says why the preparation failed, if it did. `inferred` is the number
    of the task that was inferred from what the user had said already, 0 for none.
    `rules` are behaviour rules from outside, by the name that the configuration gives
    them.
    """

    config: RunConfig
    prompts: Mapping[str, str]
    preparation: Ref
    tools_from: Ref | None
    source: Source
    toolset: tuple[ToolDefinition, ...]
    policy: str
    now: str
    tasks: tuple[Task, ...]
    profiles: Mapping[tuple[str, str], EndpointProfile] = freeze({})
    unprepared: str = ""
    inferred: int = 0
    rules: Mapping[str, Any] = freeze({})

    def profile(self, role: Role) -> EndpointProfile:
        """What the model of a role can do; all that is usual where nothing is known."""
        choice = self.config.roles.of(role)
        return self.profiles.get((choice.endpoint, choice.model), _USUAL)

    @cached_property
    def tool_by_name(self) -> dict[str, ToolDefinition]:
        """The offered tools by the name that a model calls."""
        return {tool.name: tool for tool in self.toolset}

    def tools_of(self, requestor: Requestor) -> tuple[ToolDefinition, ...]:
        """The tools of one side."""
        return tuple(tool for tool in self.toolset if tool.requestor == requestor)

    def called(self, waiting: PendingCall) -> ToolDefinition | None:
        """The tool that a call means; none that is the other side's."""
        tool = self.tool_by_name.get(waiting.call.name)
        return None if tool is None or tool.requestor != waiting.requestor else tool

    @cached_property
    def digests(self) -> tuple[str, ...]:
        """Those of the offered tools, in their order."""
        return tuple(tool.digest for tool in self.toolset)

    @cached_property
    def policy_sha256(self) -> str:
        """What identifies the policy in the log."""
        return sha256_hex(self.policy.encode())

    @cached_property
    def functions(self) -> bytes:
        """The `tools` field of an assistant's request, encoded once; nothing where it
        has none.
        """
        tools = self.tools_of("assistant")
        return encode([tool.as_function() for tool in tools]) if tools else b""

    @cached_property
    def user_functions(self) -> bytes:
        """The same of the user's own tools."""
        tools = self.tools_of("user")
        return encode([tool.as_function() for tool in tools]) if tools else b""
