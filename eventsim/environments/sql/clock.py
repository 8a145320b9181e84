"""The clock of a dialogue, bound below SQL by a VFS.

`CURRENT_TIMESTAMP`, `datetime('now')` and the defaults of columns ask the VFS of their
connection for the time. One VFS is registered; it tells the time of the environment
that is executing on this thread, so that environments do not disturb each other.
"""

from __future__ import annotations

import threading
from datetime import UTC, datetime

import apsw

__all__ = ["VFS_NAME", "julian_ms", "show_time"]

VFS_NAME = "eventsim-clock"
_JULIAN_EPOCH_MS = 210_866_760_000_000  # 1970-01-01 in Julian milliseconds

_shown = threading.local()


class _ClockVfs(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(VFS_NAME, "")

    def xCurrentTimeInt64(self) -> int:  # noqa: N802 - SQLite's name
        return getattr(_shown, "ms", _JULIAN_EPOCH_MS)


_vfs = _ClockVfs()


def julian_ms(now: str) -> int:
    """An ISO time, UTC unless it says otherwise, in Julian milliseconds.

    Raises: ValueError when it is no ISO time.
    """
    moment = datetime.fromisoformat(now)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return _JULIAN_EPOCH_MS + round(moment.timestamp() * 1_000)


def show_time(ms: int) -> None:
    """Set what the clock shows on this thread until it is set again."""
    _shown.ms = ms
