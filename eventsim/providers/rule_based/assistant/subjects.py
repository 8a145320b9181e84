"""What a request is about: the kind of thing that its clues lead to.

Where no noun says it, the conversation does, or what the tools know about.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.providers.rule_based.assistant.english import stem
from eventsim.providers.rule_based.assistant.requests import Clue, Request
from eventsim.providers.rule_based.assistant.resolving import (
    findable,
    finders,
)
from eventsim.providers.rule_based.assistant.rows import same_value
from eventsim.providers.rule_based.assistant.script import Script

__all__ = ["anchor", "knows", "unnamed", "with_implied"]


def with_implied(script: Script, request: Request) -> tuple[Clue, ...]:
    """The clues, or the thing that was spoken of last where none was given."""
    if request.clues:
        return request.clues
    latest = script.memory.latest(request.focus)
    if latest is not None and (request.asked or not request.many):
        return (Clue(entity=latest.entity, kind="ref", ref="that"),)
    return ()


def anchor(script: Script, clues: Sequence[Clue]) -> str | None:
    """The kind of thing that the clues lead to."""
    request = script.request
    named = [c.entity for c in clues if c.entity is not None]
    if request.focus is not None and request.focus in named:
        return request.focus
    distinct = list(dict.fromkeys(named))
    if len(distinct) > 1 and request.asked:
        best = max(
            script.lexicon.entities,
            key=lambda e: (knows(script, e, request.asked), e == distinct[0]),
        )
        if knows(script, best, request.asked) and finders(script, best, clues):
            return best
    if distinct:
        return distinct[0]
    return unnamed(script, clues)


def unnamed(script: Script, clues: Sequence[Clue]) -> str | None:
    """The kind of thing meant where no noun says it."""
    request, memory = script.request, script.memory
    clue = clues[0]
    if clue.refers:
        if clue.place is not None:
            placed = memory.placed(clue.place, None)
            return placed.entity if placed is not None else None
        if clue.words and (playing := memory.playing(clue.words)) is not None:
            return playing.entity
        for thing in reversed(memory.things):
            if knows(script, thing.entity, request.asked):
                return thing.entity
        return memory.topic.entity if memory.topic is not None else None
    if request.focus is not None:
        return request.focus
    for thing in reversed(memory.things):
        if thing.label is not None and same_value(thing.label, clue.value):
            return thing.entity
    able = [e for e in script.lexicon.entities if findable(script, e, clue)]
    return max(
        able,
        key=lambda e: (
            knows(script, e, request.asked),
            finders(script, e, clues)[0][0],
        ),
        default=None,
    )


def knows(script: Script, entity: str, asked: Sequence[tuple[str, ...]]) -> int:
    """How many of the attributes the tools of a kind mention."""
    known: set[str] = set()
    for tool in script.lexicon.tools:
        if tool.entity == entity:
            known |= tool.description_stems
            known |= {stem(w) for p in tool.params for w in p.words}
    return sum(set(words) <= known for words in asked)
