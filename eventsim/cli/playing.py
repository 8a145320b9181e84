"""A person at the terminal who takes a role: reads what was said, and types.

A line is a message. Lines that begin with a slash are commands.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import Literal

import anyio
import orjson

from eventsim.core.events import AssistantReplied, Event, ToolCall, UserMessaged
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tools import Requestor
from eventsim.core.values import freeze
from eventsim.errors import PersonLeft

__all__ = ["Terminal", "terminal"]

_HELP = {
    "user": "/done TEXT ends the task with TEXT, /call NAME {JSON} calls a tool of "
    "your own, /tools lists them, /leave leaves it open, /help",
    "assistant": "/call NAME {JSON} calls a tool, /tools lists them, /leave, /help",
}


def terminal(role: Literal["user", "assistant"] | None) -> Terminal | None:
    """The person at the terminal, if a role is given."""
    return None if role is None else Terminal(role)


class Terminal:
    """Asks on stderr, reads from stdin; what is typed is given, as theirs."""

    def __init__(self, role: Literal["user", "assistant"]) -> None:
        self._role = role
        self._read = -1
        self._label = ""
        self._task = 0

    @property
    def role(self) -> Requestor:
        """The role that is played."""
        return self._role

    async def speak(self, state: Dialogue, materials: Materials) -> Sequence[Event]:
        """Show what is new, and take what is typed. Raises: PersonLeft."""
        self._show(state, materials)
        while True:
            line = await self._line(state)
            command, _, rest = line.partition(" ")
            if command == "/leave":
                raise self._left(state)
            if command == "/help" or not line:
                self._say(_HELP[self._role])
            elif command == "/tools":
                for tool in materials.tools_of(self._role):
                    self._say(f"{tool.name}: {tool.description}")
            elif command == "/call":
                call = self._call(rest, state)
                if call is not None:
                    return (self._asking(call),)
            elif command == "/done" and self._role == "user":
                return (self._user(rest.strip() or "That is all, thanks.", done=True),)
            elif line.startswith("/"):
                self._say(f"there is no command {command}; {_HELP[self._role]}")
            elif self._role == "user":
                return (self._user(line, done=False),)
            else:
                return (AssistantReplied(text=line, by="person"),)

    def _user(self, text: str, *, done: bool) -> UserMessaged:
        return UserMessaged(text=text, is_task_complete=done, given=True, by="person")

    def _asking(self, call: ToolCall) -> Event:
        if self._role == "assistant":
            return AssistantReplied(calls=(call,), by="person")
        return UserMessaged(text="", calls=(call,), given=True, by="person")

    def _call(self, rest: str, state: Dialogue) -> ToolCall | None:
        name, _, text = rest.strip().partition(" ")
        try:
            arguments = orjson.loads(text or "{}")
        except ValueError as error:
            self._say(f"the arguments are no JSON: {error}")
            return None
        if not name or not isinstance(arguments, dict):
            self._say('write /call NAME {"argument": value}')
            return None
        call_id = f"call_{state.replies}_0"
        return ToolCall(id=call_id, name=name, arguments=freeze(arguments))

    # --- the terminal ---------------------------------------------------------------

    def _show(self, state: Dialogue, materials: Materials) -> None:
        if state.label != self._label:
            self._label, self._read, self._task = state.label, -1, 0
            self._say(f"{state.label}: you are the {self._role}. {_HELP[self._role]}")
        if self._role == "user" and state.task is not None:
            number = state.task.assigned.number
            if number != self._task:
                self._task = number
                task = materials.tasks[number - 1]
                self._say(f"Your goal: {task.goal}")
                for known in task.profile.known_info:
                    self._say(f"  You know: {known}")
        for message in state.messages:
            if message.position > self._read:
                self._message(message)
        self._read = state.length

    def _message(self, message: Message) -> None:
        if message.call is not None:
            if self._role == message.requestor:
                self._say(f"{message.call.name}: {message.text}")
            return
        if message.text:
            self._say(f"{message.speaker.capitalize()}: {message.text}")

    async def _line(self, state: Dialogue) -> str:
        print(f"{self._role}> ", end="", file=sys.stderr, flush=True)  # noqa: T201
        line: str = await anyio.to_thread.run_sync(
            sys.stdin.readline, abandon_on_cancel=True
        )
        if not line:
            raise self._left(state)
        return line.strip()

    def _left(self, state: Dialogue) -> PersonLeft:
        return PersonLeft(
            f"you left {state.label}; go on with: eventsim resume {state.label} "
            f"--play {self._role}"
        )

    def _say(self, text: str) -> None:
        print(text, file=sys.stderr)  # noqa: T201
