"""What a row becomes: its events, all of them such that the log can hold them.

Whatever is wrong with a row, or goes wrong with it here, is a reason to reject this row
and no other. No I/O.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventsim.core.draws import lineage_of
from eventsim.core.events import (
    Event,
    Kept,
    PolicyWritten,
    PreparationEnded,
    Ref,
    TaskCreated,
    ToolDefined,
    TrajectoryImported,
)
from eventsim.core.fold import fold
from eventsim.core.values import digest_of, encode, freeze
from eventsim.errors import LogError
from eventsim.exchange.conversation import Conversation, RowUnusable, Transcript
from eventsim.exchange.formats.format import Format
from eventsim.exchange.rest import rest_of
from eventsim.roles.parsing import DEEPEST, fault_of
from eventsim.run.importing.masking import Masker
from eventsim.run.importing.pieces import Row

__all__ = ["Made", "Maker"]

_LONG_NUMBER = re.compile(rb"\d{19}")
_ADDRESS = re.compile(r"\b0x[0-9a-fA-F]+")
_LONGEST = 240


@dataclass(frozen=True, slots=True)
class Made:
    """A row's own events behind `root`, whose preparation is yet to be named: what it
    `mounts` stands under a digest, so that equal rows share it, and `tasks` on that.
    """

    row: Row
    root: TrajectoryImported
    said: Conversation
    digest: str
    mounts: tuple[Event, ...]
    tasks: tuple[Event, ...]

    def stream(self, preparation: Ref) -> list[Event]:
        """All events of the dialogue."""
        root = self.root.model_copy(update={"preparation": preparation})
        return [root, *self.said.events]


class Maker:
    """Makes the events of rows of one file. `label` is that of its import, `around`
    what stands around its rows.
    """

    def __init__(
        self,
        form: Format,
        *,
        label: str,
        run: Ref,
        sha256: str,
        around: Mapping[str, Any],
        mask: Masker | None,
    ) -> None:
        self._form, self._label, self._run = form, label, run
        self._sha256, self._around, self._mask = sha256, around, mask
        self._sound = ""

    def make(self, row: Row) -> Made | str:
        """The row's events, or why there are none, in one line."""
        try:
            return self._made(row)
        except RowUnusable as problem:
            reason = str(problem)
        except Exception as error:  # noqa: BLE001 - no row may stop the others
            reason = _in_words(error)
        return _one_line(reason if self._mask is None else self._mask(reason))

    def _made(self, row: Row) -> Made:
        if row.problem:
            raise RowUnusable(row.problem)
        value = row.value if self._mask is None else self._masked(row.value)
        said = self._form.read(value, self._around)
        kept = _rest(value, self._form.write(_transcript(said, row.number)))
        asked = any(task.question for task in said.tasks)
        root = TrajectoryImported(
            label=f"{self._label}-{row.number}",
            index=row.number,
            lineage=lineage_of("import", self._sha256, row.number),
            pipeline="task-oriented" if asked else "user-oriented",
            run=self._run,
            preparation=self._run,
            row=row.number,
            row_id=said.row_id,
            style=freeze(dict(said.style)),
            kept=kept,
            notes=said.notes,
        )
        policy = [PolicyWritten(text=said.system)] if said.system else []
        digest = digest_of([said.system, [tool.digest for tool in said.tools]])
        mounts = (*policy, *(ToolDefined(tool=tool) for tool in said.tools))
        tasks = (*policy, *(TaskCreated(task=task) for task in said.tasks))
        made = Made(
            row,
            root,
            said,
            digest,
            (*mounts, PreparationEnded()),
            (*tasks, PreparationEnded()) if said.tasks else (),
        )
        for event in (root, *said.events, *made.tasks):
            _check(event)
        if digest != self._sound:
            for event in mounts:
                _check(event)
            self._sound = digest
        return made

    def _masked(self, value: Any) -> Any:
        assert self._mask is not None
        try:
            return self._mask(value)
        except Exception as error:  # noqa: BLE001 - as in `make`
            # Its text may hold what must not be written.
            what = f"it could not be masked: {type(error).__name__}"
            raise RowUnusable(what) from None


def _rest(row: Any, written: Any) -> tuple[Kept, ...]:
    """What must change in `written` to give `row`; fields that are the same to the byte
    are not looked into.
    """
    if isinstance(row, dict) and isinstance(written, dict):
        same = {
            key
            for key in row.keys() & written.keys()
            if encode(row[key]) == encode(written[key])
        }
        row = {key: row[key] for key in row if key not in same}
        written = {key: written[key] for key in written if key not in same}
    return rest_of(row, written)


def _check(event: Event) -> None:
    """Raises: RowUnusable if the log could not hold the event, or not exactly."""
    try:
        payload = event.payload()
    except (ValueError, RecursionError) as error:
        fault = fault_of(event.model_dump()) or f"it cannot be encoded: {error}"
        raise RowUnusable(f"{event.kind}: {fault}") from None
    opened = payload.count(b"{") + payload.count(b"[")
    if b"null" in payload or opened > DEEPEST or _LONG_NUMBER.search(payload):
        fault = fault_of(event.model_dump())
        if fault:
            raise RowUnusable(f"{event.kind}: {fault}")


def _in_words(error: Exception) -> str:
    text = str(error).strip() or "no more is known"
    return f"it cannot be read: {type(error).__name__}: {text}"


def _one_line(reason: str) -> str:
    line = _ADDRESS.sub("0x…", " ".join(reason.split()))
    return line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"


def _transcript(said: Conversation, number: int) -> Transcript:
    """The row as its own events give it back."""
    try:
        messages = fold(said.events).messages
    except LogError as problem:
        raise RowUnusable(str(problem)) from None
    return Transcript(
        label=str(number),
        system=said.system,
        tools=said.tools,
        messages=messages,
        tasks=said.tasks,
        row_id=said.row_id,
        style=said.style,
        environments=said.environments,
    )
