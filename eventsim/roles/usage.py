"""The `usage` of a response, in every dialect that endpoints speak. Pure.

Sources: the OpenAI chat completion and responses formats, DeepSeek's cache counts,
Anthropic's and Google's names behind their compatible endpoints. Whatever is missing,
null, negative or not a number counts as zero: a usage that cannot be read is no reason
to lose an answer.
"""

from __future__ import annotations

from collections.abc import Mapping

from eventsim.core.events import Usage

__all__ = ["read_usage"]

_INPUT = ("prompt_tokens", "input_tokens")
_OUTPUT = ("completion_tokens", "output_tokens")
_CACHED = ("prompt_cache_hit_tokens", "cache_read_input_tokens", "cached_tokens")
_REASONING = ("reasoning_tokens",)
_MOST = 2**53


def read_usage(sent: object) -> Usage:
    """The tokens of a call; `sent` is the value of `usage`, whatever it is.

    Cached tokens never exceed the input, nor reasoning tokens the output: some
    endpoints leave them out of the totals, and a part cannot be larger than its whole.
    """
    usage = sent if isinstance(sent, Mapping) else {}
    inputs = _details(usage, "prompt_tokens_details", "input_tokens_details")
    outputs = _details(usage, "completion_tokens_details", "output_tokens_details")
    cached = _first(inputs, ("cached_tokens",)) or _first(usage, _CACHED)
    reasoning = _first(outputs, _REASONING) or _first(usage, _REASONING)
    return Usage(
        input_tokens=max(cached, _first(usage, _INPUT)),
        output_tokens=max(reasoning, _first(usage, _OUTPUT)),
        cached_tokens=cached,
        reasoning_tokens=reasoning,
    )


def _details(usage: Mapping[str, object], *names: str) -> Mapping[str, object]:
    for name in names:
        found = usage.get(name)
        if isinstance(found, Mapping):
            return found
    return {}


def _first(counts: Mapping[str, object], names: tuple[str, ...]) -> int:
    """The first count above zero: some send both dialects, one of them as zeros."""
    return next((n for name in names if (n := _count(counts.get(name)))), 0)


def _count(value: object) -> int:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return 0
    return int(value) if 0 < value <= _MOST else 0
