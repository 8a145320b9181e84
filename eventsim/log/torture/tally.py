"""What was acknowledged, what is held, and the counts that come of comparing them.

A batch is told from every other by its token, which stands in each of its messages, so
that what is doubled or half there is seen whatever stream it landed in.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from eventsim.core.events import Ref, UserMessaged
from eventsim.core.records import Record
from eventsim.core.values import sha256_hex
from eventsim.errors import EventsimError, LogError, NotFound
from eventsim.log.store import Store
from eventsim.log.verify import Problem, verify

__all__ = [
    "NOWHERE",
    "PROMISES",
    "Acknowledged",
    "Tally",
    "Tick",
    "check_verifies",
    "compare",
    "held_by",
    "message",
    "problems_of",
]

NOWHERE = Ref(stream="a" * 32, version=1, hash="b" * 64)
"""A stream that never was, for roots that need a reference; `verify` tells of it."""

Tick = Callable[[int], None]
"""Told after every case how many there are in all."""

_TOKEN = re.compile(r"(\S+) message (\d+) of (\d+)")
_EXAMPLES = 5
PROMISES = ("lost", "doubled", "half", "wrong", "silent", "foreign", "stuck")


@dataclass(slots=True)
class Tally:
    """The counts of one family of faults; `broken` has the first broken promises.

    `cases` are faults that were made, `acknowledged` the records that had to be there
    after one, summed over the cases. Then what must be 0: records and blobs `lost`,
    batches `doubled` or `half` there, streams served `wrong` or appends accepted after
    a failure, faults passed over in silence (`silent`), `foreign` errors, and stores
    that do not open, verify or go on (`stuck`). The rest may be: errors that say where
    (`located`), `torn` ends that were set aside, and what was `refused` because
    another process was at work.
    """

    family: str
    cases: int = 0
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    half: int = 0
    wrong: int = 0
    silent: int = 0
    foreign: int = 0
    stuck: int = 0
    located: int = 0
    torn: int = 0
    refused: int = 0
    seconds: float = 0.0
    broken: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not any(getattr(self, name) for name in PROMISES)

    def add(self, other: Tally) -> None:
        """The broken promises of another count, its records not counted twice."""
        for name in PROMISES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.broken = [*self.broken, *other.broken][:_EXAMPLES]

    def note(self, what: str, case: str) -> None:
        """Keep an example of a broken promise: what broke, in which case."""
        if len(self.broken) < _EXAMPLES:
            self.broken.append(f"{self.family}, {case}: {what}")

    def failed(self, error: BaseException, case: str) -> None:
        """A store that had to work and did not."""
        if isinstance(error, EventsimError):
            self.stuck += 1
        else:
            self.foreign += 1
        self.note(f"{type(error).__name__}: {error}", case)


@dataclass(slots=True)
class Acknowledged:
    """Hashes of acknowledged records by stream and version, and names of blobs."""

    streams: dict[str, dict[int, str]] = field(default_factory=dict)
    blobs: set[str] = field(default_factory=set)

    def take(self, stream: str, versions: Mapping[int, str]) -> None:
        """These records of a stream are durable."""
        self.streams.setdefault(stream, {}).update(versions)

    def batch(self, records: Sequence[Record]) -> None:
        """What one append returned."""
        self.take(records[0].stream, {each.version: each.hash for each in records})

    @property
    def records(self) -> int:
        """How many."""
        return sum(map(len, self.streams.values()))


def message(token: str, number: int, of: int) -> UserMessaged:
    """Message `number` (from 1) of a batch; `token` has no spaces."""
    return UserMessaged(text=f"{token} message {number} of {of}")


async def held_by(store: Store) -> dict[str, list[Record]]:
    """Every record that the store serves. Raises: LogError."""
    return {info.stream: await store.read(info.stream) for info in store.streams()}


async def check_verifies(tally: Tally, store: Store, case: str) -> None:
    """Count a store in which `verify` finds a problem as stuck."""
    problems = await problems_of(store)
    if problems:
        tally.stuck += 1
        tally.note(f"verify: {problems[0]}", case)


async def problems_of(store: Store) -> list[Problem]:
    """What `verify` finds, without the references to nowhere."""
    report = await verify(store)
    return [each for each in report.problems if NOWHERE.stream[:12] not in each.what]


async def compare(
    tally: Tally, told: Acknowledged, store: Store, case: str
) -> dict[str, list[Record]]:
    """Count what an undamaged store breaks of its promises; what it holds."""
    tally.acknowledged += told.records
    held = await held_by(store)
    for stream, versions in told.streams.items():
        there = {record.version: record.hash for record in held.get(stream, ())}
        for version, hashed in versions.items():
            if version not in there:
                tally.lost += 1
                tally.note(f"version {version} of {stream[:12]} is lost", case)
            elif there[version] != hashed:
                tally.wrong += 1
                tally.note(f"version {version} of {stream[:12]} is another", case)
    _compare_batches(tally, held, case)
    for blob in told.blobs:
        try:
            kept = sha256_hex(await store.get_blob(blob)) == blob
        except (NotFound, LogError):
            kept = False
        if not kept:
            tally.lost += 1
            tally.note(f"blob {blob[:12]} is lost", case)
    for hurt in store.hurt:
        tally.lost += 1
        tally.note(f"{hurt.size} bytes at {hurt.file}:{hurt.offset} are hurt", case)
    return held


def _compare_batches(
    tally: Tally, held: Mapping[str, Iterable[Record]], case: str
) -> None:
    times: Counter[tuple[str, int]] = Counter()
    sizes: dict[str, int] = {}
    for records in held.values():
        for record in records:
            if isinstance(record.event, UserMessaged):
                match = _TOKEN.fullmatch(record.event.text)
                if match:
                    times[match[1], int(match[2])] += 1
                    sizes[match[1]] = int(match[3])
    for token, size in sizes.items():
        there = [times[token, number] for number in range(1, size + 1)]
        if max(there) > 1:
            tally.doubled += 1
            tally.note(f"batch {token} is there {max(there)} times", case)
        if min(there) == 0:
            tally.half += 1
            tally.note(f"batch {token} of {size} has {sum(map(bool, there))}", case)
