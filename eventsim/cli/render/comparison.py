"""Two trajectories side by side, or as lines that one or the other has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eventsim.cli.render.columns import clip
from eventsim.cli.render.words import (
    change_in_words,
    failures_of,
    result_in_words,
    visible,
)
from eventsim.run.compare import Comparison, Line, Pair, Side

__all__ = ["print_comparison", "print_differences", "print_facts"]

_WIDE = 110

_SPEAKERS = {
    "user": "User",
    "assistant": "Assistant",
    "call": "→",
    "tool": "←",
    "verdict": "verdict",
}


def print_comparison(console: Console, found: Comparison, *, whole: bool) -> None:
    """Where they part, what each says from there on, and what each came to."""
    left, right = found.left, found.right
    title = Text(f"{left.label} and {right.label}", style="bold")
    console.print(title, soft_wrap=True)
    console.print(_parting(found), style="dim", soft_wrap=True)
    console.print()
    if console.is_terminal and console.width >= _WIDE:
        pairs = [pair for pair in found.pairs if whole or not pair.same]
        _print_side_by_side(console, found, pairs)
    else:
        print_differences(console, found, whole=whole)
    console.print()
    for side in (left, right):
        _print_side(console, side)


def _parting(found: Comparison) -> str:
    left, right, common = found.left, found.right, found.common
    if common == 0:
        return "they share no event; what was said is aligned from the beginning"
    if common == left.length == right.length:
        return f"they are the same path of {common} events"
    return (
        f"the first {common} events are shared, up to {left.label}@{common - 1}; "
        f"then {left.length - common} and {right.length - common} events of their own"
    )


def _print_side(console: Console, side: Side) -> None:
    ended = side.ended or "open"
    console.print(Text(side.label, style="bold") + Text(f"  {ended}"), soft_wrap=True)
    for verdict in side.verdicts:
        failed = "; ".join(failures_of(verdict))
        words = f"  task {verdict.task} {verdict.judgment}"
        style = "green" if verdict.judgment == "valid" else "red"
        tail = f": {failed}" if failed else ""
        console.print(Text(words, style=style) + Text(tail), soft_wrap=True)
    for change in side.changes:
        console.print(Text(f"  {change_in_words(change)}"), soft_wrap=True)
    if not side.changes:
        console.print("  no net change of the database", style="dim")


def print_differences(
    console: Console,
    comparison: Comparison,
    *,
    limit: int | None = None,
    whole: bool = False,
) -> None:
    """Lines that differ, `-` of the left and `+` of the right; what is the same is
    only counted, unless `whole`. `limit` bounds the lines that are printed.
    """
    left = limit if limit is not None else 1 << 30
    same = 0
    for pair in comparison.pairs:
        if pair.same:
            same += not whole
            if whole:
                _print_line(console, " ", "dim", pair.left)
            continue
        if left <= 0:
            break
        if same:
            console.print(f"  … {same} the same", style="dim")
            same = 0
        left -= _print_pair(console, pair)
    if left <= 0:
        console.print("  …", style="dim")


def _print_pair(console: Console, pair: Pair) -> int:
    for sign, style, line in (("-", "red", pair.left), ("+", "green", pair.right)):
        _print_line(console, sign, style, line)
    return (pair.left is not None) + (pair.right is not None)


def _print_line(console: Console, sign: str, style: str, line: Line | None) -> None:
    if line is None:
        return
    lead = Text(f"{sign} {line.position:>3}  ", style=style)
    room = max(console.width - lead.cell_len, 20)
    text = _in_words(line)
    shown = clip(text, room * 3) if console.is_terminal else text
    for number, row in enumerate(Text(shown).wrap(console, room)):
        row.rstrip()
        row.stylize(style)
        console.print((Text(" " * 7) if number else lead) + row, soft_wrap=True)


def _print_side_by_side(
    console: Console, comparison: Comparison, pairs: Iterable[Pair]
) -> None:
    """Both columns, equal lines dim."""
    table = Table(box=None, pad_edge=False, expand=True, header_style="bold")
    for label in (comparison.left.label, comparison.right.label):
        table.add_column("", justify="right", style="dim", no_wrap=True)
        table.add_column(label, ratio=1)
    for pair in pairs:
        cells: list[str | Text] = []
        for line, style in ((pair.left, "red"), (pair.right, "green")):
            cells += _cells(line, "dim" if pair.same else style)
        table.add_row(*cells)
    console.print(table)


def _cells(line: Line | None, style: str) -> list[str | Text]:
    if line is None:
        return ["", ""]
    return [str(line.position), Text(clip(_in_words(line), 400), style=style)]


def _in_words(line: Line) -> str:
    """`Assistant: …`, with results shortened."""
    text = result_in_words(line.text) if line.speaker == "tool" else line.text
    mark = "" if line.speaker in ("call", "tool", "verdict") else ":"
    return visible(f"{_SPEAKERS.get(line.speaker, line.speaker)}{mark} {text}")


def print_facts(console: Console, facts: Sequence[tuple[str, ...]]) -> None:
    """What the two stand on and do not have in common."""
    if not facts:
        return
    console.print("stands on", style="bold")
    for what, left, right in facts:
        console.print(f"  {what}: {left or 'none'} → {right or 'none'}", soft_wrap=True)
