"""A copy of what comes through a pipe, which can be read once only.

It is a temporary file that goes when nobody holds it any more.
"""

from __future__ import annotations

import os
import stat
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio

__all__ = ["Spool", "spooled"]

_PIECE = 1 << 16
_STDIN = frozenset({"-", "/dev/stdin", "/dev/fd/0", "/proc/self/fd/0"})


@dataclass(frozen=True, slots=True)
class Spool:
    """The copy; `name` is that of what was copied."""

    file: Any
    name: str

    @property
    def path(self) -> Path:
        """Where it stands."""
        return Path(self.file.name)


async def spooled(path: Path) -> Spool:
    """Copy all that comes; `-` is the standard input. Raises: OSError."""
    is_stdin = str(path) in _STDIN
    source = os.dup(sys.stdin.fileno()) if is_stdin else os.open(path, os.O_RDONLY)
    try:
        copy = tempfile.NamedTemporaryFile(prefix="eventsim-", suffix=".rows")  # noqa: SIM115 - it outlives this function
        waits = not stat.S_ISREG(os.fstat(source).st_mode)
        while True:
            if waits:
                waits = await _waited_for(source)
            piece = os.read(source, _PIECE)
            if not piece:
                break
            copy.write(piece)
            await anyio.lowlevel.checkpoint()
        copy.flush()
    finally:
        os.close(source)
    named = "pipe" if path.name.isdecimal() else path.name
    return Spool(copy, "stdin" if is_stdin else named)


async def _waited_for(source: int) -> bool:
    """Until there is something to read; False where nothing ever makes one wait."""
    try:
        await anyio.wait_readable(source)
    except PermissionError:  # a device such as /dev/null
        return False
    return True
