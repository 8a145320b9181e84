"""A disk that loses its power: what was synced stays, the rest comes out as it likes.

It works in a real directory, which is what the operating system would show, and keeps
beside it what the medium is sure to hold: the bytes of each file as of its last sync,
and each name as of the last sync of its directory. When the power goes, every page
that was not synced is old, new or from in between, the size of its file is any that it
had, and every name that was made, changed or removed is so or not, each on its own.
What did not come through the `Disk` (the catalogue, a lock) counts as not synced.
"""

from __future__ import annotations

import errno
import os
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from eventsim.log.disk import Disk

__all__ = ["Medium"]

_PAGE_BYTES = 4096
_SECTOR_BYTES = 512


class PowerLost(OSError):
    """Every call fails so once the power is gone."""

    def __init__(self) -> None:
        super().__init__(errno.EIO, "the power is gone")


@dataclass(slots=True, eq=False)
class _File:
    """`states` are the contents since the last sync, that of the sync first. `dirty`
    pages are written at the next sync; one that failed leaves them clean and not
    written, as Linux does.
    """

    states: list[bytes]
    dirty: set[int] = field(default_factory=set)

    def change(self, content: bytes, start: int, end: int) -> None:
        self.states.append(content)
        self.dirty.update(range(start // _PAGE_BYTES, end // _PAGE_BYTES + 1))

    def sync(self) -> None:
        now = self.states[-1]
        kept = bytearray(self.states[0][: len(now)].ljust(len(now), b"\0"))
        for page in self.dirty:
            at = slice(page * _PAGE_BYTES, (page + 1) * _PAGE_BYTES)
            kept[at] = now[at]
        self.dirty.clear()
        self.states = [now] if kept == now else [bytes(kept), now]

    def sync_failed(self) -> None:
        self.dirty.clear()

    def survivor(self, chance: random.Random) -> bytes:
        """What is on the medium after the power was lost."""
        if len(self.states) == 1:
            return self.states[0]
        return mixture(self.states, chance)


def mixture(states: list[bytes], chance: random.Random) -> bytes:
    """Pages of any of the states, in a file of any of their sizes."""
    match chance.randrange(4):
        case 0:
            return states[0]
        case 1:
            return states[-1]
    sizes = [len(state) for state in states]
    size = chance.choice([*sizes, chance.randint(min(sizes), max(sizes))])
    unit = chance.choice((_SECTOR_BYTES, _PAGE_BYTES))
    mixed = bytearray(size)
    for at in range(0, size, unit):
        chunk = chance.choice(states)[at : min(at + unit, size)]
        mixed[at : at + len(chunk)] = chunk
    return bytes(mixed)


_Entry = _File | None
"""A file, or None for a directory."""


@dataclass(frozen=True, slots=True)
class _Change:
    """A name that was made or taken away, or one that was both: renamed."""

    made: Path | None
    gone: Path | None
    entry: _Entry

    def is_in(self, directory: Path) -> bool:
        return (self.made or self.gone or directory).parent == directory

    def apply(self, names: dict[Path, _Entry], *, half: bool = False) -> None:
        """`half` leaves the old name of a renamed file too."""
        if self.made is not None:
            names[self.made] = self.entry
        if self.gone is not None and not (half and self.made):
            names.pop(self.gone, None)


class Medium(Disk):
    """The disk below `root`, a directory; what is in it has been synced."""

    def __init__(self, root: Path, seed: int | str) -> None:
        self.root = root
        self._chance = random.Random(seed)  # noqa: S311 - chosen, not guessed at
        self._lock = threading.RLock()
        self._names: dict[Path, _Entry] = {}
        self._durable: dict[Path, _Entry] = dict.fromkeys([root, *_walk(root)])
        self._pending: list[_Change] = []
        self._files: dict[tuple[int, int], _File] = {}
        self._at_boot: dict[Path, bytes] = {}
        self._fuse = -1
        self._strange: dict[Path, bytes | None] = {}
        self.calls = 0
        self.is_on = True
        self._boot(
            {
                path: path.read_bytes() if path.is_file() else None
                for path in self._durable
            }
        )

    def burn(self, calls: int) -> None:
        """The power goes in the call after so many."""
        self._fuse = calls

    # --- what the log calls -----------------------------------------------------------

    def open_append(self, path: Path) -> int:
        """A new file has a name that is not synced."""
        with self._lock:
            self._pass("open_append")
            descriptor = super().open_append(path)
            if path not in self._names:
                file = _File([path.read_bytes()])
                self._files[_key(descriptor)] = file
                self._change(_Change(path, None, file))
            return descriptor

    def write_some(self, descriptor: int, data: memoryview) -> int:
        """The power may go between any two bytes."""
        with self._lock:
            file = self._file(descriptor)
            try:
                self._pass("write")
            except OSError:
                part = bytes(data[: self._chance.randint(0, len(data))])
                if self.is_on:
                    os.write(descriptor, part)
                self._extend(file, part)
                raise
            written = super().write_some(descriptor, data[: self._room(len(data))])
            self._extend(file, bytes(data[:written]))
            return written

    def write_at(self, descriptor: int, data: bytes, offset: int) -> None:
        """The pages are to be written again, even if nothing in them changed."""
        with self._lock:
            self._pass("write_at")
            super().write_at(descriptor, data, offset)
            file = self._file(descriptor)
            end = offset + len(data)
            before = file.states[-1]
            file.change(before[:offset] + data + before[end:], offset, end)

    def fsync(self, descriptor: int) -> None:
        """Nothing is synced in truth: this disk remembers what would be."""
        with self._lock:
            file = self._file(descriptor)
            try:
                self._pass("fsync")
            except OSError:
                file.sync_failed()
                raise
            file.sync()

    def fsync_directory(self, path: Path) -> None:
        """The names in it, not the contents."""
        with self._lock:
            self._pass("fsync_directory")
            for entry in path.iterdir():
                if entry.is_dir() and entry not in self._names:
                    self._names[entry] = self._durable[entry] = None
            for change in self._pending:
                if change.is_in(path):
                    change.apply(self._durable)
            self._pending = [each for each in self._pending if not each.is_in(path)]

    def make_directory(self, path: Path) -> None:
        """Its name is not synced."""
        with self._lock:
            self._pass("make_directory")
            super().make_directory(path)
            if path not in self._names:
                self._change(_Change(path, None, None))

    def rename(self, path: Path, to: Path) -> None:
        """The old name, the new one or both may be on the medium."""
        with self._lock:
            self._pass("rename")
            super().rename(path, to)
            entry = self._names.get(path)
            if entry is None and to.is_file():
                # Written by no call of ours: nothing of it is sure.
                entry = _File([b"", to.read_bytes()])
            self._change(_Change(to, path, entry))

    def remove(self, path: Path) -> None:
        """The name may stay."""
        with self._lock:
            self._pass("remove")
            super().remove(path)
            self._change(_Change(None, path, self._names.get(path)))

    def cut(self, descriptor: int, size: int) -> None:
        """The old size may stay."""
        with self._lock:
            self._pass("cut")
            super().cut(descriptor, size)
            file = self._file(descriptor)
            file.change(file.states[-1][:size], size, size)

    # --- the power --------------------------------------------------------------------

    def lose_power(self) -> None:
        """Now, if it is not gone yet; then it comes back, and the real directory holds
        what survived. Nothing may have it open.
        """
        with self._lock:
            if self.is_on:
                self._go_dark()
            for change in self._pending:
                match self._chance.randrange(4):
                    case 0 | 1:
                        change.apply(self._durable)
                    case 2:
                        change.apply(self._durable, half=True)
            kept: dict[Path, bytes | None] = {}
            for path, entry in self._durable.items():
                kept[path] = entry.survivor(self._chance) if entry else None
            self._keep_strangers(kept)
            for path in sorted(kept):
                if path != self.root and kept.get(path.parent, b"") is not None:
                    del kept[path]
            self._put(kept)
            self._boot(kept)

    def _room(self, size: int) -> int:
        """How many bytes the next write takes."""
        return size

    def _pass(self, call: str) -> None:  # noqa: ARG002 - others fail by name
        """One call of the log; raises once the power is gone."""
        self.calls += 1
        if self.is_on and self._fuse == 0:
            self._go_dark()
        if not self.is_on:
            raise PowerLost
        self._fuse -= 1

    def _go_dark(self) -> None:
        self.is_on = False
        # What others write after this moment is not to be seen, what they wrote is.
        for path, file in self._names.items():
            if file is not None and path.is_file():
                content = path.read_bytes()
                if content != file.states[-1]:
                    file.states.append(content)
        self._strange = {
            path: path.read_bytes() if path.is_file() else None
            for path in _walk(self.root)
            if path not in self._names
        }

    def _keep_strangers(self, kept: dict[Path, bytes | None]) -> None:
        """Files that no call told of: as at the start, as now, mixed or gone."""
        for path in sorted(self._strange.keys() | self._at_boot.keys()):
            if self._strange.get(path, b"") is None:
                if self._chance.random() < 0.5:
                    kept[path] = None
                continue
            states = [self._at_boot.get(path), self._strange.get(path)]
            known = [state for state in states if state is not None]
            absent = len(known) < 2 and self._chance.random() < 0.5
            if known and not absent and path not in kept:
                kept[path] = mixture(known, self._chance)

    def _put(self, kept: dict[Path, bytes | None]) -> None:
        """Make the real directory hold this and no more."""
        for path in sorted(_walk(self.root), reverse=True):
            if path not in kept:
                path.rmdir() if path.is_dir() else path.unlink()
        for path, content in sorted(kept.items()):
            if content is None:
                path.mkdir(exist_ok=True)
            elif not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)

    def _boot(self, kept: dict[Path, bytes | None]) -> None:
        tracked = self._durable.keys()
        self._at_boot = {
            path: content
            for path, content in kept.items()
            if content is not None and path not in tracked
        }
        self._names = {self.root: None}
        self._files.clear()
        for path, content in kept.items():
            if content is None:
                self._names[path] = None
            elif path in tracked:
                file = self._names[path] = _File([content])
                found = path.stat()
                self._files[found.st_dev, found.st_ino] = file
        self._durable = dict(self._names)
        self._pending.clear()
        self._fuse = -1
        self.is_on = True

    # --- names and bytes --------------------------------------------------------------

    def _file(self, descriptor: int) -> _File:
        """A file that no call of ours made is a stranger: what it says is lost."""
        return self._files.get(_key(descriptor)) or _File([b""])

    def _change(self, change: _Change) -> None:
        change.apply(self._names)
        self._pending.append(change)

    def _extend(self, file: _File, data: bytes) -> None:
        before = file.states[-1]
        file.change(before + data, len(before), len(before) + len(data))


def _key(descriptor: int) -> tuple[int, int]:
    found = os.fstat(descriptor)
    return found.st_dev, found.st_ino


def _walk(root: Path) -> Iterator[Path]:
    for entry in root.iterdir():
        yield entry
        if entry.is_dir():
            yield from _walk(entry)
