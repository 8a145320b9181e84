"""Lines read from segments, by their offsets, in one hop to a thread.

Descriptors stay open for the life of the store. What the bytes mean is for the caller.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Sequence
from pathlib import Path

from eventsim.log.disk import explained
from eventsim.log.index import Extent
from eventsim.log.reading import Place
from eventsim.log.segments import DIRECTORY

__all__ = ["SegmentFiles"]


class SegmentFiles:
    """Open segments of one store, for reading."""

    def __init__(self, store: Path) -> None:
        self._directory = store / DIRECTORY
        self._open: dict[str, int] = {}
        self._lock = threading.Lock()

    def lines(self, segments: Sequence[str], extents: Sequence[Extent]) -> list[Place]:
        """Every line of the extents, in their order. Raises: LogError."""
        found: list[Place] = []
        for extent in extents:
            name = segments[extent.segment]
            data = self._read(name, extent.offset, extent.length)
            offset, version = extent.offset, extent.first
            # What ends the extent is a newline, unless it is damaged.
            for line in data[:-1].split(b"\n"):
                found.append(Place(f"{DIRECTORY}/{name}", offset, version, line))
                offset += len(line) + 1
                version += 1
        return found

    def close(self) -> None:
        """Every descriptor."""
        with self._lock:
            for descriptor in self._open.values():
                os.close(descriptor)
            self._open.clear()

    def _read(self, name: str, offset: int, length: int) -> bytes:
        path = self._directory / name
        with explained("read", path):
            with self._lock:
                descriptor = self._open.get(name)
                if descriptor is None:
                    descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
                    self._open[name] = descriptor
            return os.pread(descriptor, length, offset)
