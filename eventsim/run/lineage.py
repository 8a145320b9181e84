"""Where forks leave a path: the tree around one trajectory."""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.core.records import Record
from eventsim.log.reader import Reader

__all__ = ["forks_along"]


def forks_along(reader: Reader, records: Sequence[Record]) -> dict[int, list[str]]:
    """Labels of the forks that leave this path, by the position after which they do."""
    last = {record.stream: record.version for record in records}
    leaving: dict[int, list[str]] = {}
    for info in reader.streams(family="dialogue"):
        parent = info.parent
        if parent is None or info.fork_position is None or info.stream in last:
            continue
        if parent.version <= last.get(parent.stream, 0):
            leaving.setdefault(info.fork_position, []).append(info.label)
    return leaving
