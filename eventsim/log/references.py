"""What events point at: blobs by digest, and states of other streams.

One line a field; whoever adds an event that holds a digest or a Ref adds it here.
Verifying follows these, and a bundle takes along what they name.
"""

from __future__ import annotations

from collections.abc import Iterator

from eventsim.core.events import (
    EnvironmentMounted,
    Event,
    NoteAdded,
    PayloadRedacted,
    PreparationStarted,
    Ref,
    RunStarted,
    Source,
    TaskAssigned,
    ToolsetMounted,
    TrajectoryForked,
    TrajectoryImported,
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
        case TrajectoryStarted() | TrajectoryImported():
            yield "run", event.run
            yield "preparation", event.preparation
        case TrajectoryForked():
            yield from _named(event, "parent", "run", "preparation")
        case PreparationStarted():
            yield from _named(
                event, "run", "tools_from", "questions_from", "continues", "dialogue"
            )
        case RunStarted():
            for purpose, ref in event.prepared.items():
                yield f"prepared.{purpose}", ref
        case NoteAdded():
            yield "of", event.of
        case PayloadRedacted():
            yield "of", event.of
            for number, ref in enumerate(event.covered):
                yield f"covered.{number}", ref
        case EnvironmentMounted() | ToolsetMounted() | TaskAssigned():
            yield "preparation", event.preparation


def _named(event: Event, *fields: str) -> Iterator[tuple[str, Ref]]:
    for field in fields:
        ref = getattr(event, field)
        if ref is not None:
            yield field, ref
