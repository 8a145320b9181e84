"""tau2: results with their simulations, and tasks with a message history. Pure.

A simulation is a dialogue with its task; the policy and the tools stand in the results'
`info.environment_info`. A task is a goal for a simulated user, its history the
beginning of a dialogue. Both are rows of a benchmark (MIT licence).
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.core.state import Message
from eventsim.core.tasks import ExpectedCall, Objective, Profile, Rubric, Task
from eventsim.core.values import freeze
from eventsim.errors import UsageError
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import (
    MALFORMED,
    REASONING,
    SYSTEM,
    TOOLS,
    Format,
    Rows,
    field,
    id_of,
    result_text,
    text_of,
)
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
    tools = read_tools(world.get("tool_defs"))
    return Conversation(
        system=policy if isinstance(policy, str) else None,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "id"),
        style=_style(row.get("messages") or []),
        notes=(*built.notes, *tools.notes),
    )


def _read_task(row: Any, _: Mapping[str, Any]) -> Conversation:
    state = field(row, "initial_state", dict) or {}
    history = field(state, "message_history", list, "initial_state") or []
    built = _said(history)
    return Conversation(
        events=built.end(),
        tasks=(task_of(row),),
        row_id=id_of(row, "id"),
        style={**_style(history), "task": True, "history": bool(history)},
        notes=tuple(built.notes),
    )


# --- messages -----------------------------------------------------------------------


def _said(messages: list[Any]) -> Builder:
    built = Builder()
    for number, message in enumerate(messages, 1):
        where = f"message {number}"
        role = field(message, "role", str, where)
        try:
            for each in _nested(message):
                _add(built, role, each)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    return built


def _nested(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The messages that one holds where it stands for several results, else itself."""
    if message.get("role") != "tool":
        return [message]
    inner: list[dict[str, Any]] | None = field(
        message, "tool_messages", list, "the message"
    )
    if inner is None:
        return [message]
    if not inner or not all(isinstance(each, dict) for each in inner):
        raise RowUnusable("tool_messages of the message are not objects")
    return inner


def _add(built: Builder, role: Any, message: dict[str, Any]) -> None:
    calls = field(message, "tool_calls", list, "the message") or []
    if not all(isinstance(call, dict) for call in calls):
        raise RowUnusable("a tool call is not an object")
    content = message.get("content")
    match role:
        case "user":
            built.user(text_of(content, "the message"), calls)
        case "assistant":
            built.assistant(text_of(content, "the message"), calls)
        case "tool":
            call_id = message.get("id") or message.get("tool_call_id")
            built.result(
                result_text(content),
                call_id=call_id if isinstance(call_id, str) else None,
                is_error=bool(message.get("error")),
            )
        case _:
            raise RowUnusable(
                f"nobody speaks as {role!r} inside a simulation: there are user, "
                "assistant and tool, and instructions are info.environment_info.policy"
            )


def _style(messages: list[Any]) -> dict[str, Any]:
    """Which fields stand there although they say nothing."""
    grouped = ["tool_messages" in m for m in _first_of_results(messages)]
    said = [each for message in messages for each in _nested(message)]
    calls = [c for m in said for c in m.get("tool_calls") or [] if isinstance(c, dict)]
    return {
        "null": any("content" in m and m["content"] is None for m in said),
        "no_calls": any("tool_calls" in m and not m["tool_calls"] for m in said),
        "requestor": any("requestor" in call for call in calls),
        "error": any("error" in m for m in said if m.get("role") == "tool"),
        **({"grouped": grouped} if any(grouped) else {}),
    }


def _first_of_results(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The first message of each run of results."""
    pairs = zip([{}, *messages], messages, strict=False)
    return [
        message
        for before, message in pairs
        if message.get("role") == "tool" and before.get("role") != "tool"
    ]


def _messages(transcript: Transcript) -> list[dict[str, Any]]:
    """All messages, results of one reply in one where the row has them so."""
    style = transcript.style
    grouped: Sequence[bool] = style.get("grouped") or ()
    lines: list[dict[str, Any]] = []
    runs = itertools.groupby(transcript.messages, lambda m: m.call is not None)
    number = 0
    for are_results, run in runs:
        made = [_message(message, style) for message in run]
        if are_results:
            is_own = number < len(grouped)
            several = grouped[number] if is_own else bool(grouped) and len(made) > 1
            made = [{"role": "tool", "tool_messages": made}] if several else made
            number += 1
        lines += made
    return lines


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
    actions = field(criteria, "actions", list, "evaluation_criteria") or []
    every = [_action(action) for action in actions]
    own = [call for requestor, call in every if requestor == "user"]
    wanted = tuple(call for requestor, call in every if requestor != "user")
    stated = field(criteria, "nl_assertions", list, "evaluation_criteria") or []
    if not all(isinstance(each, str) for each in stated):
        raise RowUnusable("nl_assertions of evaluation_criteria are not texts")
    asserted = (*stated, *(f"The person does this: {call.tool}" for call in own))
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
            Objective(number=number, text=text, kind="write" if wanted else "read")
            for number, text in enumerate(_clauses(wish), 1)
        ),
        rubric=Rubric(
            criteria=asserted or (f"What the user wanted was done: {wish}",),
            expected_calls=wanted,
        ),
    )


def _action(action: Any) -> tuple[Any, ExpectedCall]:
    """Who is expected to make a call, and which."""
    name = field(action, "name", str, "an action of evaluation_criteria")
    if not name:
        raise RowUnusable("an action of evaluation_criteria has no name")
    arguments = field(action, "arguments", dict, f"the action {name}") or {}
    return action.get("requestor"), ExpectedCall(tool=name, arguments=freeze(arguments))


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
    label = transcript.row_id or transcript.label
    return {"id": label, "messages": _messages(transcript)}


def _write_task(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style
    if not transcript.tasks and "task" not in style:
        raise UsageError(
            f"{transcript.label} has no task, and a row of tau2-tasks is one: "
            "give --run with a run that has tasks, or export another format"
        )
    row: dict[str, Any] = {"id": transcript.row_id or transcript.label}
    if transcript.tasks:
        task = transcript.tasks[0]
        row["user_scenario"] = {"instructions": task.goal}
        if task.profile.role:
            row["user_scenario"]["persona"] = task.profile.role
    if transcript.messages or style.get("history"):
        row["initial_state"] = {"message_history": _messages(transcript)}
    return row


RESULTS = Format(
    name="tau2",
    about="tau2 results: simulations with their messages",
    read=_read_simulation,
    write=_write_simulation,
    lacks=frozenset({REASONING, MALFORMED, SYSTEM, TOOLS}),
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
    lacks=frozenset({REASONING, MALFORMED, SYSTEM, TOOLS}),
    join=lambda _, rows: rows,
    dual=True,
    benchmark=_BENCHMARK,
    licence=_LICENCE,
)
