"""Segments written anew, for what must go: under the lock that keeps all writers out.

Each file is made whole aside, synced, and then takes the place of the old one. What is
on the medium where the old file was is beyond reach: that is for the file system.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Callable, Collection, Iterable, Mapping
from pathlib import Path

from eventsim.errors import LogCorrupt
from eventsim.log.blobs import DIRECTORY as BLOBS
from eventsim.log.codec import split
from eventsim.log.disk import Disk, explained
from eventsim.log.files import followers, is_sealed, opened, segment_names
from eventsim.log.frames import (
    Frame,
    encode_frame,
    encode_segment_header,
    parse_segment_header,
    scan,
)
from eventsim.log.sealing.form import encode
from eventsim.log.segments import DIRECTORY, sealed_name, series_of

__all__ = ["drop_streams", "remove_blobs", "replace_lines", "sweep"]


def replace_lines(
    directory: Path,
    name: str,
    offsets: Iterable[int],
    change: Callable[[bytes], bytes],
    disk: Disk,
) -> None:
    """Change the lines at these offsets of a segment into ones that are as long.

    Raises: LogCorrupt, LogError.
    """
    data = _plain(directory, name)
    changed = bytearray(data)
    touched = sorted(offsets)
    for at in touched:
        end = data.index(b"\n", at)
        changed[at:end] = change(data[at:end])
    for found in scan(data, start=_begin(data), durable=len(data)):
        if isinstance(found, Frame) and any(
            found.body <= at < found.end for at in touched
        ):
            body = bytes(changed[found.body : found.end])
            changed[found.start : found.body] = encode_frame(
                found.durable, found.streams, body, epoch=found.epoch
            )
    aside = _write_aside(directory, name, bytes(changed), disk)
    _take_place(directory, name, aside, disk)


def drop_streams(
    directory: Path, streams: frozenset[str], disk: Disk, series: Iterable[str]
) -> int:
    """Write every segment without the lines of these streams; bytes that were saved.

    A segment states the size of the one before it. So all are made aside first, and
    take their places from the last to the first: in between none states too much.
    Raises: LogCorrupt, LogError.
    """
    saved = 0
    for one in series:
        names = [n for n in followers(segment_names(directory)) if series_of(n) == one]
        asides: list[tuple[str, Path]] = []
        after = 0
        try:
            for name in names:
                data = _plain(directory, name)
                left = _without(data, streams, after, f"{DIRECTORY}/{name}")
                after = len(left)
                if left != data:
                    saved += len(data) - len(left)
                    asides.append((name, _write_aside(directory, name, left, disk)))
        except BaseException:
            for _, aside in asides:
                with contextlib.suppress(OSError):
                    aside.unlink()
            raise
        for name, aside in reversed(asides):
            _take_place(directory, name, aside, disk)
    return saved


def remove_blobs(store: Path, names: Iterable[str], disk: Disk) -> int:
    """How many there were. Raises: LogError."""
    directory, count = store / BLOBS, 0
    with explained("remove blobs of", directory):
        for name in names:
            if (directory / name).exists():
                disk.remove(directory / name)
                count += 1
        disk.fsync_directory(directory)
    return count


def sweep(directory: Path, texts: Collection[bytes], disk: Disk) -> int:
    """Remove what crashes left: files that were never finished, and ends that were set
    aside if they hold any of these texts. How many. Raises: LogError.
    """
    count = 0
    with explained("tidy", directory):
        for path in sorted(directory.iterdir()):
            torn = ".torn-" in path.name
            if path.name.endswith(".new") or (torn and _holds(path, texts)):
                disk.remove(path)
                count += 1
        disk.fsync_directory(directory)
    return count


def _holds(path: Path, texts: Collection[bytes]) -> bool:
    data = path.read_bytes()
    return any(text in data for text in texts)


def _plain(directory: Path, name: str) -> bytes:
    if not is_sealed(directory, name):
        with explained("read", directory / name):
            return (directory / name).read_bytes()
    sealed = opened(directory, name)
    try:
        return sealed.plain()
    finally:
        sealed.close()


def _begin(data: bytes) -> int:
    header = parse_segment_header(data)
    return header.size if header else 0


def _without(data: bytes, streams: frozenset[str], after: int, file: str) -> bytes:
    header = parse_segment_header(data)
    if header is None:
        raise LogCorrupt("the header is damaged", file=file, offset=0)
    left = bytearray(encode_segment_header(header.series, header.number, after))
    for found in scan(data, start=header.size, durable=len(data)):
        if not isinstance(found, Frame):
            what = "a damaged segment cannot be written anew"
            raise LogCorrupt(what, file=file, offset=found.start)
        counts: Mapping[str, int] = found.streams
        body = data[found.body : found.end]
        if not streams.isdisjoint(counts):
            lines = body[:-1].split(b"\n")
            kept = [line for line in lines if split(line).stream not in streams]
            counts = {s: n for s, n in counts.items() if s not in streams}
            body = b"".join(line + b"\n" for line in kept)
        if found.records and not counts:
            continue
        left += encode_frame(len(left), counts, body, epoch=found.epoch) + body
    return bytes(left)


def _write_aside(directory: Path, name: str, data: bytes, disk: Disk) -> Path:
    """Plain or sealed, as the segment is."""
    sealed = is_sealed(directory, name)
    file = sealed_name(name) if sealed else name
    aside = directory / f"{file}.{secrets.token_hex(8)}.new"
    with explained("write", aside):
        descriptor = disk.open_append(aside)
        try:
            disk.write(descriptor, encode(data) if sealed else data)
            disk.fsync(descriptor)
        finally:
            os.close(descriptor)
    return aside


def _take_place(directory: Path, name: str, aside: Path, disk: Disk) -> None:
    sealed = aside.name.startswith(sealed_name(name))
    path = directory / (sealed_name(name) if sealed else name)
    with explained("replace", path):
        disk.rename(aside, path)
        if not sealed:  # a crash may have left both
            with contextlib.suppress(FileNotFoundError):
                disk.remove(directory / sealed_name(name))
        disk.fsync_directory(directory)
