"""What a request to the designer holds: the domain, tools in it, the last message.

Read from the text alone, as a model would read it: tools are lines of JSON or brief
signatures, wherever they stand.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

import orjson

__all__ = ["Brief", "answer", "read_brief"]

_DOMAIN = re.compile(r"the assistant of ([^\n]*?)(?:\. ([^\n]*)|\.?)(?:\n|$)")
_AGAIN = "Your last answer could not be used"  # what is asked stands before it
_CALLS = re.compile(r" calls?\.?$")


@dataclass(frozen=True, slots=True)
class Brief:
    """A request as the designer sees it. `rng` is drawn from the request's bytes, so
    that the same request has the same answer.
    """

    title: str
    about: str
    system: str
    message: str
    rng: Random

    def specifications(self) -> list[dict[str, Any]]:
        """The tools that stand in the request as JSON, in order, each once."""
        return _specifications(f"{self.system}\n{self.message}")


def read_brief(request: Mapping[str, Any]) -> Brief:
    """The parts of a request; what is missing in it is empty."""
    messages = [m for m in request.get("messages") or () if isinstance(m, Mapping)]
    texts = [(m.get("role"), _text(m.get("content"))) for m in messages]
    system = "\n".join(t for role, t in texts if role in {"system", "developer"})
    users = tuple(t for role, t in texts if role == "user" and not t.startswith(_AGAIN))
    found = _DOMAIN.search(system)
    digest = hashlib.sha256(orjson.dumps(request, option=orjson.OPT_SORT_KEYS))
    return Brief(
        title=_CALLS.sub("", found[1]).strip() if found else "",
        about=(found[2] or "").strip() if found else "",
        system=system,
        message=users[-1] if users else "",
        rng=Random(int.from_bytes(digest.digest()[:8], "big")),  # noqa: S311
    )


def answer(value: Any) -> dict[str, Any]:
    """The message of an assistant that answers with JSON."""
    return {"role": "assistant", "content": orjson.dumps(value).decode()}


def _text(content: Any) -> str:
    if isinstance(content, str):
        return content
    if isinstance(content, list):
        parts = [p.get("text") for p in content if isinstance(p, Mapping)]
        return "\n".join(p for p in parts if isinstance(p, str))
    return ""


def _specifications(text: str) -> list[dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for line in text.splitlines():
        stripped = line.strip()
        if not stripped.startswith("{") or '"name"' not in stripped:
            continue
        try:
            tool = orjson.loads(stripped)
        except orjson.JSONDecodeError:
            continue
        inner = tool.get("function", tool) if isinstance(tool, dict) else None
        if isinstance(inner, dict) and isinstance(inner.get("name"), str):
            found.setdefault(inner["name"], inner)
    return list(found.values())
