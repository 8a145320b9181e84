"""Tool calls as endpoints really send them, made into calls of ours. Pure.

In their own field, in the older one, or in the text, where a server has no parser for
them; with arguments as text, as an object, encoded twice, or empty. Ids are minted
here: those of endpoints are missing, empty or twice the same.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from typing import Any, NamedTuple

from eventsim.core.events import ToolCall
from eventsim.core.values import encode, freeze
from eventsim.roles.parsing import fault_of, find_json, read_json, storable

__all__ = ["CallsRead", "calls_of_items", "native_calls", "text_calls"]

_LONGEST_ID = 200
_LONGEST_NAME = 200
_ARGUMENTS = ("arguments", "parameters", "args", "input")
_TAGGED = re.compile(r"<tool_call>(.*?)(?:</tool_call>|(?=<tool_call>)|\Z)", re.DOTALL)
_MARK = re.compile(
    r"(?:```[\w+-]*|\[TOOL_CALLS\]|<\|python_tag\|>|<\|tool_calls?_begin\|>)\s*\Z"
)


class CallsRead(NamedTuple):
    """The calls of an answer, and the text before them; `problem` says why they
    cannot be used, `thought` what was thought before, where the answer says so.
    """

    calls: tuple[ToolCall, ...] = ()
    text: str = ""
    repair: str = ""
    problem: str = ""
    thought: str = ""


def native_calls(
    message: Mapping[str, Any], reply: int, offered: Collection[str]
) -> CallsRead:
    """The calls that a message has in their own field; `reply` is its number."""
    wanted = message.get("tool_calls")
    if not wanted and isinstance(message.get("function_call"), dict):
        wanted = [{"function": message["function_call"]}]
    if isinstance(wanted, dict):
        wanted = [wanted]
    if not wanted:
        return CallsRead()
    if not isinstance(wanted, list):
        return CallsRead(problem="tool_calls is not a list")
    return calls_of_items(wanted, reply, offered)


def calls_of_items(
    items: Sequence[Any], reply: int, offered: Collection[str], text: str = ""
) -> CallsRead:
    """The calls that items of a list are: each with a name and arguments, under
    `function` or not; `text` is what was said beside them.
    """
    calls, repair = [], ""
    for index, item in enumerate(items):
        call = _read_call(item, f"call_{reply}_{index}", offered)
        if isinstance(call, str):
            return CallsRead(problem=call)
        calls.append(call[0])
        repair = repair or call[1]
    return CallsRead(tuple(calls), text, repair)


def _read_call(
    item: object, call_id: str, offered: Collection[str]
) -> tuple[ToolCall, str] | str:
    """One call and how its arguments were read, or why it is none."""
    if not isinstance(item, dict):
        return "a tool call is not an object"
    function = item.get("function", item)
    if isinstance(function, str):
        function = item | {"name": function}
    if not isinstance(function, dict):
        return "a tool call has no function"
    name = function.get("name")
    if not isinstance(name, str) or not name.strip():
        return "a tool call has no name"
    if len(name) > _LONGEST_NAME or fault_of(name):
        return "the name of a tool call is no name"
    name = _known(name.strip(), offered)
    sent = next((function[key] for key in _ARGUMENTS if key in function), None)
    raw = sent if isinstance(sent, str) else None
    repair = ""
    if raw is not None and raw.strip():
        sent, repair, problem = read_json(raw)
    else:
        sent = {} if raw is not None else sent
        problem = fault_of(sent)
    if problem:
        return f"the arguments of {name} cannot be used: {problem}"
    if sent is None:
        sent = {}
    if not isinstance(sent, dict):
        return f"the arguments of {name} are not a JSON object"
    given = item.get("id")
    given_id = storable(given[:_LONGEST_ID]) if isinstance(given, str) else call_id
    call = ToolCall(
        id=call_id,
        name=name,
        arguments=freeze(sent),
        given_id=None if given_id == call_id else given_id,
        raw_arguments=None if raw in (None, encode(sent).decode()) else raw,
    )
    return call, repair


def _known(name: str, offered: Collection[str]) -> str:
    """The name without the name space that some models put before it."""
    bare = name.removeprefix("functions.")
    return bare if name not in offered and bare in offered else name


# --- calls in the text --------------------------------------------------------------


def text_calls(text: str, reply: int, offered: Collection[str]) -> CallsRead:
    """The calls that a model wrote into its text: in `<tool_call>` tags, or as JSON
    with the name of an offered tool and arguments.

    The text before the first call is what the model says beside it. What follows is
    left out: it was written before any result was there.
    """
    if "<tool_call>" in text:
        return _tagged(text, reply, offered)
    if not offered or ("{" not in text):
        return CallsRead()
    items: list[Any] = []
    start = len(text)
    for found in find_json(text):
        calls = _calls_of(found.value, offered)
        if calls:
            start = min(start, found.start)
            items += calls
    if not items and any(f'"{name}"' in text for name in offered):
        value, repair, _ = read_json(text)
        items = list(_calls_of(value, offered)) if repair else []
        start = min(start, *(text.find(c) for c in "{[" if c in text))
    if not items:
        return CallsRead()
    read = calls_of_items(items, reply, offered, _said_before(text, start))
    return read._replace(repair="call_in_text")


def _tagged(text: str, reply: int, offered: Collection[str]) -> CallsRead:
    items: list[Any] = []
    for block in _TAGGED.finditer(text):
        value = read_json(block[1]).value
        some = value if isinstance(value, list) else [value]
        for item in some:
            name = _name_of(item)
            if not name:
                return CallsRead(
                    problem="a <tool_call> is not a JSON object with name and arguments"
                )
            if _known(name, offered) not in offered:
                return CallsRead(problem=f"no tool is named {name[:60]!r}")
        items += some
    read = calls_of_items(
        items, reply, offered, _said_before(text, text.index("<tool_call>"))
    )
    return read._replace(repair="call_in_text")


def _said_before(text: str, end: int) -> str:
    before = text[:end].rstrip()
    while (mark := _MARK.search(before)) is not None:
        before = before[: mark.start()].rstrip()
    return before


def _calls_of(value: Any, offered: Collection[str]) -> Sequence[Any]:
    """The calls that a JSON value is, none if any part of it is something else."""
    if isinstance(value, dict):
        inner = value.get("tool_calls")
        value = inner if isinstance(inner, list) else [value]
    if not isinstance(value, list):
        return ()
    return value if all(_is_call(item, offered) for item in value) else ()


def _is_call(item: Any, offered: Collection[str]) -> bool:
    if _known(_name_of(item), offered) not in offered:
        return False
    function = item.get("function", item)
    holder = function if isinstance(function, dict) else item
    return any(key in holder for key in _ARGUMENTS)


def _name_of(item: Any) -> str:
    if not isinstance(item, dict):
        return ""
    function = item.get("function", item)
    name = function if isinstance(function, str) else None
    if isinstance(function, dict):
        name = function.get("name")
    return name.strip() if isinstance(name, str) else ""
