"""The operating system, as far as the log needs it: one object that tests replace.

Every write, sync, rename and truncation of the log goes through a `Disk`, so that
each can be made to fail. A failure becomes one clear line here and nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from eventsim.errors import LogError

__all__ = ["Disk", "explained", "reason_of"]

_SETTLED_BYTES = 1 << 20


class Disk:
    """Plain calls; each raises OSError. `write`, `settle`, `truncate` and `create` are
    made of the others, so that a replaced disk needs to replace those alone.
    """

    def open_append(self, path: Path) -> int:
        """A descriptor whose writes go to the end; creates the file."""
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.open(path, flags, 0o644)

    def write_some(self, descriptor: int, data: memoryview) -> int:
        """As many of the bytes as the system takes at once."""
        return os.write(descriptor, data)

    def write(self, descriptor: int, data: bytes) -> None:
        """All of the data, or an error."""
        view = memoryview(data)
        while view:
            view = view[self.write_some(descriptor, view) :]

    def write_at(self, descriptor: int, data: bytes, offset: int) -> None:
        """All of the data over what stands there, or an error."""
        view = memoryview(data)
        while view:
            written = os.pwrite(descriptor, view, offset)
            view, offset = view[written:], offset + written

    def size(self, descriptor: int) -> int:
        """Bytes of an open file."""
        return os.fstat(descriptor).st_size

    def fsync(self, descriptor: int) -> None:
        """What was written is on the medium."""
        os.fsync(descriptor)

    def fsync_directory(self, path: Path) -> None:
        """Names that were made or changed are on the medium."""
        descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)

    def make_directory(self, path: Path) -> None:
        """Its parent must be there; nothing happens if it is there too."""
        path.mkdir(exist_ok=True)

    def rename(self, path: Path, to: Path) -> None:
        """At once; what stood under the new name is gone."""
        path.replace(to)

    def remove(self, path: Path) -> None:
        """The name of a file."""
        path.unlink()

    def cut(self, descriptor: int, size: int) -> None:
        """The first `size` bytes stay."""
        os.ftruncate(descriptor, size)

    def settle(self, path: Path, offset: int) -> None:
        """The bytes from `offset` on are on the medium, whatever became of earlier
        syncs: one that failed leaves them in memory as if they were written, and the
        next one passes over them. So they are written again, as they are.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            while data := os.pread(descriptor, _SETTLED_BYTES, offset):
                self.write_at(descriptor, data, offset)
                offset += len(data)
            self.fsync(descriptor)
        finally:
            os.close(descriptor)

    def truncate(self, path: Path, size: int) -> None:
        """The first `size` bytes stay, durably."""
        descriptor = os.open(path, os.O_WRONLY | os.O_CLOEXEC)
        try:
            self.cut(descriptor, size)
            self.fsync(descriptor)
        finally:
            os.close(descriptor)

    def create(self, path: Path, data: bytes) -> None:
        """A whole file under its name, or none: written aside, synced, renamed."""
        # Never a name that a crash left behind: what is written goes to its end.
        aside = path.with_name(f"{path.name}.{secrets.token_hex(8)}.new")
        try:
            descriptor = self.open_append(aside)
            try:
                self.write(descriptor, data)
                self.fsync(descriptor)
            finally:
                os.close(descriptor)
            self.rename(aside, path)
        except BaseException:
            with contextlib.suppress(OSError):
                self.remove(aside)
            raise
        self.fsync_directory(path.parent)


@contextlib.contextmanager
def explained(doing: str, path: Path) -> Iterator[None]:
    """Turn an OSError inside into one line: what could not be done, where, and why."""
    try:
        yield
    except OSError as error:
        raise LogError(f"cannot {doing} {path}: {reason_of(error)}") from error


def reason_of(error: OSError) -> str:
    """Why, and what helps where that is known."""
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT:
            return "the disk is full; free some space and open the store again"
        case errno.EROFS:
            return "the file system is read-only"
        case errno.EACCES | errno.EPERM:
            return "permission denied"
        case _:
            return error.strerror or str(error)
