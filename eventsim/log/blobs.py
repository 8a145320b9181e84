"""Large or repeated values by the SHA-256 of their bytes, one file each.

A blob is durable when `put` returns, so that an event may refer to it. What is read
is checked against its name. The most recently used are held in memory, within a bound.
"""

from __future__ import annotations

import asyncio
import re
from collections import OrderedDict
from pathlib import Path

import aiofiles

from eventsim.core.values import sha256_hex
from eventsim.errors import LogCorrupt, NotFound
from eventsim.log.disk import Disk, explained

__all__ = ["Blobs"]

DIRECTORY = "blobs"
_NAME = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """The blobs of one store."""

    def __init__(self, store: Path, disk: Disk, cache_bytes: int) -> None:
        self._directory = store / DIRECTORY
        self._disk = disk
        self._cache_bytes = cache_bytes
        self._cached: OrderedDict[str, bytes] = OrderedDict()
        self._held = 0
        self._lock = asyncio.Lock()

    async def put(self, data: bytes) -> str:
        """Store the bytes unless they are there; a damaged file is replaced."""
        name = sha256_hex(data)
        if name in self._cached:
            self._cached.move_to_end(name)
            return name
        async with self._lock:
            await asyncio.to_thread(self._store, name, data)
        self._remember(name, data)
        return name

    async def get(self, name: str) -> bytes:
        """Raises: NotFound, LogCorrupt."""
        cached = self._cached.get(name)
        if cached is not None:
            self._cached.move_to_end(name)
            return cached
        path = self._directory / name
        if not _NAME.fullmatch(name):
            raise NotFound(f"{name!r} is not the name of a blob")
        with explained("read", path):
            try:
                async with aiofiles.open(path, "rb") as file:
                    data: bytes = await file.read()
            except FileNotFoundError:
                raise NotFound(f"blob {name} is missing from {path.parent}") from None
        if sha256_hex(data) != name:
            what = "the bytes of a blob do not match its name"
            raise LogCorrupt(what, file=f"{DIRECTORY}/{name}", offset=0)
        self._remember(name, data)
        return data

    def _store(self, name: str, data: bytes) -> None:
        path = self._directory / name
        with explained("write", path):
            if path.exists() and path.read_bytes() == data:
                # Whoever put it there may not have come to sync its name.
                self._disk.fsync_directory(path.parent)
                return
            self._disk.create(path, data)

    def _remember(self, name: str, data: bytes) -> None:
        if name in self._cached or len(data) > self._cache_bytes:
            return
        self._cached[name] = data
        self._held += len(data)
        while self._held > self._cache_bytes:
            _, dropped = self._cached.popitem(last=False)
            self._held -= len(dropped)
