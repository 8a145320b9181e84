"""kill -9 of a real writer at any moment of its life, in a loop.

A store lives through many loops: a writer process appends from several tasks, is
killed, and then the store is opened here, by a reader or at once by a writer, compared
with all that was acknowledged, verified, and goes on.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from eventsim.log.store import Store
from eventsim.log.torture.tally import Acknowledged, Tally, Tick, compare
from eventsim.log.torture.workload import collect, keep_appending, outlive
from eventsim.log.torture.writers import Crew, Shift

__all__ = ["kill_writers"]

_LOOPS = 12
_TASKS = 4
_LONGEST_S = 0.03


async def kill_writers(directory: Path, cases: int, seed: int, tick: Tick) -> Tally:
    """So many kills, in new stores below `directory`, which are deleted."""
    tally = Tally("kill -9")
    chance = random.Random(seed)  # noqa: S311 - chosen, not guessed at
    told, path = Acknowledged(), directory / "kill"
    with Crew() as crew:
        for number in range(cases):
            if number % _LOOPS == 0:
                shutil.rmtree(path, ignore_errors=True)
                told = Acknowledged()
            case = f"loop {number}, seed {seed}"
            shift = Shift(
                path=str(path),
                token=f"{seed}.{number}",
                seed=seed + number,
                tasks=_TASKS,
                # Some end by themselves, so that closing is hit as well.
                batches=chance.choice((0, 0, 0, 3)),
                delay_s=chance.uniform(0, _LONGEST_S),
                early=chance.random() < 0.2,
                durability="os" if chance.random() < 0.2 else "fsync",
            )
            await crew.work(shift, told, tally, case)
            try:
                await _check(path, told, tally, case, reads_first=number % 2 == 1)
            except Exception as error:  # noqa: BLE001 - any error is what is counted
                tally.failed(error, case)
            tally.cases += 1
            tick(cases)
    shutil.rmtree(path, ignore_errors=True)
    return tally


async def _check(
    path: Path, told: Acknowledged, tally: Tally, case: str, *, reads_first: bool
) -> None:
    if reads_first and told.records:
        seen = Tally("read")
        async with Store.open(path, mode="read") as store:
            await compare(seen, told, store, f"{case}, read before it was recovered")
        tally.add(seen)
    async with Store.open(path) as store:
        await outlive(tally, told, store, case)
        token = case.replace(" ", "").replace(",", ".")
        await keep_appending(store, token, collect(told), tasks=1, batches=1, seed=0)
