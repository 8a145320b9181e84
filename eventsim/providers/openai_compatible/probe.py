"""Finds out what an endpoint can do with a model, by a few tiny calls.

Documents and version numbers do not say it: the same server calls tools with one
template and writes them as text with another. A refusal is a fact here, not an error.
At most five calls are answered; a refused one costs nothing.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import anyio
import orjson

from eventsim.config import EndpointProfile
from eventsim.core.events import Usage
from eventsim.core.values import encode
from eventsim.errors import EndpointDown, ProviderFailure
from eventsim.providers.provider import Provider
from eventsim.roles.parsing import read_json
from eventsim.roles.usage import read_usage

__all__ = ["Found", "probe"]

_ANSWERS = 5
_ATTEMPTS = 5
_SERVER_ERRORS = 3
_FIRST_PAUSE_S = 0.5
_LONGEST_PAUSE_S = 60.0
_MAX_TOKENS = 800
_REASONING_FIELDS = ("reasoning_content", "reasoning")
_LIMIT_FIELDS = ("max_tokens", "max_completion_tokens")

_OFTEN_REFUSED = ("tool", "seed", *_LIMIT_FIELDS)

_TOOL = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "The weather in a city now.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}
_ASKS_FOR_TOOL = "What is the weather in Oslo now? Find out with the tool get_weather."
_TOOL_RESULT = '{"city": "Oslo", "weather": "snow", "temperature_celsius": -7}'

_ASKS_FOR_FACTS = "Which city is the capital of France, and does it lie on a coast?"
_FACTS = {"capital_city": str, "on_coast": bool}
_SCHEMA = {
    "type": "object",
    "properties": {
        "capital_city": {"type": "string"},
        "on_coast": {"type": "boolean"},
    },
    "required": ["capital_city", "on_coast"],
    "additionalProperties": False,
}
_ASKS_FOR_OBJECT = (
    f"{_ASKS_FOR_FACTS} Answer with one JSON object and nothing else: "
    '{"capital_city": string, "on_coast": boolean}'
)


def _is_object(content: object) -> bool:
    """Whether this is JSON and nothing else: with a fence it came by words alone."""
    try:
        return isinstance(orjson.loads(str(content)), dict)
    except orjson.JSONDecodeError:
        return False


def _are_facts(content: object) -> bool:
    """Whether the schema was followed, which the question does not tell."""
    value = read_json(str(content)).value
    if not isinstance(value, dict) or set(value) != set(_FACTS):
        return False
    return all(isinstance(value[name], kind) for name, kind in _FACTS.items())


_WAYS: tuple[tuple[str, str, dict[str, Any], Callable[[object], bool]], ...] = (
    (
        "json_schema",
        _ASKS_FOR_FACTS,
        {
            "type": "json_schema",
            "json_schema": {"name": "facts", "strict": True, "schema": _SCHEMA},
        },
        _are_facts,
    ),
    (
        "json_object_schema",
        _ASKS_FOR_FACTS,
        {"type": "json_object", "schema": _SCHEMA},
        _are_facts,
    ),
    ("json_object", _ASKS_FOR_OBJECT, {"type": "json_object"}, _is_object),
)


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, what it took, and remarks on what was odd."""

    profile: EndpointProfile
    calls: int
    usage: Usage
    notes: tuple[str, ...] = ()


async def probe(
    provider: Provider,
    model: str,
    fixed: Mapping[str, Any],
    params: Mapping[str, Any] | None = None,
) -> Found:
    """Ask what `fixed` does not say. `params` go along, as in the calls of a role.

    Raises: EndpointDown if the endpoint answers nothing, or refuses the key or model.
    """
    probing = _Probing(provider, model, fixed, params or {})
    await probing.ask()
    if not probing.answered and await probing.ask_anything():
        probing.notes.clear()
        await probing.ask()
    found = {**probing.facts, **fixed}
    return Found(
        EndpointProfile.model_validate(found),
        probing.calls,
        probing.usage,
        tuple(probing.notes),
    )


