"""The elements of a JSON array, found one after the other in pieces of its bytes.

Only where each element ends is found here: strings and brackets are told apart, and
nothing is decoded. So memory is bounded by the largest element that is taken.
After an element with a string that never ends, it goes on at the next line that begins
as the first element did.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

__all__ = ["Element", "Elements"]

_STRING = rb'[^"\\\n]*+(?:\\.[^"\\\n]*+)*+'
_IN_STRING = re.compile(_STRING, re.DOTALL)
_INSIDE = re.compile(rb'(?:[^"\[\]{}]++|"' + _STRING + rb'")*+', re.DOTALL)
_BETWEEN = re.compile(rb'(?:[^"\[\]{},]++|"' + _STRING + rb'")*+', re.DOTALL)
_QUOTE, _COMMA, _BACKSLASH, _END = b'",\\]'
_MOST_UNCLOSED = 100
_OPENING, _CLOSING = b"[{", dict(zip(b"]}", b"[{", strict=True))


class Element(NamedTuple):
    """The bytes of an element, b"" if it has more than are taken, and how many."""

    data: bytes
    size: int


class Elements:
    """Finds the elements in what is fed, from behind the bracket that opens the array
    on. `closed` once the array is; `rest` then counts bytes behind it.
    """

    def __init__(self, most_bytes: int) -> None:
        self._most = most_bytes
        self._held = bytearray()
        self._at = self._start = self._lost = self._found = 0
        self._open = bytearray()
        self._in_string = self._broken = self._waits = False
        self._next_line: re.Pattern[bytes] | None = None
        self._indent = 0
        self.closed = False
        self.rest = 0

    def feed(self, piece: bytes) -> Iterator[Element]:
        """Elements that end in what was fed up to here."""
        self._held += piece
        if self._next_line is None:
            self._look_at_first()
        self._waits = False
        while not (self.closed or self._waits):
            if self._broken:
                element = self._after_break()
            elif self._in_string:
                element = self._string()
            else:
                element = self._mark()
            if element is not None:
                yield element
        self._forget()

    def _look_at_first(self) -> None:
        begin = re.search(rb"[^ \t\r\n]", self._held)
        if begin is None:
            return
        _, newline, indent = bytes(self._held[: begin.start()]).rpartition(b"\n")
        self._indent = len(indent) if newline else 0
        self._next_line = re.compile(rb"\n[ \t]{%d}(?=\{)" % self._indent)

    def end(self) -> Iterator[Element]:
        """What is left when the bytes end before the array does. A bracket may never
        have been closed: then lines that begin as the first element did are elements.
        """
        for _ in range(_MOST_UNCLOSED):
            left = bool(self._lost or self._held[self._start :].strip())
            if self.closed or not left or self._next_line is None:
                return
            match = self._next_line.search(self._held, self._start + 1)
            if match is None or self._lost:
                break
            self._at, self._in_string, self._broken = match.end(), False, False
            yield self._element(match.start())
            yield from self.feed(b"")
        yield self._element(len(self._held))

    def _mark(self) -> Element | None:
        """Go to the next bracket, comma, or string that goes on in the next piece."""
        pattern = _INSIDE if self._open else _BETWEEN
        match = pattern.match(self._held, self._at)
        self._at = at = match.end() if match else self._at
        if at == len(self._held):
            self._waits = True
            return None
        mark = self._held[at]
        self._at += 1
        if mark == _QUOTE:
            self._in_string = True
        elif mark in _OPENING:
            self._open.append(mark)
        elif self._open:
            self._close(_CLOSING[mark])
        elif mark == _COMMA:
            return self._element(at)
        elif mark == _END:
            self.closed = True
            if self._found or self._lost or self._held[self._start : at].strip():
                return self._element(at)
            self._start = self._at
        return None

    def _close(self, opening: int) -> None:
        """Also what was left open inside it: the element is bad, the next one not."""
        where = self._open.rfind(opening)
        if where >= 0:
            del self._open[where:]

    def _string(self) -> Element | None:
        match = _IN_STRING.match(self._held, self._at)
        self._at = match.end() if match else self._at
        if self._at == len(self._held) or self._held[self._at] == _BACKSLASH:
            self._waits = True  # for what a backslash escapes, too
        elif self._held[self._at] == _QUOTE:
            self._in_string, self._at = False, self._at + 1
        else:
            self._in_string, self._broken = False, True
        return None

    def _after_break(self) -> Element | None:
        assert self._next_line is not None
        match = self._next_line.search(self._held, self._at)
        if match is None:
            self._at = max(self._at, len(self._held) - self._indent - 1)
            self._waits = True
            return None
        self._at, self._broken = match.end(), False
        return self._element(match.start())

    def _element(self, end: int) -> Element:
        size = self._lost + end - self._start
        data = b"" if size > self._most else bytes(self._held[self._start : end])
        self._found += 1
        self._lost, self._start = 0, self._at
        self._open.clear()
        return Element(data, size)

    def _forget(self) -> None:
        """Bytes of elements that have ended, or that are longer than are taken."""
        if self.closed:
            self.rest += len(self._held[self._start :].strip())
            self._held.clear()
            self._at = self._start = 0
            return
        if self._lost + self._at - self._start > self._most:
            self._lost += self._at - self._start
            self._start = self._at
        del self._held[: self._start]
        self._at, self._start = self._at - self._start, 0
