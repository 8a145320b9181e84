"""What events point at: blobs by digest, and states of other streams.

One line a field; whoever adds an event that holds a digest or a Ref adds it here.
Verifying follows these, and a bundle takes along what they name.
"""

from __future__ import annotations

from collections.abc import Iterator

from eventsim.core.events import (
    EnvironmentMounted,
    Event,
    PreparationStarted,
    Ref,
    RunStarted,
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
                yield f"sources.{number}.image", source.image
        case PreparationStarted():
            yield "source.image", event.source.image
        case EnvironmentMounted():
            yield "image", event.image


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
        case EnvironmentMounted() | ToolsetMounted() | TaskAssigned():
            yield "preparation", event.preparation
