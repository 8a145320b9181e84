"""Dialogues as exporters see them, and the rows that formats make of them.

A row that was imported is given back as it was, in the format it came in; one that has
grown since keeps what was said of its single messages and tools.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from eventsim.core.events import ImportStarted, TrajectoryImported
from eventsim.core.state import Message
from eventsim.exchange.conversation import Transcript
from eventsim.exchange.formats.format import Format
from eventsim.exchange.rest import put_back
from eventsim.roles.assistant import system_prompt
from eventsim.run.paths import Opened
from eventsim.run.shelf import Shelf

__all__ = ["Origin", "origin_of_path", "row_of"]


class Origin(NamedTuple):
    """Where an imported dialogue comes from; `grown`: it was gone on with since."""

    file: ImportStarted
    root: TrajectoryImported
    grown: bool


async def origin_of_path(opened: Opened, shelf: Shelf) -> Origin | None:
    """What a dialogue was imported from, if it was."""
    root = opened.state.root
    if not isinstance(root, TrajectoryImported):
        return None
    plan = await shelf.plan(root.run)
    assert plan.imported is not None
    own = opened.records[0].stream
    grown = any(record.stream != own for record in opened.records)
    return Origin(plan.imported, root, grown)


def row_of(opened: Opened, form: Format, origin: Origin | None, **style: Any) -> Any:
    """The row of a dialogue. A last user message that nobody answered is left out,
    unless it was imported so.
    """
    whole = origin is not None and not origin.grown
    same = origin is not None and origin.file.format == form.name
    said = [m for m in opened.state.messages if form.dual or not m.is_private]
    while said and not whole and _unanswered(said[-1]):
        said.pop()
    written = form.write(
        _transcript(opened, said, origin, same=same, dual=form.dual, style=style)
    )
    if origin is None or not same:
        return written
    return put_back(written, origin.root.kept, grown=origin.grown)


def _unanswered(message: Message) -> bool:
    return message.speaker == "user" or message.is_private


def _transcript(
    opened: Opened,
    said: list[Message],
    origin: Origin | None,
    *,
    same: bool,
    dual: bool,
    style: dict[str, Any],
) -> Transcript:
    state, materials = opened.state, opened.materials
    imported = origin.root if origin is not None else None
    return Transcript(
        label=state.label,
        system=system_prompt(state, materials) or None,
        tools=materials.toolset if dual else materials.tools_of("assistant"),
        messages=tuple(said),
        tasks=materials.tasks,
        row_id=imported.row_id if imported and origin and not origin.grown else "",
        environments=materials.source.environments,
        style={**(imported.style if imported and same else {}), **style},
    )
