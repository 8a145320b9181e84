"""BFCL multi-turn questions. Pure.

A row asks one thing a turn, over classes whose methods are the tools and whose initial
state it gives. Each turn becomes a task that is its question; nothing has been said
yet. Rows of a benchmark (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.tasks import Rubric, Task
from eventsim.exchange.conversation import (
    Conversation,
    Environment,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import Format, field, text_of

__all__ = ["FORMAT"]


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "question", list)
    if not turns:
        raise RowUnusable("the row has no question")
    tasks = tuple(_task(turn, number) for number, turn in enumerate(turns, 1) if turn)
    classes = field(row, "involved_classes", list) or []
    settings = field(row, "initial_config", dict) or {}
    return Conversation(
        tasks=tasks,
        row_id=str(row.get("id") or ""),
        style={"turns": [len(turn or ()) for turn in turns]},
        environment=Environment(tuple(map(str, classes)), settings),
    )


def _task(turn: Any, number: int) -> Task:
    where = f"turn {number}"
    if not isinstance(turn, list):
        raise RowUnusable(f"{where} is not a list of messages")
    said = []
    for message in turn:
        if field(message, "role", str, where) != "user":
            raise RowUnusable(f"{where}: only the user asks")
        said.append(text_of(message.get("content"), where))
    question = "\n\n".join(said)
    if not question.strip():
        raise RowUnusable(f"{where} asks nothing")
    return Task(
        title=f"Turn {number}",
        difficulty="medium",
        goal=question,
        question=question,
        rubric=Rubric(criteria=(f"What was asked is done: {question}",)),
    )


def _write(transcript: Transcript) -> dict[str, Any]:
    asked = iter(transcript.tasks)
    turns = []
    for size in transcript.style.get("turns", [1] * len(transcript.tasks)):
        task = next(asked, None) if size else None
        turns.append([{"role": "user", "content": task.question}] if task else [])
    return {"id": transcript.row_id or transcript.label, "question": turns}


FORMAT = Format(
    name="bfcl",
    about="BFCL multi-turn questions",
    read=_read,
    write=_write,
    benchmark="BFCL multi-turn",
    licence="Apache-2.0",
)
