"""A plan before it is recorded: whether it makes sense, and what identifies it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eventsim.config import RunConfig
from eventsim.core.event import content_digest
from eventsim.core.events import Start
from eventsim.core.values import digest_of
from eventsim.errors import UsageError
from eventsim.log.store import Store
from eventsim.pipelines.registry import pipeline
from eventsim.prompts.render import installed
from eventsim.run.prepare import Seedbed
from eventsim.run.stages import stages_of

__all__ = ["check_plan", "identities", "without_places"]


def check_plan(
    config: RunConfig, beds: Sequence[Seedbed], prompts: Mapping[str, str]
) -> None:
    """What makes no sense together, in words. Raises: UsageError."""
    chosen = pipeline(config.pipeline)
    stages_of(config, ())
    for name in prompts:
        if name not in installed():
            known = ", ".join(installed())
            raise UsageError(f"no prompt is named {name!r}; the prompts are {known}")
    if config.tasks_by == "rules" and config.tools_by == "models" and chosen.executes:
        raise UsageError(
            "tasks by rules need tools by rules; set tasks_by to models as well"
        )
    for bed in beds:
        if chosen.executes and bed.image is None:
            raise UsageError(
                f"the pipeline {chosen.name} executes tools on a database, and "
                f"{bed.title} has none; give --db, or choose another pipeline"
            )
        if not chosen.executes and bed.image is not None:
            raise UsageError(
                f"in the pipeline {chosen.name} a model plays the tools; give seeds "
                "or a domain instead of a database, or choose another pipeline"
            )


def without_places(config: RunConfig) -> dict[str, object]:
    """The configuration without where endpoints are and how they are reached: a
    server that moved is the same server.
    """
    plain = config.model_dump(mode="json")
    for endpoint in plain["endpoints"].values():
        for name in ("base_url", "key_env", "timeouts", "prices", "concurrency"):
            endpoint.pop(name, None)
    return plain


async def identities(store: Store, starts: Sequence[Start]) -> list[object]:
    """What identifies the places that a run goes on from, in any store: what their own
    streams say up to there, and where they come from. Hashes are salted.
    """
    found: list[object] = []
    for start in starts:
        records = await store.read(start.parent.stream, stop=start.parent.version)
        said = [content_digest(r.event) for r in records if r.event is not None]
        found.append([start.position, digest_of(said)])
    return found
