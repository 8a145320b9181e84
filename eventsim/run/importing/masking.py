"""Personal data that has a form, replaced before anything is written.

Each value becomes a placeholder such as <EMAIL_1>, the same one wherever it stands in a
row, so that calls and results still agree. Keys and numbers are looked at too, and JSON
inside texts stays JSON: its strings are decoded, masked and written again, the rest of
it is left as it is. Names of people have no form, and are not found.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any

from eventsim.errors import UsageError
from eventsim.roles.parsing import find_json
from eventsim.run.importing.personal import (
    SHORTEST,
    Span,
    is_personal_number,
    spans_of,
)

__all__ = ["MASKED", "Masker", "masker"]

MASKED = ("email", "ip", "iban", "card", "phone")

_DEEPEST = 8
_TOKEN = re.compile(
    r'"(?P<text>[^"\\]*+(?:\\.[^"\\]*+)*+)"'
    r"|(?P<number>-?\d++(?:\.\d++)?+(?:[eE][+-]?\d++)?+)",
    re.DOTALL,
)
_FIGURES = re.compile(r"[\W_]+")
_Names = dict[tuple[str, str], str]


def masker() -> Masker:
    """What masks rows. Raises: UsageError when the extra is not installed."""
    try:
        import phonenumbers  # noqa: F401
        import stdnum  # noqa: F401
    except ImportError:
        raise UsageError(
            "--mask-pii needs more packages: pip install 'eventsim[pii]'"
        ) from None
    return Masker()


class Masker:
    """Gives a row with placeholders. What stands around all rows is masked first: its
    placeholders are the same in each of them.
    """

    def __init__(self) -> None:
        self._around = _Known({}, {})

    def __call__(self, row: Any) -> Any:
        """The row with placeholders."""
        return _Masking(self._around.copy()).value(row)

    def around(self, value: Any) -> Any:
        """What belongs to all rows, with placeholders."""
        return _Masking(self._around).value(value)


class _Known:
    """Placeholders that were given, and how many of each kind."""

    def __init__(self, names: _Names, counts: dict[str, int]) -> None:
        self._names, self._counts = names, counts

    def copy(self) -> _Known:
        return _Known(dict(self._names), dict(self._counts))

    def name(self, kind: str, text: str) -> str:
        plain = text.replace("%40", "@").lower()
        if kind in ("card", "phone", "iban"):
            plain = _FIGURES.sub("", plain)
        if (kind, plain) not in self._names:
            number = self._counts[kind] = self._counts.get(kind, 0) + 1
            self._names[kind, plain] = f"<{kind.upper()}_{number}>"
        return self._names[kind, plain]


class _Masking:
    """The masking of one value."""

    def __init__(self, known: _Known) -> None:
        self._known = known

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return self._object(value)
        if isinstance(value, list):
            return self._list(value)
        if isinstance(value, bool) or not isinstance(value, int | float):
            return value
        return self._number(value)

    def _object(self, value: dict[str, Any]) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, item in value.items():
            name = self.text(key)
            if name != key:
                plain, number = name, 1
                while name in made or name in value:
                    number += 1
                    name = f"{plain} ({number})"
            is_content = key == "content" and isinstance(item, list)
            made[name] = (
                self._list(item, is_content=True) if is_content else self.value(item)
            )
        return made

    def _list(self, value: list[Any], *, is_content: bool = False) -> list[Any]:
        """Texts of one content are parts of one text, and a value may stand in two."""
        texts = [_part(item, bare=is_content) for item in value]
        if sum(text is not None for text in texts) < 2:
            return [self.value(item) for item in value]
        masked = iter(self._parts([text for text in texts if text is not None]))
        made: list[Any] = []
        for item, text in zip(value, texts, strict=True):
            if text is None:
                made.append(self.value(item))
            elif isinstance(item, str):
                made.append(next(masked))
            else:
                rest = {key: each for key, each in item.items() if key != "text"}
                other, new = iter(self._object(rest).items()), next(masked)
                made.append(
                    dict(
                        ("text", new) if key == "text" else next(other) for key in item
                    )
                )
        return made

    def _parts(self, texts: Sequence[str]) -> Iterator[str]:
        """Each text with its own values and its pieces of those that go across."""
        joined = "".join(texts)
        across, start = spans_of(joined), 0
        for text in texts:
            end = start + len(text)
            cut = [
                span
                for span in across
                if span.start < end
                and span.stop > start
                and not (start <= span.start and span.stop <= end)
            ]
            pieces, at = [], start
            for span in cut:
                first, last = max(span.start, start), min(span.stop, end)
                pieces.append(self.text(joined[at:first]))
                pieces.append(self._name(span, joined))
                at = last
            yield "".join([*pieces, self.text(joined[at:end])])
            start = end

    def _number(self, value: float) -> Any:
        digits = str(abs(value)).removesuffix(".0")
        if len(digits) <= SHORTEST or not digits.isdecimal():
            return value
        kind = is_personal_number(digits)
        return self._known.name(kind, digits) if kind else value

    def text(self, text: str, depth: int = 0) -> str:
        """The text with placeholders; JSON in it stays JSON."""
        if len(text) < SHORTEST:
            return text
        if "{" not in text and '["' not in text:
            return self._plain(text)
        pieces, at = [], 0
        for found in find_json(text) if depth < _DEEPEST else ():
            if isinstance(found.value, dict) or '"' in text[found.start : found.end]:
                pieces.append(self._plain(text[at : found.start]))
                pieces.append(self._json(text[found.start : found.end], depth))
                at = found.end
        return "".join([*pieces, self._plain(text[at:])])

    def _json(self, text: str, depth: int) -> str:
        """JSON with each string and number masked where it stands."""

        def masked(token: re.Match[str]) -> str:
            if token["number"] is not None:
                value = _loaded(token[0])
                new = self._number(value) if isinstance(value, int | float) else value
                return token[0] if new == value else json.dumps(new)
            if len(token["text"]) < SHORTEST:
                return token[0]
            before = _loaded(token[0])
            after = self.text(before, depth + 1)
            if after == before:
                return token[0]
            return json.dumps(after, ensure_ascii=token[0].isascii())

        return _TOKEN.sub(masked, text)

    def _plain(self, text: str) -> str:
        pieces, end = [], 0
        for span in spans_of(text):
            pieces += [text[end : span.start], self._name(span, text)]
            end = span.stop
        return "".join([*pieces, text[end:]])

    def _name(self, span: Span, text: str) -> str:
        return self._known.name(span.kind, text[span.start : span.stop])


def _loaded(token: str) -> Any:
    return json.loads(token, strict=False)


def _part(item: Any, *, bare: bool) -> str | None:
    """The text of a part of a content, None if it is something else. Parts are objects,
    and `bare` texts where a content is sure to be one.
    """
    if isinstance(item, dict):
        item = item.get("text")
    elif not bare:
        return None
    return item if isinstance(item, str) else None
