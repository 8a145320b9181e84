"""Calls as a person types them: `NAME {JSON} & NAME {JSON}`, read and checked.

What cannot be called, or not so, is told at the prompt: nothing of it is recorded.
Several calls in one line are asked for at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from json import JSONDecoder
from typing import Any

import orjson

from eventsim.core.arguments import argument_check
from eventsim.core.events import ToolCall
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import freeze
from eventsim.core.wording import joined

__all__ = ["CallProblem", "typed_calls"]

_DECODER = JSONDecoder()


class CallProblem(ValueError):
    """Why a line is no call, in words for the person who typed it."""


def typed_calls(
    text: str, tools: Sequence[ToolDefinition], reply: int
) -> tuple[ToolCall, ...]:
    """The calls in a line, as those of reply number `reply`. Raises: CallProblem."""
    offered = {tool.name: tool for tool in tools}
    calls: list[ToolCall] = []
    rest = text.strip()
    while rest or not calls:
        name, arguments, rest = _first(rest)
        _check(name, arguments, offered)
        call_id = f"call_{reply}_{len(calls)}"
        calls.append(ToolCall(id=call_id, name=name, arguments=freeze(arguments)))
        if not rest:
            break
        if not rest.startswith("&"):
            raise CallProblem(
                f"write & between two calls: nothing else follows {name} {{…}}"
            )
        rest = rest[1:].strip()
        if not rest:
            raise CallProblem("a call is missing after the last &")
    return tuple(calls)


def _first(text: str) -> tuple[str, dict[str, Any], str]:
    """The first call of a text, and what is left of it."""
    name, rest = _name(text)
    if not name:
        raise CallProblem('write /call NAME {"argument": value}')
    if not rest or rest.startswith("&"):
        return name, {}, rest
    try:
        _, end = _DECODER.raw_decode(rest)
        arguments = orjson.loads(rest[:end])
    except (ValueError, RecursionError) as error:
        raise CallProblem(f"the arguments of {name} are no JSON: {error}") from None
    if not isinstance(arguments, dict):
        raise CallProblem(
            f'the arguments of {name} are no object: write {{"argument": value}}'
        )
    return name, arguments, rest[end:].strip()


def _name(text: str) -> tuple[str, str]:
    """What stands before the arguments, the next call, or a space."""
    end = min((text.find(c) for c in " \t\n{&" if c in text), default=len(text))
    return text[:end], text[end:].strip()


def _check(
    name: str, arguments: Mapping[str, Any], offered: Mapping[str, ToolDefinition]
) -> None:
    tool = offered.get(name)
    if tool is None:
        raise CallProblem(f"you have no tool {name}; yours are {joined(offered)}")
    problem = argument_check(tool).problem(arguments)
    if problem:
        raise CallProblem(f"{name}: {problem}")
