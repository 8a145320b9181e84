"""What a request to judge holds: the conversation by lines, the task, the points.

All of it is read from the text of the messages, as a model would read it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

__all__ = ["Brief", "Line", "Point", "Task", "read_brief", "scalars"]

_LINE = re.compile(r"^\[(\d+)\] (PERSON|ASSISTANT|CALL|CALL BY PERSON): ", re.MULTILINE)
_CALL = re.compile(r"([A-Za-z0-9_.-]+) with (\{.*?\})\nRESULT: (.*)", re.DOTALL)
_TASK = "# The task\n"
_SPAN = re.compile(r"^Lines \[(\d+)\] to \[(\d+)\] belong to it", re.MULTILINE)
_POINT = re.compile(r"^(\d+)\. \((\w+)\) (.*)$", re.MULTILINE)
_QUESTION = re.compile(
    r"^The person's question, as it was put: (.*?)\n\n# Points",
    re.MULTILINE | re.DOTALL,
)
_GOAL = re.compile(r"^What the person wants: (.*)$", re.MULTILINE)
_OBJECTIVE = re.compile(r"^- (.*)$", re.MULTILINE)
_TOOL = re.compile(r"^- ([A-Za-z0-9_.-]+): ", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Line:
    """One line: who speaks and what; of a call its tool, arguments and result.

    `error` is the code of a call that failed, `value` its result as JSON.
    """

    number: int
    speaker: str
    text: str
    tool: str = ""
    arguments: Mapping[str, Any] | None = None
    value: Any = None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Point:
    """One thing to judge."""

    number: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Task:
    """The task at hand: its question, or its goal with objectives."""

    question: str
    goal: str
    objectives: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Brief:
    """The whole request. `before` and `lines` are the lines before the task and of
    it; `system` is the text of the instructions.
    """

    system: str
    tools: frozenset[str]
    before: tuple[Line, ...]
    lines: tuple[Line, ...]
    task: Task
    points: tuple[Point, ...]

    @property
    def statements(self) -> list[Line]:
        """What the assistant wrote in the task."""
        said = [line for line in self.lines if line.speaker == "ASSISTANT"]
        return [line for line in said if line.text != "(calls tools)"]

    @property
    def calls(self) -> list[Line]:
        """The calls of the task."""
        return [line for line in self.lines if line.speaker == "CALL"]


def read_brief(request: Mapping[str, Any]) -> Brief:
    """The parts of a request. Raises: ValueError when it holds no points to judge."""
    texts = [_text(message) for message in request["messages"]]
    asked = next((text for text in texts[1:] if _TASK in text), "")
    talk, _, task = asked.rpartition(_TASK)
    points = [Point(int(n), kind, text) for n, kind, text in _POINT.findall(task)]
    span = _SPAN.search(task)
    if not points or span is None:
        raise ValueError("the request holds no task with points to judge")
    lines = _lines(talk)
    first, last = int(span[1]), int(span[2])
    return Brief(
        system=texts[0],
        tools=frozenset(_TOOL.findall(texts[0])),
        before=tuple(line for line in lines if line.number < first),
        lines=tuple(line for line in lines if first <= line.number <= last),
        task=_task(task),
        points=tuple(points),
    )


def _text(message: Mapping[str, Any]) -> str:
    content = message.get("content")
    return content if isinstance(content, str) else ""


def _task(text: str) -> Task:
    question, goal = _QUESTION.search(text), _GOAL.search(text)
    above = text.partition("\n# Points")[0]
    objectives = _OBJECTIVE.findall(above[goal.end() :]) if goal else []
    return Task(
        question=question[1] if question else "",
        goal=goal[1] if goal else "",
        objectives=tuple(objectives),
    )


def _lines(talk: str) -> list[Line]:
    """The numbered lines; a number that is not the next one is part of a text."""
    marks: list[re.Match[str]] = []
    for mark in _LINE.finditer(talk):
        if int(mark[1]) == len(marks) + 1:
            marks.append(mark)
    ends = [mark.start() for mark in marks[1:]] + [len(talk)]
    return [
        _line(int(mark[1]), mark[2], talk[mark.end() : end].strip())
        for mark, end in zip(marks, ends, strict=True)
    ]


def _line(number: int, speaker: str, text: str) -> Line:
    call = _CALL.fullmatch(text) if speaker.startswith("CALL") else None
    if call is None:
        return Line(number, speaker, text)
    value = _json(call[3])
    return Line(
        number,
        speaker,
        call[3],
        tool=call[1],
        arguments=_json(call[2]) or {},
        value=value,
        error=_error(value),
    )


def _json(text: str) -> Any:
    try:
        return orjson.loads(text)
    except orjson.JSONDecodeError:
        return None


def _error(value: Any) -> str:
    error = value.get("error") if isinstance(value, Mapping) else None
    if isinstance(error, Mapping):
        return str(error.get("code") or "error")
    return "error" if error else ""


def scalars(value: Any) -> Sequence[Any]:
    """Every value in a JSON value that holds no others, keys aside."""
    if isinstance(value, Mapping):
        return [s for item in value.values() for s in scalars(item)]
    if isinstance(value, list):
        return [s for item in value for s in scalars(item)]
    return [value]
