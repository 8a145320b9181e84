"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import Any

import aiofiles
import orjson

__all__ = ["WriteLine", "lines_to"]

WriteLine = Callable[[Any], Awaitable[None]]


@asynccontextmanager
async def lines_to(*files: Path) -> AsyncIterator[list[WriteLine]]:
    """A writer of JSON lines for each file. They appear when the context ends well,
    so that an export that fails leaves an older file as it was. Raises: OSError.
    """
    pairs = [(file, _aside(file)) for file in files]
    try:
        async with AsyncExitStack() as held:
            yield [await held.enter_async_context(_writer(*pair)) for pair in pairs]
        for file, aside in pairs:
            if aside != file:
                aside.replace(file)
    finally:
        for file, aside in pairs:
            if aside != file:
                with suppress(OSError):
                    aside.unlink()


def _aside(file: Path) -> Path:
    """A name beside the file; a device or a pipe is written itself."""
    if file.exists() and not file.is_file():
        return file
    return file.with_name(f".{file.name}.{os.getpid()}.new")


@asynccontextmanager
async def _writer(file: Path, aside: Path) -> AsyncIterator[WriteLine]:
    with _naming(file):
        target = await aiofiles.open(aside, "wb")

    async def write(value: Any) -> None:
        with _naming(file):
            await target.write(orjson.dumps(value) + b"\n")

    try:
        yield write
        with _naming(file):
            await target.flush()
    finally:
        with _naming(file):
            await target.close()


@contextmanager
def _naming(file: Path) -> Iterator[None]:
    """An error names the file that was asked for, not the one beside it."""
    try:
        yield
    except OSError as error:
        error.filename = str(file)
        raise
