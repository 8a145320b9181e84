"""From settings to what a run begins with: its seedbeds, and that keys are there.

Both are looked at before a store is opened, so that a slip leaves nothing behind.
"""

from __future__ import annotations

from pathlib import Path

from eventsim.pipelines.registry import pipeline
from eventsim.pipelines.stages.registry import STAGES
from eventsim.providers.registry import Providers
from eventsim.run.beds import choose_beds
from eventsim.run.prepare import Seedbed
from eventsim.run.settings.resolving import Settings
from eventsim.run.stages import stages_of

__all__ = ["beds_of", "check_keys", "says_source"]


def beds_of(settings: Settings) -> list[Seedbed]:
    """What to generate from. Raises: UsageError; BadInput for an unusable file."""
    source = settings.source
    return choose_beds(
        Path(source.db) if source.db is not None else None,
        source.domain,
        seeds=Path(source.seeds) if source.seeds is not None else None,
        description=source.description,
        executes=pipeline(settings.run_config.pipeline).executes,
    )


def says_source(settings: Settings) -> bool:
    """Whether it was said what to generate from."""
    return bool(settings.source.model_dump(exclude_none=True))


def check_keys(settings: Settings) -> None:
    """Raises: UsageError for a variable without a key, or a stage that is not there."""
    stages_of(settings.run_config, STAGES)
    Providers().of(settings.run_config, {})
