"""What a person who plays a role is shown: what that role sees, and no more.

The user sees the goal and what the assistant says, not its calls, nor what came of
them unless the configuration shows results to users (`roles/user.py`). The assistant
sees policy, clock, tools, calls and results, and never the goal.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.text import Text

from eventsim.cli.render.words import (
    call_in_words,
    failures_of,
    json_in_words,
    shortened,
    visible,
)
from eventsim.cli.session import err
from eventsim.core.events import VerdictGiven
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tools import Requestor, ToolDefinition

__all__ = ["Played"]

_FEW = 4
_NARROWEST = 20
_INDENT = "  "


class Played:
    """Prints on stderr; every message, goal and verdict once."""

    def __init__(self, role: Requestor) -> None:
        self._role = role
        self._console = err()
        self._label = ""
        self._next = self._task = self._verdicts = 0
        self._materials: Materials | None = None

    def catch_up(self, state: Dialogue, materials: Materials) -> None:
        """Everything up to where the person speaks; what they say then is not shown
        to them again.
        """
        if state.label != self._label:
            self._begin(state, materials)
        self._materials = materials
        task = state.task
        # The goodbye to a task belongs before its verdict and before the next goal.
        self._messages(state, state.length if task is None else task.position)
        self._judged(state)
        if task is not None and task.assigned.number != self._task:
            self._task = task.assigned.number
            self._goal(materials)
        self._messages(state, state.length)
        self._next = state.length + 1

    def ending(self, state: Dialogue) -> None:
        """What came after the person's last words, and how it ended."""
        self._messages(state, state.length)
        self._judged(state)
        if state.ended is not None and state.ended.reason != "completed":
            words = state.ended.reason.replace("_", " ")
            self.say(f"{state.label} has ended: {words}, {state.ended.detail}")

    def say(self, text: str, indent: str = "") -> None:
        """Lines broken between words where a terminal's width is known."""
        for line in visible(text).split("\n"):
            room = max(self._console.width - len(indent) - len(_INDENT), _NARROWEST)
            whole = Text(line)
            parts = whole.wrap(self._console, room) if self._console.is_terminal else ()
            for number, part in enumerate(parts or [whole]):
                part.rstrip()
                lead = indent + (_INDENT if number else "")
                self._console.print(lead + part.plain, soft_wrap=True)

    def help(self, materials: Materials) -> None:
        """What can be typed."""
        if self._role == "user":
            self.say("A line is what you say. /done TEXT ends the task with TEXT.")
        else:
            self.say("A line is what you say.")
        self.say('""" opens and closes a message of several lines.')
        if materials.tools_of(self._role):
            self.say(
                "/tools lists your tools. /call NAME {JSON} calls one, "
                "/call NAME {JSON} & NAME {JSON} several at once."
            )
        self.say("/leave, /quit or /exit leaves it open to go on later. /help")

    def tools(self, materials: Materials) -> None:
        """The tools of the role, with their parameters."""
        tools = materials.tools_of(self._role)
        for tool in tools:
            self.say(f"{_signature(tool)}  {tool.description}")
        if not tools:
            self.say("you have no tools")

    # --- the dialogue ---------------------------------------------------------------

    def _begin(self, state: Dialogue, materials: Materials) -> None:
        self._label = state.label
        self._next = self._task = self._verdicts = 0
        self.say(f"{state.label}: you are the {self._role}.")
        self.help(materials)
        if self._role != "assistant":
            return
        if materials.policy:
            self.say("Your policy:")
            self.say(shortened(materials.policy), _INDENT)
        if state.clock:
            self.say(f"The time is {state.clock} (UTC).")

    def _goal(self, materials: Materials) -> None:
        if self._role != "user":
            return
        task = materials.tasks[self._task - 1]
        self.say(f"{self._numbered(self._task)}: {task.title}")
        self.say(f"Your goal: {task.goal}")
        for known in task.profile.known_info:
            self.say(f"You know: {known}", _INDENT)
        for unknown in task.profile.unknown_info:
            self.say(f"You do not know: {unknown}", _INDENT)

    def _numbered(self, number: int) -> str:
        assert self._materials is not None
        return f"Task {number} of {len(self._materials.tasks)}"

    def _judged(self, state: Dialogue) -> None:
        for verdict in state.verdicts[self._verdicts :]:
            self._verdict(verdict)
        self._verdicts = len(state.verdicts)

    def _verdict(self, verdict: VerdictGiven) -> None:
        self.say(f"{self._numbered(verdict.task)} is over: {verdict.judgment}")
        if self._role == "user":  # the reasons tell the goal
            for detail in failures_of(verdict):
                self.say(detail, _INDENT)

    def _messages(self, state: Dialogue, end: int) -> None:
        for message in state.messages:
            if self._next <= message.position < end:
                self._message(message)
        self._next = max(self._next, end)

    def _message(self, message: Message) -> None:
        if message.call is not None:
            if self._sees_result(message):
                self.say(f"← {message.call.name}: {shortened(message.text)}")
            return
        if message.text:
            self.say(f"{message.speaker.capitalize()}: {shortened(message.text)}")
        if message.speaker == self._role:
            for call in message.calls:
                self.say(f"→ {shortened(call_in_words(call))}")

    def _sees_result(self, message: Message) -> bool:
        if message.requestor == self._role:
            return True
        assert self._materials is not None
        shown = self._materials.config.user_sees_tool_results
        return self._role == "user" and shown


def _signature(tool: ToolDefinition) -> str:
    """`search(name: string, limit?: integer)`."""
    required = tool.parameters.get("required", ())
    parts = [
        f"{name}{'' if name in required else '?'}: {_type(schema)}"
        for name, schema in tool.parameters.get("properties", {}).items()
    ]
    return f"{tool.name}({', '.join(parts)})"


def _type(schema: Any) -> str:
    """What a JSON Schema allows, in a few characters."""
    if not isinstance(schema, Mapping):
        return "any"
    if "const" in schema:
        return json_in_words(schema["const"])
    if "enum" in schema:
        values = [json_in_words(value) for value in schema["enum"]]
        return "|".join([*values[:_FEW], *(["…"] if len(values) > _FEW else [])])
    for keyword in ("anyOf", "oneOf"):
        if keyword in schema:
            return "|".join(dict.fromkeys(map(_type, schema[keyword])))
    kinds = schema.get("type", "any")
    names = (kinds,) if isinstance(kinds, str) else kinds
    return "|".join(_named(name, schema) for name in names)


def _named(name: str, schema: Mapping[str, Any]) -> str:
    return (
        f"{_type(schema['items'])}[]" if name == "array" and "items" in schema else name
    )
