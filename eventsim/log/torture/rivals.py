"""Several real processes that append to one store at once, some of them killed.

Where a store lets one process write at a time, the others are refused and come again;
where each has a series of its own, they are refused only what another one holds. Both
are counted, and in both all that was acknowledged has to be there once.
"""

from __future__ import annotations

import random
import shutil
from pathlib import Path

from eventsim.log.store import Store
from eventsim.log.torture.tally import Acknowledged, Tally, Tick
from eventsim.log.torture.workload import outlive
from eventsim.log.torture.writers import Crew, Shift

__all__ = ["append_together"]

_ROUNDS = 6
_WRITERS = 4
_TASKS = 2
_BATCHES = 5
_LONGEST_S = 0.05


async def append_together(directory: Path, cases: int, seed: int, tick: Tick) -> Tally:
    """So many rounds of several writers, in new stores below `directory`."""
    tally = Tally("concurrent writers")
    chance = random.Random(seed)  # noqa: S311 - chosen, not guessed at
    told, path = Acknowledged(), directory / "rivals"
    with Crew() as crew:
        for number in range(cases):
            if number % _ROUNDS == 0:
                shutil.rmtree(path, ignore_errors=True)
                told = Acknowledged()
            case = f"round {number}, seed {seed}"
            shift = Shift(
                path=str(path),
                token=f"{seed}.{number}",
                seed=seed + number,
                tasks=_TASKS,
                batches=_BATCHES,
                delay_s=chance.uniform(0, _LONGEST_S),
                writers=_WRITERS,
                killed=chance.choice((0, 1, 2)),
            )
            await crew.work(shift, told, tally, case)
            try:
                async with Store.open(path) as store:
                    await outlive(tally, told, store, case)
            except Exception as error:  # noqa: BLE001 - any error is what is counted
                tally.failed(error, case)
            tally.cases += 1
            tick(cases)
    shutil.rmtree(path, ignore_errors=True)
    return tally
