"""Errors of the operating system, injected at every call of the disk in turn.

Each call of a small story (a store is made, or one with a torn end is opened; appends,
blobs, segments that roll over, closing) fails once or for good, with an I/O error, a
full disk or a short write. The failure must be reported, nothing may be acknowledged
after it, and the store must open again: at once, or after a power loss in which what
was not synced is gone, for a sync that failed leaves its pages behind.
"""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path

from eventsim.core.records import Record
from eventsim.errors import EventsimError, LogPoisoned
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.torture.medium import Medium
from eventsim.log.torture.tally import Acknowledged, Tally, Tick
from eventsim.log.torture.workload import collect, keep_appending, outlive, root

__all__ = ["fail_calls"]

_SEGMENT_BYTES = 4500
_TORN = b'{"frame":{"durable":12'
_SHORT = 0
_CODES = (errno.EIO, errno.ENOSPC, _SHORT)


@dataclass(frozen=True, slots=True)
class _Fault:
    """Call number `at` fails with `code`, and all that follow if it `stays`; code 0
    is a write that takes some of its bytes and reports no error.
    """

    at: int
    code: int
    stays: bool

    def __str__(self) -> str:
        name = errno.errorcode.get(self.code, "short write")
        return f"{name} {'from' if self.stays else 'at'} call {self.at}"


class _FailingMedium(Medium):
    """`met` says which call the fault hit."""

    fault: _Fault | None = None
    met: str = ""
    begin: int = 0

    def _pass(self, call: str) -> None:
        number = self.calls - self.begin
        super()._pass(call)
        if self._is_due(number):
            assert self.fault is not None
            if self.fault.code != _SHORT:
                self.met = self.met or call
                raise OSError(self.fault.code, os.strerror(self.fault.code))

    def _room(self, size: int) -> int:
        if self._is_due(self.calls - 1 - self.begin) and size > 1:
            self.met = self.met or "write"
            return self._chance.randint(1, size - 1)
        return size

    def _is_due(self, number: int) -> bool:
        fault = self.fault
        if fault is None:
            return False
        return number == fault.at or (fault.stays and number > fault.at)


async def fail_calls(directory: Path, step: int, seed: int, tick: Tick) -> Tally:
    """Every `step`-th call of the story with every failure."""
    tally = Tally("I/O errors")
    place = directory / "failing"
    cases = []
    for is_torn in (False, True):
        place.mkdir()
        calls = await _count_calls(place, seed, is_torn=is_torn)
        shutil.rmtree(place)
        at = range(seed % step, calls, step)
        cases += [
            (_Fault(*fault), is_torn) for fault in product(at, _CODES, (False, True))
        ]
    for fault, is_torn in cases:
        place.mkdir()
        await _one_case(place, fault, seed, tally, is_torn=is_torn)
        shutil.rmtree(place)
        tick(len(cases))
    return tally


async def _begin(
    medium: _FailingMedium, path: Path, told: Acknowledged, seed: int, *, is_torn: bool
) -> None:
    """What is there before the story."""
    if is_torn:
        options = _options(medium)
        async with Store.open(path, options=options) as store:
            await keep_appending(
                store, "before", collect(told), tasks=1, batches=3, seed=seed
            )
        _tear(medium, path)
    medium.begin = medium.calls


def _options(medium: _FailingMedium) -> Options:
    """Sealing is a part of the story, not a thread beside it, so that it is told of."""
    return Options(disk=medium, segment_bytes=_SEGMENT_BYTES, seals=False)


async def _count_calls(place: Path, seed: int, *, is_torn: bool) -> int:
    """How many calls of the disk the story makes when nothing fails."""
    medium, told, path = _FailingMedium(place, seed), Acknowledged(), place / "store"
    await _begin(medium, path, told, seed, is_torn=is_torn)
    options = _options(medium)
    await _story(path, options, told, b"counted", Tally("counting"), "counting")
    return medium.calls - medium.begin


async def _one_case(
    place: Path, fault: _Fault, seed: int, tally: Tally, *, is_torn: bool
) -> None:
    medium = _FailingMedium(place, f"{seed}.{fault}")
    options = _options(medium)
    told, path = Acknowledged(), place / "store"
    blob = str(fault).encode()
    case = f"{fault}{' of a torn store' if is_torn else ''}, seed {seed}"
    await _begin(medium, path, told, seed, is_torn=is_torn)
    medium.fault = fault
    try:
        errors = await _story(path, options, told, blob, tally, case)
    except Exception as error:  # noqa: BLE001 - any other error is what is counted
        tally.failed(error, case)
        errors = 1
    medium.fault = None
    case = f"{case} ({medium.met})"
    if not medium.met:
        return  # Threads met in another order, and there were fewer calls.
    tally.cases += 1
    tally.located += errors > 0
    if not errors and fault.code != _SHORT:
        tally.silent += 1
        tally.note("nobody was told of the failure", case)
    if errors and fault.code == _SHORT:
        tally.stuck += 1
        tally.note("a short write is no failure", case)
    if fault.at % 2:
        medium.lose_power()
    for again in ("again", "after a power loss"):
        try:
            async with Store.open(path, options=options) as store:
                await outlive(tally, told, store, f"{case}, {again}")
                collect(told)(await store.put_blob(blob))
                await keep_appending(
                    store, again[:5], collect(told), tasks=1, batches=2, seed=seed
                )
        except Exception as error:  # noqa: BLE001 - the same
            tally.failed(error, f"{case}, {again}")
        medium.lose_power()


def _tear(medium: Medium, path: Path) -> None:
    """An end of the log as a crash leaves it."""
    last = max((path / "segments").iterdir())
    descriptor = medium.open_append(last)
    medium.write(descriptor, _TORN)
    medium.fsync(descriptor)
    os.close(descriptor)


async def _story(
    path: Path,
    options: Options,
    told: Acknowledged,
    blob: bytes,
    tally: Tally,
    case: str,
) -> int:
    """How many errors were reported, all of them our own."""
    errors: list[EventsimError] = []
    take = collect(told)

    def report(done: Sequence[Record] | str | None) -> None:
        if any(isinstance(error, LogPoisoned) for error in errors):
            tally.wrong += 1
            tally.note("acknowledged after a failed write", case)
        take(done)

    try:
        async with Store.open(path, options=options) as store:
            try:
                report(await store.put_blob(blob))
            except EventsimError as error:
                errors.append(error)
            for part in range(4):
                try:
                    await keep_appending(
                        store, f"story.{part}", report, tasks=2, batches=2, seed=part
                    )
                except EventsimError as error:
                    errors.append(error)
            await _stays_poisoned(store, errors, tally, case)
    except EventsimError as error:
        errors.append(error)
    try:
        seal(path, options.disk, whole=True)
    except EventsimError as error:
        errors.append(error)
    return len(errors)


async def _stays_poisoned(
    store: Store, errors: Sequence[EventsimError], tally: Tally, case: str
) -> None:
    if not any(isinstance(error, LogPoisoned) for error in errors):
        return
    try:
        await store.append(None, [root("late")], expected_version=0)
    except LogPoisoned:
        return
    tally.wrong += 1
    tally.note("accepted after a failed write", case)
