"""What is appended under torture: dialogues, forks and blobs by a seed, and one store
of about fifty events with every kind of stream.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Sequence

from eventsim.core import events as e
from eventsim.core.records import Record
from eventsim.errors import LogBusy, LogConflict
from eventsim.log.store import Store
from eventsim.log.torture.tally import (
    NOWHERE,
    Acknowledged,
    Tally,
    check_verifies,
    compare,
    message,
)

__all__ = ["Report", "collect", "fifty_events", "keep_appending", "outlive", "root"]

_BATCH = 4
_IMAGE = b"the image of a database" * 5
_PROMPT = b"You are a user."

Report = Callable[[Sequence[Record] | str | None], None]
"""Told of each durable batch, of each durable blob by its name, and with None of an
append that was refused, before anything else is asked of the store."""


def root(label: str, **fields: object) -> e.TrajectoryStarted:
    """The first event of a dialogue that mounts nothing unless told otherwise."""
    given = {"run": NOWHERE, "preparation": NOWHERE, **fields}
    return e.TrajectoryStarted.model_validate(
        {
            "label": label,
            "index": 1,
            "seed": 1,
            "lineage": "f" * 16,
            "pipeline": "torture",
            **given,
        }
    )


def forked(label: str, parent: Record) -> e.TrajectoryForked:
    """The first event of a stream that goes on after `parent`."""
    return e.TrajectoryForked(
        label=label,
        parent=parent.ref,
        position=parent.position,
        seed=2,
        lineage="e" * 16,
    )


async def keep_appending(
    store: Store,
    token: str,
    report: Report,
    *,
    tasks: int,
    batches: int,
    seed: int,
    share: tuple[int, int] = (0, 1),
) -> None:
    """Appends from `tasks` tasks at once, `batches` each. `share` is (this writer, all
    of them): old streams are dealt out, so that no two tasks mean the same one.

    Raises: LogError.
    """
    writer, writers = share
    old = [info.stream for info in store.streams(family="dialogue")]
    dealt = [old[writer * tasks + task :: writers * tasks] for task in range(tasks)]
    tellers = [
        _Teller(store, f"{token}.{task}", report, f"{seed}.{task}")
        for task in range(tasks)
    ]
    ends = await asyncio.gather(
        *(teller.tell(dealt[task], batches) for task, teller in enumerate(tellers)),
        return_exceptions=True,
    )
    for end in ends:
        if end is not None:
            raise end


def collect(told: Acknowledged) -> Report:
    """A report into what has to be there."""

    def report(done: Sequence[Record] | str | None) -> None:
        if isinstance(done, str):
            told.blobs.add(done)
        elif done is not None:
            told.batch(done)

    return report


async def outlive(tally: Tally, told: Acknowledged, store: Store, case: str) -> None:
    """After a fault: compare and verify; what is there now has to stay as well."""
    for records in (await compare(tally, told, store, case)).values():
        told.batch(records)
    tally.torn += len(store.recovered)
    await check_verifies(tally, store, case)


class _Teller:
    """One task: it goes on with an old stream, forks one, or begins one."""

    def __init__(self, store: Store, token: str, report: Report, seed: str) -> None:
        self._store = store
        self._token = token
        self._report = report
        self._random = random.Random(seed)  # noqa: S311 - chosen, not guessed at
        self._count = 0

    async def tell(self, streams: Sequence[str], batches: int) -> None:
        """So many batches, one after the other is acknowledged."""
        stream, version = await self._begin(streams)
        while self._count < batches:
            if self._random.random() < 0.1:
                data = f"{self._token} {self._count}".encode()
                self._report(await self._store.put_blob(data))
            records = await self._append(stream, [], version)
            if records is None:
                stream, version = await self._begin(())
            else:
                version = records[-1].version

    async def _begin(self, streams: Sequence[str]) -> tuple[str | None, int]:
        """What to go on with: (stream, version)."""
        if streams and self._random.random() < 0.5:
            stream = self._random.choice(streams)
            return stream, self._store.head(stream).version
        first: e.Event = root(f"{self._token}.{self._count}")
        if streams and self._random.random() < 0.5:
            records = await self._store.read(self._random.choice(streams))
            parent = self._random.choice(records)
            first = forked(f"{self._token}.{self._count}", parent)
        records_ = await self._append(None, [first], 0)
        assert records_ is not None
        return records_[-1].stream, records_[-1].version

    async def _append(
        self, stream: str | None, first: Sequence[e.Event], version: int
    ) -> tuple[Record, ...] | None:
        """One batch, or None if it was refused."""
        size = self._random.randint(1, _BATCH)
        token = f"{self._token}.{self._count}"
        told = [message(token, number + 1, size) for number in range(size)]
        self._count += 1
        try:
            records = await self._store.append(
                stream, [*first, *told], expected_version=version
            )
        except (LogBusy, LogConflict):
            if stream is None:
                raise
            self._report(None)
            return None
        self._report(records)
        return records


async def fifty_events(store: Store) -> list[Record]:
    """A run with two preparations, three dialogues and two forks; in order."""
    told: list[Record] = []

    async def append(
        events: Sequence[e.Event], stream: str | None = None, version: int = 0
    ) -> tuple[Record, ...]:
        records = await store.append(stream, events, expected_version=version)
        told.extend(records)
        return records

    image, prompt = await store.put_blob(_IMAGE), await store.put_blob(_PROMPT)
    source = e.Source(
        name="shop", title="a shop", image=image, rows_digest="d", sqlite_version="3"
    )
    run = await append(
        [
            e.RunStarted(
                label="r1",
                identity="i" * 64,
                config={},
                prompts={"user": prompt},
                sources=(source,),
            )
        ]
    )
    heads: list[e.Ref] = []
    for purpose in ("tools", "tasks"):
        begun = e.PreparationStarted.model_validate(
            {
                "label": f"r1-{purpose}",
                "purpose": purpose,
                "source": source,
                "run": run[0].ref,
                "tools_from": heads[0] if heads else None,
            }
        )
        heads.append((await append([begun, e.PreparationEnded()]))[-1].ref)
    opened = [
        await append(
            [
                root(f"r1-{n}", run=run[0].ref, preparation=heads[1]),
                e.PolicySet(sha256="0" * 64),
            ]
        )
        for n in (1, 2, 3)
    ]
    for turn in range(5):
        for records in opened:
            stream, version = records[0].stream, 2 + 2 * turn
            said = e.UserMessaged(text=f"Where is order {turn}, é?")
            replied = e.AssistantReplied(text=f"Order {turn} is on its way.")
            await append([said, replied], stream, version)
    for number, records in enumerate(opened):
        read = await store.read(records[0].stream)
        if number < 2:
            first = forked(f"r1-{number + 1}.1", read[3 + 2 * number])
            fork = await append([first, e.UserMessaged(text="No, the other one.")])
            await append(
                [e.AssistantReplied(text="That one is here.")], fork[0].stream, 2
            )
        await append([e.TrajectoryEnded(reason="completed")], read[0].stream, 12)
    await append([e.RunEnded()], run[0].stream, 1)
    return told
