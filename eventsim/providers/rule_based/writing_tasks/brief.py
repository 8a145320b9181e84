"""What a request to the task writer holds: tools, tables, rows, policy, wishes.

Read from the headed sections of the system message and from the last message, as
anybody who is asked would read them.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from random import Random
from typing import Any

from eventsim.providers.rule_based.designing.knowledge import (
    Knowledge,
    Param,
    from_signatures,
)
from eventsim.providers.rule_based.designing.request import read_brief
from eventsim.providers.rule_based.designing.words import singular, split_name
from eventsim.providers.rule_based.writing_tasks.ddl import Table, read_tables

__all__ = ["Commission", "Op", "Wishes", "read_commission", "sections_of"]

_HEADING = re.compile(r"^# (.+)$", re.MULTILINE)
_ROWS = re.compile(r"^(\S.*) \(\d+ of \d+ rows\)$")
_RETURNS = re.compile(r"Returns (rows of )?\{([^}]*)\}\.?\s*$")
_LINKS = ("by", "of", "for", "to", "from")
_DAY = re.compile(r"Today is (\d{4}-\d{2}-\d{2})")
_DIFFICULTY = re.compile(r"it shall be (easy|medium|hard)")
_FOCUS = re.compile(r"Let it be about (.+?)(?:, and (.+?))? if that fits\.")
_STILL = re.compile(r"The person is still ([^.\n]+)\.\s*([^\n]*)")
_INITIAL = re.compile(r"first name begins with ([A-Z])")
_QUESTION = re.compile(r"The question of this task stands: (.+)")
_EARLIER = re.compile(r"^\d+\. (.+)$", re.MULTILINE)
_VERBS = {
    **dict.fromkeys(("search", "find"), "search"),
    **dict.fromkeys(("get", "fetch", "lookup", "read"), "get"),
    **dict.fromkeys(("list", "show"), "list"),
    **dict.fromkeys(("top",), "top"),
    **dict.fromkeys(("count",), "count"),
    **dict.fromkeys(("total", "sum"), "total"),
    **dict.fromkeys(("average", "avg"), "average"),
    **dict.fromkeys(("create", "add", "insert"), "create"),
    **dict.fromkeys(("update", "change", "set", "edit"), "update"),
    **dict.fromkeys(("delete", "remove"), "delete"),
}


@dataclass(frozen=True, slots=True)
class Op:
    """A tool taken apart: `noun` is what its rows are, `by` the words after "by" or
    "to"; `fields` are the fields of its result, of several rows if `many`.
    """

    name: str
    verb: str
    noun: str
    by: str
    params: tuple[Param, ...]
    fields: tuple[str, ...]
    many: bool

    @property
    def required(self) -> tuple[Param, ...]:
        """What a call cannot do without."""
        return tuple(p for p in self.params if p.required)

    def takes(self, name: str) -> bool:
        """Whether it has the parameter."""
        return any(p.name == name for p in self.params)


@dataclass(frozen=True, slots=True)
class Wishes:
    """What the last message asks for."""

    difficulty: str = "medium"
    focus: tuple[str, ...] = ()
    name: str = ""
    role: str = ""
    initial: str = ""
    earlier: tuple[str, ...] = ()
    extends: bool = False
    question: str = ""


@dataclass(frozen=True, slots=True)
class Commission:
    """A whole request. `rows` are those shown of each table, by column."""

    title: str
    system: str
    message: str
    rng: Random
    ops: tuple[Op, ...]
    known: Knowledge
    policy: str
    today: str
    wishes: Wishes
    tables: tuple[Table, ...] = ()
    rows: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


def read_commission(request: Mapping[str, Any]) -> Commission:
    """The request in parts; what is missing in it is empty."""
    brief = read_brief(request)
    sections = sections_of(brief.system)
    listed = _section(sections, "Tools") or _section(sections, "What the assistant")
    tables = read_tables(_section(sections, "Database"))
    day = _DAY.search(brief.system)
    return Commission(
        title=brief.title,
        system=brief.system,
        message=brief.message,
        rng=brief.rng,
        ops=tuple(_ops(listed)),
        known=_known(listed),
        policy=_section(sections, "Policy"),
        today=day[1] if day else "2026-03-02",
        wishes=_wishes(brief.message),
        tables=tables,
        rows=_rows(_section(sections, "Some of its rows"), tables),
    )


def _known(listed: str) -> Knowledge:
    """What the tools say, but for examples that are parts of words: nobody is called
    "an".
    """
    known = from_signatures(_RETURNED.sub("", listed))
    for thing in known.things.values():
        for words, param in thing.attributes.items():
            whole = tuple(e for e in param.examples if len(e) > 2 or e.isdigit())
            thing.attributes[words] = replace(param, examples=whole)
    return known


_RETURNED = re.compile(r" Returns (?:rows of )?\{[^}]*\}\.?$", re.MULTILINE)


def sections_of(system: str) -> dict[str, str]:
    """What stands under each heading."""
    parts = _HEADING.split(system)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


def _section(sections: Mapping[str, str], begins: str) -> str:
    return next((t for h, t in sections.items() if h.startswith(begins)), "")


def _wishes(message: str) -> Wishes:
    difficulty = _DIFFICULTY.search(message)
    focus = _FOCUS.search(message)
    still = _STILL.search(message)
    initial = _INITIAL.search(message)
    question = _QUESTION.search(message)
    return Wishes(
        difficulty=difficulty[1] if difficulty else "medium",
        focus=tuple(g for g in focus.groups() if g) if focus else (),
        name=still[1].strip() if still else "",
        role=still[2].strip() if still else "",
        initial=initial[1] if initial else "",
        earlier=tuple(_EARLIER.findall(message)),
        extends="goes on from" in message,
        question=question[1].strip() if question else "",
    )


# --- tools --------------------------------------------------------------------------


def _ops(listed: str) -> list[Op]:
    found = []
    for tool in from_signatures(listed).tools:
        words = split_name(tool.name)
        verb = _VERBS.get(words[0], "") if words else ""
        if not verb:
            continue
        rest = words[1:]
        cut = next((n for n, w in enumerate(rest) if w in _LINKS and n), len(rest))
        returned = _RETURNS.search(tool.about)
        fields = returned[2].split(", ") if returned else []
        found.append(
            Op(
                name=tool.name,
                verb=verb,
                noun=singular(" ".join(rest[:cut])),
                by=" ".join(rest[cut + 1 :]),
                params=tool.params,
                fields=tuple(f for f in fields if f != "..."),
                many=bool(returned and returned[1]),
            )
        )
    return found


# --- rows ---------------------------------------------------------------------------


def _rows(text: str, tables: Sequence[Table]) -> dict[str, list[dict[str, Any]]]:
    by_name = {table.name: table for table in tables}
    found: dict[str, list[dict[str, Any]]] = {}
    for block in re.split(r"\n\s*\n", text):
        head, _, body = block.strip().partition("\n")
        heading = _ROWS.match(head)
        table = by_name.get(heading[1]) if heading else None
        if table is not None:
            reader = csv.DictReader(body.splitlines())
            found[table.name] = [
                {name: _value(table, name, cell) for name, cell in row.items()}
                for row in reader
            ]
    return found


def _value(table: Table, name: str, cell: Any) -> Any:
    """A cell as the database holds it; a text that was cut is not known."""
    if not isinstance(cell, str) or cell == "NULL" or cell.endswith("…"):
        return None
    column = next((c for c in table.columns if c.name == name), None)
    if column is None or column.kind not in ("integer", "number"):
        return cell
    try:
        number = float(cell)
    except ValueError:
        return cell
    return int(number) if number.is_integer() else number
