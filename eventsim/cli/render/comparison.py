"""Two trajectories side by side, or as lines that one or the other has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from eventsim.cli.render.columns import counted, print_table
from eventsim.cli.render.standings import shortened, wrapped
from eventsim.cli.render.words import change_in_words, result_in_words, visible
from eventsim.core.changes import RowChange
from eventsim.run.compare import Comparison, Line, Pair, Side
from eventsim.run.standings import Row

__all__ = ["print_comparison", "print_differences", "print_parting", "print_rows_of"]

_WIDE = 110

_SPEAKERS = {
    "user": "User",
    "assistant": "Assistant",
    "call": "→",
    "tool": "←",
    "verdict": "verdict",
}


def print_comparison(console: Console, found: Comparison, *, whole: bool) -> None:
    """What each says from where they part, what each did to rows, and what came of it.
    With `whole`, what is the same too.
    """
    left, right = found.left, found.right
    if console.is_terminal and console.width >= _WIDE:
        pairs = [pair for pair in found.pairs if whole or not pair.same]
        _print_side_by_side(console, found, pairs)
    else:
        print_differences(console, found, whole=whole)
    console.print()
    _print_rows(console, found, whole=whole)
    for side in (left, right):
        _print_side(console, side)


def print_parting(console: Console, found: Comparison) -> None:
    """What is compared, and how far it is the same path."""
    left, right = found.left, found.right
    console.print(Text(f"{left.place} and {right.place}", style="bold"), soft_wrap=True)
    wrapped(console, Text(), Text(_parting(found), style="dim"))


def _parting(found: Comparison) -> str:
    left, right, common = found.left, found.right, found.common
    if common == 0:
        return "they share no event; what was said is aligned from the beginning"
    if common == left.length == right.length:
        return f"they are the same path of {counted(common, 'event')}"
    shared = f"the first {counted(common, 'event')} are shared"
    for one, other in ((left, right), (right, left)):
        if one.length == common:
            more = counted(other.length - common, "more event")
            return f"{shared}: all of {one.place}; {other.place} has {more}"
    return (
        f"{shared}, up to {left.label}@{common - 1}; "
        f"then {left.length - common} and {right.length - common} events of their own"
    )


def _print_rows(console: Console, found: Comparison, *, whole: bool) -> None:
    """The rows that each side changed since they part; alike ones are counted."""
    if not found.rows:
        console.print("neither changed a row of the database", style="dim")
        return
    since = "since they part" if found.common else "from the beginning"
    console.print(f"rows of the database {since}", style="bold")
    alike = 0
    for pair in found.rows:
        if pair.same and not whole:
            alike += 1
        elif pair.same:
            _print_row(console, " ", "dim", pair.left)
        else:
            _print_row(console, "-", "red", pair.left)
            _print_row(console, "+", "green", pair.right)
    if alike:
        console.print(f"  … {counted(alike, 'row')} changed alike", style="dim")


def _print_row(
    console: Console, sign: str, style: str, change: RowChange | None
) -> None:
    if change is not None:
        text = Text(change_in_words(change), style=style)
        wrapped(console, Text(f"{sign} ", style=style), text)


def _print_side(console: Console, side: Side) -> None:
    words = Text.assemble((side.place, "bold"), f"  {side.ended or 'open'}")
    for verdict in side.verdicts:
        style = "green" if verdict.judgment == "valid" else "red"
        words.append(", ").append(f"task {verdict.task} {verdict.judgment}", style)
    wrapped(console, Text(), words)


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
    shown = shortened(text, room * 3) if console.is_terminal else text
    for number, row in enumerate(Text(shown).wrap(console, room)):
        row.rstrip()
        row.stylize(style)
        console.print((Text(" " * 7) if number else lead) + row, soft_wrap=True)


def _print_side_by_side(
    console: Console, comparison: Comparison, pairs: Iterable[Pair]
) -> None:
    """Both columns, equal lines dim."""
    table = Table(box=None, pad_edge=False, expand=True, header_style="bold")
    for label in (comparison.left.place, comparison.right.place):
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
    return [str(line.position), Text(shortened(_in_words(line), 400), style=style)]


def _in_words(line: Line) -> str:
    """`Assistant: …`, with results shortened."""
    text = result_in_words(line.text) if line.speaker == "tool" else line.text
    mark = "" if line.speaker in ("call", "tool", "verdict") else ":"
    return visible(f"{_SPEAKERS.get(line.speaker, line.speaker)}{mark} {text}")


def print_rows_of(console: Console, names: Sequence[str], rows: Sequence[Row]) -> None:
    """Many trajectories, a line each, under the names that they were asked for by."""
    lines: list[list[str | Text]] = []
    for name, row in zip(names, rows, strict=True):
        style = "green" if row.verdict == "valid" else "red"
        lines.append(
            [
                name,
                str(row.common),
                "" if row.parts_at is None else f"@{row.parts_at}",
                str(row.messages),
                str(row.calls),
                str(row.errors),
                str(row.changes),
                f"{row.tokens:,}",
                Text(row.verdict, style=style),
            ]
        )
    headings = "trajectory shared parts messages calls errors rows tokens verdict"
    right = ["shared", "messages", "calls", "errors", "rows", "tokens"]
    print_table(console, headings.split(), lines, right=right)
    for line in (
        f"shared: events in common with {names[0]}",
        "parts: where it first says something else than that",
        "rows: of the database that the whole path changed, as they are at its end",
        "verdict: of all tasks together; open until the trajectory has ended",
    ):
        console.print(line, style="dim")
