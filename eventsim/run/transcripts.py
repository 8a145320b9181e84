"""Dialogues as exporters see them, and the rows that formats make of them.

A row that was imported is given back as it was, in the format it came in; one that has
grown since keeps what was said of its single messages and tools. What a row cannot say
is told beside it.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any, NamedTuple

from eventsim.core.events import ImportStarted, TrajectoryImported
from eventsim.core.state import Message
from eventsim.exchange.conversation import Transcript
from eventsim.exchange.formats.format import Format
from eventsim.exchange.losses import PRIVATE, losses, losses_of_row
from eventsim.exchange.rest import put_back, put_back_grown
from eventsim.roles.assistant import system_prompt
from eventsim.run.paths import Opened
from eventsim.run.shelf import Shelf

__all__ = ["Origin", "lost_of", "origin_of_path", "row_of"]


class Origin(NamedTuple):
    """Where an imported dialogue comes from; `grown`: it was gone on with since;
    `cut`: the path ends before the row does.
    """

    file: ImportStarted
    root: TrajectoryImported
    grown: bool
    cut: bool = False


async def origin_of_path(opened: Opened, shelf: Shelf) -> Origin | None:
    """What a dialogue was imported from, if it was."""
    root = opened.state.root
    if not isinstance(root, TrajectoryImported):
        return None
    plan = await shelf.plan(root.run)
    assert plan.imported is not None
    length = _imported_events(opened)
    grown = length < len(opened.records)
    cut = length < shelf.head(opened.records[0].stream).version
    return Origin(plan.imported, root, grown, cut)


def row_of(opened: Opened, form: Format, origin: Origin | None, **style: Any) -> Any:
    """The row of a dialogue. A last user message that nobody answered is left out,
    unless it was imported so. Raises: UsageError when it has nothing for the format.
    """
    written = form.write(_transcript(opened, form, origin, style))
    if origin is None or not _is_own(form, origin):
        return written
    if not origin.grown and not origin.cut:
        return put_back(written, origin.root.kept)
    imported = _imported_part(opened)
    before = form.write(_transcript(imported, form, origin, style, cut=True))
    return put_back_grown(written, origin.root.kept, before)


def lost_of(
    opened: Opened, form: Format, origin: Origin | None, **style: Any
) -> tuple[str, ...]:
    """What the row of a dialogue has no place for, in a few words each."""
    own = origin is not None and _is_own(form, origin)
    if origin is not None and own and not origin.grown:
        return ()
    lost = dict.fromkeys(losses(form, _transcript(opened, form, origin, style)))
    if not form.dual and any(_is_private(m) for m in opened.state.messages):
        lost[PRIVATE] = None
    if origin is not None and not own:
        lost |= dict.fromkeys(losses_of_row(origin.root.style, origin.root.kept))
    return tuple(lost)


def _is_own(form: Format, origin: Origin) -> bool:
    """Whether it is the format that the dialogue came in."""
    return origin.file.format == form.name


def _imported_part(opened: Opened) -> Opened:
    """What is left of an imported row on a path that goes on from it."""
    return opened.up_to(_imported_events(opened) - 1)


def _imported_events(opened: Opened) -> int:
    own = opened.records[0].stream
    return sum(1 for record in opened.records if record.stream == own)


def _said(
    opened: Opened, form: Format, origin: Origin | None, *, cut: bool
) -> list[Message]:
    """The messages of a row: what its format shows, up to the last that is answered.
    Of a row that was gone on with, its imported part alone is `cut` before results of
    calls of which some have none yet: the others may join them in one turn.
    """
    said = [
        m if form.dual or m.speaker != "user" else replace(m, calls=())
        for m in opened.state.messages
        if form.dual or not m.is_private
    ]
    if cut:
        while opened.state.pending and said and said[-1].call is not None:
            said.pop()
    elif origin is None or origin.grown:
        while said and _unanswered(said[-1]):
            said.pop()
    return said


def _unanswered(message: Message) -> bool:
    return message.speaker == "user" or message.is_private


def _is_private(message: Message) -> bool:
    return message.speaker == "user" and bool(message.calls)


def _transcript(
    opened: Opened,
    form: Format,
    origin: Origin | None,
    style: dict[str, Any],
    *,
    cut: bool = False,
) -> Transcript:
    state, materials = opened.state, opened.materials
    said = _said(opened, form, origin, cut=cut)
    same = origin is not None and _is_own(form, origin)
    imported: int | None = 0
    if origin is not None and same:
        end = _imported_events(opened)
        own = sum(1 for message in said if message.position < end)
        imported = own if origin.grown else None
    root = origin.root if origin is not None else None
    dual = form.dual
    return Transcript(
        label=state.label,
        system=system_prompt(state, materials) or None,
        tools=materials.toolset if dual else materials.tools_of("assistant"),
        messages=tuple(said),
        tasks=materials.tasks,
        row_id=root.row_id if root and origin and not origin.grown else "",
        environments=materials.source.environments,
        style={**(root.style if root and same else {}), **style},
        imported=imported,
    )
