"""A cut at every byte and a flip of every bit of a store of about fifty events.

After each, by a reader with the catalogue and by one without: what is served is a
prefix of what was acknowledged, or an error that locates the damage. A flip below a
durable offset may not pass in silence, and `verify` must find it. Every few cases a
writer opens a copy: no byte is gone, and the store goes on.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from eventsim.core.records import Record
from eventsim.errors import EventsimError, LogCorrupt, NotFound
from eventsim.log.catalogue import CATALOGUE
from eventsim.log.disk import Disk
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.torture.tally import Tally, Tick, problems_of
from eventsim.log.torture.workload import fifty_events, root

__all__ = ["cut_and_flip"]

_WRITTEN_EVERY = 16
_MARKER = "store.json"
_UNCHECKED = frozenset({"lock", "leases"})


class _Unsynced(Disk):
    """Syncs nothing: what is looked at here is bytes, not the medium."""

    def fsync(self, descriptor: int) -> None:
        """Nothing."""

    def fsync_directory(self, path: Path) -> None:
        """Nothing."""


@dataclass(slots=True)
class _Told:
    """What was acknowledged: the records of each stream, and the blobs."""

    streams: dict[str, list[Record]] = field(default_factory=dict)
    blobs: dict[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Case:
    """`bit` None is a cut: the file ends before byte `at`."""

    file: str
    at: int
    bit: int | None

    def __str__(self) -> str:
        if self.bit is None:
            return f"{self.file} cut at byte {self.at}"
        return f"bit {self.bit} of byte {self.at} of {self.file} flipped"

    def of(self, data: bytes) -> bytes:
        """The damaged bytes."""
        if self.bit is None:
            return data[: self.at]
        changed = bytearray(data)
        changed[self.at] ^= 1 << self.bit
        return bytes(changed)


async def cut_and_flip(
    directory: Path, step: int, bits: int, seed: int, tick: Tick
) -> Tally:
    """A cut and `bits` flips (8 for all) at every `step`-th byte of every file."""
    tally = Tally("cuts and flips")
    plain, sealed = directory / "plain", directory / "sealed"
    told = await _make(plain)
    tally.acknowledged = sum(map(len, told.streams.values()))
    shutil.copytree(plain, sealed)
    seal(sealed, _Unsynced(), whole=True)
    cases = {path: list(_cases(path, step, bits, seed)) for path in (plain, sealed)}
    count = sum(map(len, cases.values()))
    for path, own in cases.items():
        await _damage(path, own, told, tally, lambda: tick(count))
        shutil.rmtree(path)
    return tally


async def _damage(
    kept: Path,
    cases: Sequence[_Case],
    told: _Told,
    tally: Tally,
    done: Callable[[], None],
) -> None:
    """Each case by itself, with a catalogue and without."""
    bare = kept.with_name("bare")
    shutil.copytree(kept, bare)
    (bare / CATALOGUE).unlink()
    for number, case in enumerate(cases):
        for store in (bare, kept):
            path = store / case.file
            if not path.exists():
                continue
            data = path.read_bytes()
            path.write_bytes(case.of(data))
            await _read(store, told, case, tally, verifies=store is bare)
            if number % _WRITTEN_EVERY == 0:
                await _write(store, case, tally)
            path.write_bytes(data)
        tally.cases += 1
        done()
    shutil.rmtree(bare)


async def _make(path: Path) -> _Told:
    told = _Told()
    async with Store.open(path, options=Options(disk=_Unsynced())) as store:
        for record in await fifty_events(store):
            told.streams.setdefault(record.stream, []).append(record)
        for blob in (path / "blobs").iterdir():
            told.blobs[blob.name] = blob.read_bytes()
    return told


def _cases(path: Path, step: int, bits: int, seed: int) -> Iterator[_Case]:
    chance = random.Random(seed)  # noqa: S311 - chosen, not guessed at
    for file in sorted(each for each in path.rglob("*") if each.is_file()):
        name = str(file.relative_to(path))
        if file.relative_to(path).parts[0] in _UNCHECKED:
            continue
        size = file.stat().st_size
        for at in range(seed % step if size > step else 0, size, step):
            yield _Case(name, at, None)
            for bit in sorted(chance.sample(range(8), bits)):
                yield _Case(name, at, bit)


async def _read(
    path: Path, told: _Told, case: _Case, tally: Tally, *, verifies: bool
) -> None:
    try:
        async with Store.open(path, mode="read") as store:
            await _served(store, told, case, tally)
            if verifies and case.bit is not None and case.file != _MARKER:
                await _verified(store, case, tally)
    except EventsimError as error:
        _locates(error, case, tally)
    except Exception as error:  # noqa: BLE001 - a foreign error is what is counted
        tally.failed(error, str(case))


async def _served(store: Store, told: _Told, case: _Case, tally: Tally) -> None:
    """Every stream and every blob, compared with what was acknowledged."""
    is_told = bool(store.hurt or store.recovered) or case.bit is None
    for info in store.streams():
        expected = told.streams.get(info.stream, [])
        try:
            served = await store.read(info.stream)
        except LogCorrupt as error:
            _locates(error, case, tally)
            served = await _before(store, info.stream, error)
            is_told = True
        if not _is_prefix(served, expected):
            tally.wrong += 1
            tally.note(f"stream {info.stream[:12]} is not what it was", str(case))
        elif len(served) < len(expected) and not is_told:
            tally.silent += 1
            tally.note(f"the end of {info.stream[:12]} is gone", str(case))
    if told.streams.keys() - {info.stream for info in store.streams()} and not is_told:
        tally.silent += 1
        tally.note("a stream is gone", str(case))
    for name, data in told.blobs.items():
        try:
            served_blob = await store.get_blob(name)
        except (LogCorrupt, NotFound) as error:
            _locates(error, case, tally)
        else:
            if served_blob != data:
                tally.wrong += 1
                tally.note(f"blob {name[:12]} is not what it was", str(case))


async def _before(store: Store, stream: str, error: LogCorrupt) -> list[Record]:
    """What can be read of a damaged stream: the records before the damage."""
    first = store.info(stream).position - store.info(stream).version + 1
    stop = (error.position or first) - first
    return await store.read(stream, stop=stop) if stop > 0 else []


def _is_prefix(served: list[Record], expected: list[Record]) -> bool:
    return len(served) <= len(expected) and all(
        (a.line, a.hash, a.version, a.position)
        == (b.line, b.hash, b.version, b.position)
        and a.event == b.event
        for a, b in zip(served, expected, strict=False)
    )


async def _verified(store: Store, case: _Case, tally: Tally) -> None:
    if case.file == CATALOGUE or store.recovered or await problems_of(store):
        return
    tally.silent += 1
    tally.note("verify finds nothing", str(case))


def _locates(error: EventsimError, case: _Case, tally: Tally) -> None:
    """Whether an error names the file that was damaged."""
    name = error.file if isinstance(error, LogCorrupt) else str(error)
    if Path(case.file).name in name:
        tally.located += 1
    else:
        tally.silent += 1
        tally.note(f"an error that names another place: {error}", str(case))


async def _write(path: Path, case: _Case, tally: Tally) -> None:
    """A writer on a copy: every byte is still there, and new streams go on."""
    copy = path.with_name("copy")
    shutil.copytree(path, copy)
    before = _segment(copy).read_bytes()
    try:
        async with Store.open(copy, options=Options(disk=_Unsynced())) as store:
            tally.torn += len(store.recovered)
            fresh = await store.append(None, [root("after")], expected_version=0)
        if not _is_kept(copy, before):
            tally.lost += 1
            tally.note("opening for writing changed what was there", str(case))
        async with Store.open(copy, mode="read") as store:
            if await store.read(fresh[0].stream) != [*fresh]:
                tally.lost += 1
                tally.note("what was appended after it is lost", str(case))
    except EventsimError as error:
        if case.file != _MARKER:
            tally.failed(error, str(case))
    except Exception as error:  # noqa: BLE001 - a foreign error is what is counted
        tally.failed(error, str(case))
    shutil.rmtree(copy)


def _segment(path: Path) -> Path:
    """The only one there is."""
    files = (path / "segments").glob("0-00000001.*")
    return min(file for file in files if file.suffix in (".jsonl", ".sealed"))


def _is_kept(path: Path, before: bytes) -> bool:
    """Whether all bytes of the segment are there, at its start or set aside."""
    aside = b"".join(each.read_bytes() for each in path.glob("segments/*.torn-*"))
    cut = len(before) - len(aside)
    return before[cut:] == aside and _segment(path).read_bytes()[:cut] == before[:cut]
