"""The rows of JSON lines and of arrays, read in pieces of bounded size.

A row that is longer than is taken, or that cannot be decoded, stands in its place with
what is wrong with it, and the ones after it are read all the same.
"""

from __future__ import annotations

import codecs
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import aiofiles

from eventsim.run.importing.arrays import Element, Elements
from eventsim.run.importing.decoding import row_value

__all__ = ["PIECE_BYTES", "Row", "array_rows", "line_rows", "too_long"]

PIECE_BYTES = 1 << 20
_MOST_MEGABYTES = 512
_CUT = "the file ends inside it: it was cut, or a quote or bracket is missing"


class Row(NamedTuple):
    """A row by its number (from 1); `problem` says why there is no value. `line` is
    the number of its line where rows are lines, 0 elsewhere.
    """

    number: int
    value: Any
    problem: str = ""
    line: int = 0
    size: int = 0


async def line_rows(path: Path, most: int) -> AsyncIterator[Row]:
    """Every line but blank ones. A line of more than `most` bytes is passed over
    without being held.
    """
    number, line, held, size = 0, 1, bytearray(), 0
    async with aiofiles.open(path, "rb") as file:
        while True:
            piece = await file.read(PIECE_BYTES)
            at = 0
            while True:
                end = piece.find(b"\n", at)
                part = piece[at:] if end < 0 else piece[at:end]
                size += len(part)
                if size <= most:
                    held += part
                if end < 0 and piece:
                    break
                row = _line(number + 1, line, bytes(held), size, most)
                if row is not None:
                    number += 1
                    yield row
                held, size, at, line = bytearray(), 0, end + 1, line + 1
                if end < 0:
                    return


def _line(number: int, line: int, data: bytes, size: int, most: int) -> Row | None:
    if size > most:
        return Row(number, None, too_long(size, most), line)
    if line == 1:
        data = data.removeprefix(codecs.BOM_UTF8)
    if not data.strip():
        return None
    value, problem = row_value(data)
    return Row(number, value, problem, line, size)


async def array_rows(path: Path, most: int) -> AsyncIterator[Row]:
    """Every element of the array that the file is, one at a time."""
    elements, number, begun, is_cut = Elements(most), 0, False, False
    async with aiofiles.open(path, "rb") as file:
        while piece := await file.read(PIECE_BYTES):
            if not begun:
                _, bracket, piece = piece.partition(b"[")
                begun = bool(bracket)
            for each in elements.feed(piece):
                number += 1
                yield _element(number, each, most)
    left = list(elements.end())
    for each in left:
        number += 1
        row = _element(number, each, most)
        is_last = each is left[-1] and not elements.closed
        is_cut = is_last and bool(row.problem)
        yield Row(number, None, _CUT) if is_cut else row
    if not elements.closed and not is_cut:
        yield Row(number + 1, None, "the file ends before the array does: it was cut")
    elif elements.rest:
        why = f"{elements.rest:,} bytes behind the end of the array are not read"
        yield Row(number + 1, None, why)


def _element(number: int, element: Element, most: int) -> Row:
    if element.size > most:
        return Row(number, None, too_long(element.size, most))
    data = element.data.strip()
    if not data:
        return Row(number, None, "nothing stands there: there is a comma too many")
    value, problem = row_value(data)
    return Row(number, value, problem, size=element.size)


def too_long(size: int, most: int) -> str:
    """Why a row is not taken, and what takes it."""
    needed = -(-size // (1 << 20))
    option = (
        f"--max-row-mb {needed} takes it"
        if needed <= _MOST_MEGABYTES
        else f"--max-row-mb goes up to {_MOST_MEGABYTES}"
    )
    return (
        f"it has {size / (1 << 20):,.1f} MB; at most {most >> 20:,} MB a row are taken "
        f"({option})"
    )
