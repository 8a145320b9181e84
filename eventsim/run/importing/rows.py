"""The rows of a file, one at a time, whatever is in it.

JSON lines are read in pieces, so that memory is bounded by the largest row that is
taken; a document (an array, or an object around rows) is read whole, up to a limit. A
row that cannot be read is reported in its place and does not stop the others.
"""

from __future__ import annotations

import codecs
import hashlib
import json
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import aiofiles
import orjson

from eventsim.errors import BadInput
from eventsim.exchange.conversation import RowUnusable
from eventsim.exchange.formats.format import Format
from eventsim.roles.parsing import fault_of

__all__ = ["MOST_ROW_BYTES", "Row", "RowFile", "open_rows"]

MOST_ROW_BYTES = 32 << 20
_MOST_DOCUMENT_BYTES = 512 << 20
_PIECE = 1 << 20
_LINES = frozenset({".jsonl", ".ndjson"})
_LONG_NUMBER = re.compile(rb"\d{19}")
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)


class Row(NamedTuple):
    """A row by its number (from 1); `problem` says why there is no value."""

    number: int
    value: Any
    problem: str = ""


@dataclass(frozen=True, slots=True)
class RowFile:
    """A file whose rows can be read: its digest, what stands around the rows, and (for
    a document) the rows themselves; lines are read when they are asked for.
    """

    path: Path
    sha256: str
    around: Mapping[str, Any]
    most_bytes: int
    document: tuple[Any, ...] | None = None

    async def rows(self) -> AsyncIterator[Row]:
        """Every row, in order; blank lines are none."""
        if self.document is None:
            async for row in _lines(self.path, self.most_bytes):
                yield row
            return
        for number, value in enumerate(self.document, 1):
            yield Row(number, value, fault_of(value))


async def open_rows(
    path: Path, form: Format, *, most_bytes: int = MOST_ROW_BYTES
) -> RowFile:
    """Look at a file: lines, or a document. Raises: BadInput."""
    try:
        digest, size, head = await _looked_at(path)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput(f"{path} cannot be read: {why}") from error
    if head.startswith(_MARKS):
        raise BadInput(f"{path} is UTF-16 or UTF-32; convert it to UTF-8")
    if not head.strip():
        raise BadInput(f"{path} is empty")
    if path.suffix.lower() in _LINES or _is_lines(head, size, form):
        return RowFile(path, digest, {}, most_bytes)
    if size > _MOST_DOCUMENT_BYTES:
        raise BadInput(
            f"{path} is one JSON document of {size >> 20} MB, and at most "
            f"{_MOST_DOCUMENT_BYTES >> 20} MB are read whole; give JSON lines"
        )
    async with aiofiles.open(path, "rb") as file:
        data = await file.read()
    value, problem = _parsed(data.removeprefix(codecs.BOM_UTF8))
    if problem and not problem.startswith(_STORE):
        raise BadInput(f"{path} is no JSON: {problem}")
    try:
        around, rows = form.rows(value)
    except RowUnusable as error:
        raise BadInput(f"{path}: {error}") from None
    return RowFile(path, digest, around, most_bytes, tuple(rows))


async def _looked_at(path: Path) -> tuple[str, int, bytes]:
    """The SHA-256, the size, and the beginning of a file."""
    digest, size, head = hashlib.sha256(), 0, b""
    async with aiofiles.open(path, "rb") as file:
        while piece := await file.read(_PIECE):
            digest.update(piece)
            size += len(piece)
            if len(head) < _PIECE:
                head += piece
    return digest.hexdigest(), size, head


def _is_lines(head: bytes, size: int, form: Format) -> bool:
    """Whether each line is a row: the first one is an object, and is not all."""
    first, newline, rest = head.removeprefix(codecs.BOM_UTF8).lstrip().partition(b"\n")
    if not first.startswith(b"{"):
        return not first.startswith(b"[")
    if not newline:
        return form.join is None and size > len(head)
    value, problem = _parsed(first)
    return not problem and isinstance(value, dict) and bool(rest.strip())


async def _lines(path: Path, most: int) -> AsyncIterator[Row]:
    """A line longer than `most` bytes is passed over without being held."""
    number, held, size = 0, bytearray(), 0
    async with aiofiles.open(path, "rb") as file:
        while True:
            piece = await file.read(_PIECE)
            at = 0
            while True:
                end = piece.find(b"\n", at)
                part = piece[at:] if end < 0 else piece[at:end]
                size += len(part)
                if size <= most:
                    held += part
                if end < 0 and piece:
                    break
                row = _row(number + 1, bytes(held), size, most)
                number += row is not None
                if row is not None:
                    yield row
                held, size, at = bytearray(), 0, end + 1
                if end < 0:
                    return


def _row(number: int, line: bytes, size: int, most: int) -> Row | None:
    if size > most:
        problem = f"it has {size >> 20} MB; at most {most >> 20} MB a row are taken"
        return Row(number, None, problem)
    if number == 1:
        line = line.removeprefix(codecs.BOM_UTF8)
    if not line.strip():
        return None
    value, problem = _parsed(line)
    return Row(number, value, problem)


_STORE = "it cannot be stored: "


def _parsed(data: bytes) -> tuple[Any, str]:
    """The value of JSON bytes, and what is wrong with them."""
    try:
        # Exact, where the faster one would round.
        loads = json.loads if _LONG_NUMBER.search(data) else orjson.loads
        value = loads(data)
    except (ValueError, RecursionError) as error:
        return None, _in_words(data, error)
    fault = fault_of(value)
    return value, _STORE + fault if fault else ""


def _in_words(data: bytes, error: Exception) -> str:
    if isinstance(error, RecursionError) or "ecursion" in str(error):
        return "it is nested too deeply"
    try:
        data.decode()
    except UnicodeDecodeError as problem:
        return f"it is not UTF-8, from byte {problem.start} on"
    if "surrogate" in str(error):
        return "it holds half of a surrogate pair, which is no character"
    return f"it is no JSON: {error}"
