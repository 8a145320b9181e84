"""The user simulator: what it sees, and how its answer is read. Pure.

It sees its profile, its goal and what both sides said to each other, with the roles
swapped. It never sees the assistant's tools, the policy, or the assistant's reasoning,
and results of these tools only where the configuration shows them to users, as the
paper does. Tools of its own side, if it has some, are its own: it is shown them, calls
them in its answer, and reads the results.

The system message is the same over a whole task; what concerns one message stands at
the end of the last message, so that requests share all that comes before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import orjson

from eventsim.core.along import Along
from eventsim.core.events import (
    Answer,
    ModelRejected,
    PersonaAssigned,
    ToolCall,
    UserMessaged,
)
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Task
from eventsim.core.values import encode, freeze
from eventsim.prompts.render import render
from eventsim.quality.gate import advice, gate
from eventsim.roles.chat import (
    closed,
    encode_request,
    escaped,
    merge_lines,
    request_seed,
)
from eventsim.roles.parsing import read_json
from eventsim.roles.responses import Choice, read_choice
from eventsim.roles.tool_calls import calls_of_items

__all__ = ["OPENING", "read", "request"]

OPENING = "(The conversation begins. Write your first message.)"
_SILENCE = "(The assistant says nothing. Write your next message.)"

_SAID = {
    "user_message": {"type": "string"},
    "is_task_complete": {"type": "boolean"},
}
_TRUTHS = {"true": True, "false": False}


# --- what it sees -------------------------------------------------------------------


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request. Needs an open task and a persona."""
    task, persona = _task(state, materials), state.persona
    assert persona is not None
    now = render(
        materials.prompts["user_message"],
        profile=task.profile,
        persona=persona,
        opening=not _spoken(state),
        instructions=[drawn.instruction for drawn in state.behaviours],
        rejected=[advice(reason, state, task) for _, reason in state.rejected[-1:]],
    )
    seen = _DIALOGUES[materials.config.user_sees_tool_results].over(state.messages)
    if seen.role == "assistant":
        lines = [("assistant", seen.last), ("user", escaped(_SILENCE))]
    else:
        lines = [("user", seen.last)]
    messages = [
        *merge_lines([("system", _system(materials, task, persona))]),
        *([bytes(seen.before)] if seen.before else ()),
        *merge_lines([*lines, ("user", escaped(now.rstrip()))]),
    ]
    return encode_request(
        materials.config.roles.user,
        materials.profile("user"),
        messages,
        seed=request_seed(state, "user"),
        answer=("user_turn", _answer_schema(materials.user_functions)),
    )


@lru_cache(maxsize=64)
def _answer_schema(functions: bytes) -> Mapping[str, Any]:
    """What an answer looks like: with calls where the user has tools."""
    fields: dict[str, Any] = dict(_SAID)
    if functions:
        names = [tool["function"]["name"] for tool in orjson.loads(functions)]
        call = {"name": {"enum": names}, "arguments": {"type": "object"}}
        fields["tool_calls"] = {"type": "array", "items": closed(**call)}
    schema: Mapping[str, Any] = freeze(closed(**fields))
    return schema


def _spoken(state: Dialogue) -> bool:
    """Whether the user has said something in the task at hand."""
    return state.task is not None and state.task.user_messages > 0


def _task(state: Dialogue, materials: Materials) -> Task:
    assert state.task is not None
    return materials.tasks[state.task.assigned.number - 1]


def _system(materials: Materials, task: Task, persona: PersonaAssigned) -> bytes:
    """The system message, escaped; made once for each task object, for comparing
    tasks takes longer than rendering one.
    """
    template, functions = materials.prompts["user"], materials.user_functions
    stamp = (template, persona, functions)
    known = _systems.get(id(task))
    if known is not None and known[0] is task and known[1] == stamp:
        return known[2]
    own = orjson.loads(functions) if functions else []
    text = render(
        template,
        profile=task.profile,
        persona=persona,
        goal=task.goal,
        objectives=task.objectives,
        tools=[encode(tool["function"]).decode() for tool in own],
    )
    if len(_systems) >= _MOST_SYSTEMS:
        _systems.clear()
    _systems[id(task)] = (task, stamp, escaped(text))
    return _systems[id(task)][2]


_systems: dict[int, tuple[Task, tuple[str, PersonaAssigned, bytes], bytes]] = {}
_MOST_SYSTEMS = 1_024


@dataclass(slots=True)
class _Seen:
    """The transcript with the roles swapped; neighbours of one role are one message.

    `before` holds all messages but the last, encoded and joined; of the last, `last`
    is the escaped text. The first one comes to the user, for many chat templates
    refuse a dialogue that the other side opens.
    """

    before: bytearray = field(default_factory=bytearray)
    role: str = "user"
    last: bytes = escaped(OPENING)

    def add(self, role: str, text: bytes) -> None:
        """One more line."""
        if role == self.role:
            self.last += rb"\n\n" + text
            return
        (message,) = merge_lines([(self.role, self.last)])
        self.before += b"," + message if self.before else message
        self.role, self.last = role, text


