"""Where an exported row comes from: one manifest entry beside each row.

Never inside the row: several trainers pass unknown keys on to chat templates.
"""

from __future__ import annotations

from typing import Any

from eventsim import __version__
from eventsim.core.records import Record
from eventsim.core.values import digest_of, freeze, sha256_hex
from eventsim.run.notes import Notes, along
from eventsim.run.paths import Opened
from eventsim.run.statistics import outcome
from eventsim.run.transcripts import Origin

__all__ = ["provenance"]


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
    included, from the root to the end. `whole` is the trajectory of which the row is
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
