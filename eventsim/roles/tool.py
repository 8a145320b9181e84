"""The simulated tool: what a model that plays it sees, how its answer is read. Pure.

It sees the call, the tool's schemas, the time, and the conversation as far as tools
know it: what both sides wrote, and earlier calls with their results. It never sees the
user's goal, profile or rubric, the policy, or anybody's reasoning.

All state is in the conversation. Results that never came from the tool (a fault, broken
arguments) or did not reach the assistant as they were are left out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, NamedTuple

from eventsim.core.arguments import argument_error, error_content, unknown_tool
from eventsim.core.events import ModelRejected, ToolReturned
from eventsim.core.faults import ALTERING, REPLACING, altered
from eventsim.core.materials import Materials
from eventsim.core.schemas import check_of
from eventsim.core.state import Dialogue, Message
from eventsim.core.tools import ToolDefinition
from eventsim.core.values import encode, freeze
from eventsim.prompts.render import render
from eventsim.roles.chat import (
    encode_request,
    escaped,
    given_back,
    merge_lines,
    request_seed,
)
from eventsim.roles.parsing import read_json
from eventsim.roles.responses import Choice, read_choice

__all__ = ["argument_error", "read", "request", "unknown_tool"]

_NEVER_REACHED = (*REPLACING, "invalid_arguments", "unknown_tool")
_MOST_LETTERS = 300
_MOST_SCHEMAS = 4_096


# --- what it sees -------------------------------------------------------------------


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request, for the first call that waits: one of an offered
    tool, with sound arguments.
    """
    call = state.pending[0].call
    tool = materials.tool_by_name[call.name]
    profile = materials.profile("tool")
    now = render(
        materials.prompts["tool_call"],
        name=tool.name,
        arguments=encode(call.arguments).decode(),
        description=tool.description,
        parameters=encode(tool.parameters).decode(),
        returns=encode(tool.returns).decode(),
        stale=_fault(state) == "stale",
    )
    lines = [
        ("system", _system(materials, state.clock)),
        *_conversation(state.messages),
        ("user", escaped(now.rstrip())),
        *given_back(state.rejected),
    ]
    return encode_request(
        materials.config.roles.tool,
        profile,
        merge_lines(lines),
        seed=request_seed(state, "tool"),
        answer=_answer(tool, whole=profile.structured.endswith("schema")),
    )


def _system(materials: Materials, clock: str | None) -> bytes:
    source = materials.source
    now = clock or materials.now
    return _rendered_system(materials.prompts["tool"], source.called, source.about, now)


@lru_cache(maxsize=64)
def _rendered_system(template: str, title: str, about: str, now: str) -> bytes:
    return escaped(render(template, title=title, about=about, now=now))


def _fault(state: Dialogue) -> str:
    return state.open_tool.fault if state.open_tool is not None else ""


def _conversation(messages: tuple[Message, ...]) -> Iterator[tuple[str, bytes]]:
    """The transcript as (role, escaped text) lines: results are its own answers."""
    for message in messages:
        if message.call is not None:
            content = message.encoded("tool's result", _result)
            if content and getattr(message, "fault", "") not in ALTERING:
                yield "user", message.encoded("tool's call", _call)
                yield "assistant", content
        elif message.text:
            yield "user", message.encoded("tool's view", _said)


def _said(message: Message) -> bytes:
    speaker = "person" if message.speaker == "user" else "assistant"
    return escaped(f"(The {speaker} writes: {message.text})")


def _call(message: Message) -> bytes:
    assert message.call is not None
    arguments = encode(message.call.arguments).decode()
    return escaped(f"{message.call.name} with {arguments}")


def _result(message: Message) -> bytes:
    """The answer that gave a result; nothing if it never came from the tool."""
    value = read_json(message.text).value
    error = value.get("error") if isinstance(value, Mapping) else None
    if isinstance(error, Mapping) and len(value) == 1 and "code" in error:
        if error["code"] in _NEVER_REACHED:
            return b""
        return escaped(_answer_text(None, error))
    return escaped(_answer_text(value, None))


def _answer_text(result: Any, error: Mapping[str, Any] | None) -> str:
    """An answer in its usual form."""
    return encode({"result": result, "error": error}).decode()


# --- the form of the answer ---------------------------------------------------------


class _Form(NamedTuple):
    """A tool's result: the compiled schema, and the shapes of the whole answer."""

    validator: Any
    whole: Mapping[str, Any]
    short: Mapping[str, Any]


_FORMS: dict[str, _Form] = {}


