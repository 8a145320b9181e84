"""From settings to what a run begins with: its seedbeds, and that keys are there.

Both are looked at before a store is opened, so that a slip leaves nothing behind.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from eventsim.pipelines.registry import pipeline
from eventsim.pipelines.stages.registry import STAGES
from eventsim.providers.registry import Providers
from eventsim.run.beds import choose_beds
from eventsim.run.prepare import Seedbed
from eventsim.run.rules import rules_of
from eventsim.run.settings.resolving import Settings
from eventsim.run.stages import stages_of

__all__ = ["beds_of", "check_keys"]


def beds_of(settings: Settings, *, goes_on: bool = False) -> list[Seedbed]:
    """What to generate from, with its external environments beside it, or from these
    alone; nothing for a run that goes on with what there is.

    Raises: UsageError; BadInput for an unusable file.
    """
    specs = settings.environments
    if settings.source.model_dump(exclude_none=True):
        return [replace(bed, environments=specs) for bed in _chosen(settings)]
    if specs:
        name = " and ".join(spec.name for spec in specs)
        return [Seedbed(None, name, "", name, environments=specs)]
    return [] if goes_on else _chosen(settings)


def _chosen(settings: Settings) -> list[Seedbed]:
    source = settings.source
    return choose_beds(
        Path(source.db) if source.db is not None else None,
        source.domain,
        seeds=Path(source.seeds) if source.seeds is not None else None,
        description=source.description,
        executes=pipeline(settings.run_config.pipeline).executes,
    )


def check_keys(settings: Settings) -> None:
    """Raises: UsageError for a variable without a key, or a stage or a rule that is not
    there.
    """
    stages_of(settings.run_config, STAGES)
    rules_of(settings.run_config)
    Providers().of(settings.run_config, {})
