"""Who may write what: a lease for each series, and a lock for the store as a whole.

A series is written by one process at a time. It holds the lease of the series, a lock
on a file that the operating system frees when the process ends, however it ends; the
file tells who holds it. Beside it every writer shares the store's lock, which is held
alone by what rewrites files. Readers need neither.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import socket
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import orjson

from eventsim.errors import LogBusy
from eventsim.log.disk import explained

__all__ = ["Lease", "alone", "is_held", "leased", "owner_of", "sharing", "take"]

DIRECTORY = "leases"
_LOCK = "lock"
_MAKING_S = 2.0
_LOOK_S = 0.005
_AGAIN_S = 0.001


@dataclass(slots=True)
class Lease:
    """The right to write a series, until it is released or the process ends."""

    series: str
    descriptor: int

    def release(self) -> None:
        """Whoever asks next gets it."""
        descriptor, self.descriptor = self.descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)


def take(store: Path, series: str) -> Lease | None:
    """The lease of a series, or None while its owner lives. Raises: LogError."""
    path = store / DIRECTORY / series
    with explained("take the lease", path):
        path.parent.mkdir(exist_ok=True)
        while True:
            descriptor = _open(path)
            # Whoever only looks whether it is held holds it for as long.
            if not _locked_within(_LOOK_S, descriptor, fcntl.LOCK_EX):
                os.close(descriptor)
                return None
            if _is_still(descriptor, path):
                break
            os.close(descriptor)  # the file was removed meanwhile: it guards nothing
        told = {
            "pid": os.getpid(),
            "host": socket.gethostname(),
            "since_us": time.time_ns() // 1000,
        }
        _tell(descriptor, orjson.dumps(told) + b"\n")
    return Lease(series, descriptor)


def is_held(store: Path, series: str) -> bool:
    """Whether a process that lives writes the series."""
    try:
        descriptor = os.open(store / DIRECTORY / series, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return not _locked(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def leased(store: Path) -> list[str]:
    """All series that ever had a lease."""
    with contextlib.suppress(OSError):
        return sorted(entry.name for entry in (store / DIRECTORY).iterdir())
    return []


def owner_of(store: Path, series: str) -> str:
    """Who took the lease last, in words: `process 4711`."""
    try:
        told = orjson.loads((store / DIRECTORY / series).read_bytes())
        here = told["host"] == socket.gethostname()
        return f"process {told['pid']}" + ("" if here else f" on {told['host']}")
    except (OSError, ValueError, KeyError, TypeError):
        return "another process"


@contextlib.contextmanager
def sharing(store: Path) -> Iterator[None]:
    """Be one of the writers of a store. Raises: LogBusy, LogError."""
    with _lock(store, fcntl.LOCK_SH) as (descriptor, held):
        if not held:
            holder = os.pread(descriptor, 32, 0).decode("ascii", "replace").strip()
            raise LogBusy(
                f"the store {store} is held by process {holder or 'unknown'}, which "
                "works on it alone; wait for it to end"
            )
        yield


@contextlib.contextmanager
def alone(store: Path) -> Iterator[None]:
    """Be the only one who writes to a store. Raises: LogBusy, LogError."""
    with _lock(store, fcntl.LOCK_EX) as (descriptor, held):
        if not held:
            owners = [owner_of(store, s) for s in leased(store) if is_held(store, s)]
            raise LogBusy(
                f"the store {store} is being written by "
                f"{', '.join(owners) or 'another process'}; wait for it to end, or use "
                "another store"
            )
        with explained("write the lock", store / _LOCK):
            _tell(descriptor, f"{os.getpid()}\n".encode())
        yield


@contextlib.contextmanager
def _lock(store: Path, how: int) -> Iterator[tuple[int, bool]]:
    """(descriptor, whether it is held); waits a moment, while a store is made."""
    with explained("open the lock", store / _LOCK):
        descriptor = _open(store / _LOCK)
    try:
        yield descriptor, _locked_within(_MAKING_S, descriptor, how)
    finally:
        os.close(descriptor)


def _open(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)


def _locked_within(seconds: float, descriptor: int, how: int) -> bool:
    until = time.monotonic() + seconds
    while not (held := _locked(descriptor, how)) and time.monotonic() < until:
        time.sleep(_AGAIN_S)
    return held


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _is_still(descriptor: int, path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(descriptor), path.stat())
    except FileNotFoundError:
        return False


def _tell(descriptor: int, text: bytes) -> None:
    os.ftruncate(descriptor, 0)
    os.pwrite(descriptor, text, 0)
