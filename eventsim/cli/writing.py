"""Files that a command writes: whole or not at all."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
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
    asides = [_aside(file) for file in files]
    try:
        async with AsyncExitStack() as held:
            writers = [await held.enter_async_context(_writer(a)) for a in asides]
            yield writers
        for aside, file in zip(asides, files, strict=True):
            if aside != file:
                aside.replace(file)
    except BaseException:
        for aside, file in zip(asides, files, strict=True):
            if aside != file:
                aside.unlink(missing_ok=True)
        raise


def _aside(file: Path) -> Path:
    """A name beside the file; a device or a pipe is written itself."""
    if file.exists() and not file.is_file():
        return file
    return file.with_name(f".{file.name}.{os.getpid()}.new")


@asynccontextmanager
async def _writer(file: Path) -> AsyncIterator[WriteLine]:
    async with aiofiles.open(file, "wb") as target:

        async def write(value: Any) -> None:
            await target.write(orjson.dumps(value) + b"\n")

        yield write
        await target.flush()
