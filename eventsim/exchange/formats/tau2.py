"""tau2: results with their simulations, and tasks with a message history. Pure.

A simulation is a dialogue with its task; the policy and the tools stand in the results'
`info.environment_info`. A task is a goal for a simulated user, its history the
beginning of a dialogue. Both are rows of a benchmark (MIT licence).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.core.state import Message
from eventsim.core.tasks import ExpectedCall, Objective, Profile, Rubric, Task
from eventsim.core.values import freeze
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import Format, Rows, field, text_of
from eventsim.exchange.functions import read_tools

__all__ = ["RESULTS", "TASKS"]

_BENCHMARK, _LICENCE = "tau2", "MIT"
_INSTRUCTIONS = ("reason_for_call", "task_instructions")


def _simulations(document: Any) -> Rows:
    """The simulations of a results file, and all that stands around them."""
    found = document.get("simulations") if isinstance(document, dict) else None
    if not isinstance(found, list):
        raise RowUnusable("the file has no simulations; tasks are of format tau2-tasks")
    around = {key: value for key, value in document.items() if key != "simulations"}
    return around, found


def _join(around: Mapping[str, Any], rows: list[Any]) -> Any:
    return {**around, "simulations": rows}


def _read_simulation(row: Any, around: Mapping[str, Any]) -> Conversation:
    built = _said(field(row, "messages", list) or [])
    info = around.get("info")
    world = info.get("environment_info") if isinstance(info, dict) else None
    world = world if isinstance(world, dict) else {}
    policy = world.get("policy")
    return Conversation(
        system=policy if isinstance(policy, str) else None,
        tools=read_tools(world.get("tool_defs")),
        events=built.end(),
        row_id=str(row.get("id") or ""),
        style=_style(row.get("messages") or []),
        notes=tuple(built.notes),
    )


def _read_task(row: Any, _: Mapping[str, Any]) -> Conversation:
    state = field(row, "initial_state", dict) or {}
    history = field(state, "message_history", list, "initial_state") or []
    built = _said(history)
    return Conversation(
        events=built.end(),
        tasks=(task_of(row),),
        row_id=str(row.get("id") or ""),
        style={**_style(history), "task": True, "history": bool(history)},
        notes=tuple(built.notes),
    )


# --- messages -----------------------------------------------------------------------


def _said(messages: list[Any]) -> Builder:
    built = Builder()
    for number, message in enumerate(messages, 1):
        where = f"message {number}"
        role = field(message, "role", str, where)
        text = text_of(message.get("content"), where)
        try:
            _add(built, role, text, message)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    return built


def _add(built: Builder, role: Any, text: str, message: dict[str, Any]) -> None:
    calls = field(message, "tool_calls", list, "the message") or []
    if not all(isinstance(call, dict) for call in calls):
        raise RowUnusable("a tool call is not an object")
    match role:
        case "user":
            built.user(text, calls)
        case "assistant":
            built.assistant(text, calls)
        case "tool":
            call_id = message.get("id") or message.get("tool_call_id")
            built.result(text, call_id=call_id, is_error=bool(message.get("error")))
        case _:
            raise RowUnusable(f"nobody speaks as {role!r} inside a simulation")


def _style(messages: list[Any]) -> dict[str, Any]:
    """Which fields stand there although they say nothing."""
    said = [message for message in messages if isinstance(message, dict)]
    calls = [c for m in said for c in m.get("tool_calls") or [] if isinstance(c, dict)]
    return {
        "null": any("content" in m and m["content"] is None for m in said),
        "no_calls": any("tool_calls" in m and not m["tool_calls"] for m in said),
        "requestor": any("requestor" in call for call in calls),
        "error": any("error" in m for m in said if m.get("role") == "tool"),
    }


def _message(message: Message, style: Mapping[str, Any]) -> dict[str, Any]:
    line: dict[str, Any]
    if message.call is not None:
        line = {
            "role": "tool",
            "id": message.call.given_id or message.call.id,
            "content": message.text,
        }
        if style.get("requestor", True):
            line["requestor"] = message.requestor
        if style.get("error", True):
            line["error"] = message.text.startswith('{"error"')
        return line
    line = {"role": message.speaker}
    if message.text or not message.calls:
        line["content"] = message.text
    elif style.get("null", True):
        line["content"] = None
    if message.calls:
        requestor = {"requestor": line["role"]} if style.get("requestor", True) else {}
        line["tool_calls"] = [
            {
                "id": call.given_id or call.id,
                "name": call.name,
                "arguments": call.arguments,
                **requestor,
            }
            for call in message.calls
        ]
    elif style.get("no_calls", True):
        line["tool_calls"] = None
    return line


# --- tasks --------------------------------------------------------------------------


def task_of(row: Any) -> Task:
    """The task of a row: instructions for the user, and what is expected in the end.
    Raises: RowUnusable.
    """
    scenario = field(row, "user_scenario", dict) or {}
    said = scenario.get("instructions")
    told = said if isinstance(said, dict) else {}
    wish = said if isinstance(said, str) else _joined(told, _INSTRUCTIONS)
    if not wish:
        raise RowUnusable("the task tells the user nothing: user_scenario.instructions")
    criteria = field(row, "evaluation_criteria", dict) or {}
    every = [a for a in criteria.get("actions") or () if isinstance(a, dict)]
    own = [a for a in every if a.get("requestor") == "user"]
    actions = [a for a in every if a.get("requestor") != "user"]
    wanted = tuple(
        ExpectedCall(
            tool=str(a.get("name")), arguments=freeze(a.get("arguments") or {})
        )
        for a in actions
    )
    asserted = (
        *(str(each) for each in criteria.get("nl_assertions") or ()),
        *(f"The person does this: {a.get('name')}" for a in own),
    )
    persona = scenario.get("persona")
    return Task(
        title=str(row.get("id") or "imported task"),
        difficulty="medium",
        goal=wish,
        profile=Profile(
            name="",
            role=persona if isinstance(persona, str) else "",
            known_info=_lines(told.get("known_info")),
            unknown_info=_lines(told.get("unknown_info")),
        ),
        objectives=tuple(
            Objective(number=number, text=text, kind="write" if actions else "read")
            for number, text in enumerate(_clauses(wish), 1)
        ),
        rubric=Rubric(
            criteria=asserted or (f"What the user wanted was done: {wish}",),
            expected_calls=wanted,
        ),
    )


def _clauses(wish: str) -> list[str]:
    """What the user wants, each as an infinitive clause; all of it where no sentence
    says that something is wanted.
    """
    found = [match[1].strip() for match in _WANTS.finditer(wish)]
    return found[:_MOST] or [wish]


_WANTS = re.compile(
    r"\b(?:you|who)(?: now| also| then)? (?:want|wants|need|needs|would like|wish)"
    r" to ([^.;\n]+)",
    re.IGNORECASE,
)
_MOST = 5


def _joined(told: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return "\n".join(str(told[name]) for name in names if told.get(name))


def _lines(text: Any) -> tuple[str, ...]:
    lines = str(text or "").splitlines()
    return tuple(line.strip() for line in lines if line.strip())


# --- writing ------------------------------------------------------------------------


def _write_simulation(transcript: Transcript) -> dict[str, Any]:
    messages = [_message(m, transcript.style) for m in transcript.messages]
    return {"id": transcript.row_id or transcript.label, "messages": messages}


def _write_task(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style
    row: dict[str, Any] = {"id": transcript.row_id or transcript.label}
    if transcript.tasks:
        task = transcript.tasks[0]
        row["user_scenario"] = {"instructions": task.goal}
        if task.profile.role:
            row["user_scenario"]["persona"] = task.profile.role
    if transcript.messages or style.get("history"):
        history = [_message(m, style) for m in transcript.messages]
        row["initial_state"] = {"message_history": history}
    return row


RESULTS = Format(
    name="tau2",
    about="tau2 results: simulations with their messages",
    read=_read_simulation,
    write=_write_simulation,
    rows=_simulations,
    join=_join,
    dual=True,
    benchmark=_BENCHMARK,
    licence=_LICENCE,
)
TASKS = Format(
    name="tau2-tasks",
    about="tau2 tasks, with the history that a dialogue begins with",
    read=_read_task,
    write=_write_task,
    join=lambda _, rows: rows,
    dual=True,
    benchmark=_BENCHMARK,
    licence=_LICENCE,
)
