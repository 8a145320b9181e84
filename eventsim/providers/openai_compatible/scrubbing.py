"""Takes secrets out of text that came from elsewhere, before anyone else sees it.

Endpoints, proxies and libraries quote keys in their errors. What is recorded or shown
goes through here first; there is no second place where a key could leave.
"""

from __future__ import annotations

import re
from urllib.parse import quote

import orjson

__all__ = ["Scrubber"]

_REMOVED = "[removed]"
_DETAIL_CHARACTERS = 300
_SHORTEST_KEY = 4

_LOOKS_SECRET = re.compile(
    r"""
      \bsk-[^\s"'<>,;)]{4,}
    | \b(?:bearer|basic)\s+[A-Za-z0-9._~+/=*-]{6,}
    | (?<=://)[^\s/@]+:[^\s/@]*@
    | \b(?:api[-_ ]?key|access[-_ ]?token|authorization|password|secret)
      ["']?\s*[:=]\s*["']?[^\s"'<>,;&)]+
    """,
    re.IGNORECASE | re.VERBOSE,
)


class Scrubber:
    """Removes one key, however it is written, and whatever else looks like one."""

    def __init__(self, key: str) -> None:
        json_text = orjson.dumps(key)[1:-1].decode()
        forms = {key, quote(key, safe=""), quote(key), json_text}
        long_enough = [form for form in forms if len(form) >= _SHORTEST_KEY]
        self._forms = tuple(sorted(long_enough, key=len, reverse=True))
        self._byte_forms = tuple(form.encode() for form in self._forms)

    def line(self, text: str) -> str:
        """One line of at most 300 characters without secrets."""
        for form in self._forms:
            text = text.replace(form, _REMOVED)
        text = " ".join(_LOOKS_SECRET.sub(_REMOVED, text).split())
        text = "".join(c if c.isprintable() else "?" for c in text)
        if len(text) > _DETAIL_CHARACTERS:
            return text[: _DETAIL_CHARACTERS - 1] + "…"
        return text

    def answer(self, content: bytes) -> bytes:
        """An answer as it came; only our own key, should it quote that, is gone."""
        for form in self._byte_forms:
            if form in content:
                content = content.replace(form, _REMOVED.encode())
        return content
