"""The rows of a file, one at a time, whatever is in it.

Lines and arrays are read in pieces, so that memory is bounded by the largest row that
is taken; an object around rows is read whole, up to a limit. What comes through a pipe
can be read once, and is copied first. A row that cannot be read is reported in its
place and does not stop the others.
"""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiofiles

from eventsim.core.values import encode
from eventsim.errors import BadInput
from eventsim.exchange.conversation import RowUnusable
from eventsim.exchange.formats.format import Format
from eventsim.roles.parsing import fault_of
from eventsim.run.importing.arrays import Elements
from eventsim.run.importing.decoding import decoded
from eventsim.run.importing.pieces import (
    PIECE_BYTES,
    Row,
    array_rows,
    line_rows,
    too_long,
)
from eventsim.run.importing.spool import Spool, spooled

__all__ = ["MOST_ROW_BYTES", "Row", "RowFile", "open_rows"]

MOST_ROW_BYTES = 32 << 20
_MOST_DOCUMENT_BYTES = 64 << 20
_LINES = frozenset({".jsonl", ".ndjson"})
_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_BE)
_WIDE = re.compile(rb'\A(?:[\[{"\s]\0|\0[\[{"\s])')


@dataclass(frozen=True, slots=True)
class RowFile:
    """A file whose rows can be read: its digest, what stands around the rows, and (for
    an object around them) the rows themselves; others are read when they are asked
    for. `name` is that of the file, or of what came through a pipe.
    """

    path: Path
    name: str
    sha256: str
    around: Mapping[str, Any]
    most_bytes: int
    document: tuple[Any, ...] | None = None
    is_array: bool = False
    spool: Spool | None = None

    async def rows(self) -> AsyncIterator[Row]:
        """Every row, in order; blank lines are none."""
        if self.document is None:
            read = array_rows if self.is_array else line_rows
            async for row in read(self.path, self.most_bytes):
                yield row
            return
        for number, value in enumerate(self.document, 1):
            yield Row(number, value, self._fault(value))

    def _fault(self, value: Any) -> str:
        fault = fault_of(value)
        if not fault:
            size = len(encode(value))
            fault = too_long(size, self.most_bytes) if size > self.most_bytes else ""
        return fault


@dataclass(frozen=True, slots=True)
class _Look:
    """What was seen of a file, and its beginning without a mark or blanks."""

    path: Path
    name: str
    sha256: str
    size: int
    head: bytes

    @property
    def is_called_lines(self) -> bool:
        """Whether its name says what it is."""
        return Path(self.name).suffix.lower() in _LINES

    @property
    def first(self) -> bytes:
        """The first line."""
        return self.head.partition(b"\n")[0]

    @property
    def has_more(self) -> bool:
        """Whether anything follows the first line."""
        return bool(self.head.partition(b"\n")[2].strip())


async def open_rows(
    path: Path, form: Format, *, most_bytes: int = MOST_ROW_BYTES
) -> RowFile:
    """Look at a file: lines, an array, or an object around rows; `-` is the standard
    input. Raises: BadInput.
    """
    spool = None
    try:
        if _comes_once(path):
            spool = await spooled(path)
        place = spool.path if spool else path
        look = await _looked_at(place, spool.name if spool else path.name)
    except OSError as error:
        why = error.strerror or type(error).__name__
        raise BadInput(f"{path} cannot be read: {why}") from error
    _check_encoding(path, look.head)
    if _is_array(look.head):
        try:
            around, _ = form.rows([])
        except RowUnusable as error:
            raise BadInput(f"{path}: {error}") from None
        document, is_array = None, True
    elif _is_lines(look, form):
        around, document, is_array = {}, None, False
    else:
        value, problem = await _whole(look, max(most_bytes, _MOST_DOCUMENT_BYTES))
        is_array = False
        if problem and (look.is_called_lines or _has_a_row(look.head)):
            around, document = {}, None  # lines, and the first one is bad
        elif problem:
            raise BadInput(f"{path}: {problem}")
        else:
            try:
                around, rows = form.rows(value)
            except RowUnusable as error:
                raise BadInput(f"{path}: {error}") from None
            document = tuple(rows)
    return RowFile(
        place, look.name, look.sha256, around, most_bytes, document, is_array, spool
    )


def _comes_once(path: Path) -> bool:
    return str(path) == "-" or not path.is_file()


async def _looked_at(path: Path, name: str) -> _Look:
    digest, size, head = hashlib.sha256(), 0, b""
    async with aiofiles.open(path, "rb") as file:
        while piece := await file.read(PIECE_BYTES):
            digest.update(piece)
            size += len(piece)
            if len(head) < PIECE_BYTES:
                head += piece
    head = head.removeprefix(codecs.BOM_UTF8).lstrip()
    return _Look(path, name, digest.hexdigest(), size, head)


def _check_encoding(path: Path, head: bytes) -> None:
    """Raises: BadInput for what cannot be read as text that holds JSON."""
    if head.startswith(_MARKS) or _WIDE.match(head):
        raise BadInput(
            f"{path} is UTF-16 or UTF-32; convert it: iconv -f UTF-16 -t UTF-8"
        )
    if not head:
        raise BadInput(f"{path} is empty")
    if not head.strip(b"\0"):
        raise BadInput(f"{path} holds NUL bytes and nothing else: it was not written")
    first, ended, _ = head.partition(b"\r")
    if ended and b"\n" not in head and first.startswith(b"{") and _is_object(first):
        raise BadInput(
            f"the lines of {path} end in CR alone; convert them: tr '\\r' '\\n'"
        )


def _is_array(head: bytes) -> bool:
    """Whether it begins like one, and is not a line before others."""
    if not head.startswith(b"["):
        return False
    elements = Elements(PIECE_BYTES)
    for _ in elements.feed(head[1:]):
        pass
    return not (elements.closed and b"\n{" in head and elements.rest)


def _is_lines(look: _Look, form: Format) -> bool:
    """Whether each line is a row: the first one is an object, and is not all."""
    if not look.head.startswith(b"{"):
        return True
    if look.first == look.head:
        return form.join is None
    several = look.has_more or look.is_called_lines or form.join is None
    return several and _is_object(look.first)


def _is_object(data: bytes) -> bool:
    value, problem = decoded(data)
    return not problem and isinstance(value, dict)


def _has_a_row(head: bytes) -> bool:
    """Whether some line is an object of its own."""
    return any(
        line.startswith(b"{") and _is_object(line) for line in head.split(b"\n")[:-1]
    )


async def _whole(look: _Look, most: int) -> tuple[Any, str]:
    """The object that the file is, and why there is none."""
    if look.size > most:
        return None, (
            f"it is one JSON document of {look.size >> 20:,} MB around its rows, and "
            f"at most {most >> 20:,} MB are read whole; give JSON lines or an array, "
            "or raise --max-row-mb"
        )
    async with aiofiles.open(look.path, "rb") as file:
        data = await file.read()
    return decoded(data.removeprefix(codecs.BOM_UTF8))
