"""ATIF, the Agent Trajectory Interchange Format, version 1.8. Pure.

Steps by system, user and agent; what an agent's calls gave stands in the observation
of its own step. Source: the format's own specification, and the package `atif`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.state import Message
from eventsim.core.values import encode
from eventsim.exchange.conversation import (
    Builder,
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import (
    MALFORMED,
    Format,
    field,
    id_of,
    result_text,
    text_of,
)
from eventsim.exchange.functions import functions_of, read_tools
from eventsim.exchange.system import split_system

__all__ = ["FORMAT"]

_VERSION = "ATIF-v1.8"


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    version = field(row, "schema_version", str)
    if version is None or not version.startswith("ATIF-v1."):
        raise RowUnusable("schema_version is not ATIF-v1.x")
    steps = field(row, "steps", list)
    if not steps:
        raise RowUnusable("the trajectory has no steps")
    built, style = Builder(), dict[str, Any]()
    for number, step in enumerate(steps, 1):
        where = f"step {number}"
        source = field(step, "source", str, where)
        try:
            _add(built, source, step, style)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    agent = field(row, "agent", dict) or {}
    tools = read_tools(agent.get("tool_definitions"))
    return Conversation(
        system=built.instructions,
        tools=tools.definitions,
        events=built.end(),
        row_id=id_of(row, "trajectory_id", "session_id"),
        style={
            **style,
            "version": version,
            "agent": {k: v for k, v in agent.items() if k != "tool_definitions"},
            "tools": "tool_definitions" in agent,
            "session_id": row.get("session_id"),
            **built.system_style({}),
            **tools.style,
        },
        notes=(*built.notes, *tools.notes),
    )


_OWN = ("step_id", "source", "message")


def _add(
    built: Builder, source: Any, step: dict[str, Any], style: dict[str, Any]
) -> None:
    text = text_of(step.get("message"), "the step")
    match source:
        case "system":
            built.system(text, {k: v for k, v in step.items() if k not in _OWN})
        case "user":
            built.user(text)
        case "agent":
            calls = [
                _call(c) for c in field(step, "tool_calls", list, "the step") or []
            ]
            if any(isinstance(call["arguments"], str) for call in calls):
                style["arguments"] = "string"
            built.assistant(text, calls, _reasoning(step))
            _observe(built, step)
        case _:
            raise RowUnusable(
                f"no step comes from {source!r}: there are system, user, agent"
            )


def _observe(built: Builder, step: dict[str, Any]) -> None:
    """What the step's calls gave. Results that name no call belong to those that no
    other result names, in order; what is then left answers no call, and stays beside.
    """
    observation = field(step, "observation", dict, "the step") or {}
    results = field(observation, "results", list, "the observation") or []
    if not all(isinstance(result, dict) for result in results):
        raise RowUnusable("a result is not an object")
    for result in results:
        call_id = result.get("source_call_id")
        if call_id is not None:
            if not isinstance(call_id, str):
                raise RowUnusable("the source_call_id of a result is no text")
            built.result(result_text(result.get("content")), call_id=call_id)
    for result in results:
        if result.get("source_call_id") is None:
            if built.waiting:
                built.result(result_text(result.get("content")))
            else:
                built.note("a result that answers no call is kept beside the dialogue")


def _reasoning(step: dict[str, Any]) -> str | None:
    reasoning = step.get("reasoning_content")
    return reasoning if isinstance(reasoning, str) else None


def _call(call: Any) -> dict[str, Any]:
    if not isinstance(call, dict):
        raise RowUnusable("a tool call is not an object")
    return {
        "id": call.get("tool_call_id"),
        "name": call.get("function_name"),
        "arguments": call.get("arguments"),
    }


def _write(transcript: Transcript) -> dict[str, Any]:
    style = transcript.style
    steps: list[dict[str, Any]] = []
    for fields, text in split_system(transcript.system, style, {}):
        steps.append({"source": "system", "message": text, **fields})
    for message in transcript.messages:
        if message.call is None:
            steps.append(_step(message, style))
        else:
            results = steps[-1].setdefault("observation", {"results": []})["results"]
            call_id = message.call.given_id or message.call.id
            results.append({"source_call_id": call_id, "content": message.text})
    agent = dict(style.get("agent") or {"name": "assistant", "version": "1"})
    if style.get("tools", True) or transcript.tools:
        agent["tool_definitions"] = functions_of(transcript.tools, style)
    session = style.get("session_id", transcript.label)
    return {
        "schema_version": style.get("version", _VERSION),
        **({} if session is None else {"session_id": session}),
        "agent": agent,
        "steps": [{"step_id": at, **step} for at, step in enumerate(steps, 1)],
    }


def _step(message: Message, style: Mapping[str, Any]) -> dict[str, Any]:
    source = "user" if message.speaker == "user" else "agent"
    step: dict[str, Any] = {"source": source, "message": message.text}
    if message.reasoning is not None:
        step["reasoning_content"] = message.reasoning
    if message.calls:
        step["tool_calls"] = [
            {
                "tool_call_id": call.given_id or call.id,
                "function_name": call.name,
                "arguments": (call.raw_arguments or encode(call.arguments).decode())
                if style.get("arguments") == "string"
                else call.arguments,
            }
            for call in message.calls
        ]
    return step


FORMAT = Format(
    name="atif",
    about="ATIF v1.x, the Agent Trajectory Interchange Format",
    read=_read,
    write=_write,
    lacks=frozenset({MALFORMED}),
)
