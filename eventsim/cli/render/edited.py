"""What is edited on a fork, in one line: read from the fork's own events, from what it
stands on beside what its parent stands on, and from the messages of the parent's path.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from eventsim.cli.render.columns import counted, few
from eventsim.cli.render.words import persona_in_words
from eventsim.config import RunConfig
from eventsim.core import events as e
from eventsim.core.materials import Materials
from eventsim.run.paths import Opened, footings_of

__all__ = ["edits_in_words"]

_Said = e.UserMessaged | e.AssistantReplied | e.ToolReturned
_Placed = tuple[int, _Said]
_DRAWN_OR_PLANNED = frozenset({"roles", "seed", "count", "tasks", "endpoints"})


def edits_in_words(opened: Opened, parent: Sequence[e.Event]) -> str:
    """What the last fork of a path changed, or what a run that goes on adds to it;
    nothing if there is nothing. `parent` holds the events of the path that it forks.
    """
    forks = [
        n for n, v in enumerate(opened.events) if isinstance(v, e.TrajectoryForked)
    ]
    if not forks:
        return ""
    at = forks[-1]
    fork = opened.events[at]
    assert isinstance(fork, e.TrajectoryForked)
    before = footings_of(opened.events[:at])[-1]
    after = footings_of(opened.events[: at + 1])[-1]
    root = opened.events[0]
    configured = not (isinstance(root, e.TrajectoryImported) and root.run == before.run)
    parts = [
        *_messages(opened.events, at, fork.position, parent),
        *_personas(opened.events[at:]),
        *_materials(opened.grounds[before], opened.grounds[after]),
    ]
    if configured:
        then, now = opened.grounds[before].config, opened.grounds[after].config
        parts += _configuration(then, now)
    what = "edited" if fork.index is None else "new"
    return f"{what}: {'; '.join(parts)}" if parts else ""


# --- messages -----------------------------------------------------------------------


def _messages(
    events: Sequence[e.Event], at: int, position: int, parent: Sequence[e.Event]
) -> Iterator[str]:
    given = list(_given(events, at))
    rest = [
        (n, v) for n, v in enumerate(parent) if n > position and isinstance(v, _Said)
    ]
    # What was redacted cannot be compared.
    gone = any(isinstance(event, e.Withheld) for event in events[at:])
    aligned = None if gone else _align(given, rest)
    if aligned is None:
        yield from _listed("edited", [n for n, v in given if v.by == "edit"])
        return
    replaced, inserted, dropped = aligned
    yield from _listed("replaced", replaced)
    yield from _listed("inserted", inserted)
    yield from _listed("dropped of its parent", dropped)


def _listed(what: str, positions: Sequence[int]) -> Iterator[str]:
    if positions:
        yield f"{what} @{few([str(n) for n in positions], ', @')}"


def _given(events: Sequence[e.Event], at: int) -> Iterator[_Placed]:
    """The messages and results that stand there because of an edit."""
    for position in range(at + 1, len(events)):
        event = events[position]
        if isinstance(event, _Said):
            if event.by not in ("edit", "copy"):
                return
            yield position, event


def _align(
    given: Sequence[_Placed], rest: Sequence[_Placed]
) -> tuple[list[int], list[int], list[int]] | None:
    """Positions of what was replaced, inserted and dropped, the last on the parent's
    path; None if the copies are not of that path.
    """
    replaced: list[int] = []
    inserted: list[int] = []
    dropped: list[int] = []
    edits: list[_Placed] = []
    next_ = 0

    def settle(gap: Sequence[_Placed]) -> list[int]:
        left = []
        for position, event in gap:
            same = [each for each in edits if type(each[1]) is type(event)]
            if same:
                replaced.append(same[0][0])
                edits.remove(same[0])
            else:
                left.append(position)
        inserted.extend(position for position, _ in edits)
        edits.clear()
        return left

    for position, event in given:
        if event.by == "edit":
            edits.append((position, event))
            continue
        places = range(next_, len(rest))
        found = next((n for n in places if _same(rest[n][1], event)), None)
        if found is None:
            return None
        dropped += settle(rest[next_:found])
        next_ = found + 1
    # Nothing was taken over after the last edits: how far they reach, they say alone.
    settle(rest[next_ : next_ + len(edits)])
    return replaced, inserted, dropped


def _same(one: _Said, other: _Said) -> bool:
    return _content(one) == _content(other)


def _content(event: _Said) -> object:
    if isinstance(event, e.ToolReturned):
        return event.kind, event.content
    calls = [(call.name, call.arguments) for call in event.calls]
    return event.kind, event.text, calls


# --- who, with what, what for -------------------------------------------------------


def _personas(events: Sequence[e.Event]) -> Iterator[str]:
    for event in events:
        if isinstance(event, e.PersonaAssigned) and event.by == "edit":
            yield f"persona {persona_in_words(event)}"


def _materials(before: Materials, after: Materials) -> Iterator[str]:
    if before.source.identity != after.source.identity:
        yield f"environment {after.source.name}"
    if before.policy != after.policy:
        yield "policy"
    yield from _tools(before, after)
    if before.now and before.now != after.now:
        yield f"clock {after.now}"
    there = min(len(before.tasks), len(after.tasks))
    texts = {**before.prompts, **after.prompts}
    prompts = [n for n in texts if before.prompts.get(n) != after.prompts.get(n)]
    if prompts and before.prompts:  # an import has none
        yield f"prompts: {few(prompts)}"
    for number in range(there):
        if before.tasks[number] != after.tasks[number]:
            yield f"task {number + 1}"
    more = len(after.tasks) - there
    if more:
        yield f"{counted(more, 'task')} added"


def _tools(before: Materials, after: Materials) -> Iterator[str]:
    then, now = before.tool_by_name, after.tool_by_name
    named = {
        "added": [name for name in now if name not in then],
        "left out": [name for name in then if name not in now],
        "changed": [
            name
            for name, tool in now.items()
            if name in then and then[name].digest != tool.digest
        ],
    }
    for what, names in named.items():
        if names:
            noun = "tool" if len(names) == 1 else "tools"
            yield f"{noun} {what}: {few(names)}"


def _configuration(before: RunConfig, after: RunConfig) -> Iterator[str]:
    then = before.roles.all()
    for role, choice in after.roles.all().items():
        if choice.model != then[role].model:
            yield f"{role}: model {choice.model}"
        elif choice != then[role]:
            yield f"{role}: model settings"
    changed = [
        name
        for name in type(after).model_fields
        if name not in _DRAWN_OR_PLANNED
        and getattr(before, name) != getattr(after, name)
    ]
    if changed:
        yield f"settings: {few(changed)}"
