"""Writers in processes of their own, which are killed while they append.

    python -m eventsim.log.torture.writers

is a server that has imported everything once and forks a writer in a few milliseconds.
A writer tells of every durable batch over a pipe before it asks for the next one, so
that what the pipe held when the process was killed is what was acknowledged. Requests
and answers are lines of JSON on stdin and stdout.
"""

from __future__ import annotations

import asyncio
import gc
import json
import os
import select
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Self

from eventsim.core.records import Record
from eventsim.errors import EventsimError, LogBusy, LogError
from eventsim.log.store import Options, Store
from eventsim.log.torture.tally import Acknowledged, Tally
from eventsim.log.torture.workload import keep_appending
from eventsim.log.writer import Durability

__all__ = ["Crew", "Shift"]

_SEGMENT_BYTES = 20_000
_AGAIN_S = 0.003
_FOREVER = 1 << 30


@dataclass(frozen=True, slots=True)
class Shift:
    """What a request asks for: `writers` processes on the store at `path`.

    Each has `tasks` that append `batches` batches, 0 for as many as they can. The
    first `killed` of them are killed `delay_s` after the first acknowledgement, or
    after they were started if `early`; the others may finish.
    """

    path: str
    token: str
    seed: int
    tasks: int
    batches: int
    delay_s: float
    writers: int = 1
    killed: int = 1
    early: bool = False
    durability: Durability = "fsync"


class Crew:
    """The server's other end; use it as a context. Raises: LogError."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "eventsim.log.torture.writers"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            start_new_session=True,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.stdout.close()
        self._process.wait()

    async def work(
        self, shift: Shift, told: Acknowledged, tally: Tally, case: str
    ) -> None:
        """One shift to its end; what was acknowledged goes into `told`."""
        for line in await asyncio.to_thread(self._ask, shift):
            kind, _, rest = line.partition(" ")
            match kind:
                case "records":
                    stream, *records = rest.split()
                    pairs = (record.split(":") for record in records)
                    told.take(stream, {int(v): hashed for v, hashed in pairs})
                case "blob":
                    told.blobs.add(rest)
                case "refused":
                    tally.refused += 1
                case "stuck":
                    tally.stuck += 1
                    tally.note(rest, case)
                case _:
                    tally.foreign += 1
                    tally.note(rest or line, case)

    def _ask(self, shift: Shift) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        try:
            self._process.stdin.write(json.dumps(asdict(shift)).encode() + b"\n")
            self._process.stdin.flush()
            answer = self._process.stdout.readline()
        except OSError:
            answer = b""
        if not answer:
            raise LogError("the process that starts writers has ended; try again")
        lines: list[str] = json.loads(answer)
        return lines


# --- in the server ------------------------------------------------------------------


def _serve() -> None:
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        lines = _run(Shift(**json.loads(line)))
        sys.stdout.write(json.dumps(lines) + "\n")
        sys.stdout.flush()


def _run(shift: Shift) -> list[str]:
    """Start the writers, kill those who are to be killed, wait for all."""
    readable, writable = os.pipe()
    children = [_start(shift, number, writable) for number in range(shift.writers)]
    os.close(writable)
    told = b""
    if not shift.early:
        told += os.read(readable, 1 << 16)
    deadline = time.monotonic() + shift.delay_s
    while (left := deadline - time.monotonic()) > 0:
        if select.select([readable], [], [], left)[0]:
            more = os.read(readable, 1 << 16)
            if not more:
                break
            told += more
    for child in children[: shift.killed]:
        os.kill(child, signal.SIGKILL)
    while more := os.read(readable, 1 << 16):
        told += more
    os.close(readable)
    for child in children:
        os.waitpid(child, 0)
    return told.decode().splitlines()


def _start(shift: Shift, number: int, pipe: int) -> int:
    child = os.fork()
    if child:
        return child
    try:
        asyncio.run(_write(shift, number, pipe))
    except EventsimError as error:
        _say(pipe, f"stuck {type(error).__name__}: {error}")
    except BaseException as error:  # noqa: BLE001 - whatever it is, it is told
        _say(pipe, f"foreign {type(error).__name__}: {error}")
    finally:
        os._exit(0)


def _say(pipe: int, line: str) -> None:
    """Whole lines, so short that the lines of several writers do not mix."""
    os.write(pipe, line.replace("\n", " ")[:2000].encode() + b"\n")


async def _write(shift: Shift, number: int, pipe: int) -> None:
    """One writer: it waits for its turn where only one may write at a time."""
    options = Options(segment_bytes=_SEGMENT_BYTES)

    def report(done: Sequence[Record] | str | None) -> None:
        if done is None:
            _say(pipe, "refused")
        elif isinstance(done, str):
            _say(pipe, f"blob {done}")
        else:
            pairs = " ".join(f"{each.version}:{each.hash}" for each in done)
            _say(pipe, f"records {done[0].stream} {pairs}")

    while True:
        opening = Store.open(
            Path(shift.path), durability=shift.durability, options=options
        )
        try:
            store = await opening.__aenter__()
        except LogBusy:
            report(None)
            await asyncio.sleep(_AGAIN_S)
            continue
        break
    try:
        await keep_appending(
            store,
            f"{shift.token}.{number}",
            report,
            tasks=shift.tasks,
            batches=shift.batches or _FOREVER,
            seed=shift.seed * 100 + number,
        )
    finally:
        await opening.__aexit__(None, None, None)


if __name__ == "__main__":
    _serve()
