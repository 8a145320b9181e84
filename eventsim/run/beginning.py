"""How a run begins: by a plan of its own, or by one that goes on from what there is."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from eventsim.core.events import Start
from eventsim.errors import UsageError
from eventsim.log.reader import StreamInfo
from eventsim.log.store import Store
from eventsim.run.edits import Edits
from eventsim.run.fleet import Fleet
from eventsim.run.fork import fork
from eventsim.run.importing.importing import Imported
from eventsim.run.prepare import Seedbed
from eventsim.run.runs import Run
from eventsim.run.settings.layers import Layer, Origin, layer_of, merge
from eventsim.run.settings.resolving import Settings, resettled
from eventsim.run.starts import (
    Given,
    config_over,
    going_on,
    import_to_start,
    starts_of,
)

__all__ = ["begin_from_import", "begin_run"]


async def begin_run(
    store: Store,
    fleet: Fleet,
    settings: Settings,
    beds: Sequence[Seedbed],
    *,
    start: str | None = None,
    given: Given | None = None,
    on_import: Callable[[Imported], None] = lambda _: None,
) -> Run:
    """Record the plan of a run, or find it. With `start` (`T`, `T@n`, a run or an
    import) it goes on from there, with a `given` file from its rows, for which `beds`
    may be empty; `on_import` is told what became of them.

    Raises: BadInput, NotFound, UsageError.
    """
    if given is not None:
        done = await import_to_start(store, given)
        on_import(done)
        start = done.label
    config, adds, starts = settings.run_config, False, list[Start]()
    if start is not None:
        starts = await starts_of(store, start)
        _refuse_prepared(settings)
        some = bool(beds) or "tools" in settings.prepared
        config, adds = await going_on(store, starts, settings, has_source=some)
    elif config.more_tools:
        raise UsageError("--more-tools belongs to --from and --from-file")
    else:
        config = config_over(config, beds)
    return await fleet.begin(
        config,
        beds,
        settings.tags,
        prompts=settings.prompts,
        prepared=settings.prepared,
        starts=starts,
        adds_tasks=adds,
    )


def _refuse_prepared(settings: Settings) -> None:
    for purpose in ("questions", "tasks"):
        if purpose in settings.prepared:
            raise UsageError(
                f"--{purpose}-from belongs to a run that begins anew; one that goes on "
                "takes --tools-from"
            )


async def begin_from_import(
    store: Store,
    fleet: Fleet,
    info: StreamInfo,
    position: int,
    *,
    count: int,
    seed: int,
    edits: Edits | None = None,
    said: Layer | None = None,
) -> Run:
    """Go on `count` times from a position of an imported path, which has no
    configuration: with what is `said`. With `edits` an edited path is made of it
    first. Raises: UsageError, BadInput.
    """
    start = f"{info.label}@{position}"
    if edits is not None:
        ref, _ = await fork(store, info, position, seed=seed, edits=edits)
        start = store.info(ref.stream).label
    origin = Origin("code", "fork")
    own = layer_of([(("count",), count, origin), (("seed",), seed, origin)])
    settings = resettled(Layer(), merge([said or Layer(), own]), seed)
    return await begin_run(store, fleet, settings, [], start=start)
