"""Power losses on a simulated disk, over the real store.

A store lives through many: each life opens it, compares what it holds with all that
was acknowledged in earlier lives, verifies it and appends from several tasks, until
the power goes in some call of the disk: in opening and recovery too.
"""

from __future__ import annotations

import random
import shutil
from collections.abc import Callable
from pathlib import Path

from eventsim.errors import EventsimError
from eventsim.log.sealing.sealer import seal
from eventsim.log.store import Options, Store
from eventsim.log.torture.medium import Medium
from eventsim.log.torture.tally import Acknowledged, Tally, Tick
from eventsim.log.torture.workload import collect, keep_appending, outlive

__all__ = ["lose_power"]

_LIVES = 12
_TASKS = 3
_BATCHES = 4
_SEGMENT_BYTES = 6000
_CALLS = 45


async def lose_power(
    directory: Path,
    cases: int,
    seed: int,
    tick: Tick,
    *,
    disk: type[Medium] = Medium,
) -> Tally:
    """So many power losses, in new stores below `directory`, which are deleted."""
    tally = Tally("power loss")
    number = 0
    while number < cases:
        lives = min(_LIVES, cases - number)
        root = directory / f"power-{number}"
        root.mkdir()
        medium = disk(root, f"{seed}.{number}")
        await _one_store(medium, number, lives, seed, tally, lambda: tick(cases))
        number += lives
        shutil.rmtree(root)
    return tally


async def _one_store(
    medium: Medium,
    first: int,
    lives: int,
    seed: int,
    tally: Tally,
    done: Callable[[], None],
) -> None:
    told = Acknowledged()
    chance = random.Random(f"{seed}.{first}")  # noqa: S311 - chosen, not guessed at
    # Not in a thread, or the calls would come in another order each time.
    options = Options(disk=medium, segment_bytes=_SEGMENT_BYTES, seals=False)
    path = medium.root / "stores" / "torn"
    for number in range(first, first + lives + 1):
        case = f"loss {number}, seed {seed}"
        if number < first + lives:
            medium.burn(chance.randint(0, _CALLS))
        try:
            async with Store.open(path, options=options) as store:
                await outlive(tally, told, store, case)
                if number < first + lives:
                    await keep_appending(
                        store,
                        f"{seed}.{number}",
                        collect(told),
                        tasks=_TASKS,
                        batches=_BATCHES,
                        seed=number,
                    )
            if number % 2:
                seal(path, medium, whole=chance.random() < 0.5)
        except Exception as error:  # noqa: BLE001 - any other error is what is counted
            if medium.is_on or not isinstance(error, EventsimError):
                tally.failed(error, case)
        if number < first + lives:
            medium.lose_power()
            tally.cases += 1
            done()
