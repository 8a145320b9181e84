"""The folded state of a path, with the database as it is at that position."""

from __future__ import annotations

from typing import Any

from rich.text import Text

from eventsim.cli.render.words import call_in_words, change_in_words, outcome, visible
from eventsim.cli.session import out, say_json
from eventsim.core.changes import RowChange, net
from eventsim.core.events import ToolReturned
from eventsim.core.state import Dialogue
from eventsim.log.store import Store
from eventsim.run.mounts import Mounts
from eventsim.run.paths import Opened, open_path
from eventsim.run.places import Place
from eventsim.run.shelf import Shelf

__all__ = ["net_changes", "show_state"]


def net_changes(opened: Opened) -> tuple[RowChange, ...]:
    """What the whole path did to the database."""
    returned = (event for event in opened.events if isinstance(event, ToolReturned))
    return net(change for event in returned for change in event.changes)


async def show_state(store: Store, place: Place, *, as_json: bool) -> None:
    """Print it. The database is mounted anew: its digest is computed, not read."""
    stream = place.info.stream
    opened = await open_path(store, Shelf(store), stream, position=place.position)
    environment = await Mounts(store).at(
        opened.state, opened.materials, opened.events, opened.grounds
    )
    try:
        digest = await environment.digest()
    finally:
        await environment.close()
    changes = net_changes(opened)
    if as_json:
        say_json(_as_json(opened, digest, changes))
    else:
        _print(opened, digest, changes)


def _as_json(
    opened: Opened, digest: str, changes: tuple[RowChange, ...]
) -> dict[str, Any]:
    state = opened.state
    return {
        "trajectory": state.label,
        "position": state.length - 1,
        "hash": opened.head.hash,
        "status": outcome(state),
        "ended": state.ended.reason if state.ended else None,
        "seed": state.seed,
        "lineage": state.lineage,
        "persona": state.persona.name if state.persona else None,
        "clock": state.clock,
        "task": state.task.assigned.number if state.task else None,
        "verdicts": list(state.verdicts),
        "pending": [pending.call for pending in state.pending],
        "messages": len(state.messages),
        "turns": state.turns,
        "tool_calls": state.tool_calls,
        "model_calls": {"user": state.user_calls, "assistant": state.assistant_calls},
        "environment": {
            "name": opened.materials.source.name,
            "rows_digest": digest,
            "unchanged": digest == opened.materials.source.rows_digest,
            "net_changes": list(changes),
        },
    }


def _print(opened: Opened, digest: str, changes: tuple[RowChange, ...]) -> None:
    console = out()

    def line(name: str, value: str) -> None:
        console.print(Text(f"{name:<14}", style="bold") + Text(value), soft_wrap=True)

    state = opened.state
    line("trajectory", f"{state.label}@{state.length - 1}")
    line("status", _status(state))
    line("seed", f"{state.seed}, lineage {state.lineage}")
    if state.persona is not None:
        line("persona", f"{state.persona.name}: {state.persona.description}")
    line("clock", state.clock or "not set yet")
    if state.task is not None:
        line("open task", f"{state.task.assigned.number}: {state.task.assigned.title}")
    for verdict in state.verdicts:
        line(f"task {verdict.task}", f"{verdict.judgment}, {verdict.basis}")
    for pending in state.pending:
        line("waits for", call_in_words(pending.call))
    calls = f"{state.user_calls} of the user, {state.assistant_calls} of the assistant"
    line("said", f"{len(state.messages)} messages, {state.turns} turns")
    line("calls", f"{state.tool_calls} of tools; to models: {calls}")
    line("database", opened.materials.source.name)
    same = digest == opened.materials.source.rows_digest
    line("rows", f"sha256 {digest}{' (as at the start)' if same else ''}")
    for change in changes:
        line("", visible(change_in_words(change)))
    if not changes:
        line("", "no net change")


def _status(state: Dialogue) -> str:
    if state.ended is None:
        return "open"
    return f"{outcome(state)}, ended: {state.ended.reason}"
