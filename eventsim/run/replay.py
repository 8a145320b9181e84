"""Replay: the loop over the recorded world, with every decided event compared.

Nothing leaves the process and nothing is written. It ends in agreement, or names the
first position and field that differ.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass

import orjson

from eventsim.core.effects import CallModel
from eventsim.core.events import TrajectoryStarted
from eventsim.core.fold import fold
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue
from eventsim.errors import Diverged
from eventsim.log.reader import Reader
from eventsim.pipelines.user_oriented import decide
from eventsim.run.loop import Decide, advance
from eventsim.run.mounts import Mounts
from eventsim.run.paths import known_events
from eventsim.run.recorded import PathEnds, Recorded
from eventsim.run.shelf import Shelf

__all__ = ["Replayed", "replay"]


@dataclass(frozen=True, slots=True)
class Replayed:
    """What a replay found. `divergence` is None in agreement; `difference` lines show
    it readably.
    """

    label: str
    events: int
    divergence: Diverged | None = None
    difference: tuple[str, ...] = ()


async def replay(
    reader: Reader,
    shelf: Shelf,
    mounts: Mounts,
    stream: str,
    *,
    execute: bool = False,
    current: bool = False,
    decide: Decide = decide,
) -> Replayed:
    """Replay one trajectory. `execute` repeats tool calls on a fresh environment too;
    `current` takes the prompts installed now. Raises: LogError on a damaged path.
    """
    events = known_events(await reader.path(stream))
    root = events[0]
    assert isinstance(root, TrajectoryStarted)
    recorded = await shelf.materials(root)
    materials = await shelf.materials(root, current=True) if current else recorded
    environment = None
    if execute:
        environment = await mounts.fresh(fold(events[:1]), materials)
    label = fold(events).label
    world = Recorded(events, environment)
    try:
        await advance(Dialogue(), materials, world, world, decide)
    except PathEnds:
        return Replayed(label, len(events))
    except Diverged as divergence:
        before = fold(events[: divergence.position])
        lines = _explain(divergence, before, recorded, materials, decide)
        return Replayed(label, len(events), divergence, lines)
    finally:
        if environment is not None:
            await environment.close()
    if world.remaining == 0:
        return Replayed(label, len(events))
    end = len(events) - world.remaining
    kind = events[end].kind
    return Replayed(label, len(events), Diverged(end, kind, "kind", kind, "the end"))


def _explain(
    divergence: Diverged,
    before: Dialogue,
    recorded: Materials,
    computed: Materials,
    decide: Decide,
) -> tuple[str, ...]:
    """For a request that differs: which lines of which message."""
    if divergence.field != "request_sha256":
        return ()
    old = _request_lines(before, recorded, decide)
    new = _request_lines(before, computed, decide)
    return tuple(difflib.unified_diff(old, new, "recorded", "computed", "", "", 1, ""))


def _request_lines(before: Dialogue, materials: Materials, decide: Decide) -> list[str]:
    effect = decide(before, materials).effect
    if not isinstance(effect, CallModel):
        return []
    body = orjson.loads(effect.body)
    lines = []
    for message in body.pop("messages"):
        content = message.pop("content")
        lines.append(orjson.dumps(message).decode())
        lines.extend(content.splitlines())
    return [*lines, *(f"{key}: {orjson.dumps(body[key]).decode()}" for key in body)]
