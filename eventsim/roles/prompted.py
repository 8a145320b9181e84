"""Tools in the prompt, for endpoints that have no parser for tool calls. Pure.

The assistant is shown the tools in its instructions and answers with its next action
as JSON: a thought, which is its reasoning, then a reply or calls. In the transcript its
actions are its own messages, without the thoughts, and the results of calls are
messages to it that say which call they answer. What is read from an action is the same
as from native calls.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from functools import lru_cache, partial
from typing import Any

import orjson

from eventsim.config import EndpointProfile
from eventsim.core.events import ToolCall
from eventsim.core.state import Message
from eventsim.core.values import encode, freeze
from eventsim.prompts.render import render
from eventsim.roles.chat import closed, escaped
from eventsim.roles.parsing import read_json
from eventsim.roles.tool_calls import CallsRead, calls_of_items

__all__ = ["action_text", "answer_schema", "lines", "read_action", "tools_prompt"]

ANSWER = "next_action"

# Characters. Small models go round in circles without an end to it.
_THOUGHT = 400


# --- what is sent -------------------------------------------------------------------


@lru_cache(maxsize=64)
def tools_prompt(template: str, functions: bytes) -> str:
    """The part of the instructions that shows the tools; `functions` is the `tools`
    field of a native request.
    """
    tools = [encode(tool["function"]).decode() for tool in orjson.loads(functions)]
    return render(template, tools=tools)


def lines(messages: Iterable[Message]) -> Iterator[tuple[str, bytes]]:
    """The transcript as (role, escaped text) lines."""
    number = 0
    for message in messages:
        if message.is_private:
            continue
        number = number + 1 if message.call is not None else 0
        if message.speaker == "assistant":
            yield "assistant", message.encoded("action", _action)
        elif message.call is not None:
            yield "user", message.encoded(*_results(number))
        else:
            yield "user", message.encoded("text", _text)


def _text(message: Message) -> bytes:
    return escaped(message.text)


def _action(message: Message) -> bytes:
    return escaped(action_text(message.text, message.calls))


@lru_cache(maxsize=256)
def _results(number: int) -> tuple[str, Callable[[Message], bytes]]:
    return f"result {number}", partial(_result, number)


def _result(number: int, message: Message) -> bytes:
    assert message.call is not None
    return escaped(f"Result of call {number} ({message.call.name}):\n{message.text}")


def action_text(text: str, calls: Iterable[ToolCall], thought: str = "") -> str:
    """An action in its usual form: what the assistant would have written."""
    made = [{"name": call.name, "arguments": call.arguments} for call in calls]
    before = {"thought": thought} if thought else {}
    if not made:
        return encode({**before, "action": "reply", "text": text}).decode()
    said = {"text": text} if text else {}
    return encode({**before, "action": "call", **said, "calls": made}).decode()


# --- the form of the answer ---------------------------------------------------------


def answer_schema(
    functions: bytes, profile: EndpointProfile
) -> tuple[str, Mapping[str, Any]]:
    """Name and JSON Schema of an action: with the arguments of each tool where the
    endpoint keeps to a schema, else short, for it is then said in words.
    """
    return ANSWER, _schema(functions, profile.structured.endswith("schema"))


@lru_cache(maxsize=64)
def _schema(functions: bytes, whole: bool) -> Mapping[str, Any]:
    tools = [tool["function"] for tool in orjson.loads(functions)]
    if whole:
        call: dict[str, Any] = {"anyOf": [_call(tool) for tool in tools]}
    else:
        names = [tool["name"] for tool in tools]
        call = closed(name={"enum": names}, arguments={"type": "object"})
    calls = {"type": "array", "items": call, "minItems": 1}
    text = {"type": "string"}
    thought = {"type": "string", "maxLength": _THOUGHT}
    action = {
        "anyOf": [
            closed(thought=thought, action={"enum": ["call"]}, calls=calls),
            closed(thought=thought, action={"enum": ["reply"]}, text=text),
        ]
    }
    frozen: Mapping[str, Any] = freeze(action)
    return frozen


def _call(tool: Mapping[str, Any]) -> dict[str, Any]:
    parameters = tool["parameters"]
    if "$ref" in str(parameters):  # it points at the root of the tool's own schema
        parameters = {"type": "object"}
    return closed(name={"enum": [tool["name"]]}, arguments=parameters)


# --- what comes back ----------------------------------------------------------------


def read_action(text: str, reply: int, offered: Collection[str]) -> CallsRead:
    """The action in a text: calls and the words beside them, or words alone."""
    if not text.strip():
        return CallsRead(problem="the answer is empty")
    value, repair, problem = read_json(text)
    if problem:
        return CallsRead(problem=f"the answer cannot be read as JSON: {problem}")
    if isinstance(value, list):
        value = {"calls": value}
    if not isinstance(value, dict):
        return CallsRead(problem="the answer is not a JSON object")
    said = next((value[k] for k in _TEXTS if isinstance(value.get(k), str)), "")
    thought = value.get("thought")
    thought = thought.strip() if isinstance(thought, str) else ""
    calls = next((value[k] for k in _CALLS if value.get(k)), None)
    name = value.get("name")
    if calls is None and isinstance(name, str) and name in offered:
        calls = [value]
    if value.get("action") == "reply" and said.strip():
        calls = None
    if calls is None:
        if not said.strip():
            return CallsRead(problem="the answer has neither a text nor calls")
        return CallsRead(text=said, repair=repair, thought=thought)
    items = calls if isinstance(calls, list) else [calls]
    read = calls_of_items(items, reply, offered, said)
    return read._replace(repair=repair or read.repair, thought=thought)


_TEXTS = ("text", "reply", "message", "content")
_CALLS = ("calls", "tool_calls", "call")
