"""What a local endpoint gets wrong on purpose: failures of a call, malformed answers.

A fault is drawn from the endpoint's seed, the request's bytes and how often these came
before, so that a run against it can be repeated. Malformed answers change a sound
completion; failures happen in its place (`web/failing.py`). No network here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from eventsim.core.draws import Draws

__all__ = ["ERRORS", "MALFORMED", "Faults", "Rates", "call_in_text"]

Completion = dict[str, Any]
Malform = Callable[[Completion], Completion | bytes]

ERRORS = (
    "rate_limit_retry_after",
    "rate_limit",
    "server_error",
    "unavailable",
    "connection_reset",
    "stalled_body",
    "html_page",
    "error_in_200",
    "empty_choices",
    "broken_json",
)
"""Failures of a call, by name; `web/failing.py` performs them."""


def _message(completion: Completion) -> dict[str, Any]:
    message: dict[str, Any] = completion["choices"][0]["message"]
    return message


def _functions(completion: Completion) -> list[dict[str, Any]]:
    calls = _message(completion).get("tool_calls") or ()
    return [call["function"] for call in calls]


def _dict_arguments(completion: Completion) -> Completion:
    """Arguments as an object where the format wants text."""
    for function in _functions(completion):
        function["arguments"] = orjson.loads(function["arguments"])
    return completion


def _broken_arguments(completion: Completion) -> Completion:
    """Arguments that end in the middle."""
    for function in _functions(completion):
        function["arguments"] = f'{function["arguments"][:-1]}, "also'
    return completion


def _unknown_tool(completion: Completion) -> Completion:
    """A tool that nobody offered."""
    for function in _functions(completion):
        function["name"] = f"{function['name']}_now"
    return completion


def _no_ids(completion: Completion) -> Completion:
    """Tool calls without ids."""
    for call in _message(completion).get("tool_calls") or ():
        call.pop("id", None)
    return completion


def _same_ids(completion: Completion) -> Completion:
    """The same id for every call."""
    for call in _message(completion).get("tool_calls") or ():
        call["id"] = "call"
    return completion


def _cut(completion: Completion) -> Completion:
    """Half of the text, because max_tokens was reached."""
    message = _message(completion)
    text = message.get("content") or ""
    message["content"] = text[: len(text) // 2]
    message.pop("tool_calls", None)
    completion["choices"][0]["finish_reason"] = "length"
    return completion


def _refusal(completion: Completion) -> Completion:
    """A refusal in the field that the format has for it."""
    completion["choices"][0]["message"] = {
        "role": "assistant",
        "content": None,
        "refusal": "I am sorry, I cannot help with that.",
    }
    completion["choices"][0]["finish_reason"] = "stop"
    return completion


def call_in_text(completion: Completion) -> Completion:
    """The call as fenced JSON in the content, as servers without a tool parser do."""
    message = _message(completion)
    functions = _functions(completion)
    if functions:
        message.pop("tool_calls")
        wanted = [
            {"name": f["name"], "arguments": orjson.loads(f["arguments"])}
            for f in functions
        ]
        shown = orjson.dumps(wanted[0] if len(wanted) == 1 else wanted).decode()
        message["content"] = f"```json\n{shown}\n```"
        completion["choices"][0]["finish_reason"] = "stop"
    return completion


def _empty(completion: Completion) -> Completion:
    """Nothing at all, finished as if all were well."""
    completion["choices"][0]["message"] = {"role": "assistant", "content": ""}
    completion["choices"][0]["finish_reason"] = "stop"
    return completion


def _fenced(completion: Completion) -> Completion:
    """A fence around the text and a remark after it."""
    message = _message(completion)
    if message.get("content"):
        message["content"] = f"```json\n{message['content']}\n```\nI hope this helps!"
    return completion


def _wrong_type(completion: Completion) -> Completion:
    """A list where an object belongs."""
    message = _message(completion)
    if message.get("content"):
        message["content"] = orjson.dumps([message["content"]]).decode()
    return completion


MALFORMED: dict[str, Malform] = {
    "dict_arguments": _dict_arguments,
    "broken_arguments": _broken_arguments,
    "unknown_tool": _unknown_tool,
    "no_ids": _no_ids,
    "same_ids": _same_ids,
    "cut": _cut,
    "refusal": _refusal,
    "call_in_text": call_in_text,
    "empty": _empty,
    "fenced": _fenced,
    "wrong_type": _wrong_type,
}
"""Malformed answers by name: a new one is its function and one line here."""

_OF_CALLS = frozenset(
    "dict_arguments broken_arguments unknown_tool no_ids same_ids call_in_text".split()
)
_OF_JSON = frozenset(("fenced", "wrong_type"))


@dataclass(frozen=True, slots=True)
class Rates:
    """How often each goes wrong, in [0, 1]; `by_role` comes before `usual`."""

    usual: float = 0.0
    by_role: Mapping[str, float] = field(default_factory=dict)

    def of(self, role: str) -> float:
        """The rate of a role."""
        return self.by_role.get(role, self.usual)


@dataclass(frozen=True, slots=True)
class Faults:
    """Which faults an endpoint has, and how often. `only` names the kinds to choose
    from, all of them when it is empty.
    """

    seed: int = 0
    errors: Rates = Rates()
    malformed: Rates = Rates()
    only: tuple[str, ...] = ()

    def error(self, role: str, digest: str, seen: int) -> str:
        """The failure of this call, or "". `seen` counts the same request before."""
        draws = Draws(self.seed, digest)
        if draws.fraction("error", seen) >= self.errors.of(role):
            return ""
        kinds = self._chosen(ERRORS)
        return draws.choice(kinds, "error.kind", seen) if kinds else ""

    def malform(self, role: str, completion: Completion, digest: str, seen: int) -> str:
        """The name of what is wrong with this answer, or ""."""
        draws = Draws(self.seed, digest)
        if draws.fraction("malformed", seen) >= self.malformed.of(role):
            return ""
        has_calls = bool(_functions(completion))
        is_json = (_message(completion).get("content") or "").startswith("{")
        kinds = [
            name
            for name in self._chosen(tuple(MALFORMED))
            if (has_calls or name not in _OF_CALLS)
            and (is_json or name not in _OF_JSON)
        ]
        return draws.choice(kinds, "malformed.kind", seen) if kinds else ""

    def _chosen(self, kinds: Sequence[str]) -> list[str]:
        return [kind for kind in kinds if not self.only or kind in self.only]
