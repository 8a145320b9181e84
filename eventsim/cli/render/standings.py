"""What several sides stand on and do not have in common: of two as changes, of more
as a table. Texts (prompts, policy, tools) are compared line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import shorten

from rich.console import Console
from rich.text import Text

from eventsim.cli.render.columns import clip, print_table
from eventsim.cli.render.words import visible
from eventsim.config import Roles
from eventsim.run.standings import Difference

__all__ = ["print_changes", "print_values", "shortened", "wrapped"]

_FEW = 6
_ROLES = frozenset(Roles.model_fields)
_LEAST = 12


def shortened(text: str, room: int) -> str:
    """On one line, cut at a word where there is one to cut at."""
    cut = shorten(text, room, placeholder=" …")
    return cut if len(cut) > room // 2 else clip(text, room)


def wrapped(
    console: Console, lead: Text, text: Text, *, most: int | None = None
) -> None:
    """The text behind its lead, on a terminal broken at words under itself; `most`
    bounds the lines that it may take.
    """
    room = max(console.width - lead.cell_len, 20)
    if most is not None and console.is_terminal:
        text = Text(shortened(text.plain, room * most), style=text.style)
    lines = list(text.wrap(console, room)) if console.is_terminal else [text]
    for number, line in enumerate(lines or [Text()]):
        line.rstrip()
        before = Text(" " * lead.cell_len) if number else lead
        console.print(before + line, soft_wrap=True)


def print_changes(
    console: Console, found: Sequence[Difference], *, whole: bool
) -> None:
    """Of two sides: what it was, what it is; a few lines of texts, or the `whole`."""
    if not found:
        console.print("they stand on the same", style="dim")
        return
    console.print("stands on", style="bold")
    told: set[str] = set()
    for change in ("added", "removed"):
        tools = [
            d.what for d in found if d.what[:5] == "tool " and _change(d) == change
        ]
        if len(tools) > 1:
            told |= set(tools)
            names = ", ".join(what[5:] for what in tools)
            wrapped(console, Text(f"  tools {change}: "), Text(visible(names)))
    for names, each in _grouped([d for d in found if d.what not in told]):
        wrapped(console, Text(f"  {names}: "), Text(visible(_change(each))))
        if each.is_text:
            _print_lines(console, each.lines, whole=whole)


def _change(each: Difference) -> str:
    left, right = each.values
    if each.opaque and left is None:
        return "added"
    if each.opaque and right is None:
        return "removed"
    if each.is_text:
        return f"changed ({', '.join(each.changed)})" if each.changed else "changed"
    return f"{left or 'none'} → {right or 'none'}"


def _print_lines(console: Console, lines: Sequence[str], *, whole: bool) -> None:
    shown = lines if whole else lines[:_FEW]
    for line in shown:
        sign = "" if line.startswith("@@") else line[:1]
        style = {"-": "red", "+": "green"}.get(sign, "dim")
        text = Text(visible(line[1:] if sign else line[3:]), style=style)
        lead = Text(f"    {sign} " if sign else "    ", style=style)
        wrapped(console, lead, text, most=None if whole else 3)
    if len(shown) < len(lines):
        left = len(lines) - len(shown)
        console.print(f"      … {left} more lines; --whole shows them", style="dim")


def print_values(
    console: Console, found: Sequence[Difference], names: Sequence[str]
) -> None:
    """Of any number of sides: a row a fact, a column a side, in as many tables side by
    side as the terminal needs.
    """
    if not found:
        console.print("they stand on the same", style="dim")
        return
    rows = [(what, _values(each)) for what, each in _grouped(found)]
    first = max(len("stands on"), *(len(what) for what, _ in rows))
    room = max(console.width - first, 2 * _LEAST)
    most = room if not console.is_terminal else max(room // len(names) - 2, _LEAST)
    at_once = len(names)
    if console.is_terminal:
        widest = max(most, *(len(name) for name in names))
        at_once = max(room // (widest + 2), 1)
    for begin in range(0, len(names), at_once):
        if begin:
            console.print()
        end = begin + at_once
        cells: list[list[str | Text]] = [
            [what, *(shortened(value, most) for value in values[begin:end])]
            for what, values in rows
        ]
        print_table(console, ["stands on", *names[begin:end]], cells)
    if any(each.is_text for each in found):
        console.print(
            "v1, v2: texts that differ; eventsim diff of two of them shows how",
            style="dim",
        )


def _values(each: Difference) -> list[str]:
    if not each.is_text:
        return [visible(value or "none") for value in each.values]
    return [f"v{version}" if version else "none" for version in each.versions]


def _grouped(found: Sequence[Difference]) -> list[tuple[str, Difference]]:
    """Facts of roles that say the same of each are one: `model of user, assistant`."""
    groups: dict[tuple[str, tuple[str | None, ...]], list[Difference]] = {}
    for each in found:
        what, role = _role(each.what)
        groups.setdefault((what if role else each.what, each.values), []).append(each)
    lines = []
    for (what, _), same in groups.items():
        roles = [_role(each.what)[1] for each in same]
        named = "every role" if len(same) == len(_ROLES) else ", ".join(roles)
        lines.append((f"{what} of {named}" if roles[0] else what, same[0]))
    return lines


def _role(what: str) -> tuple[str, str]:
    name, _, role = what.rpartition(" of ")
    return (name, role) if role in _ROLES else (what, "")