class _Probing:
    """One probe: what is known so far. A request carries all that is not yet refused,
    so that one answer settles several questions.
    """

    def __init__(
        self,
        provider: Provider,
        model: str,
        fixed: Mapping[str, Any],
        params: Mapping[str, Any],
    ) -> None:
        self._provider = provider
        self._model = model
        self._fixed = fixed
        self._params = {k: v for k, v in params.items() if k not in _LIMIT_FIELDS}
        self.facts: dict[str, Any] = {
            "reasoning_back": "",
            "seed": fixed.get("seed", True),
            "max_tokens_field": fixed.get("max_tokens_field", "max_tokens"),
        }
        self.answered = 0
        self.calls = 0
        self.usage = Usage()
        self.notes: list[str] = []
        self._last_failure: ProviderFailure | None = None

    async def ask(self) -> None:
        """All questions that the configuration does not answer."""
        fixed = self._fixed
        native = fixed.get("tools", "native") == "native"
        if "tools" not in fixed or (native and "reasoning_back" not in fixed):
            await self._ask_tools()
        if "structured" not in fixed:
            await self._ask_structured()

    async def ask_anything(self) -> bool:
        """Is anything answered at all? Whether it took leaving out the seed, which
        then explains other refusals. Raises: EndpointDown.
        """
        question = _from_user("Say hello.")
        if await self._ask(question) is not None:
            return False
        if "seed" not in self._fixed and self.facts["seed"]:
            self.facts["seed"] = False
            if await self._ask(question) is not None:
                return True
        raise self._down()

    async def _ask_tools(self) -> None:
        """Do calls come back as calls, and does the model see their results?"""
        self.facts["tools"] = "prompted"
        question = _from_user(_ASKS_FOR_TOOL)
        for _ in range(2):  # a model may answer in words though it could call
            message = await self._ask(question, tools=[_TOOL])
            if message is None:
                return
            calls = message.get("tool_calls")
            if isinstance(calls, list) and calls and isinstance(calls[0], dict):
                await self._ask_loop(question, message, calls[0])
                return
            if "get_weather" in str(message.get("content")):
                self.notes.append("tool calls come back as text in `content`")
                return
        self.notes.append("the model did not call the tool that it was asked to call")

    async def _ask_loop(
        self,
        question: list[dict[str, Any]],
        message: Mapping[str, Any],
        call: Mapping[str, Any],
    ) -> None:
        """Some templates leave tool results out, and the model answers nothing."""
        self.facts["tools"] = "native"
        function = call.get("function")
        arguments = function.get("arguments") if isinstance(function, dict) else None
        sent = arguments if isinstance(arguments, str) else '{"city": "Oslo"}'
        mine = {"name": "get_weather", "arguments": sent}
        said: dict[str, Any] = {
            "role": "assistant",
            "content": "",
            "tool_calls": [{"id": "call_00001", "type": "function", "function": mine}],
        }
        thought = _reasoning(message)
        if thought:
            said[thought] = message[thought]
        result = {"role": "tool", "tool_call_id": "call_00001", "content": _TOOL_RESULT}
        answer = await self._ask([*question, said, result], tools=[_TOOL])
        if answer is None and thought:
            self.notes.append(f"`{thought}` is not taken back")
        elif answer is None:
            self.facts["tools"] = "prompted"
            self.notes.append("a request with the result of a tool call is refused")
        elif answer.get("content") or answer.get("tool_calls") or _cut(answer):
            self.facts["reasoning_back"] = thought
        else:
            self.facts["tools"] = "prompted"
            self.notes.append("the model answers nothing to the result of a tool call")

    async def _ask_structured(self) -> None:
        """How is a JSON answer asked for? The first way that works, best ones first;
        a spare call gives the first a second chance, for an answer may be just bad.
        """
        self.facts["structured"] = "prompt"
        for n, (name, question, wanted, follows) in enumerate(_WAYS):
            left = _ANSWERS - self.answered - (len(_WAYS) - n - 1)
            if self.answered >= _ANSWERS:
                self.notes.append(f"response_format {name} was not tried")
                continue
            for _ in range(max(1, min(2, left))):
                message = await self._ask(_from_user(question), response_format=wanted)
                if message is None:
                    break
                if follows(message.get("content")):
                    self.facts["structured"] = name
                    return
            self.notes.append(f"response_format {name} is refused or ignored")

    async def _ask(
        self, messages: list[dict[str, Any]], **fields: Any
    ) -> dict[str, Any] | None:
        """The message of the answer; None if the request is refused as it is, or if
        all answers are spent. Raises: EndpointDown.
        """
        attempt = server_errors = 0
        while self.answered < _ANSWERS:
            failure = await self._send(messages, fields)
            if not isinstance(failure, ProviderFailure):
                return failure
            self._last_failure = failure
            if failure.reason in {"unauthorized", "not_found", "refused_budget"}:
                raise self._down()
            named = any(name in failure.detail for name in (*fields, *_OFTEN_REFUSED))
            if not failure.retryable or (failure.reason == "server_error" and named):
                if self._concede(failure.detail):
                    continue
                return None
            attempt += 1
            server_errors += failure.reason == "server_error"
            if server_errors >= _SERVER_ERRORS:  # some say 500 for what they lack
                return None
            if attempt >= _ATTEMPTS:
                raise self._down()
            asked_s = (failure.retry_after_ms or 0) / 1_000
            pause_s = max(asked_s, _FIRST_PAUSE_S * 2 ** (attempt - 1))
            await anyio.sleep(min(_LONGEST_PAUSE_S, pause_s))
        return None

    async def _send(
        self, messages: list[dict[str, Any]], fields: Mapping[str, Any]
    ) -> dict[str, Any] | ProviderFailure:
        body = {
            "model": self._model,
            "messages": messages,
            **self._params,
            self.facts["max_tokens_field"]: _MAX_TOKENS,
            **({"seed": 7} if self.facts["seed"] else {}),
            **fields,
        }
        key = secrets.token_hex(16)
        self.calls += 1
        try:
            content = await self._provider.complete(encode(body), idempotency_key=key)
        except ProviderFailure as failure:
            self._count(failure.usage)
            return failure
        self.answered += 1
        answer = orjson.loads(content)
        self._count(answer.get("usage"))
        choice = answer["choices"][0]
        return {**choice["message"], "finish_reason": choice.get("finish_reason")}

    def _concede(self, detail: str) -> bool:
        """Leave out or rename what a refusal names; whether anything changed."""
        facts, fixed = self.facts, self._fixed
        named = any(field in detail for field in _LIMIT_FIELDS)
        if named and "max_tokens_field" not in fixed:
            if facts["max_tokens_field"] == "max_tokens":
                facts["max_tokens_field"] = "max_completion_tokens"
                return True
            return False
        if "seed" in detail and "seed" not in fixed and facts["seed"]:
            facts["seed"] = False
            return True
        return False

    def _count(self, sent: object) -> None:
        more = read_usage(sent)
        self.usage = Usage(
            input_tokens=self.usage.input_tokens + more.input_tokens,
            output_tokens=self.usage.output_tokens + more.output_tokens,
            cached_tokens=self.usage.cached_tokens + more.cached_tokens,
            reasoning_tokens=self.usage.reasoning_tokens + more.reasoning_tokens,
        )

    def _down(self) -> EndpointDown:
        return EndpointDown(
            f"the endpoint {self._provider.name!r} does not answer a probe of "
            f"{self._model!r} ({self._last_failure}); "
            "when that is mended, go on with: eventsim resume"
        )


def _from_user(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


def _reasoning(message: Mapping[str, Any]) -> str:
    """The field that holds the model's reasoning, or ""."""
    used = (n for n in _REASONING_FIELDS if isinstance(message.get(n), str))
    return next((name for name in used if message[name]), "")


def _cut(message: Mapping[str, Any]) -> bool:
    """Whether the answer ran out of tokens: a model that reasons may need them all."""
    return bool(message["finish_reason"] == "length")
