"""Small logs for the tests: what to append, and faults of a disk."""

from __future__ import annotations

import errno
import itertools
import os
from pathlib import Path

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.log.disk import Disk
from eventsim.log.ledger import Stamps
from eventsim.log.store import Options, Store

IMAGE = b"an image of a database" * 40
POLICY = "1. Be kind to lamps."
PROMPT = b"You are a user."


def told_times(start: int = 1_000_000) -> Stamps:
    """A clock that counts and salts that repeat: the same bytes every time."""
    ticks = itertools.count(start)
    salts = itertools.count(1)

    def salt(count: int) -> bytes:
        return (next(salts) % 251).to_bytes(1, "big") * count

    return Stamps(clock=lambda: next(ticks), salt=salt)


def said(number: int, text: str = "hello") -> e.UserMessaged:
    """A message that can be told from the others."""
    return e.UserMessaged(text=f"{text} {number} é")


def begun(label: str, **fields: object) -> e.TrajectoryStarted:
    """The root of a dialogue that refers to nothing that is there."""
    nowhere = e.Ref(stream="a" * 32, version=1, hash="b" * 64)
    given = {"run": nowhere, "preparation": nowhere, **fields}
    return e.TrajectoryStarted(
        label=label, index=1, seed=1, lineage="f" * 16, pipeline="p", **given
    )


async def dialogue(store: Store, label: str, messages: int = 3) -> list[Record]:
    """A dialogue of its own: one batch for the root, one for each message."""
    records = [*await store.append(None, [begun(label)], expected_version=0)]
    stream = records[0].stream
    for number in range(messages):
        records += await store.append(
            stream, [said(number)], expected_version=len(records)
        )
    return records


async def fork(
    store: Store, parent: Record, label: str, messages: int = 1
) -> list[Record]:
    """A stream that goes on after `parent`, written in one batch."""
    forked = e.TrajectoryForked(
        label=label,
        parent=parent.ref,
        position=parent.position,
        seed=2,
        lineage="e" * 16,
    )
    told = [said(number, label) for number in range(messages)]
    return [*await store.append(None, [forked, *told], expected_version=0)]


async def whole_run(store: Store) -> dict[str, list[Record]]:
    """A run with preparation, one dialogue that mounts it, and a fork of it."""
    image, prompt = [await store.put_blob(data) for data in (IMAGE, PROMPT)]
    unused = await store.put_blob(b"another database")
    source = e.Source(
        name="shop", title="a shop", image=image, rows_digest="d", sqlite_version="3"
    )
    other = source.model_copy(update={"name": "zoo", "image": unused})
    run = [
        *await store.append(
            None,
            [
                e.RunStarted(
                    label="r1",
                    identity="i" * 64,
                    config={},
                    prompts={"user": prompt},
                    sources=(source, other),
                )
            ],
            expected_version=0,
        )
    ]
    tools = await store.append(
        None,
        [
            e.PreparationStarted(
                label="r1-tools", purpose="tools", source=source, run=run[0].ref
            ),
            e.PreparationEnded(),
        ],
        expected_version=0,
    )
    tasks = await store.append(
        None,
        [
            e.PreparationStarted(
                label="r1-tasks",
                purpose="tasks",
                source=source,
                run=run[0].ref,
                index=1,
                tools_from=tools[-1].ref,
                policy=POLICY,
            ),
            e.PreparationEnded(),
        ],
        expected_version=0,
    )
    root = begun("r1-1", run=run[0].ref, preparation=tasks[-1].ref)
    opened = [
        *await store.append(
            None, [root, e.PolicySet(sha256="0" * 64)], expected_version=0
        )
    ]
    for number in range(4):
        opened += await store.append(
            opened[0].stream, [said(number)], expected_version=len(opened)
        )
    ended = e.TrajectoryEnded(reason="completed")
    opened += await store.append(opened[0].stream, [ended], expected_version=6)
    forked = await fork(store, opened[3], "r1-1.1", 2)
    run += await store.append(run[0].stream, [e.RunEnded()], expected_version=1)
    return {
        "run": run,
        "tools": [*tools],
        "tasks": [*tasks],
        "dialogue": opened,
        "fork": forked,
    }


class FaultyDisk(Disk):
    """Fails from a given call of one operation on; `partly` writes some bytes first."""

    def __init__(self, operation: str, after: int, code: int, partly: int = 0) -> None:
        self.operation = operation
        self.left = after
        self.code = code
        self.partly = partly

    def _fail(self, operation: str) -> bool:
        if operation == self.operation:
            self.left -= 1
        return operation == self.operation and self.left < 0

    def write(self, descriptor: int, data: bytes) -> None:
        if self._fail("write"):
            os.write(descriptor, data[: self.partly])
            raise OSError(self.code, os.strerror(self.code))
        super().write(descriptor, data)

    def fsync(self, descriptor: int) -> None:
        if self._fail("fsync"):
            raise OSError(self.code, os.strerror(self.code))
        super().fsync(descriptor)


def full_disk(after: int, partly: int = 0) -> Options:
    """No space from the given write on."""
    return Options(disk=FaultyDisk("write", after, errno.ENOSPC, partly))


def segment_of(path: Path, number: int = 1) -> Path:
    """The file of a segment."""
    return path / "segments" / f"0-{number:08d}.jsonl"


def forget(path: Path) -> None:
    """Delete what can be derived."""
    (path / "catalogue.sqlite").unlink(missing_ok=True)


def texts(records: list[Record]) -> list[str]:
    """What the messages say, in order."""
    return [r.event.text for r in records if isinstance(r.event, e.UserMessaged)]
