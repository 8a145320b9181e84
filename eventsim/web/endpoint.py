"""A local OpenAI-compatible endpoint: the rule-based provider over HTTP.

For trying the client, and whole pipelines, without a key: it behaves as real endpoints
do, with what they cannot do and what they get wrong where it is asked to. It keeps no
request: only counts, and digests of what it has seen.
"""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Literal

import anyio
import orjson

from eventsim.config import FlawRates
from eventsim.errors import ProviderFailure
from eventsim.providers.rule_based.chat import part_of
from eventsim.providers.rule_based.provider import RuleBased
from eventsim.web.failing import FAILURES, error_body
from eventsim.web.faults import MALFORMED, Faults, call_in_text

if TYPE_CHECKING:
    from aiohttp import web

__all__ = ["Abilities", "LocalEndpoint"]

_LARGEST_BYTES = 64 << 20
_REMEMBERED = 50_000
_BYTES_A_TOKEN = 4


@dataclass(frozen=True, slots=True)
class Abilities:
    """What the endpoint can do. `tools`: calls in their field, as text in the content,
    or not at all; `structured`: JSON Schema, JSON objects only, or neither.
    """

    tools: Literal["native", "text", "none"] = "native"
    structured: Literal["schema", "object", "none"] = "schema"


@dataclass
class LocalEndpoint:
    """Answers chat completions; `latency_ms` is by role, "" for all others."""

    flaws: FlawRates = field(default_factory=FlawRates)
    faults: Faults = field(default_factory=Faults)
    abilities: Abilities = field(default_factory=Abilities)
    latency_ms: Mapping[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self._provider = RuleBased(self.flaws)
        self._seen: OrderedDict[str, int] = OrderedDict()
        self._prefixes: OrderedDict[bytes, None] = OrderedDict()
        self._requests: Counter[str] = Counter()
        self._injected: Counter[str] = Counter()

    def application(self) -> web.Application:
        """The HTTP application."""
        from aiohttp import web

        app = web.Application(client_max_size=_LARGEST_BYTES)
        app.router.add_post("/v1/chat/completions", self._complete)
        app.router.add_get("/v1/models", self._models)
        app.router.add_get("/stats", self._stats)
        app.router.add_route("*", "/{path:.*}", self._nowhere)
        return app

    # --- requests -------------------------------------------------------------------

    async def _complete(self, request: web.Request) -> web.StreamResponse:
        body = await request.read()
        try:
            wanted = self._wanted(body)
        except _Refused as refused:
            return _json(error_body(str(refused), "invalid_request_error"), 400)
        role = part_of(wanted)
        digest, seen = self._count(role, body)
        await anyio.sleep(self.latency_ms.get(role, self.latency_ms.get("", 0)) / 1_000)
        error = self.faults.error(role, digest, seen)
        try:
            sound = await self._answer(wanted, body)
        except ProviderFailure as failure:
            return _json(error_body(failure.detail, "invalid_request_error"), 400)
        if error:
            self._injected[error] += 1
            return await FAILURES[error](request, sound)
        malformed = self.faults.malform(role, orjson.loads(sound), digest, seen)
        if malformed:
            self._injected[malformed] += 1
            return _raw(_encoded(MALFORMED[malformed](orjson.loads(sound))))
        return _raw(sound)

    def _wanted(self, body: bytes) -> dict[str, Any]:
        """The request as this endpoint understands it. Raises: _Refused."""
        try:
            wanted = orjson.loads(body)
        except orjson.JSONDecodeError as error:
            raise _Refused(f"The body is not JSON: {error}.") from None
        if not isinstance(wanted, dict) or not isinstance(wanted.get("messages"), list):
            raise _Refused("The body must be an object with a list of messages.")
        if not wanted["messages"]:
            raise _Refused("There is no message to answer.")
        if wanted.get("stream"):
            raise _Refused("This endpoint does not stream; leave out stream.")
        form = wanted.get("response_format")
        kind = form.get("type") if isinstance(form, dict) else None
        able = {"schema": ("json_schema", "json_object"), "object": ("json_object",)}
        if kind not in (None, "text", *able.get(self.abilities.structured, ())):
            raise _Refused(f"response_format of type {kind!r} is not supported.")
        return wanted

    def _count(self, role: str, body: bytes) -> tuple[str, int]:
        """The digest of a request, and how often it came before."""
        self._requests[role] += 1
        digest = sha256(body).hexdigest()
        seen = self._seen.pop(digest, 0)
        self._seen[digest] = seen + 1
        if len(self._seen) > _REMEMBERED:
            self._seen.popitem(last=False)
        return digest, seen

    async def _answer(self, wanted: dict[str, Any], body: bytes) -> bytes:
        asked = wanted
        if self.abilities.tools == "none" and "tools" in wanted:
            asked = {key: value for key, value in wanted.items() if key != "tools"}
        is_plain = _is_plain(asked)
        if is_plain:
            completion = _plain_answer(asked)
        else:
            sent = body if asked is wanted else _encoded(asked)
            answered = await self._provider.complete(sent, idempotency_key="")
            completion = orjson.loads(answered)
        if self.abilities.tools == "text":
            completion = call_in_text(completion)
        completion["usage"]["prompt_tokens_details"] = {
            "cached_tokens": self._cached_tokens(wanted)
        }
        return _encoded(completion)

    def _cached_tokens(self, wanted: Mapping[str, Any]) -> int:
        """What a prefix cache would have kept: the whole messages, from the first on,
        that an earlier request began with.
        """
        running = sha256(_encoded(wanted.get("tools")))
        cached = length = 0
        hit = True
        for message in wanted["messages"]:
            encoded = _encoded(message)
            running.update(encoded)
            length += len(encoded)
            key = running.digest()
            hit = hit and key in self._prefixes
            if hit:
                cached = length
                self._prefixes.move_to_end(key)
            else:
                self._prefixes[key] = None
        while len(self._prefixes) > _REMEMBERED:
            self._prefixes.popitem(last=False)
        return cached // _BYTES_A_TOKEN

    async def _models(self, _: web.Request) -> web.StreamResponse:
        model = {"id": "rule-based", "object": "model", "owned_by": "eventsim"}
        return _json({"object": "list", "data": [model]})

    async def _stats(self, _: web.Request) -> web.StreamResponse:
        counted = {"requests": self._requests, "faults": self._injected}
        return _json(counted)

    async def _nowhere(self, request: web.Request) -> web.StreamResponse:
        message = f"There is no {request.method} {request.path} here."
        return _json(error_body(message, "invalid_request_error", "not_found"), 404)


class _Refused(Exception):
    """A request that this endpoint does not take."""


# --- requests that no part of a pipeline makes --------------------------------------


def _is_plain(wanted: Mapping[str, Any]) -> bool:
    """A question without instructions: somebody tries what the endpoint can do."""
    return not any(
        isinstance(message, dict) and message.get("role") in {"system", "developer"}
        for message in wanted["messages"]
    )


def _plain_answer(wanted: Mapping[str, Any]) -> dict[str, Any]:
    """The simplest sound answer: the first tool, the wanted shape, or a greeting."""
    last = wanted["messages"][-1]
    tools = wanted.get("tools") or []
    form = wanted.get("response_format") or {}
    message: dict[str, Any] = {"role": "assistant", "content": "Hello."}
    if tools and last.get("role") == "user":
        function = tools[0]["function"]
        arguments = _example(function.get("parameters") or {})
        called = {"name": function["name"], "arguments": _encoded(arguments).decode()}
        message = {
            "role": "assistant",
            "content": None,
            "tool_calls": [{"id": "call_0", "type": "function", "function": called}],
        }
    elif form.get("type") == "json_schema":
        shape = _example(form["json_schema"].get("schema") or {})
        message["content"] = _encoded(shape).decode()
    elif form.get("type") == "json_object":
        message["content"] = "{}"
    elif last.get("role") == "tool":
        message["content"] = f"The tool says: {last.get('content')}"
    finish = "tool_calls" if message.get("tool_calls") else "stop"
    choice = {"index": 0, "message": message, "finish_reason": finish}
    size = len(_encoded(wanted["messages"])) // _BYTES_A_TOKEN
    return {
        "id": "chatcmpl-plain",
        "object": "chat.completion",
        "created": 0,
        "model": wanted.get("model", "rule-based"),
        "choices": [choice],
        "usage": {
            "prompt_tokens": size,
            "completion_tokens": 8,
            "total_tokens": size + 8,
        },
    }


def _example(schema: Mapping[str, Any]) -> Any:
    """A value that a JSON Schema takes."""
    if "enum" in schema:
        return schema["enum"][0]
    kind = schema.get("type")
    if isinstance(kind, list):
        kind = kind[0]
    if kind == "object" or "properties" in schema:
        fields = schema.get("properties") or {}
        return {name: _example(inner) for name, inner in fields.items()}
    plain: dict[Any, Any] = {
        "array": [],
        "integer": 1,
        "number": 1,
        "boolean": True,
        "null": None,
    }
    return plain.get(kind, "Oslo")


# --- bytes --------------------------------------------------------------------------


def _encoded(value: Any) -> bytes:
    return value if isinstance(value, bytes) else orjson.dumps(value)


def _raw(body: bytes) -> web.Response:
    from aiohttp import web

    return web.Response(body=body, content_type="application/json")


def _json(body: object, status: int = 200) -> web.Response:
    from aiohttp import web

    return web.Response(
        body=_encoded(body), status=status, content_type="application/json"
    )