def _take(seen: _Seen, message: Message) -> None:
    if message.calls and message.speaker == "user":
        seen.add("assistant", message.encoded("user's calls", _own_calls))
    elif message.requestor == "user":
        seen.add("user", message.encoded("user's result", _result))
    elif message.speaker != "tool" and message.text:
        role = "assistant" if message.speaker == "user" else "user"
        seen.add(role, message.encoded("text", _text))


def _take_all(seen: _Seen, message: Message) -> None:
    if message.speaker == "tool" and message.call is not None:
        seen.add("user", message.encoded("user's result", _result))
    else:
        _take(seen, message)


_DIALOGUES = {
    False: Along("user's dialogue", _Seen, _take),
    True: Along("user's dialogue with results", _Seen, _take_all),
}


def _text(message: Message) -> bytes:
    return escaped(message.text)


def _own_calls(message: Message) -> bytes:
    return escaped(_answer_text(message.text, calls=message.calls))


def _result(message: Message) -> bytes:
    assert message.call is not None
    return escaped(f"(Result of {message.call.name}: {message.text})")


# --- how its answer is read ---------------------------------------------------------


def read(
    response: bytes, state: Dialogue | None = None, materials: Materials | None = None
) -> UserMessaged | ModelRejected:
    """The message in a response, or why it cannot enter the dialogue: it is out of
    form, or the gate stops it. Without a state there is no gate.
    """
    choice = read_choice(response)
    if choice.problem:
        return _rejected(choice, choice.problem)
    found = read_json(choice.text)
    said = found.value
    if found.problem or not isinstance(said, dict):
        return _rejected(choice, "the answer is not a JSON object")
    message, complete = said.get("user_message"), said.get("is_task_complete")
    repair = found.repair
    if said.get("tool_calls"):
        return _calls(choice, said, repair, state, materials)
    if isinstance(complete, str) and complete.strip().lower() in _TRUTHS:
        complete, repair = _TRUTHS[complete.strip().lower()], repair or "repaired"
    if not isinstance(message, str) or not message.strip():
        return _rejected(choice, "the answer has no user_message")
    if not isinstance(complete, bool):
        return _rejected(choice, "the answer has no is_task_complete")
    own = () if materials is not None and materials.user_functions else None
    if state is not None and materials is not None:
        reason = gate(message, complete, state, _task(state, materials))
        if reason:
            return _rejected(choice, reason)
    return UserMessaged(
        text=message,
        is_task_complete=complete,
        answer=_kept(choice, message, repair, complete=complete, calls=own),
    )


def _calls(
    choice: Choice,
    said: Mapping[str, Any],
    repair: str,
    state: Dialogue | None,
    materials: Materials | None,
) -> UserMessaged | ModelRejected:
    """The calls of an answer: of its own tools, with no words to the assistant, who
    is told of what came of them afterwards.
    """
    own = materials.tools_of("user") if materials is not None else ()
    names = {tool.name for tool in own}
    items = said["tool_calls"]
    number = state.replies if state is not None else 0
    read = calls_of_items(items if isinstance(items, list) else [items], number, names)
    if read.problem:
        return _rejected(choice, read.problem)
    for call in read.calls:
        if call.name not in names:
            return _rejected(choice, f"no tool of the user is named {call.name[:60]!r}")
    if str(said.get("user_message") or "").strip():
        return _rejected(choice, "the answer speaks and calls tools at once")
    return UserMessaged(
        text="",
        calls=read.calls,
        answer=_kept(choice, "", repair or read.repair, calls=read.calls),
    )


def _kept(
    choice: Choice,
    message: str,
    repair: str,
    *,
    complete: bool = False,
    calls: Iterable[ToolCall] | None,
) -> Answer:
    """What came with the answer; its text only where it was written otherwise."""
    rendered = _answer_text(message, complete=complete, calls=calls)
    raw = None if rendered == choice.content else choice.content
    return choice.answer.model_copy(update={"raw": raw, "repair": repair})


def _answer_text(
    message: str, *, complete: bool = False, calls: Iterable[ToolCall] | None
) -> str:
    """An answer in its usual form; without tools of its own there are no calls."""
    said: dict[str, Any] = {"user_message": message, "is_task_complete": complete}
    if calls is not None:
        said["tool_calls"] = [
            {"name": call.name, "arguments": call.arguments} for call in calls
        ]
    return encode(said).decode()


def _rejected(choice: Choice, reason: str) -> ModelRejected:
    return ModelRejected(
        role="user", reason=reason, raw=choice.raw, answer=choice.answer
    )