def _form(tool: ToolDefinition) -> _Form:
    """Worked out once for each digest, for compiling takes longer than validating."""
    found = _FORMS.get(tool.digest)
    if found is None:
        if len(_FORMS) >= _MOST_SCHEMAS:
            _FORMS.clear()
        returns = tool.returns
        nested = {} if "$ref" in encode(returns).decode() else returns
        found = _FORMS[tool.digest] = _Form(
            check_of(returns).validator,
            _shape({"anyOf": [nested, {"type": "null"}]} if nested else {}),
            _shape({}),
        )
    return found


def _shape(result: Mapping[str, Any]) -> Mapping[str, Any]:
    error = {
        "type": "object",
        "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
        "required": ["code", "message"],
        "additionalProperties": False,
    }
    shape: Mapping[str, Any] = freeze(
        {
            "type": "object",
            "properties": {
                "result": result,
                "error": {"anyOf": [{"type": "null"}, error]},
            },
            "required": ["result", "error"],
            "additionalProperties": False,
        }
    )
    return shape


def _answer(tool: ToolDefinition, *, whole: bool) -> tuple[str, Mapping[str, Any]]:
    """Name and JSON Schema of the answer: with the result's own where the endpoint
    keeps to a schema, else short, for the call shows it already.
    """
    form = _form(tool)
    return "tool_result", form.whole if whole else form.short


# --- how its answer is read ---------------------------------------------------------


def read(
    response: bytes, state: Dialogue, materials: Materials
) -> ToolReturned | ModelRejected:
    """The result in a response, or why it cannot be one.

    The content is the result as JSON text, or the error in an object of its own.
    """
    choice = read_choice(response)
    if choice.problem:
        return _rejected(choice, choice.problem)
    found = read_json(choice.text)
    if found.problem:
        return _rejected(choice, f"the answer is not a JSON object: {found.problem}")
    waiting = state.pending[0]
    tool = materials.tool_by_name[waiting.call.name]
    taken = _taken(found.value, _form(tool).validator)
    if isinstance(taken, str):
        return _rejected(choice, taken)
    result, error, repair = taken
    if error is not None:
        content = error_content(error["code"], error["message"])
    else:
        content = encode(result).decode()
    rendered = _answer_text(result, error)
    fault = _fault(state)
    if error is None and fault in ALTERING:
        content = altered(content, fault, state.tool_calls)
        # `content` no longer tells what the tool said
        rendered = "" if fault != "stale" else rendered
    kept = choice.content if choice.content != rendered else None
    update = {"raw": kept, "repair": found.repair or repair}
    return ToolReturned(
        reply=waiting.reply,
        index=waiting.index,
        content=content,
        is_error=error is not None,
        answer=choice.answer.model_copy(update=update),
    )


_Taken = tuple[Any, dict[str, str] | None, str]


def _taken(value: Any, validator: Any) -> _Taken | str:
    """Result, error and repair of an answer, or why it cannot be used."""
    wrapped = isinstance(value, dict) and not value.keys().isdisjoint(_FIELDS)
    result, given = (
        (value.get("result"), value.get("error")) if wrapped else (None,) * 2
    )
    if given and result in (None, {}, []):
        return None, _error(given), ""
    valid = wrapped and validator.is_valid(result)
    if not valid and validator.is_valid(value):
        return value, None, "bare"
    if not wrapped:
        return 'the answer must have the fields "result" and "error"'
    if isinstance(given, dict) and any(given.values()):
        return "the answer has both a result and an error"
    if not valid and isinstance(result, str):
        inner = read_json(result)
        if not inner.problem and validator.is_valid(inner.value):
            return inner.value, None, "repaired"
    for problem in validator.iter_errors(result):
        return _violation(problem)
    return result, None, ""


_FIELDS = frozenset({"result", "error"})


def _error(given: Any) -> dict[str, str]:
    if not isinstance(given, dict):
        return {"code": "failed", "message": _sentence(given)}
    code = re.sub(r"\W+", "_", str(given.get("code") or "failed")).strip("_").lower()
    message = given.get("message") or given.get("detail") or given.get("reason")
    return {"code": code or "failed", "message": _sentence(message or code)}


def _sentence(value: Any) -> str:
    text = value if isinstance(value, str) else encode(value).decode()
    return " ".join(text.split())


def _violation(problem: Any) -> str:
    """What is wrong with a result, in one line that helps to mend it."""
    place = ".".join(["result", *map(str, problem.instance_path)])
    message = " ".join(str(problem.message).split())
    return f"{place} breaks the schema of the result: {message[:_MOST_LETTERS]}"


def _rejected(choice: Choice, reason: str) -> ModelRejected:
    return ModelRejected(
        role="tool", reason=reason, raw=choice.raw, answer=choice.answer
    )
