"""Two trajectories side by side, from where they part. Pure.

Paths share records, not copies of them, so the common ancestor is found by hashes.
Trajectories that share nothing are compared from their first message on.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from difflib import SequenceMatcher, unified_diff
from itertools import takewhile

import orjson

from eventsim.core.changes import RowChange, net
from eventsim.core.effects import CallModel, Step
from eventsim.core.events import Event, ModelCalled, ToolReturned, VerdictGiven
from eventsim.core.fold import fold
from eventsim.core.records import Record
from eventsim.core.state import Message
from eventsim.core.values import canonical, encode
from eventsim.run.paths import OpenedPath

__all__ = [
    "Comparison",
    "Line",
    "Pair",
    "RowPair",
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
    """What one trajectory came to. `changes` is its net effect on the database since
    the common ancestor; `at` is the position that was asked for, None for the whole.
    """

    label: str
    length: int
    ended: str | None
    verdicts: tuple[VerdictGiven, ...]
    changes: tuple[RowChange, ...]
    at: int | None = None

    @property
    def place(self) -> str:
        """As people type it."""
        return self.label if self.at is None else f"{self.label}@{self.at}"


@dataclass(frozen=True, slots=True)
class RowPair:
    """A row of the database that a side changed, and its net change on each."""

    left: RowChange | None
    right: RowChange | None

    @property
    def same(self) -> bool:
        """Whether both sides did the same to it."""
        return self.left == self.right


@dataclass(frozen=True, slots=True)
class Comparison:
    """`common` counts the records that both paths share; `pairs` is what follows."""

    common: int
    left: Side
    right: Side
    pairs: tuple[Pair, ...]

    @property
    def rows(self) -> tuple[RowPair, ...]:
        """Every row that a side changed since the common ancestor, in order of first
        touch, those of the left first.
        """
        left = {_row_of(change): change for change in self.left.changes}
        right = {_row_of(change): change for change in self.right.changes}
        return tuple(
            RowPair(left.get(row), right.get(row)) for row in {**left, **right}
        )


def _row_of(change: RowChange) -> tuple[str, bytes]:
    return change.table, canonical(change.key)


def compare(
    left: Sequence[Record],
    right: Sequence[Record],
    left_events: Sequence[Event],
    right_events: Sequence[Event],
    *,
    at: tuple[int | None, int | None] = (None, None),
) -> Comparison:
    """Compare two paths; events are those of the records, `at` the positions that were
    asked for.
    """
    common = common_length(left, right)
    left_lines = [line for line in lines_of(left_events) if line.position >= common]
    right_lines = [line for line in lines_of(right_events) if line.position >= common]
    return Comparison(
        common,
        _side(left_events, common, at[0]),
        _side(right_events, common, at[1]),
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


def _side(events: Sequence[Event], common: int, at: int | None) -> Side:
    state = fold(events)
    own = events[common:]
    changes = (c for e in own if isinstance(e, ToolReturned) for c in e.changes)
    return Side(
        state.label,
        state.length,
        state.ended.reason if state.ended else None,
        state.verdicts,
        net(changes),
        at,
    )


_TELLING = 30
"""Characters of a line that is hardly said twice by chance."""


def _align(left: list[Line], right: list[Line]) -> list[Pair]:
    """Lines that both sides have once stand opposite each other. What is short or said
    more than once ("Yes, please.") does not hold two places together: it would tear
    apart what belongs to one place.
    """
    once = _said_once(left) & _said_once(right)
    pairs: list[Pair] = []
    matcher: SequenceMatcher[object] = SequenceMatcher(
        None,
        _anchors(left, once, "left"),
        _anchors(right, once, "right"),
        autojunk=False,
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += map(Pair, left[i1:i2], right[j1:j2])
        else:
            pairs += _align_between(left[i1:i2], right[j1:j2])
    return pairs


def _anchors(
    lines: Sequence[Line], once: AbstractSet[tuple[str, str]], side: str
) -> list[object]:
    """What holds places together, and for all other lines what is like nothing else."""
    return [
        _said(line) if _said(line) in once else (side, number, "no anchor")
        for number, line in enumerate(lines)
    ]


def _said(line: Line) -> tuple[str, str]:
    return line.speaker, line.text


def _said_once(lines: Sequence[Line]) -> set[tuple[str, str]]:
    counted = Counter(_said(line) for line in lines if len(line.text) >= _TELLING)
    return {said for said, count in counted.items() if count == 1}


def _align_between(left: list[Line], right: list[Line]) -> list[Pair]:
    """The same beginning and the same end; between them, lines of one speaker, or calls
    of one tool, in order.
    """
    begin = _alike(zip(left, right, strict=False))
    rest = min(len(left), len(right)) - begin
    end = min(_alike(zip(reversed(left), reversed(right), strict=False)), rest)
    mine = left[begin : len(left) - end]
    yours = right[begin : len(right) - end]
    pairs = list(map(Pair, left[:begin], right[:begin]))
    matcher: SequenceMatcher[str] = SequenceMatcher(
        None, list(map(_sort, mine)), list(map(_sort, yours)), autojunk=False
    )
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            pairs += map(Pair, mine[i1:i2], yours[j1:j2])
        else:
            pairs += [Pair(line, None) for line in mine[i1:i2]]
            pairs += [Pair(None, line) for line in yours[j1:j2]]
    return [*pairs, *map(Pair, left[len(left) - end :], right[len(right) - end :])]


def _alike(pairs: Iterable[tuple[Line, Line]]) -> int:
    """How many pairs from the first on say the same."""
    return sum(1 for _ in takewhile(lambda pair: Pair(*pair).same, pairs))


def _sort(line: Line) -> str:
    """What a line is: the speaker, and the tool of a call."""
    if line.speaker != "call":
        return line.speaker
    return f"call {line.text.partition(' ')[0]}"


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
    for key, value in body.items():
        each = value if key == "tools" else [value]
        lines.extend(f"{key}: {orjson.dumps(item).decode()}" for item in each)
    return lines
