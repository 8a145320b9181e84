"""Two trajectories side by side, from where they part. Pure.

Paths share records, not copies of them, so the common ancestor is found by hashes.
Trajectories that share nothing are compared from their first message on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff

import orjson

from eventsim.core.changes import RowChange, net
from eventsim.core.effects import CallModel, Step
from eventsim.core.events import Event, ModelCalled, ToolReturned, VerdictGiven
from eventsim.core.fold import fold
from eventsim.core.records import Record
from eventsim.core.state import Message
from eventsim.core.values import encode
from eventsim.run.paths import OpenedPath

__all__ = [
    "Comparison",
    "Line",
    "Pair",
    "Side",
    "common_length",
    "compare",
    "lines_of",
    "request_difference",
    "request_differences",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One thing that was said, called, returned or judged, in words."""

    position: int
    speaker: str
    text: str


@dataclass(frozen=True, slots=True)
class Pair:
    """Two lines that stand at the same place; None where one side has nothing."""

    left: Line | None
    right: Line | None

    @property
    def same(self) -> bool:
        """Whether both sides say the same."""
        return (
            self.left is not None
            and self.right is not None
            and (self.left.speaker, self.left.text)
            == (self.right.speaker, self.right.text)
        )


@dataclass(frozen=True, slots=True)
class Side:
    """What one trajectory came to. `changes` is its net effect on the database."""

    label: str
    length: int
    ended: str | None
    verdicts: tuple[VerdictGiven, ...]
    changes: tuple[RowChange, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """`common` counts the records that both paths share; `pairs` is what follows."""

    common: int
    left: Side
    right: Side
    pairs: tuple[Pair, ...]


def compare(
    left: Sequence[Record],
    right: Sequence[Record],
    left_events: Sequence[Event],
    right_events: Sequence[Event],
) -> Comparison:
    """Compare two paths; events are those of the records."""
    common = common_length(left, right)
    left_lines = [line for line in lines_of(left_events) if line.position >= common]
    right_lines = [line for line in lines_of(right_events) if line.position >= common]
    return Comparison(
        common,
        _side(left_events),
        _side(right_events),
        tuple(_align(left_lines, right_lines)),
    )


def common_length(left: Sequence[Record], right: Sequence[Record]) -> int:
    """How many records from the root on are the very same."""
    length = 0
    for one, other in zip(left, right, strict=False):
        if one.hash != other.hash:
            break
        length += 1
    return length


def lines_of(events: Sequence[Event]) -> list[Line]:
    """Messages, calls, results and verdicts of a path, in order."""
    state = fold(events)
    verdicts = (
        Line(at, "verdict", _verdict(event))
        for at, event in enumerate(events)
        if isinstance(event, VerdictGiven)
    )
    said = (line for message in state.messages for line in _message(message))
    return sorted([*said, *verdicts], key=lambda line: line.position)


def _message(message: Message) -> list[Line]:
    lines = []
    if message.text or message.speaker == "tool":
        lines.append(Line(message.position, message.speaker, message.text))
    for call in message.calls:
        arguments = encode(call.arguments).decode()
        lines.append(Line(message.position, "call", f"{call.name} {arguments}"))
    return lines


def _verdict(event: VerdictGiven) -> str:
    failed = "; ".join(f.detail for f in event.findings if not f.passed)
    tail = f": {failed}" if failed else ""
    return f"task {event.task} {event.judgment}{tail}"


def _side(events: Sequence[Event]) -> Side:
    state = fold(events)
    changes = (c for e in events if isinstance(e, ToolReturned) for c in e.changes)
    return Side(
        state.label,
        state.length,
        state.ended.reason if state.ended else None,
        state.verdicts,
        net(changes),
    )


def _align(left: list[Line], right: list[Line]) -> list[Pair]:
    """Equal lines stand opposite each other; between them, lines of one speaker."""
    pairs: list[Pair] = []
    matcher: SequenceMatcher[tuple[str, str]] = SequenceMatcher(
        None,
        [(line.speaker, line.text) for line in left],
        [(line.speaker, line.text) for line in right],
        autojunk=False,
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += map(Pair, left[i1:i2], right[j1:j2])
        else:
            pairs += _align_different(left[i1:i2], right[j1:j2])
    return pairs


def _align_different(left: list[Line], right: list[Line]) -> list[Pair]:
    """Different texts of the same speaker stand opposite each other, in order."""
    pairs: list[Pair] = []
    matcher: SequenceMatcher[str] = SequenceMatcher(
        None,
        [line.speaker for line in left],
        [line.speaker for line in right],
        autojunk=False,
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += map(Pair, left[i1:i2], right[j1:j2])
        else:
            pairs += [Pair(line, None) for line in left[i1:i2]]
            pairs += [Pair(None, line) for line in right[j1:j2]]
    return pairs


# --- requests -----------------------------------------------------------------------


def request_differences(
    left: OpenedPath, right: OpenedPath, common: int
) -> dict[str, list[str]]:
    """How the first request of each role after the common part differs, by role."""
    mine, yours = _first_requests(left, common), _first_requests(right, common)
    return {
        role: list(request_difference(mine[role], yours[role], "left", "right"))
        for role in mine
        if role in yours
    }


def _first_requests(opened: OpenedPath, common: int) -> dict[str, Step]:
    found: dict[str, Step] = {}
    for position, event in enumerate(opened.events):
        if position < common or not isinstance(event, ModelCalled):
            continue
        if event.role not in found:
            found[event.role] = opened.step_after(position)
    return found


def request_difference(
    left: Step, right: Step, name: str, other: str
) -> tuple[str, ...]:
    """Which lines of which message are not the same, as a unified diff."""
    old, new = _request_lines(left), _request_lines(right)
    return tuple(unified_diff(old, new, name, other, "", "", 1, ""))


def _request_lines(step: Step) -> list[str]:
    if not isinstance(step.effect, CallModel):
        return []
    body = orjson.loads(step.effect.body)
    lines = []
    for message in body.pop("messages"):
        content = message.pop("content")
        lines.append(orjson.dumps(message).decode())
        lines.extend((content or "").splitlines())
    return [*lines, *(f"{key}: {orjson.dumps(body[key]).decode()}" for key in body)]
