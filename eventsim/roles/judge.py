"""The judge: what it sees of a task that was done, and how its verdict is read. Pure.

It sees the conversation with all calls and results, the task with its goal and its
rubric, the policy and the tools, and never anybody's reasoning. Source: PAPER.md, 5.

A verdict must follow from its points: one that calls a task valid while a point that
decides is not met, or invalid while all are met, is rejected and asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from eventsim.core.events import Finding, ModelRejected, VerdictGiven
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Rubric, Task
from eventsim.core.values import encode, freeze
from eventsim.core.wording import joined
from eventsim.prompts.render import render
from eventsim.roles.chat import (
    closed,
    encode_request,
    escaped,
    given_back,
    merge_lines,
    request_seed,
)
from eventsim.roles.parsing import read_json
from eventsim.roles.responses import Choice, read_choice

__all__ = ["Point", "points_of", "read", "request"]

Grade = Literal["critical", "structural", "non-critical", "invalid"]


class Point(NamedTuple):
    """One thing to judge, numbered from 1; `check` names it in findings."""

    number: int
    kind: str
    check: str
    text: str


_RULES = {
    "grounding": "Every name, number, date and outcome that the assistant states is "
    "grounded.",
    "completeness": "Every part of the task is done, answered, or declined with its "
    "reason.",
    "parameters": "The arguments of the calls agree with the task, the conversation "
    "and earlier results.",
    "errors": "Every call that failed was made again, or is told as it is with a next "
    "step; nothing that failed is claimed as done.",
}
_GRADES: dict[str, Grade] = {
    "critical": "critical",
    "structural": "structural",
    "noncritical": "non-critical",
    "invalid": "invalid",
}
_DECIDE = ("critical", "structural")


def points_of(task: Task) -> tuple[Point, ...]:
    """The points of a task: those of its rubric, then the rules that always hold."""
    rubric = task.rubric or Rubric(criteria=())
    listed = [
        *(("criterion", "rubric", text) for text in rubric.criteria),
        *(
            ("call", "call", f"{call.tool} with {encode(call.arguments).decode()}")
            for call in rubric.expected_calls
        ),
        *(("checkpoint", "checkpoint", text) for text in rubric.checkpoints),
        *(("rule", check, text) for check, text in _RULES.items()),
    ]
    return tuple(Point(n, *point) for n, point in enumerate(listed, start=1))


# --- what it sees -------------------------------------------------------------------


def request(state: Dialogue, materials: Materials) -> bytes:
    """The body of the next request. Needs an open task."""
    task = _task(state, materials)
    points = points_of(task)
    first = sum(m.position < _begun(state) for m in state.messages) + 1
    now = render(
        materials.prompts["judge_task"],
        first=first,
        last=len(state.messages),
        question=task.question,
        goal=task.goal,
        objectives=task.objectives,
        points=points,
    )
    lines = [
        ("system", _system(state, materials)),
        ("user", b"# The conversation"),
        *_conversation(state.messages),
        ("user", escaped(now.rstrip())),
        *given_back(state.rejected),
    ]
    return encode_request(
        materials.config.roles.judge,
        materials.profile("judge"),
        merge_lines(lines),
        seed=request_seed(state, "judge"),
        answer=("verdict", _answer_schema(len(points))),
    )


def _task(state: Dialogue, materials: Materials) -> Task:
    assert state.task is not None
    return materials.tasks[state.task.assigned.number - 1]


def _begun(state: Dialogue) -> int:
    assert state.task is not None
    return state.task.position


def _system(state: Dialogue, materials: Materials) -> bytes:
    source = materials.source
    return _rendered_system(
        materials.prompts["judge"],
        source.called,
        source.about,
        materials.policy,
        tuple(f"{t.name}: {t.description}" for t in materials.tools_of("assistant")),
        state.clock or materials.now,
    )


@lru_cache(maxsize=64)
def _rendered_system(
    template: str, title: str, about: str, policy: str, tools: tuple[str, ...], now: str
) -> bytes:
    text = render(
        template, title=title, about=about, policy=policy, tools=tools, now=now
    )
    return escaped(text)


def _conversation(messages: tuple[Message, ...]) -> Iterator[tuple[str, bytes]]:
    for number, message in enumerate(messages, start=1):
        yield "user", b"[%d] %b" % (number, message.encoded("judge's view", _line))


def _line(message: Message) -> bytes:
    if message.call is not None:
        arguments = encode(message.call.arguments).decode()
        who = "CALL BY PERSON" if message.is_private else "CALL"
        made = f"{who}: {message.call.name} with {arguments}"
        return escaped(f"{made}\nRESULT: {message.text}")
    speaker = "PERSON" if message.speaker == "user" else "ASSISTANT"
    return escaped(f"{speaker}: {message.text or '(calls tools)'}")


@lru_cache(maxsize=64)
def _answer_schema(points: int) -> Mapping[str, Any]:
    point = {
        "point": {"type": "integer"},
        "class": {"type": "string", "enum": [*_GRADES.values()]},
        "why": {"type": "string"},
        "met": {"type": "boolean"},
    }
    schema: Mapping[str, Any] = freeze(
        closed(
            reasoning={"type": "string"},
            points={
                "type": "array",
                "items": closed(**point),
                "minItems": points,
                "maxItems": points,
            },
            judgment={"type": "string", "enum": ["valid", "invalid"]},
        )
    )
    return schema


# --- how its answer is read ---------------------------------------------------------


class _Judged(NamedTuple):
    """What an answer says of one point."""

    grade: Grade
    why: str
    met: bool


def read(
    response: bytes, state: Dialogue, materials: Materials
) -> VerdictGiven | ModelRejected:
    """The verdict in a response, with a finding for each point, or why it is none."""
    choice = read_choice(response)
    if choice.problem:
        return _rejected(choice, choice.problem)
    found = read_json(choice.text)
    if found.problem or not isinstance(found.value, dict):
        return _rejected(choice, "the answer is not a JSON object")
    said: dict[str, Any] = found.value
    points = points_of(_task(state, materials))
    judged = _judged(said.get("points"), points)
    if isinstance(judged, str):
        return _rejected(choice, judged)
    judgment = str(said.get("judgment")).strip().casefold()
    problem = _inconsistent(judgment, judged)
    if problem:
        return _rejected(choice, problem)
    reasoning = said.get("reasoning")
    reasoning = reasoning.strip() if isinstance(reasoning, str) else ""
    rendered = _rendered(reasoning, judged, judgment)
    kept = None if choice.content == rendered else choice.content
    update = {"raw": kept, "repair": found.repair}
    assert state.task is not None
    return VerdictGiven(
        task=state.task.assigned.number,
        judgment="valid" if judgment == "valid" else "invalid",
        basis="judged",
        findings=tuple(_finding(point, judged[point.number]) for point in points),
        reasoning=reasoning,
        answer=choice.answer.model_copy(update=update),
    )


def _judged(listed: Any, points: tuple[Point, ...]) -> dict[int, _Judged] | str:
    """What is said of each point by its number, or what is wrong with that."""
    if not isinstance(listed, list):
        return "the answer has no points"
    judged: dict[int, _Judged] = {}
    for item in listed:
        if not isinstance(item, dict):
            return "one of the points is not an object"
        number = _leading_number(item.get("point"))
        if not 1 <= number <= len(points):
            return f"there is no point {item.get('point')!r:.40}"
        said = _read_point(item, rule=points[number - 1].kind == "rule")
        if isinstance(said, str):
            return f"point {number} {said}"
        judged.setdefault(number, said)
    missing = [str(p.number) for p in points if p.number not in judged]
    return f"it does not judge point {joined(missing)}" if missing else judged


def _leading_number(value: Any) -> int:
    found = re.match(r"\s*(\d{1,4})\b", str(value))
    return int(found[1]) if found else 0


def _read_point(item: Mapping[str, Any], *, rule: bool) -> _Judged | str:
    word = re.sub(r"[\W_]", "", str(item.get("class"))).casefold()
    grade = "critical" if rule else _GRADES.get(word)
    met = item.get("met")
    if isinstance(met, str):
        met = {"true": True, "yes": True, "false": False, "no": False}.get(met.lower())
    if grade is None:
        return "has no class that there is"
    if not isinstance(met, bool):
        return "does not say whether it is met"
    why = item.get("why")
    return _Judged(grade, why.strip() if isinstance(why, str) else "", met)


def _inconsistent(judgment: str, judged: Mapping[int, _Judged]) -> str:
    """Why the judgment does not follow from the points; "" if it does."""
    if judgment not in {"valid", "invalid"}:
        return "the judgment is neither valid nor invalid"
    unmet = [
        f"{number} ({said.grade})"
        for number, said in sorted(judged.items())
        if said.grade in _DECIDE and not said.met
    ]
    if judgment == "valid" and unmet:
        return f"it judges the task valid, but point {joined(unmet)} is not met"
    if judgment == "invalid" and not unmet:
        return (
            "it judges the task invalid, but every critical and structural point is met"
        )
    return ""


def _finding(point: Point, said: _Judged) -> Finding:
    detail = f"{point.text} {said.why}".strip()
    return Finding(check=point.check, passed=said.met, detail=detail, grade=said.grade)


def _rendered(reasoning: str, judged: Mapping[int, _Judged], judgment: str) -> str:
    """The answer in its usual form."""
    points = [
        {"point": number, "class": one.grade, "why": one.why, "met": one.met}
        for number, one in sorted(judged.items())
    ]
    usual = {"reasoning": reasoning, "points": points, "judgment": judgment}
    return encode(usual).decode()


def _rejected(choice: Choice, reason: str) -> ModelRejected:
    return ModelRejected(
        role="judge", reason=reason, raw=choice.raw, answer=choice.answer
    )
