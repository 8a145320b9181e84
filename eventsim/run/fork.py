"""Forks: a new stream whose first event points at a position of another path.

Nothing is copied and the parent is not touched. A person's message in place of the
next one is a fork just before that one.
"""

from __future__ import annotations

from dataclasses import replace

from eventsim.core.draws import Draws, lineage_of
from eventsim.core.events import (
    BehaviourDrawn,
    Event,
    ModelAbandoned,
    ModelCalled,
    ModelFailed,
    ModelRejected,
    Ref,
    TrajectoryForked,
    UserMessaged,
)
from eventsim.core.fold import fold
from eventsim.errors import Drifted, UsageError, short
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.run.changed_messages import changed_events
from eventsim.run.edits import Edits, edit_preparation, given_with
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, open_path
from eventsim.run.replanning import plan_of_forks
from eventsim.run.settings.layers import Layer
from eventsim.run.shelf import Shelf

__all__ = ["before_next_user_message", "fork", "fork_event", "sibling_seeds"]


async def fork(
    store: Store,
    parent: StreamInfo,
    position: int,
    *,
    seed: int,
    before_user: bool = False,
    edits: Edits | None = None,
    said: Layer | None = None,
    mounts: Mounts | None = None,
) -> tuple[Ref, int]:
    """Begin a fork after `position` of the parent's path; `before_user` moves it to
    just before the next user message, `edits` to just before the first changed one.
    What is `said` of its configuration is otherwise than its parent's.
    Returns its head and where it begins. With `mounts`, external environments are tried
    first, so that one which answers otherwise now is refused before a fork is there.
    An imported path can be edited; what goes on from it is a run (`beginning.py`).

    Raises: NotFound for a position that is not on the path; UsageError; Diverged.
    """
    shelf = Shelf(store)
    if before_user:
        whole = await open_path(store, shelf, parent.stream)
        position = before_next_user_message(whole.events, position)
    opened = await open_path(store, shelf, parent.stream, position=position)
    if before_user:
        _needs_user(opened)
    imported = (await shelf.plan(opened.footing.run)).imported is not None
    if imported and (edits is None or said is not None):
        raise UsageError(
            f"{parent.label} was imported and has no configuration to go on with; "
            f"eventsim run --from {parent.label}@{position} gives it one"
        )
    # A fork whose database is gone could never go on: find out before it is there.
    if opened.materials.source.image:
        await store.get_blob(opened.materials.source.image)
    whole, given = opened, tuple[Event, ...]()
    if edits is not None and edits.changes:
        position, given = changed_events(whole, edits.changes)
        opened = whole.up_to(position)
    label = f"{parent.label}.{store.next_fork_number(parent.label)}"
    forked = fork_event(opened, label, seed)
    if mounts is not None or edits is not None:
        path = (*opened.events, forked, *given)
        await _try(mounts or Mounts(store), whole, edits, path, position)
    run = await plan_of_forks(store, whole, said) if said is not None else None
    preparation: Ref | None = None
    if edits is not None:
        if edits.prepares:
            preparation = await edit_preparation(store, whole, edits, label)
        given = given_with(whole, edits, preparation, given)
    standing: dict[str, object] = {"preparation": preparation, "run": run}
    if opened.footing != whole.footing:  # what is changed lies before another fork
        stands = whole.footing
        standing = {
            "preparation": preparation or stands.preparation,
            "run": run or stands.run,
            "pipeline": stands.pipeline,
        }
    forked = forked.model_copy(update=standing)
    records = await store.append(None, [forked, *given], expected_version=0)
    return records[-1].ref, position


async def _try(
    mounts: Mounts,
    whole: Opened,
    edits: Edits | None,
    path: tuple[Event, ...],
    begins: int,
) -> None:
    """A fork that could never be mounted is refused before it is there. Raises:
    Drifted; UsageError where a call that is kept depends on what is changed.
    """
    source = whole.materials.source
    if not (source.image or source.environments):
        return
    now = whole.materials.now
    if edits is not None and edits.clock is not None:
        now = edits.clock
    materials = replace(whole.materials, now=now)
    try:
        await mounts.try_at(fold(path), materials, path, whole.grounds)
    except Drifted as drift:
        if drift.position <= begins:
            raise
        raise UsageError(
            f"the result of {drift.tool} rests on what is changed before it: made "
            f"again, the call gives {short(drift.computed)}; fork before that call, or "
            "replace its result as well"
        ) from None


def fork_event(opened: Opened, label: str, seed: int) -> TrajectoryForked:
    """The first event of a fork at the end of an opened path."""
    position = len(opened.events) - 1
    return TrajectoryForked(
        label=label,
        parent=opened.head,
        position=position,
        seed=seed,
        lineage=lineage_of("fork", opened.state.lineage, position, seed),
    )


def before_next_user_message(events: tuple[Event, ...], position: int) -> int:
    """The position after which the next user message, with the call that made it,
    would come. Where no later one is recorded: the end of the path.
    """
    later = (
        at
        for at, event in enumerate(events)
        if at > position and isinstance(event, UserMessaged)
    )
    message = next(later, None)
    if message is None:
        return len(events) - 1
    while isinstance(events[message - 1], _PRELUDE) and _for_user(events[message - 1]):
        message -= 1
    return message - 1


_PRELUDE = (BehaviourDrawn, ModelCalled, ModelFailed, ModelRejected, ModelAbandoned)


def _for_user(event: Event) -> bool:
    return isinstance(event, BehaviourDrawn) or getattr(event, "role", "") == "user"


def _needs_user(opened: Opened) -> None:
    state = opened.state
    waiting = state.pending or (
        state.messages
        and state.messages[-1].awaits_assistant
        and not state.messages[-1].closing
    )
    if waiting:
        raise UsageError(
            "the assistant is to speak next there, and no user message follows; "
            "resume the trajectory first, or choose an earlier position"
        )


def sibling_seeds(seed: int, count: int) -> list[int]:
    """Seeds for `count` forks of one position: the first is `seed` itself."""
    draws = Draws(seed, "siblings")
    return [seed, *(draws.integer("fork", n) for n in range(1, count))]
