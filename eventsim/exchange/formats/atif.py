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
from eventsim.exchange.formats.format import Format, field, text_of
from eventsim.exchange.functions import functions_of, read_tools

__all__ = ["FORMAT"]

_VERSION = "ATIF-v1.8"


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    version = field(row, "schema_version", str)
    if version is None or not version.startswith("ATIF-v1."):
        raise RowUnusable("schema_version is not ATIF-v1.x")
    steps = field(row, "steps", list)
    if not steps:
        raise RowUnusable("the trajectory has no steps")
    built = Builder()
    system: list[str] = []
    for number, step in enumerate(steps, 1):
        where = f"step {number}"
        source = field(step, "source", str, where)
        text = text_of(step.get("message"), where)
        try:
            if source == "system" and not built.events:
                system.append(text)
            else:
                _add(built, source, text, step)
        except RowUnusable as problem:
            raise RowUnusable(f"{where}: {problem}") from None
    agent = field(row, "agent", dict) or {}
    if len(system) > 1:
        built.notes.append(f"{len(system)} system steps were joined into one")
    return Conversation(
        system="\n\n".join(system) if system else None,
        tools=read_tools(agent.get("tool_definitions")),
        events=built.end(),
        row_id=str(row.get("trajectory_id") or row.get("session_id") or ""),
        style={
            "version": version,
            "agent": {k: v for k, v in agent.items() if k != "tool_definitions"},
            "tools": "tool_definitions" in agent,
            "session_id": row.get("session_id"),
        },
        notes=tuple(built.notes),
    )


def _add(built: Builder, source: Any, text: str, step: dict[str, Any]) -> None:
    match source:
        case "user":
            built.user(text)
        case "agent":
            calls = field(step, "tool_calls", list, "the step") or []
            built.assistant(text, [_call(call) for call in calls], _reasoning(step))
            observation = field(step, "observation", dict, "the step") or {}
            for result in observation.get("results") or []:
                if not isinstance(result, dict):
                    raise RowUnusable("a result is not an object")
                call_id = result.get("source_call_id")
                built.result(
                    text_of(result.get("content"), "a result"), call_id=call_id
                )
        case _:
            raise RowUnusable(f"a step of {source!r} cannot stand inside the dialogue")


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
    if transcript.system is not None:
        steps.append({"source": "system", "message": transcript.system})
    for message in transcript.messages:
        if message.call is None:
            steps.append(_step(message))
        else:
            results = steps[-1].setdefault("observation", {"results": []})["results"]
            call_id = message.call.given_id or message.call.id
            results.append({"source_call_id": call_id, "content": message.text})
    agent = dict(style.get("agent") or {"name": "assistant", "version": "1"})
    if style.get("tools", True):
        agent["tool_definitions"] = functions_of(transcript.tools)
    session = style.get("session_id", transcript.label)
    return {
        "schema_version": style.get("version", _VERSION),
        **({} if session is None else {"session_id": session}),
        "agent": agent,
        "steps": [{"step_id": at, **step} for at, step in enumerate(steps, 1)],
    }


def _step(message: Message) -> dict[str, Any]:
    source = "user" if message.speaker == "user" else "agent"
    step: dict[str, Any] = {"source": source, "message": message.text}
    if message.reasoning is not None:
        step["reasoning_content"] = message.reasoning
    if message.calls:
        step["tool_calls"] = [
            {
                "tool_call_id": call.given_id or call.id,
                "function_name": call.name,
                "arguments": call.arguments
                if call.raw_arguments is None
                else encode(call.arguments).decode(),
            }
            for call in message.calls
        ]
    return step


FORMAT = Format(
    name="atif",
    about="ATIF v1.x, the Agent Trajectory Interchange Format",
    read=_read,
    write=_write,
)
