"""Chat completion requests and responses, as all roles and stages share them. Pure.

Requests are joined from messages that are encoded already, and shaped by what the
endpoint can do. Responses are not trusted: whatever cannot be read is a reason for
rejection, never an exception. Source: the OpenAI chat completion format.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import orjson

from eventsim.config import EndpointProfile, ModelChoice, Role
from eventsim.core.draws import Draws
from eventsim.core.state import Dialogue
from eventsim.core.values import encode
from eventsim.roles.grammars import plain_patterns
from eventsim.roles.parsing import split_reasoning
from eventsim.roles.responses import Choice, read_choice, reasoning_of

__all__ = [
    "Choice",
    "closed",
    "encode_request",
    "escaped",
    "given_back",
    "merge_lines",
    "read_choice",
    "reasoning_of",
    "request_seed",
]

_MOST_GIVEN_BACK = 2_000
_MOST_SHAPES = 256


def request_seed(state: Dialogue, role: Role) -> int:
    """The `seed` of a role's next request: new after a rejection, kept by a retry."""
    draws = Draws(state.seed, state.lineage)
    return draws.integer(f"model.{role}.{state.rejections}", state.ordinal(role))


# --- requests -----------------------------------------------------------------------


def encode_request(
    choice: ModelChoice,
    profile: EndpointProfile,
    messages: Sequence[bytes],
    *,
    seed: int,
    tools: bytes | None = None,
    answer: tuple[str, Mapping[str, Any]] | None = None,
) -> bytes:
    """The body to send. The same values give the same bytes.

    `messages` and `tools` are JSON already, and an item of `messages` may be several,
    joined by commas; only the last one from the user is ever opened, where the endpoint
    must be told the schema in words: it stands alone.
    `seed` is the drawn one. `answer` is the name and the JSON Schema of a structured
    answer; a schema must not change after it was passed.
    """
    fields: dict[str, Any] = {"model": choice.model, "messages": None}
    sent_seed = seed if choice.seed == "drawn" else choice.seed
    if profile.seed and sent_seed is not None:
        fields["seed"] = sent_seed
    for name, value in choice.params.items():
        fields[_field(name, profile)] = value
    if tools is not None:
        fields["tools"] = orjson.Fragment(tools)
    if answer is not None:
        messages = _shaped(fields, profile, messages, answer)
    fields["messages"] = orjson.Fragment(b"[%b]" % b",".join(messages))
    return encode(fields)


def _field(name: str, profile: EndpointProfile) -> str:
    limits = {"max_tokens", "max_completion_tokens"}
    return profile.max_tokens_field if name in limits else name


def _shaped(
    fields: dict[str, Any],
    profile: EndpointProfile,
    messages: Sequence[bytes],
    answer: tuple[str, Mapping[str, Any]],
) -> Sequence[bytes]:
    """Ask for the structured answer; the messages as they go out.

    `json_object_schema` is the dialect of llama-cpp-python and some hosts.
    """
    way: str = profile.structured
    if way.endswith("schema"):
        fields["response_format"] = orjson.Fragment(_response_format(way, *answer))
        return messages
    if way == "json_object":
        fields["response_format"] = {"type": "json_object"}
    schema = encode(answer[1]).decode()
    return _with_last_words(
        messages, f"Answer with one JSON object of this JSON Schema: {schema}"
    )


def _with_last_words(messages: Sequence[bytes], words: str) -> list[bytes]:
    """The messages, with a line more at the end of the last one from the user."""
    sent = list(messages)
    for place in range(len(sent) - 1, -1, -1):
        line = orjson.loads(sent[place])
        if line["role"] == "user":
            sent[place] = encode(line | {"content": f"{line['content']}\n\n{words}"})
            return sent
    return [*sent, encode({"role": "user", "content": words})]


_shapes: dict[tuple[int, str], tuple[Mapping[str, Any], bytes]] = {}


def _response_format(way: str, name: str, schema: Mapping[str, Any]) -> bytes:
    """The `response_format` for a schema; worked out once for each schema object."""
    known = _shapes.get((id(schema), way))
    if known is not None and known[0] is schema:
        return known[1]
    sent = plain_patterns(schema)
    if way == "json_object_schema":
        encoded = encode({"type": "json_object", "schema": sent})
    else:
        strict = sent.get("type") == "object" and _is_strict(sent)
        shape = {"name": name, "strict": strict, "schema": sent}
        encoded = encode({"type": "json_schema", "json_schema": shape})
    if len(_shapes) >= _MOST_SHAPES:
        _shapes.clear()
    _shapes[id(schema), way] = (schema, encoded)
    return encoded


def closed(**properties: Any) -> dict[str, Any]:
    """The schema of an object with exactly these properties."""
    return {
        "type": "object",
        "properties": properties,
        "required": list(properties),
        "additionalProperties": False,
    }


def _is_strict(schema: Any) -> bool:
    """Whether the schema may be asked for strictly: some endpoints refuse objects
    that leave anything open when `strict` is set.
    """
    if not isinstance(schema, Mapping) or not schema:
        return False
    parts: list[Any] = [*schema.get("anyOf", ()), *schema.get("$defs", {}).values()]
    kind = schema.get("type")
    kinds = kind if isinstance(kind, list | tuple) else (kind,)
    if "object" in kinds:
        properties = schema.get("properties", {})
        closed = schema.get("additionalProperties") is False
        if not closed or set(schema.get("required", ())) != set(properties):
            return False
        parts += properties.values()
    if "array" in kinds:
        parts.append(schema.get("items"))
    return all(_is_strict(part) for part in parts)


# --- messages -----------------------------------------------------------------------


def escaped(text: str) -> bytes:
    """A text as it stands between the quotes of a JSON string: such pieces can be
    joined without looking at them again.
    """
    return encode(text)[1:-1]


def merge_lines(lines: Iterable[tuple[str, bytes]]) -> list[bytes]:
    """Encoded messages of (role, escaped text) lines; neighbours of one role become
    one message, for many chat templates refuse two in a row.
    """
    merged: list[bytes] = []
    spoken = ""
    for role, text in lines:
        if role == spoken:
            merged[-1] += rb"\n\n" + text
        else:
            merged.append(_HEADS[role] + text)
            spoken = role
    return [message + b'"}' for message in merged]


_HEADS = {
    role: b'{"role":"%b","content":"' % role.encode()
    for role in ("system", "user", "assistant")
}


def given_back(rejected: Sequence[tuple[str, str]]) -> list[tuple[str, bytes]]:
    """The last answer that could not be used and why, as (role, escaped text) lines
    at the end of the next request. It never becomes part of the transcript.

    Nothing is said of a response that held no answer at all.
    """
    if not rejected or rejected[-1][1].startswith("the response "):
        return []
    raw, reason = rejected[-1]
    _, raw = split_reasoning(raw)
    left_out = len(raw) - _MOST_GIVEN_BACK
    if left_out > 0:
        raw = f"{raw[:_MOST_GIVEN_BACK]}\n[{left_out} more characters are left out]"
    again = f"Your last answer could not be used: {reason}. Answer again."
    said = raw if raw.strip() else "(nothing)"
    return [("assistant", escaped(said)), ("user", escaped(again))]
