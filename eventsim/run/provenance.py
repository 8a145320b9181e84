"""Where an exported row comes from: one manifest entry beside each row.

Never inside the row: several trainers pass unknown keys on to chat templates.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from eventsim import __version__
from eventsim.core.events import (
    Event,
    TrajectoryForked,
    TrajectoryImported,
    TrajectoryStarted,
    UserMessaged,
)
from eventsim.core.fold import fold
from eventsim.core.records import Record
from eventsim.core.state import Dialogue
from eventsim.core.values import digest_of, freeze, sha256_hex
from eventsim.run.notes import Notes, along
from eventsim.run.paths import Opened
from eventsim.run.statistics import outcome
from eventsim.run.transcripts import Origin

__all__ = ["given_on", "provenance"]


_NO_NOTES: Notes = freeze({})


def provenance(
    opened: Opened,
    store: str,
    number: int,
    whole: Opened | None = None,
    origin: Origin | None = None,
    notes: Notes = _NO_NOTES,
) -> dict[str, Any]:
    """The entry of row `number`, from 0. `path` gives versions of streams, both ends
    included, from the root to the end; `given` the positions of what nobody generated,
    by who gave it; `stretches` what made each part of a path of several runs.
    `whole` is the trajectory of which the row is
    the valid beginning, `origin` what it was imported from, `notes` those of the store.
    """
    state, materials, config = opened.state, opened.materials, opened.materials.config
    generated = origin is None or origin.grown
    return {
        "row": number,
        "trajectory": state.label,
        "store": store,
        "path": _path(opened.records),
        "head": opened.head.hash,
        "verdict": "valid" if whole is not None else outcome(state),
        "beginning_of": _beginning(whole),
        "verdicts": [verdict.model_dump(mode="json") for verdict in state.verdicts],
        "ended": state.ended.reason if state.ended else None,
        "models": {
            role: choice.model_dump(mode="json")
            for role, choice in config.roles.all().items()
            if generated
        },
        "prompts": {
            role: sha256_hex(text.encode()) for role, text in materials.prompts.items()
        },
        "configuration": digest_of(config) if generated else None,
        "given": given_on(opened.events),
        "stretches": _stretches(opened),
        "imported": _imported(origin),
        "notes": [
            note.model_dump(mode="json", exclude={"kind", "of"})
            for listed in along(notes, opened.records).values()
            for note in listed
        ],
        "database": {
            "name": materials.source.name,
            "rows_digest": materials.source.rows_digest,
        },
        "eventsim": __version__,
    }


def given_on(events: Sequence[Event]) -> dict[str, list[int]]:
    """The positions of what was given on a path, by who gave it: `import`, `person`,
    `edit`, or `copy` for what an edited fork took over from its parent.
    """
    found: dict[str, list[int]] = {}
    for position, event in enumerate(events):
        by = getattr(event, "by", "")
        if not by and isinstance(event, UserMessaged) and event.given:
            by = "person"
        if by:
            found.setdefault(by, []).append(position)
    return found


def _stretches(opened: Opened) -> list[dict[str, Any]]:
    """The parts of a path, each with the run and the models that made it; none where
    one run made all of it.
    """
    found: list[dict[str, Any]] = []
    state, last = Dialogue(), None
    for position, event in enumerate(opened.events):
        if not isinstance(event, _BEGINS):
            continue
        state = fold([event], state)
        footing = state.footing
        if footing is None or (last is not None and footing.run == last.run):
            continue
        last = footing
        config = opened.grounds[footing].config
        imported = isinstance(event, TrajectoryImported)
        roles = {} if imported else config.roles.all()
        found.append(
            {
                "first": position,
                "run": footing.run.stream,
                "imported": imported,
                "models": {r: c.model_dump(mode="json") for r, c in roles.items()},
                "configuration": None if imported else digest_of(config),
            }
        )
    return found if len(found) > 1 else []


_BEGINS = TrajectoryStarted | TrajectoryImported | TrajectoryForked


def _beginning(whole: Opened | None) -> dict[str, Any] | None:
    if whole is None:
        return None
    return {
        "events": whole.state.length,
        "verdict": outcome(whole.state),
        "ended": whole.state.ended.reason if whole.state.ended else None,
    }


def _imported(origin: Origin | None) -> dict[str, Any] | None:
    if origin is None:
        return None
    fields = ("format", "file", "file_sha256", "licence", "benchmark", "masked")
    of_file = {name: getattr(origin.file, name) for name in fields}
    return {**of_file, "row": origin.root.row, "row_id": origin.root.row_id}


def _path(records: tuple[Record, ...]) -> list[dict[str, Any]]:
    spans: list[dict[str, Any]] = []
    for record in records:
        if not spans or spans[-1]["stream"] != record.stream:
            spans.append({"stream": record.stream, "first": record.version})
        spans[-1]["last"] = record.version
    return spans
