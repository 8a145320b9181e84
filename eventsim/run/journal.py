"""Journals of live paths: a stream in the store, or nowhere for a trial."""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.events import Event
from eventsim.log.store import Store

__all__ = ["NoJournal", "StreamJournal"]


class StreamJournal:
    """Appends to one stream, and knows its version, so that two never interleave."""

    def __init__(self, store: Store, stream: str, version: int) -> None:
        self._store = store
        self._stream = stream
        self._version = version

    async def append(self, events: Sequence[Event]) -> int:
        """Durable when it returns. Raises: LogError."""
        await self._store.append(self._stream, events, expected_version=self._version)
        self._version += len(events)
        return len(events)


class NoJournal:
    """Keeps nothing: a trial leaves no trace."""

    async def append(self, events: Sequence[Event]) -> int:
        """All are taken."""
        return len(events)
