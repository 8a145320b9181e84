"""Keeping keys out of configurations: they are named by their variable, never written.

What looks like a key is refused before any other message could repeat it. Model names,
digests in paths and the like must pass, so the general rule asks for a long run of
letters and digits mixed, without any separator.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

__all__ = ["looks_secret", "secret_in"]

_KNOWN = re.compile(
    r"(?:^|[^A-Za-z0-9])(?:"
    r"sk[-_][A-Za-z0-9_-]{8,}|(?:gsk|hf|xai|ghp|gho|glpat|pplx|nvapi|rk|pk|r8)[-_]"
    r"[A-Za-z0-9_-]{12,}|AIza[A-Za-z0-9_-]{20,}|AKIA[A-Z0-9]{12,}|"
    r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{4,})"
    r"|\bBearer\s+\S{6,}",
    re.IGNORECASE,
)
_RUN = re.compile(r"[A-Za-z0-9]{28,}")
_FEWEST_DIGITS = 3

_NAMES = frozenset(
    "api_key apikey api_token key token access_token auth authorization secret "
    "client_secret password passwd bearer credentials openai_api_key x_api_key".split()
)


def looks_secret(text: str) -> bool:
    """Whether a text looks like a key, or holds something that does."""
    if _KNOWN.search(text):
        return True
    return any(_is_mixed(run) for run in _RUN.findall(text))


def _is_mixed(run: str) -> bool:
    digits = sum(character.isdigit() for character in run)
    return _FEWEST_DIGITS <= digits < len(run)


def secret_in(
    value: Any, path: tuple[str, ...] = ()
) -> tuple[tuple[str, ...], str] | None:
    """The first place that holds a key, and what to call it; the path never repeats a
    name that looks like one itself.
    """
    for place, name, item in _walk(value, path):
        if name is not None and looks_secret(name):
            return place[:-1], "a name here looks like a key"
        if not isinstance(item, str) or not item:
            continue
        if name is not None and name.lower().replace("-", "_") in _NAMES:
            return place, "holds a key"
        if looks_secret(item):
            return place, "looks like a key"
    return None


def _walk(
    value: Any, path: tuple[str, ...]
) -> Iterator[tuple[tuple[str, ...], str | None, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield (*path, str(key)), str(key), item
            yield from _walk(item, (*path, str(key)))
    elif isinstance(value, list | tuple):
        for item in value:
            yield path, None, item
            yield from _walk(item, path)
