"""Sealing: a segment that is complete is compressed, checked, and only then replaced.

The sealed file is written aside, synced, read back from the disk and compared with the
plain one byte for byte; then it gets its name, and the plain file goes. Broken off
anywhere, the plain file is there, or both, or the sealed one. Nobody is hindered: what
is complete is never written again, and whoever has the plain file open reads on.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from dataclasses import dataclass, field
from pathlib import Path

from eventsim.errors import LogCorrupt, LogError
from eventsim.log import leases
from eventsim.log.disk import Disk, explained
from eventsim.log.files import followers, segment_names
from eventsim.log.recovery import check_marker
from eventsim.log.sealing.form import LEVEL, NotSealable, encode
from eventsim.log.sealing.reading import Sealed
from eventsim.log.segments import DIRECTORY, sealed_name, series_of

__all__ = ["Sealing", "seal", "seal_quietly", "seal_segment"]


@dataclass(slots=True)
class Sealing:
    """What was sealed, of how many bytes to how many, and what was left as it is."""

    segments: int = 0
    plain_bytes: int = 0
    sealed_bytes: int = 0
    left: dict[str, str] = field(default_factory=dict)

    def add(self, plain: int, sealed: int) -> None:
        """One more segment."""
        self.segments += 1
        self.plain_bytes += plain
        self.sealed_bytes += sealed


def seal(
    store: Path, disk: Disk | None = None, *, whole: bool = False, level: int = LEVEL
) -> Sealing:
    """Seal every segment that is complete; with `whole` also the last one of each
    series that nobody writes, which goes on in a new one.

    Raises: LogBusy (somebody works on the store alone), LogError.
    """
    disk, done = disk or Disk(), Sealing()
    directory = store / DIRECTORY
    check_marker(store, write=False)
    with leases.sharing(store):
        for name, after in followers(segment_names(directory)).items():
            if not (directory / name).exists():
                continue
            lease = None
            if after is None:
                if not whole:
                    continue
                lease = leases.take(store, series_of(name))
                if lease is None:
                    owner = leases.owner_of(store, series_of(name))
                    done.left[name] = f"{owner} writes it"
                    continue
            try:
                done.add(*seal_segment(directory, name, disk, level=level))
            except NotSealable as reason:
                done.left[name] = str(reason)
            finally:
                if lease is not None:
                    lease.release()
    return done


def seal_segment(
    directory: Path, name: str, disk: Disk, *, level: int = LEVEL
) -> tuple[int, int]:
    """(bytes of the plain file, of the sealed one). Raises: NotSealable, LogError."""
    plain, sealed = directory / name, directory / sealed_name(name)
    with explained("seal", plain):
        data = plain.read_bytes()
        if sealed.exists():
            # Both are there after a crash, or as another process is just doing this.
            if not _gives_back(sealed, data):
                raise NotSealable(f"{sealed.name} is there and holds something else")
            size = sealed.stat().st_size
        else:
            packed = encode(data, level=level)
            size = len(packed)
            _place(sealed, packed, data, disk)
        with contextlib.suppress(FileNotFoundError):
            disk.remove(plain)
        disk.fsync_directory(directory)
    return len(data), size


def _place(path: Path, packed: bytes, plain: bytes, disk: Disk) -> None:
    """Under its name only when what the disk holds gives the plain bytes back."""
    aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
    try:
        descriptor = disk.open_append(aside)
        try:
            disk.write(descriptor, packed)
            disk.fsync(descriptor)
        finally:
            os.close(descriptor)
        if not _gives_back(aside, plain):
            raise LogError(
                f"what was written to {aside} does not give back the segment; the "
                "plain file stays, check the disk"
            )
        disk.rename(aside, path)
    except BaseException:
        with contextlib.suppress(OSError):
            disk.remove(aside)
        raise
    disk.fsync_directory(path.parent)


def _gives_back(path: Path, plain: bytes) -> bool:
    try:
        sealed = Sealed(path, path.name)
    except LogCorrupt:
        return False
    try:
        return sealed.plain() == plain
    except LogCorrupt:
        return False
    finally:
        sealed.close()


def seal_quietly(directory: Path, name: str, disk: Disk) -> None:
    """What cannot be sealed now stays plain: nothing depends on it, and it is tried
    again by `eventsim log seal`, which says why.
    """
    with contextlib.suppress(NotSealable, LogError):
        seal_segment(directory, name, disk)
