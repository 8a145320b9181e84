"""A person at the terminal who takes a role: reads what is typed.

A line is a message; three quotes open and close one of several lines. Lines that begin
with a slash are commands. What they are shown stands in `render/played.py`.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from io import TextIOWrapper
from typing import Literal

import anyio

from eventsim.cli.failures import GO_ON, RESUMABLE
from eventsim.cli.render.played import Played
from eventsim.cli.typed_calls import CallProblem, typed_calls
from eventsim.core.events import AssistantReplied, Event, ToolCall, UserMessaged
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.core.tools import Requestor
from eventsim.errors import PersonLeft

__all__ = ["Terminal", "resumable", "terminal"]

_QUOTES = '"""'
_LEAVING = ("/leave", "/quit", "/exit")
_THANKS = "That is all, thanks."


def terminal(role: Literal["user", "assistant"] | None) -> Terminal | None:
    """The person at the terminal, if a role is given."""
    return None if role is None else Terminal(role)


def resumable(player: Terminal | None, named: str = "") -> str:
    """What becomes of work that is broken off; what a person plays is theirs to go on
    with, by its name and as their role. Before they were asked it is what the command
    has `named`.
    """
    return RESUMABLE if player is None else f"{GO_ON} {player.going_on(named)}"


class Terminal:
    """Asks on stderr, reads from stdin; what is typed is given, as theirs."""

    def __init__(self, role: Literal["user", "assistant"]) -> None:
        self._role = role
        self._label = ""
        self._page = Played(role)
        if isinstance(sys.stdin, TextIOWrapper):
            # What is no text in the terminal's encoding must not end the dialogue.
            sys.stdin.reconfigure(errors="replace")

    @property
    def role(self) -> Requestor:
        """The role that is played."""
        return self._role

    def going_on(self, named: str = "") -> str:
        """The command that goes on with what is played, as this role, or with what is
        `named` while nothing is.
        """
        parts = ["eventsim resume", self._label or named, f"--play {self._role}"]
        return " ".join(filter(None, parts))

    def over(self, state: Dialogue) -> None:
        """Show what came after their last words, when a trajectory is at its end."""
        if state.label == self._label:
            self._page.ending(state)

    async def speak(self, state: Dialogue, materials: Materials) -> Sequence[Event]:
        """Show what is new, and take what is typed. Raises: PersonLeft."""
        self._label = state.label
        self._page.catch_up(state, materials)
        while True:
            line = (await self._line(f"{self._role}> ")).strip()
            if line.startswith(_QUOTES):
                text = await self._several(line.removeprefix(_QUOTES))
                if text:
                    return (self._message(text),)
                self._page.say("there is no text in it; nothing is said")
            elif line and not line.startswith("/"):
                return (self._message(line),)
            else:
                event = self._command(line, state, materials)
                if event is not None:
                    return (event,)

    def _command(
        self, line: str, state: Dialogue, materials: Materials
    ) -> Event | None:
        """What a command says in the dialogue; nothing if it only tells something.
        Raises: PersonLeft.
        """
        command, _, rest = line.partition(" ")
        if command in _LEAVING:
            raise self._left()
        if command == "/done" and self._role == "user":
            return self._message(rest.strip() or _THANKS, done=True)
        if command == "/call":
            return self._call(rest, state, materials)
        if command == "/tools":
            self._page.tools(materials)
        elif command in ("", "/help"):
            self._page.help(materials)
        else:
            self._page.say(f"there is no command {command}; /help lists them")
        return None

    def _call(self, rest: str, state: Dialogue, materials: Materials) -> Event | None:
        tools = materials.tools_of(self._role)
        if not tools:
            self._page.say("you have no tools to call")
            return None
        try:
            calls = typed_calls(rest, tools, state.replies)
        except CallProblem as problem:
            self._page.say(str(problem))
            return None
        return self._asking(calls)

    def _asking(self, calls: tuple[ToolCall, ...]) -> Event:
        if self._role == "assistant":
            return AssistantReplied(calls=calls, by="person")
        return UserMessaged(text="", calls=calls, given=True, by="person")

    def _message(self, text: str, *, done: bool = False) -> Event:
        if self._role == "assistant":
            return AssistantReplied(text=text, by="person")
        return UserMessaged(text=text, is_task_complete=done, given=True, by="person")

    # --- what is typed --------------------------------------------------------------

    async def _several(self, first: str) -> str:
        """A message up to the closing quotes. Raises: PersonLeft."""
        lines: list[str] = []
        line = first
        while not line.rstrip().endswith(_QUOTES):
            lines.append(line)
            line = await self._line("... ")
        lines.append(line.rstrip().removesuffix(_QUOTES))
        return "\n".join(lines).strip()

    async def _line(self, prompt: str) -> str:
        """Raises: PersonLeft at the end of the input."""
        print(prompt, end="", file=sys.stderr, flush=True)  # noqa: T201
        line: str = await anyio.to_thread.run_sync(
            sys.stdin.readline, abandon_on_cancel=True
        )
        if not line:
            raise self._left()
        return line.rstrip("\r\n")

    def _left(self) -> PersonLeft:
        return PersonLeft(f"you left {self._label}; go on with: {self.going_on()}")
