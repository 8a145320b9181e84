"""BFCL multi-turn questions. Pure.

A row asks one thing a turn, over classes whose methods are the tools and whose initial
state it gives. Each turn becomes a task that is its question; nothing has been said
yet. Rows of a benchmark (Apache-2.0).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.core.events import EnvironmentSpec
from eventsim.core.tasks import Rubric, Task
from eventsim.errors import UsageError
from eventsim.exchange.conversation import (
    Conversation,
    RowUnusable,
    Transcript,
)
from eventsim.exchange.formats.format import (
    MESSAGES,
    SYSTEM,
    TOOLS,
    Format,
    field,
    id_of,
    text_of,
)

__all__ = ["FORMAT"]


def _read(row: Any, _: Mapping[str, Any]) -> Conversation:
    turns = field(row, "question", list)
    if not turns:
        raise RowUnusable("the row has no question")
    tasks = tuple(_task(turn, number) for number, turn in enumerate(turns, 1) if turn)
    classes = field(row, "involved_classes", list) or []
    settings = field(row, "initial_config", dict) or {}
    excluded = field(row, "excluded_function", list) or []
    for listed, name in (
        (classes, "involved_classes"),
        (excluded, "excluded_function"),
    ):
        if not all(isinstance(each, str) for each in listed):
            raise RowUnusable(f"{name} of the row are not names")
    return Conversation(
        tasks=tasks,
        row_id=id_of(row, "id"),
        style={"turns": [len(turn or ()) for turn in turns]},
        environments=tuple(_spec(c, settings, tuple(excluded)) for c in classes),
    )


def _spec(
    name: str, settings: dict[str, Any], excluded: tuple[str, ...]
) -> EnvironmentSpec:
    """A class of the package `bfcl_eval`, in the state that the row begins with."""
    module = _MODULES.get(name)
    if module is None:
        raise RowUnusable(f"nothing is known of the class {name!r}")
    scenario = field(settings, name, dict, "initial_config")
    has_state = scenario is not None and name not in _STATELESS
    return EnvironmentSpec(
        name=name,
        kind="python",
        target=f"{_PACKAGE}.{module}:{name}",
        setup=(["_load_scenario", [scenario]],) if has_state else (),
        exclude=excluded,
    )


_PACKAGE = "bfcl_eval.eval_checker.multi_turn_eval.func_source_code"
_MODULES = {
    "GorillaFileSystem": "gorilla_file_system",
    "MathAPI": "math_api",
    "MessageAPI": "message_api",
    "TicketAPI": "ticket_api",
    "TradingBot": "trading_bot",
    "TravelAPI": "travel_booking",
    "TwitterAPI": "posting_api",
    "VehicleControlAPI": "vehicle_control",
}


_STATELESS = frozenset({"MathAPI"})


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
    asked = [task for task in transcript.tasks if task.question]
    sizes = transcript.style.get("turns")
    if sizes is None and not asked:
        raise UsageError(
            f"{transcript.label} answers no question, and a row of bfcl is questions: "
            "give --run with a run that has some, or export another format"
        )
    questions = iter(asked)
    turns = []
    for size in [1] * len(asked) if sizes is None else sizes:
        task = next(questions, None) if size else None
        turns.append([{"role": "user", "content": task.question}] if task else [])
    label = transcript.row_id or transcript.label
    row: dict[str, Any] = {"id": label, "question": turns}
    classes = [s for s in transcript.environments if s.target.startswith(_PACKAGE)]
    if classes:
        row["involved_classes"] = [spec.name for spec in classes]
        row["initial_config"] = {
            spec.name: spec.setup[0][1][0] for spec in classes if spec.setup
        }
        if classes[0].exclude:
            row["excluded_function"] = list(classes[0].exclude)
    return row


FORMAT = Format(
    name="bfcl",
    about="BFCL multi-turn questions",
    read=_read,
    write=_write,
    lacks=frozenset({MESSAGES, SYSTEM, TOOLS}),
    benchmark="BFCL multi-turn",
    licence="Apache-2.0",
)
