"""Names for shell completion. Silent: a shell must never be disturbed by it."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import anyio

from eventsim.errors import EventsimError
from eventsim.log.reader import Family, StreamInfo
from eventsim.log.store import Store

__all__ = ["labels"]


def labels(store: Path, family: str, incomplete: str) -> list[tuple[str, str]]:
    """Labels that begin with what is typed, each with a remark."""
    if "@" in incomplete:
        return []
    try:
        found = anyio.run(_streams, store, cast("Family", family))
    except (EventsimError, OSError):
        return []
    return [
        (info.label, info.ended or "open")
        for info in found
        if info.label.startswith(incomplete)
    ]


async def _streams(path: Path, family: Family) -> list[StreamInfo]:
    async with Store.open(path, mode="read") as store:
        return list(store.streams(family=family))
