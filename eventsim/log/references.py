"""What events point at: blobs by digest, and states of other streams.

One line a field; whoever adds an event that holds a digest or a Ref adds it here.
Verifying follows these, and a bundle takes along what they name.
"""

from __future__ import annotations

from collections.abc import Iterator

from eventsim.core.events import (
    EnvironmentMounted,
    Event,
    PayloadRedacted,
    PreparationStarted,
    Ref,
    RunStarted,
    Source,
    TaskAssigned,
    ToolsetMounted,
    TrajectoryForked,
    TrajectoryStarted,
)

__all__ = ["blobs_of", "refs_of"]


def blobs_of(event: Event) -> Iterator[tuple[str, str]]:
    """(field, SHA-256) of every blob that the event needs."""
    match event:
        case RunStarted():
            for role, blob in event.prompts.items():
                yield f"prompts.{role}", blob
            for number, source in enumerate(event.sources):
                yield from _blobs_of_source(f"sources.{number}", source)
        case PreparationStarted():
            yield from _blobs_of_source("source", event.source)
        case EnvironmentMounted():
            if event.image:
                yield "image", event.image
        case _:
            answer = getattr(event, "answer", None)
            if answer is not None and answer.extras:
                yield "answer.extras", answer.extras


def _blobs_of_source(field: str, source: Source) -> Iterator[tuple[str, str]]:
    if source.image:
        yield f"{field}.image", source.image
    if source.seed_tools:
        yield f"{field}.seed_tools", source.seed_tools


def refs_of(event: Event) -> Iterator[tuple[str, Ref]]:
    """(field, Ref) of every state that the event builds on."""
    match event:
        case TrajectoryStarted():
            yield "run", event.run
            yield "preparation", event.preparation
        case TrajectoryForked():
            yield "parent", event.parent
        case PreparationStarted():
            if event.run is not None:
                yield "run", event.run
            if event.tools_from is not None:
                yield "tools_from", event.tools_from
            if event.questions_from is not None:
                yield "questions_from", event.questions_from
        case RunStarted():
            for purpose, ref in event.prepared.items():
                yield f"prepared.{purpose}", ref
        case PayloadRedacted():
            yield "of", event.of
            for number, ref in enumerate(event.covered):
                yield f"covered.{number}", ref
        case EnvironmentMounted() | ToolsetMounted() | TaskAssigned():
            yield "preparation", event.preparation
