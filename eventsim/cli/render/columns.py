"""Small pieces of layout: one-line texts, columns without frames, counted nouns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.text import Text

__all__ = ["clip", "counted", "few", "fraction", "print_table", "share"]

_GAP = "  "
_NARROWEST = 20
_FEW = 4


def clip(text: str, width: int) -> str:
    """The text on one line, cut with an ellipsis where it is too long."""
    line = " ".join(text.split())
    return line if len(line) <= width else line[: max(width - 1, 0)].rstrip() + "…"


def counted(number: int, noun: str, plural: str | None = None) -> str:
    """`1 row`, `2 rows`."""
    return f"{number:,} {noun if number == 1 else plural or noun + 's'}"


def few(names: Sequence[str], between: str = ", ") -> str:
    """The first ones, and how many more there are."""
    listed = between.join(names[:_FEW])
    left = len(names) - _FEW
    return f"{listed} and {left:,} more" if left > 0 else listed


def share(part: int, whole: int) -> str:
    """A percentage without decimals, or a dash where there is nothing."""
    return f"{100 * part / whole:.0f} %" if whole else "-"


def fraction(part: int, whole: int) -> str:
    """`9 of 12 (75 %)`."""
    return f"{part:,} of {whole:,} ({share(part, whole)})"


def print_table(
    console: Console,
    headings: Sequence[str],
    rows: Iterable[Sequence[str | Text]],
    *,
    right: Sequence[str] = (),
) -> None:
    """Columns as wide as they need; headings in `right` are of numbers. On a terminal
    the last column breaks into lines, in a pipe nothing does.
    """
    head = [Text(heading, style="bold") for heading in headings]
    cells = [[c if isinstance(c, Text) else Text(c) for c in row] for row in rows]
    table = [head, *cells] if any(headings) else cells
    last = len(headings) - 1
    widths = [max((row[n].cell_len for row in table), default=0) for n in range(last)]
    indent = sum(widths) + len(_GAP) * last
    room = max(console.width - indent, _NARROWEST)
    for row in table:
        lead = Text()
        for cell, width, heading in zip(row, widths, headings, strict=False):
            pad = Text(" " * (width - cell.cell_len))
            lead += (pad + cell if heading in right else cell + pad) + Text(_GAP)
        _print_row(console, lead, row[last], room, number=headings[last] in right)


def _print_row(
    console: Console, lead: Text, cell: Text, room: int, *, number: bool
) -> None:
    if number:
        cell = Text(" " * max(6 - cell.cell_len, 0)) + cell
    lines = list(cell.wrap(console, room)) if console.is_terminal else cell.split("\n")
    for count, part in enumerate(lines or [Text()]):
        line = (Text(" " * lead.cell_len) if count else lead) + part
        line.rstrip()
        console.print(line, soft_wrap=True)
