"""How people name streams: labels, prefixes of labels, prefixes of ids.

Works on an `Index`, so that a store and a bundle understand the same names.
"""

from __future__ import annotations

import difflib
import re
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator

from eventsim.errors import NotFound
from eventsim.log.index import Index, Stream
from eventsim.log.reader import Family, StreamInfo

__all__ = ["Names", "find", "labelled", "listed", "next_fork_number"]

_ID_PREFIX = re.compile(r"[0-9a-f]{6,32}")
_NOUNS = {
    "run": "run",
    "preparation": "preparation",
    "dialogue": "trajectory",
    "upkeep": "stream",
    "other": "stream",
}


def listed(
    index: Index, *, family: Family | None = None, run: str | None = None
) -> list[StreamInfo]:
    """Streams in the order in which they began; `run` is a run's label or stream."""
    infos = (
        index.info(stream)
        for stream in index.streams.values()
        if family is None or stream.family == family
    )
    chosen = [
        info for info in infos if run is None or run in (info.run, info.run_stream)
    ]
    return sorted(chosen, key=lambda info: info.started_us)


def find(index: Index, name: str, *, family: Family | None = None) -> StreamInfo:
    """The only stream that is called so. Raises: NotFound."""

    def of_family(ids: Iterable[str]) -> list[Stream]:
        found = (index.streams[stream] for stream in ids)
        return [s for s in found if family is None or s.family == family]

    noun = _NOUNS[family] if family else "stream"
    exact = of_family(index.called(name))
    if exact:
        return _only(index, exact, name, noun)
    begins = [label for label in index.labels if name and label.startswith(name)]
    by_label = of_family(stream for label in begins for stream in index.called(label))
    if by_label:
        return _only(index, by_label, name, noun)
    if _ID_PREFIX.fullmatch(name):
        by_id = of_family(stream for stream in index.streams if stream.startswith(name))
        if by_id:
            return _only(index, by_id, name, noun)
    labels = sorted(s.label for s in of_family(index.streams) if s.label)
    close = difflib.get_close_matches(name, labels, n=3, cutoff=0.5)
    hint = f"; close: {', '.join(close)}" if close else ""
    raise NotFound(f"no {noun} is called {name!r}{hint}")


def _only(index: Index, found: list[Stream], name: str, noun: str) -> StreamInfo:
    if len(found) == 1:
        return index.info(found[0])
    labels = sorted({stream.label for stream in found})
    if len(labels) == 1:
        ids = ", ".join(sorted(stream.id[:12] for stream in found))
        raise NotFound(
            f"{len(found)} streams are labelled {labels[0]!r}: use an id: {ids}"
        )
    shown = ", ".join(labels[:5]) + (", …" if len(labels) > 5 else "")
    raise NotFound(f"{name!r} is not the name of one {noun}: {shown}")


def labelled(index: Index, label: str) -> list[StreamInfo]:
    """The streams of exactly this label."""
    streams = (index.streams[stream] for stream in index.called(label))
    return [index.info(stream) for stream in streams if stream.label == label]


def next_fork_number(index: Index, label: str) -> int:
    """A number that no fork of the trajectories with this label carries yet. What a
    run goes on with from there has a label of its own, and counts for none.
    """
    children = [
        child
        for stream in index.called(label)
        for fork in index.forks.get(stream, ())
        if (child := index.streams[fork].label).startswith(f"{label}.")
    ]
    numbers = [
        int(match[0])
        for child in children
        if (match := re.search(r"\d+$", child.removeprefix(label)))
    ]
    return 1 + max([len(children), *numbers])


class Names(ABC):
    """What is asked of a store by name, without reading a record of it."""

    @property
    @abstractmethod
    def _index(self) -> Index:
        """All streams."""

    def info(self, stream: str) -> StreamInfo:
        """The stream at a glance. Raises: NotFound."""
        return self._index.info(self._index.require(stream))

    def find(self, name: str, *, family: Family | None = None) -> StreamInfo:
        """By exact label, else unique prefix of a label, else unique prefix of a
        stream's id (six digits or more). Raises: NotFound.
        """
        return find(self._index, name, family=family)

    def streams(
        self, *, family: Family | None = None, run: str | None = None
    ) -> list[StreamInfo]:
        """In the order in which they began; `run` is a run's label or stream."""
        return listed(self._index, family=family, run=run)

    def planned(self, run: str) -> Iterator[tuple[int, str]]:
        """(index, stream) of the trajectories that are the own ones of a run's stream:
        all that a run of a million needs to be told of each.
        """
        for stream in self._index.streams.values():
            own = stream.family == "dialogue" and stream.run_stream == run
            if own and stream.index is not None:
                yield stream.index, stream.id

    def labelled(self, label: str) -> list[StreamInfo]:
        """The streams of exactly this label."""
        return labelled(self._index, label)

    def next_fork_number(self, label: str) -> int:
        """A number that no fork of the trajectories with this label carries yet."""
        return next_fork_number(self._index, label)
