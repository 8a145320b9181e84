"""The fault suite: which families there are, how much of each, and one run of them.

What a run needs of the disk is one directory below the one that it is given, and that
is deleted at the end.
"""

from __future__ import annotations

import shutil
import tempfile
import time
from collections.abc import Awaitable, Callable, Collection
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from eventsim.log.disk import explained
from eventsim.log.torture.damage import cut_and_flip
from eventsim.log.torture.failing import fail_calls
from eventsim.log.torture.kills import kill_writers
from eventsim.log.torture.power import lose_power
from eventsim.log.torture.rivals import append_together
from eventsim.log.torture.tally import Tally, Tick

__all__ = ["FAMILIES", "Begin", "Plan", "torture"]

Begin = Callable[[str], AbstractContextManager[Tick]]
"""Told when a family begins; what it gives is told of every case."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How much of each family. `step` cuts and flips at every so many bytes, `bits`
    of each (8 for all); `call_step` fails every so many calls of the disk.
    """

    loops: int = 200
    losses: int = 2000
    rounds: int = 40
    step: int = 16
    bits: int = 1
    call_step: int = 1
    seed: int = 1


_Run = Callable[[Path, Plan, Tick], Awaitable[Tally]]

FAMILIES: dict[str, tuple[str, _Run]] = {
    "kills": (
        "kill -9",
        lambda path, plan, tick: kill_writers(path, plan.loops, plan.seed, tick),
    ),
    "power": (
        "power loss",
        lambda path, plan, tick: lose_power(path, plan.losses, plan.seed, tick),
    ),
    "damage": (
        "cuts and flips",
        lambda path, plan, tick: cut_and_flip(
            path, plan.step, plan.bits, plan.seed, tick
        ),
    ),
    "errors": (
        "I/O errors",
        lambda path, plan, tick: fail_calls(path, plan.call_step, plan.seed, tick),
    ),
    "writers": (
        "many writers",
        lambda path, plan, tick: append_together(path, plan.rounds, plan.seed, tick),
    ),
}
"""Name -> (title, what runs it); a new family of faults is its file and a line here."""


async def torture(
    directory: Path, plan: Plan, begin: Begin, *, only: Collection[str] = ()
) -> list[Tally]:
    """Run the families, those of `only` if it names any; one count of each.

    Raises: LogError, if there is no room to work in.
    """
    place = _place(directory)
    tallies = []
    try:
        for name, (title, run) in FAMILIES.items():
            if only and name not in only:
                continue
            below = place / name
            below.mkdir()
            begun = time.monotonic()
            with begin(title) as tick:
                try:
                    tally = await run(below, plan, tick)
                except Exception as error:  # noqa: BLE001 - a broken promise too
                    tally = Tally(title)
                    tally.failed(error, f"the run, seed {plan.seed}")
            tally.family, tally.seconds = title, time.monotonic() - begun
            tallies.append(tally)
    finally:
        shutil.rmtree(place, ignore_errors=True)
    return tallies


def _place(directory: Path) -> Path:
    with explained("work in", directory):
        directory.mkdir(parents=True, exist_ok=True)
        return Path(tempfile.mkdtemp(prefix="eventsim-torture-", dir=directory))
