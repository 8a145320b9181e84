"""A copy of a store that another process may be writing at the time.

What is copied is a state that was durable when it began: whole frames of every segment,
after the blobs that they name. So a copy that is broken off anywhere is an earlier
state, or one with a torn end, and the next one goes on from there. What is there
already is compared, not copied again.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from eventsim.core.values import sha256_hex
from eventsim.errors import BadInput, LogCorrupt, LogError
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.codec import tombstone
from eventsim.log.disk import Disk, explained
from eventsim.log.files import is_sealed, opened, unchanged
from eventsim.log.leases import alone
from eventsim.log.recovery import (
    Known,
    check_marker,
    create_store,
    load,
    make_place,
)
from eventsim.log.rewriting import remove_blobs
from eventsim.log.segments import DIRECTORY, Segment, sealed_name

__all__ = ["BackedUp", "back_up"]

_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class BackedUp:
    """What the copy holds, and how many bytes were new to it."""

    streams: int
    records: int
    segments: int
    blobs: int
    copied_bytes: int


def back_up(source: Path, target: Path, disk: Disk | None = None) -> BackedUp:
    """Copy what is durable in `source` to `target`: a new directory, or an earlier
    copy of the same store.

    Raises: NotFound, BadInput (another store is there), LogBusy (somebody writes to the
    copy), LogCorrupt (a blob does not match its name), LogError.
    """
    disk = disk or Disk()
    check_marker(source, write=False)
    if source.resolve() == target.resolve():
        raise BadInput(f"{target} is the store itself; name another directory")
    known = load(source, disk)
    exists = check_marker(target, write=True)
    make_place(target, disk)
    with alone(target):
        if not exists:
            create_store(target, disk)
        blobs, copied = _copy_blobs(source / BLOBS, target / BLOBS, disk)
        for segment in known.segments:
            copied += _copy_segment(source, target, segment, disk)
        disk.fsync_directory(target / DIRECTORY)
        if any(s.family == "upkeep" for s in known.index.streams.values()):
            # What was redacted here had blobs that are gone; the copy's must go too.
            there = {entry.name for entry in (source / BLOBS).iterdir()}
            copies = {entry.name for entry in (target / BLOBS).iterdir()}
            remove_blobs(target, sorted(copies - there), disk)
        _compare(known, target, disk)
    streams = known.index.streams.values()
    return BackedUp(
        streams=len(streams),
        records=sum(stream.version for stream in streams),
        segments=len(known.segments),
        blobs=blobs,
        copied_bytes=copied,
    )


def _copy_blobs(source: Path, target: Path, disk: Disk) -> tuple[int, int]:
    """(how many there are, bytes copied)."""
    count = copied = 0
    with explained("copy the blobs of", source.parent):
        for path in sorted(source.iterdir()):
            if "." in path.name:
                continue  # one that is just being written
            count += 1
            there = target / path.name
            if there.exists() and there.stat().st_size == path.stat().st_size:
                continue
            data = path.read_bytes()
            if sha256_hex(data) != path.name:
                what = "the bytes of a blob do not match its name"
                raise LogCorrupt(what, file=f"{BLOBS}/{path.name}", offset=0)
            disk.create(there, data)
            copied += len(data)
    return count, copied


def _copy_segment(source: Path, target: Path, segment: Segment, disk: Disk) -> int:
    """Bytes that were added to the copy."""
    mine, theirs = source / DIRECTORY, target / DIRECTORY
    with explained("copy", source / segment.file):
        if is_sealed(mine, segment.name):
            return _copy_sealed(mine, theirs, segment.name, disk)
        if is_sealed(theirs, segment.name):
            if unchanged(segment, theirs):
                return 0
            raise _no_copy(theirs / segment.name, mine)
        try:
            return _copy_plain(
                mine / segment.name, theirs / segment.name, segment.scanned, disk
            )
        except FileNotFoundError:  # sealed just now
            return _copy_sealed(mine, theirs, segment.name, disk)


def _copy_sealed(mine: Path, theirs: Path, name: str, disk: Disk) -> int:
    data = (mine / sealed_name(name)).read_bytes()
    there = theirs / sealed_name(name)
    added = 0
    if not there.exists() or there.read_bytes() != data:
        disk.create(there, data)
        added = len(data)
    if (theirs / name).exists():
        sealed = opened(theirs, name)
        try:
            copy = (theirs / name).read_bytes()
            plain = sealed.plain()
            if not plain.startswith(copy) and not _is_redacted(plain, copy):
                raise _no_copy(theirs / name, mine)
        finally:
            sealed.close()
        disk.remove(theirs / name)
    return added


def _no_copy(path: Path, source: Path) -> BadInput:
    return BadInput(
        f"{path} is no copy of what {source} holds; back up to an empty directory"
    )


def _copy_plain(source: Path, target: Path, size: int, disk: Disk) -> int:
    """The copy must hold a beginning of the source, but for what was redacted since.

    Raises: BadInput, OSError.
    """
    with source.open("rb") as file:
        have = target.stat().st_size if target.exists() else 0
        if have:
            with target.open("rb") as there:
                while chunk := there.read(_CHUNK):
                    if chunk != file.read(len(chunk)):
                        return _replace(source, target, size, disk)
        descriptor = disk.open_append(target)
        try:
            left = max(size - have, 0)
            while left and (chunk := file.read(min(left, _CHUNK))):
                disk.write(descriptor, chunk)
                left -= len(chunk)
            disk.fsync(descriptor)
        finally:
            os.close(descriptor)
    return max(size - have, 0)


def _replace(source: Path, target: Path, size: int, disk: Disk) -> int:
    """A copy from which payloads are to go as well. Raises: BadInput, OSError."""
    data, copy = source.read_bytes()[:size], target.read_bytes()
    if not _is_redacted(data, copy):
        raise _no_copy(target, source)
    disk.create(target, data)
    return len(data)


def _is_redacted(data: bytes, copy: bytes) -> bool:
    """Whether the copy differs by redacted lines, and the frames around them, alone."""
    if len(copy) > len(data):
        return False
    lines = zip(data.split(b"\n"), copy.split(b"\n")[:-1], strict=False)
    for line, other in lines:
        if line == other or line.startswith(b'{"frame":'):
            continue
        try:
            if tombstone(other) != line:
                return False
        except ValueError:
            return False
    return True


def _compare(known: Known, target: Path, disk: Disk) -> None:
    """The copy is opened as any store is, and must know the same heads.

    A copy that was made after this state was taken may know more. Raises: LogError.
    """
    copy = load(target, disk, catalogue=False)
    for stream in known.index.streams.values():
        there = copy.index.streams.get(stream.id)
        if there is None or there.version < stream.version:
            raise LogError(
                f"the copy in {target} lacks records of stream "
                f"{stream.label or stream.id}; back up to an empty directory"
            )
