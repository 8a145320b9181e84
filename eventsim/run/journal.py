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
        self._held: tuple[Event, ...] = ()

    async def append(self, events: Sequence[Event]) -> int:
        """Durable when it returns, with all that was held. Raises: LogError."""
        batch, self._held = (*self._held, *events), ()
        expected, self._version = self._version, self._version + len(batch)
        await self._store.append(self._stream, batch, expected_version=expected)
        return len(events)

    async def hold(self, events: Sequence[Event]) -> int:
        """Kept in memory until the next append or flush."""
        self._held = (*self._held, *events)
        return len(events)

    async def flush(self) -> None:
        """Durable when it returns. Raises: LogError."""
        if self._held:
            await self.append(())


class NoJournal:
    """Keeps nothing: a trial leaves no trace."""

    async def append(self, events: Sequence[Event]) -> int:
        """All are taken."""
        return len(events)

    async def hold(self, events: Sequence[Event]) -> int:
        """All are taken."""
        return len(events)

    async def flush(self) -> None:
        """Nothing is held."""
