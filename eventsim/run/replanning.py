"""A plan for forks alone: the configuration of their parent with something changed.

It plans no trajectories; forks name it as what they stand on, so that resuming,
replaying and exporting them find their models where every trajectory has them.
"""

from __future__ import annotations

import platform

from eventsim import __version__
from eventsim.core.events import Ref, RunStarted, Start
from eventsim.core.values import digest_of, freeze
from eventsim.errors import UsageError
from eventsim.log.store import Store
from eventsim.providers.registry import Providers
from eventsim.run.paths import Opened
from eventsim.run.runs import label_of
from eventsim.run.settings.layers import Layer
from eventsim.run.settings.recorded import over

__all__ = ["plan_of_forks"]

_OF_A_RUN = (
    "preset",
    "pipeline",
    "count",
    "tasks",
    "seed",
    "source",
    "environments",
    "prepared",
    "budget",
    "tags",
    "store",
    "concurrency",
)
"""What is no part of the configuration that a dialogue works with."""


async def plan_of_forks(store: Store, opened: Opened, said: Layer) -> Ref:
    """The run that forks of an opened path stand on if this is `said` otherwise; equal
    plans are one. Raises: UsageError for settings that a fork has no use for.
    """
    for name in _OF_A_RUN:
        if said.says((name,)):
            raise UsageError(
                f"{name} is not a fork's to change; see eventsim run --from "
                f"{opened.label}"
            )
    (record,) = await store.read(opened.footing.run.stream, stop=1)
    parent = record.event
    assert isinstance(parent, RunStarted)
    before = opened.materials.config
    kept = {"seed": before.seed, "tasks": before.tasks, "pipeline": before.pipeline}
    settings = over(said, before, seed=before.seed)
    config = settings.run_config.model_copy(update={**kept, "count": 0})
    Providers().of(config, {})  # keys are there, before all else
    changed = {
        name: await store.put_blob(text.encode())
        for name, text in settings.prompts.items()
    }
    prompts = {**parent.prompts, **changed}
    recorded = freeze(config.model_dump(mode="json"))
    identity = digest_of(["forks", recorded, prompts, parent.identity])
    label, existing = await label_of(store, identity)
    if existing is not None:
        return store.head(existing.stream)
    position = len(opened.events) - 1
    started = RunStarted(
        label=label,
        identity=identity,
        config=recorded,
        prompts=prompts,
        sources=parent.sources,
        starts=(Start(parent=opened.head, position=position, label=opened.label),),
        versions=freeze({"eventsim": __version__, "python": platform.python_version()}),
        tags=parent.tags,
    )
    (record,) = await store.append(None, [started], expected_version=0)
    return record.ref
