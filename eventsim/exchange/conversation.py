"""What a row of any format says, in our terms; and the events that say it. Pure.

Reading a format fills a `Builder`; writing one takes a `Transcript`, which every
dialogue has, imported or generated. What a row holds beyond its events is found by
writing them back and comparing (`exchange/rest.py`): no reader needs to list it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.core.events import (
    AssistantReplied,
    EnvironmentSpec,
    Event,
    ToolCall,
    ToolCalled,
    ToolReturned,
    UserMessaged,
)
from eventsim.core.state import Message
from eventsim.core.tasks import Task
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode, freeze
from eventsim.exchange.json_text import NotJson, RowUnusable, parsed_json
from eventsim.exchange.system import SystemPart, joined_system, system_style

__all__ = ["Builder", "Conversation", "RowUnusable", "Transcript", "is_malformed"]


@dataclass(frozen=True, slots=True)
class Conversation:
    """A row: the assistant's instructions (None where there are none), the tools, what
    was said and done as given events, tasks that are still to be done, and the
    environments that its tools work in. `style`
    says how the row writes what can be written in several ways; `notes` are remarks
    for whoever imports it.
    """

    system: str | None = None
    tools: tuple[ToolDefinition, ...] = ()
    events: tuple[Event, ...] = ()
    tasks: tuple[Task, ...] = ()
    row_id: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    environments: tuple[EnvironmentSpec, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Transcript:
    """A dialogue as exporters see it. `label` names it; `style` is that of the row it
    was imported from, empty for one that was generated; `imported` counts the messages
    that the row had, None if it had all.
    """

    label: str
    system: str | None
    tools: tuple[ToolDefinition, ...]
    messages: tuple[Message, ...]
    tasks: tuple[Task, ...] = ()
    row_id: str = ""
    style: Mapping[str, Any] = field(default_factory=dict)
    environments: tuple[EnvironmentSpec, ...] = ()
    imported: int | None = None

    @property
    def from_row(self) -> int:
        """How many of the messages are written as the row had them."""
        if self.imported is not None:
            return self.imported
        return len(self.messages) if self.style else 0


@dataclass(slots=True)
class _Waiting:
    """A call whose result has not come."""

    reply: int
    call: ToolCall
    content: str | None = None
    is_error: bool = False


class Builder:
    """Makes given events of what a row says, in the row's order.

    Results may come in any order and name their call by id, by name, or not at all.

    What speaks as the system inside a dialogue is refused. No event holds it: the
    assistant's instructions stand before a dialogue and do not change in it. Kept
    beside, such words would be missing from every request that is rebuilt from the
    path; said by the user, they would be another's words.
    """

    def __init__(self) -> None:
        self.events: list[Event] = []
        self.notes: list[str] = []
        self._system: list[SystemPart] = []
        self._replies = 0
        self._waiting: list[_Waiting] = []
        self._order: list[int] = []

    def note(self, remark: str) -> None:
        """Remark something for whoever imports the row, once."""
        if remark not in self.notes:
            self.notes.append(remark)

    def system(self, text: str, fields: Mapping[str, Any]) -> None:
        """A part of the instructions, and how the row writes it beside its text.
        Raises: RowUnusable inside the dialogue.
        """
        if self.events:
            raise RowUnusable(_SYSTEM_INSIDE)
        self._system.append(SystemPart(fields, text))
        if len(self._system) > 1:
            self.note("several system prompts were joined into one")

    @property
    def instructions(self) -> str | None:
        """The parts as one text; None where there are none."""
        return joined_system(self._system)

    def system_style(self, usual: Mapping[str, Any]) -> dict[str, Any]:
        """How to take the instructions apart again, where that is not the `usual`."""
        return system_style(self._system, usual)

    @property
    def replies(self) -> int:
        """How many replies there are so far; the user's count where they call."""
        return self._replies

    @property
    def waiting(self) -> int:
        """How many calls have no result yet."""
        return sum(1 for each in self._waiting if each.content is None)

    def user(self, text: str, calls: Sequence[Mapping[str, Any]] = ()) -> None:
        """The user said something, or asked for calls of their own tools."""
        self._settle("the user speaks")
        made = [self._call(call, index) for index, call in enumerate(calls)]
        self.events.append(
            UserMessaged(text=text, calls=tuple(made), given=True, by="import")
        )
        if made:
            self._await(made)

    def assistant(
        self,
        text: str,
        calls: Sequence[Mapping[str, Any]] = (),
        reasoning: str | None = None,
    ) -> None:
        """The assistant said something, or asked for calls: each with `name` and
        `arguments` (an object, or the text of one), and an `id` if it has one.
        """
        self._settle("the assistant speaks")
        made = [self._call(call, index) for index, call in enumerate(calls)]
        self.events.append(
            AssistantReplied(
                text=text, reasoning=reasoning, calls=tuple(made), by="import"
            )
        )
        self._await(made)

    def result(
        self,
        content: str,
        *,
        call_id: str | None = None,
        name: str | None = None,
        is_error: bool = False,
    ) -> None:
        """What a call gave. Raises: RowUnusable when no call waits for it."""
        index = self._which(call_id, name)
        waiting = self._waiting[index]
        waiting.content, waiting.is_error = content, is_error
        self._order.append(index)
        if all(each.content is not None for each in self._waiting):
            self._settle("")

    def end(self) -> tuple[Event, ...]:
        """All events; calls at the end may still wait for their results."""
        waiting = [each.content is None for each in self._waiting]
        if False in waiting and waiting != sorted(waiting):
            raise RowUnusable("some calls at the end have results, earlier ones not")
        for index, each in enumerate(self._waiting):
            if each.content is not None:
                self._returned(index, each)
        return tuple(self.events)

    def _await(self, made: Sequence[ToolCall]) -> None:
        self._waiting = [_Waiting(self._replies, call) for call in made]
        self._order = []
        self._replies += 1

    # --- calls ----------------------------------------------------------------------

    def _call(self, call: Mapping[str, Any], index: int) -> ToolCall:
        name, given = call.get("name"), call.get("id")
        if not isinstance(name, str) or not name:
            raise RowUnusable("a tool call has no name")
        arguments, raw = call.get("arguments"), None
        if isinstance(arguments, str):
            raw, arguments = arguments, self._object(arguments, name)
        arguments = {} if arguments is None else arguments
        if not isinstance(arguments, dict):
            raise RowUnusable(f"the arguments of {name} are not a JSON object")
        ours = f"call_{self._replies}_{index}"
        given = given if isinstance(given, str) and given else None
        return ToolCall(
            id=ours,
            name=name,
            arguments=freeze(arguments),
            given_id=None if given == ours else given,
            raw_arguments=None if raw == encode(arguments).decode() else raw,
        )

    def _object(self, text: str, name: str) -> dict[str, Any]:
        """The arguments in a text; none where a model wrote what is no JSON object."""
        if not text.strip():
            return {}
        try:
            value = parsed_json(text, f"the arguments of {name} are")
        except NotJson:
            value = None
        if isinstance(value, dict):
            return value
        self.note(_MALFORMED)
        return {}

    def _which(self, call_id: str | None, name: str | None) -> int:
        free = [i for i, each in enumerate(self._waiting) if each.content is None]
        if not free:
            raise RowUnusable("a tool result stands there, and no call waits for it")
        if call_id:
            for i in free:
                call = self._waiting[i].call
                if call_id in (call.given_id, call.id):
                    return i
            if any(self._waiting[i].call.given_id for i in free):
                raise RowUnusable(f"no call waits for the tool result {call_id!r}")
        for i in free:
            if name and self._waiting[i].call.name == name:
                return i
        return free[0]

    def _settle(self, what: str) -> None:
        """Results come into the order of their calls before anything else follows."""
        for each in self._waiting:
            if each.content is None:
                raise RowUnusable(
                    f"{what} before the call of {each.call.name} has its result"
                )
        if self._order != sorted(self._order):
            self.notes.append("results were put into the order of their calls")
        for index, each in enumerate(self._waiting):
            self._returned(index, each)
        self._waiting, self._order = [], []

    def _returned(self, index: int, each: _Waiting) -> None:
        assert each.content is not None
        self.events.append(
            ToolCalled(reply=each.reply, index=index, name=each.call.name, by="import")
        )
        self.events.append(
            ToolReturned(
                reply=each.reply,
                index=index,
                content=each.content,
                is_error=each.is_error,
                by="import",
            )
        )


_SYSTEM_INSIDE = (
    "it speaks as the system inside the dialogue, which no event can say: move its "
    "text to the beginning, or into the message of the user that it belongs to"
)
_MALFORMED = "malformed arguments were kept as they are"


def is_malformed(call: ToolCall) -> bool:
    """Whether the arguments that were written are no JSON object."""
    raw = call.raw_arguments
    if call.arguments or raw is None or not raw.strip():
        return False
    try:
        return bool(parsed_json(raw, "they are") != {})
    except RowUnusable:
        return True
