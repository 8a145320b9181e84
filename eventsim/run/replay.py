"""Replay: the loop over the recorded world, with every decided event compared.

Nothing leaves the process and nothing is written. It ends in agreement, or names the
first position and field that differ. Dialogues and preparations replay alike.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from eventsim.core.effects import Step
from eventsim.core.events import PreparationStarted
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.preparation import Preparation, fold_preparation
from eventsim.core.records import Record
from eventsim.core.state import Dialogue, Footing
from eventsim.environments.environment import CallOutcome
from eventsim.environments.faults import FaultInjector
from eventsim.environments.sql.workbench import SqlWorkbench
from eventsim.errors import Diverged
from eventsim.log.reader import Reader
from eventsim.pipelines.preparing import decide_preparation
from eventsim.run.compare import request_difference
from eventsim.run.loop import advance
from eventsim.run.mounts import Mounts
from eventsim.run.paths import decide as decide_by_pipeline
from eventsim.run.paths import footings_of, known_events
from eventsim.run.recorded import PathEnds, Recorded
from eventsim.run.shelf import Shelf
from eventsim.run.staging import RecordedStages

__all__ = ["Replayed", "replay", "replay_preparation"]

Grounds = Mapping[Footing, Materials]
Decide = Callable[[Dialogue, Grounds], Step]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found. `divergence` is None in agreement; `difference` lines show
    it readably. A path that was `redacted` at a position cannot be verified.
    """

    label: str
    events: int
    divergence: Diverged | None = None
    difference: tuple[str, ...] = ()
    redacted: int | None = None


async def replay(
    reader: Reader,
    shelf: Shelf,
    mounts: Mounts,
    stream: str,
    *,
    execute: bool = False,
    current: bool = False,
    decide: Decide | None = None,
) -> Replayed:
    """Replay one trajectory. `execute` repeats tool calls on a fresh environment too;
    `current` takes the prompts installed now. Raises: LogError on a damaged path.
    """
    records = await reader.path(stream)
    if any(record.redacted for record in records):
        return _unverifiable(records)
    events = known_events(records)
    deciding = decide or decide_by_pipeline
    recorded = {at: await shelf.materials(at) for at in footings_of(events)}
    materials = recorded
    if current:
        materials = {at: await shelf.materials(at, current=True) for at in recorded}

    async def mount(position: int) -> FaultInjector:
        state = fold(events[: position + 1])
        assert state.footing is not None
        return await mounts.fresh(state, materials[state.footing])

    async def repeat(position: int, environment: FaultInjector) -> CallOutcome | None:
        state = fold(events[:position])
        assert state.footing is not None
        at = materials[state.footing]
        return await mounts.again(state, at, environment, events[:position], materials)

    label = fold(events).label
    lasting = {name for each in recorded.values() for name in each.source.lasting}
    world: Recorded[Dialogue] = Recorded(
        events, mount if execute else None, repeat, lasting
    )
    try:
        await advance(Dialogue(), materials, world, world, deciding, fold)
    except PathEnds:
        return Replayed(label, len(events))
    except Diverged as divergence:
        if divergence.field != "request_sha256":
            return Replayed(label, len(events), divergence)
        before = fold(events[: divergence.position])
        lines = _explain(deciding(before, recorded), deciding(before, materials))
        return Replayed(label, len(events), divergence, lines)
    finally:
        await world.close()
    return _to_the_end(label, world)


async def replay_preparation(
    reader: Reader,
    shelf: Shelf,
    stream: str,
    *,
    execute: bool = False,
    current: bool = False,
) -> Replayed:
    """Replay one preparation; `execute` tries tools and tasks on a database again.
    One that was made by rule holds no decisions. Raises: LogError.
    """
    records = await reader.path(stream)
    if any(record.redacted for record in records):
        return _unverifiable(records)
    events = known_events(records)
    started = events[0]
    assert isinstance(started, PreparationStarted)
    if not started.stages:
        return Replayed(started.label, len(events))
    recorded = await shelf.stage_materials(started)
    materials = recorded
    if current:
        materials = await shelf.stage_materials(started, current=True)
    bench = None
    if execute and started.source.image:
        image = await shelf.images.get(started.source)
        bench = SqlWorkbench(image, now=started.now)
    world = RecordedStages(events, materials, bench)
    try:
        await advance(
            Preparation(), materials, world, world, decide_preparation, fold_preparation
        )
    except PathEnds:
        return Replayed(started.label, len(events))
    except Diverged as divergence:
        if divergence.field != "request_sha256":
            return Replayed(started.label, len(events), divergence)
        before = fold_preparation(events[: divergence.position])
        lines = _explain(
            decide_preparation(before, recorded), decide_preparation(before, materials)
        )
        return Replayed(started.label, len(events), divergence, lines)
    return _to_the_end(started.label, world)


def _unverifiable(records: Sequence[Record]) -> Replayed:
    first = next(record.position for record in records if record.redacted)
    label = next(
        str(label)
        for record in reversed(records)
        if (label := getattr(record.event, "label", None)) is not None
    )
    return Replayed(label, len(records), redacted=first)


def _to_the_end(
    label: str, world: Recorded[Dialogue] | Recorded[Preparation]
) -> Replayed:
    if world.remaining == 0:
        return Replayed(label, world.position)
    kind = world.next_event.kind
    divergence = Diverged(world.position, kind, "kind", kind, "the end")
    return Replayed(label, world.position + world.remaining, divergence)


def _explain(recorded: Step, computed: Step) -> tuple[str, ...]:
    """For a request that differs: which lines of which message."""
    return request_difference(recorded, computed, "recorded", "computed")
