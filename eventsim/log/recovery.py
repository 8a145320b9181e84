"""Opening: what a store is, how far it is known, and what to do about a torn tail.

`load` brings an index up to the end of the segments, from where the catalogue stands
if that can be trusted. `repair` is for one series, under its lease: bytes after the
last acknowledged frame are moved to a file of their own; nothing else is truncated.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import orjson

from eventsim.errors import BadInput, LogBusy, LogCorrupt, LogTooNew, NotFound
from eventsim.log import leases
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.catalogue import load_catalogue
from eventsim.log.disk import Disk, explained
from eventsim.log.files import (
    durable_size,
    followers,
    is_sealed,
    opened,
    segment_names,
    unchanged,
)
from eventsim.log.frames import parse_frame_header
from eventsim.log.index import Index
from eventsim.log.sealing.absorbing import absorb_lost, absorb_sealed
from eventsim.log.segments import (
    DIRECTORY,
    Hurt,
    Segment,
    Suspects,
    absorb,
    sealed_name,
    series_of,
)

__all__ = [
    "MARKER",
    "Known",
    "Recovered",
    "check_marker",
    "create_store",
    "extend",
    "join_writers",
    "load",
    "make_place",
    "repair",
]

MARKER = "store.json"
FORMAT = "eventsim-store"
MAJOR = 1
_FOLDERS = (DIRECTORY, BLOBS)
_LEFT = ("lock", leases.DIRECTORY)


@dataclass(frozen=True, slots=True)
class Recovered:
    """Bytes after the last acknowledged frame: `size` of them from `offset` on.

    `moved_to` is where they are now; None when the store was opened for reading.
    """

    file: str
    offset: int
    size: int
    moved_to: str | None


@dataclass(slots=True)
class Known:
    """All that opening found out. `fresh` counts bytes that no catalogue knew."""

    index: Index
    segments: list[Segment]
    torn: dict[str, Recovered] = field(default_factory=dict)
    fresh: int = 0

    def begin(self, name: str) -> Segment:
        """A segment that nothing is known of yet; its number is its place in both."""
        segment = Segment(name)
        self.segments.append(segment)
        self.index.segments.append(name)
        return segment

    def number_of(self, name: str) -> int:
        """The place of a segment in both, begun if it is new."""
        for number in reversed(range(len(self.segments))):
            if self.segments[number].name == name:
                return number
        self.begin(name)
        return len(self.segments) - 1

    def of(self, series: str) -> list[Segment]:
        """The segments of a series, in their order."""
        found = (s for s in self.segments if s.series == series)
        return sorted(found, key=lambda segment: segment.name)

    @property
    def recovered(self) -> tuple[Recovered, ...]:
        """Ends that were never acknowledged, as they were met."""
        return tuple(self.torn.values())

    @property
    def hurt(self) -> tuple[Hurt, ...]:
        """Damage below durable offsets, in the order of the log."""
        return tuple(hurt for segment in self.segments for hurt in segment.hurt)


def check_marker(path: Path, *, write: bool) -> bool:
    """Whether `path` is a store; False where one may be made.

    Raises: NotFound, BadInput, LogTooNew, LogCorrupt.
    """
    if path.exists() and not path.is_dir():
        raise BadInput(f"{path} is a file, a store is a directory")
    with explained("read the store", path):
        data = _marker_of(path)
        if data is None:
            entries = path.iterdir() if path.exists() else ()
            strange = sorted(e.name for e in entries if not _is_half_made(e))
            # Made by another process meanwhile, the marker came before the rest.
            data = _marker_of(path)
        if data is None:
            if write and not strange:
                return False
            if not write:
                raise NotFound(f"there is no store in {path}")
            raise BadInput(
                f"{path} is not a store: it has no {MARKER} but holds {strange[0]}; "
                "use an empty or new directory"
            )
    try:
        marker = orjson.loads(data)
        named, major = marker["format"], int(marker["major"])
    except (ValueError, KeyError, TypeError):
        what = "not the description of a store"
        raise LogCorrupt(what, file=str(path / MARKER), offset=0) from None
    if named != FORMAT:
        raise BadInput(f"{path / MARKER} describes {named!r}, not a store of eventsim")
    if major > MAJOR:
        raise LogTooNew(
            f"{path} has store format {major}, this release reads up to {MAJOR}; "
            "use a newer eventsim"
        )
    return True


def _marker_of(path: Path) -> bytes | None:
    try:
        return (path / MARKER).read_bytes()
    except FileNotFoundError:
        return None


def _is_half_made(entry: Path) -> bool:
    """Whether making a store leaves this behind if it is cut short."""
    if entry.name in _FOLDERS and entry.is_dir():
        return not any(entry.iterdir())
    return entry.name in _LEFT or entry.name.endswith(".new")


def create_store(path: Path, disk: Disk) -> None:
    """The directories, then the marker that makes them a store; under the lock."""
    with explained("create the store", path):
        for name in _FOLDERS:
            disk.make_directory(path / name)
        # Before the marker: no store may come out of a power loss without them.
        disk.fsync_directory(path)
        disk.create(
            path / MARKER,
            orjson.dumps({"format": FORMAT, "major": MAJOR, "minor": 0}) + b"\n",
        )
        disk.fsync_directory(path.parent)


@contextlib.contextmanager
def join_writers(path: Path, disk: Disk) -> Iterator[None]:
    """Be one of the writers of a store, which is made if it is not there. Raises:
    LogBusy, LogError.
    """
    if not check_marker(path, write=True):
        make_place(path, disk)
        try:
            with leases.alone(path):
                if not check_marker(path, write=True):
                    create_store(path, disk)
        except LogBusy:
            if not check_marker(path, write=True):
                raise  # else others have made it meanwhile, and write to it
    with leases.sharing(path):
        yield


def make_place(path: Path, disk: Disk) -> None:
    """The store's own directory, and those above it that are missing, durably: the
    name of each is in another, which a sync of the store's parent does not reach.
    """
    with explained("create the store", path):
        missing = [each for each in (path, *path.parents) if not each.exists()]
        for each in reversed(missing):
            disk.make_directory(each)
            disk.fsync_directory(each.parent)


def load(
    path: Path,
    disk: Disk,
    *,
    catalogue: bool = True,
    held: Collection[str] = frozenset(),
) -> Known:
    """Everything up to the end of the segments; of series that are `held`, to be
    repaired, only what the catalogue has. Raises: LogTooNew, LogError.
    """
    directory = path / DIRECTORY
    known = Known(Index(), [])
    stored = load_catalogue(path) if catalogue else None
    if stored is not None:
        index, segments = stored
        if all(unchanged(segment, directory) for segment in segments):
            known = Known(index, segments)
    extend(known, path, disk, held=held)
    return known


def extend(
    known: Known, path: Path, disk: Disk, *, held: Collection[str] = frozenset()
) -> None:
    """Take in what was written since in series that are not `held` by this process.

    What a record continues or belongs to may be in a series that was read before it was
    written there: so that one is read once more. Raises: LogTooNew, LogError.
    """
    names = segment_names(path / DIRECTORY)
    series = sorted({series_of(name) for name in names} - set(held))
    for each in series:
        _read_series(known, path, disk, each, names)
    while len(series) > 1 and (dangling := _dangling(known.index)):
        names = segment_names(path / DIRECTORY)
        for each in series:
            _read_series(known, path, disk, each, names)
        if _dangling(known.index) == dangling:
            return


def repair(known: Known, path: Path, disk: Disk, series: str) -> None:
    """Take in all of a series, whose lease is held, and make its end fit to go on: what
    was never acknowledged is set aside, the rest durable. Raises: LogTooNew, LogError.
    """
    names = segment_names(path / DIRECTORY)
    _read_series(known, path, disk, series, names, repair=True)
    segments = known.of(series)
    if segments and not is_sealed(path / DIRECTORY, segments[-1].name):
        _settle_end(segments[-1], path / DIRECTORY, disk)


def _dangling(index: Index) -> set[str]:
    """Streams whose parent or run is not known as far as they refer to it."""
    found = set()
    for stream in index.streams.values():
        parent = stream.parent
        if parent is not None:
            known = index.streams.get(parent.stream)
            if known is None or (known.version < parent.version and not known.block):
                found.add(stream.id)
        if stream.run_stream is not None and stream.run_stream not in index.streams:
            found.add(stream.id)
    return found


def _read_series(
    known: Known,
    path: Path,
    disk: Disk,
    series: str,
    names: Iterable[str],
    *,
    repair: bool = False,
) -> None:
    directory = path / DIRECTORY
    own = followers(name for name in names if series_of(name) == series)
    suspects: Suspects = []
    for name, after in own.items():
        segment = known.segments[known.number_of(name)]
        known.torn.pop(name, None)
        if is_sealed(directory, name):
            _read_sealed(known, segment, directory, suspects)
            continue
        with explained("read", directory / name):
            settle = after is None and not repair
            data = _rest(directory / name, segment.scanned, disk, settle=settle)
            durable = 0
            if after is not None:
                durable = durable_size(directory, after)
                durable = durable or segment.scanned + len(data)
        if data or durable > segment.scanned:
            known.fresh += len(data)
            absorb(known.index, segment, data, durable=durable, suspects=suspects)
        # A live writer may be just writing its end.
        if segment.tail is not None and (repair or not leases.is_held(path, series)):
            known.torn[name] = _set_aside(segment, directory, disk, repair=repair)
    for stream, version, block in suspects:
        if known.index.streams[stream].version == version:
            known.index.block(stream, block)


def _read_sealed(
    known: Known, segment: Segment, directory: Path, suspects: Suspects
) -> None:
    path = directory / sealed_name(segment.name)
    if segment.scanned and unchanged(segment, directory):
        return
    try:
        sealed = opened(directory, segment.name)
    except LogCorrupt as damage:
        with explained("read", path):
            size = path.stat().st_size
        absorb_lost(known.index, segment, damage, size, suspects)
        return
    try:
        known.fresh += sealed.size - segment.scanned
        absorb_sealed(known.index, segment, sealed)
    finally:
        sealed.close()


def _rest(path: Path, start: int, disk: Disk, *, settle: bool) -> bytes:
    """The bytes from `start` on. `settle`: a writer may be at work on the end, so make
    durable what is shown to a reader before the writer's own sync is done.
    """
    with path.open("rb") as file:
        file.seek(start)
        data = file.read()
        if settle and data:
            with contextlib.suppress(OSError):
                disk.fsync(file.fileno())
    return data


def _settle_end(segment: Segment, directory: Path, disk: Disk) -> None:
    """What no frame states to be durable is made so before anything follows it."""
    path, (start, _) = directory / segment.name, segment.mark
    with explained("make durable", path):
        with path.open("rb") as file:
            file.seek(start)
            frame = parse_frame_header(file.readline(), 0, start)
        disk.settle(path, min(start, frame.durable) if frame else 0)


def _set_aside(
    segment: Segment, directory: Path, disk: Disk, *, repair: bool
) -> Recovered:
    assert segment.tail is not None
    path, start = directory / segment.name, segment.tail
    size = path.stat().st_size - start
    if not repair:
        return Recovered(segment.file, start, size, None)
    with explained("set aside the torn end of", path):
        number = 1
        while (aside := path.with_name(f"{path.name}.torn-{number}")).exists():
            number += 1
        with path.open("rb") as file:
            file.seek(start)
            disk.create(aside, file.read())
        disk.truncate(path, start)
    segment.tail = None
    return Recovered(segment.file, start, size, f"{DIRECTORY}/{aside.name}")
