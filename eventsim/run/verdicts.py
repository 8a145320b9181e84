"""Whether a trajectory is valid, from its verdicts alone: nothing is folded."""

from __future__ import annotations

from eventsim.core.events import VerdictGiven
from eventsim.log.reader import Reader, StreamInfo

__all__ = ["verdict_of"]


async def verdict_of(reader: Reader, info: StreamInfo) -> str:
    """`open`, `valid` or `invalid`. Raises: LogCorrupt."""
    if info.ended is None:
        return "open"
    records = await reader.path(info.stream)
    verdicts = [r.event for r in records if isinstance(r.event, VerdictGiven)]
    valid = verdicts and all(verdict.judgment == "valid" for verdict in verdicts)
    return "valid" if valid else "invalid"
