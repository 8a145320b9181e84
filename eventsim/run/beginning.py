"""How a run begins: by a plan of its own, or by one that goes on from what there is."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from eventsim.core.events import Start
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.prepare import Seedbed
from eventsim.run.runs import Run
from eventsim.run.settings.resolving import Settings
from eventsim.run.starts import config_over, going_on, import_to_start, starts_of

__all__ = ["begin_run"]


async def begin_run(
    store: Store,
    fleet: Fleet,
    settings: Settings,
    beds: Sequence[Seedbed],
    *,
    start: str | None = None,
    file: Path | None = None,
    form: str | None = None,
) -> Run:
    """Record the plan of a run, or find it. With `start` (`T`, `T@n`, a run or an
    import) it goes on from there, with `file` from the rows of a file of a format, for
    which `beds` may be empty.

    Raises: BadInput, NotFound, UsageError.
    """
    if file is not None:
        start = await import_to_start(store, file, form)
    config, adds, starts = settings.run_config, False, list[Start]()
    if start is not None:
        starts = await starts_of(store, start)
        config, adds = await going_on(store, starts, settings, has_source=bool(beds))
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
