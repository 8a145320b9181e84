"""Descriptive tasks as models write them, read into tasks and hidden solutions.

Harmless differences of shape are made the same. What would give the task away to the
person who plays it, or leave it without meaning, is a reason to reject it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, cast, get_args

from eventsim.core.tasks import (
    Checks,
    ExpectedChange,
    Fact,
    Objective,
    Profile,
    SolutionCall,
    Task,
)
from eventsim.core.values import freeze
from eventsim.pipelines.stages.drawn import Difficulty
from eventsim.pipelines.stages.rubrics import texts_of

__all__ = ["Draft", "is_solvable", "read_calls", "read_draft"]

_Kind = Literal["read", "write", "check", "refusal"]
_KINDS = get_args(_Kind)
_OPS = ("insert", "update", "delete")
_MOST_OBJECTIVES = 6
_MOST_CALLS = 20
_LONGEST_TITLE = 120
_LEAST_GOAL = 15

_NUMBER = re.compile(r"^\s*(?:\(?\d{1,2}[.):]|[-*•])\s*")
_REFERENCE = re.compile(r"\$\d+(?:\[[\d*]+\])?\.\w")
_ARGUMENT = re.compile(
    r"(\w+)\s*[:=]\s*"
    r"(?:([\"'])(.*?)\2|(-?\d+(?:\.\d+)?)(?![\w-])|([^;,)]+))"
)
_OWN_WORDS = re.compile(
    r"^(?:please|hi|hello|(?:can|could|would|will) you|i|i['’](?:d|m|ve|ll))\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Draft:
    """A task that is to be proved, and the calls that are said to do it."""

    task: Task
    solution: tuple[SolutionCall, ...] = ()


def read_draft(
    value: Mapping[str, Any], difficulty: Difficulty, who: Profile | None
) -> Draft | str:
    """The draft in an answer, or why it is none. `who` is the user of the session's
    earlier tasks, who stays the same.
    """
    objectives = _objectives(value.get("objectives"))
    if isinstance(objectives, str):
        return objectives
    profile = _profile(value.get("profile"), who)
    if isinstance(profile, str):
        return profile
    goal = " ".join(str(value.get("goal") or "").split())
    who_is = (profile.name, profile.role, *profile.known_info, *profile.unknown_info)
    problem = _fault(goal, (goal, *(o.text for o in objectives), *who_is))
    if problem:
        return problem
    solution = read_calls(value.get("solution"), objectives)
    facts = _facts(value.get("facts"), objectives)
    changes = _changes(value.get("changes"), objectives)
    for part in (solution, facts, changes):
        if isinstance(part, str):
            return part
    title = " ".join(str(value.get("title") or objectives[0].text).split())
    task = Task(
        title=title[:_LONGEST_TITLE],
        difficulty=difficulty,
        goal=goal,
        profile=profile,
        objectives=objectives,
        checks=Checks(changes=tuple(changes), facts=tuple(facts)),  # type: ignore[arg-type]
    )
    return Draft(task, tuple(solution))  # type: ignore[arg-type]


def is_solvable(task: Task) -> bool:
    """Whether somebody else's calls can be compared with what the task declares: its
    facts are values, and what it writes is said.
    """
    kinds = {objective.kind for objective in task.objectives}
    values = [v for f in task.checks.facts if not f.refusal for v in f.values]
    plain = not any(isinstance(v, str) and _REFERENCE.search(v) for v in values)
    return plain and ("write" not in kinds or bool(task.checks.changes))


def _fault(goal: str, texts: Sequence[str]) -> str:
    if len(goal) < _LEAST_GOAL:
        return "it has no goal"
    if _OWN_WORDS.match(goal):
        return f"its goal is in the person's own words: {goal[:60]!r}"
    for text in texts:
        if _REFERENCE.search(text):
            return f"it shows the hidden solution to the person: {text[:60]!r}"
    return ""


# --- the person ---------------------------------------------------------------------


def _profile(given: Any, who: Profile | None) -> Profile | str:
    given = given if isinstance(given, Mapping) else {}
    name = " ".join(str(given.get("name") or "").split())
    if who is None and not name:
        return "its profile has no name"
    role = _role(" ".join(str(given.get("role") or "").split()))
    return Profile(
        name=who.name if who else name[:80],
        role=who.role if who else role,
        known_info=tuple(_sentences(given.get("known_info"))),
        unknown_info=tuple(_sentences(given.get("unknown_info"))),
    )


def _role(role: str) -> str:
    """A sentence to the person: "receptionist" becomes "You are a receptionist."."""
    if not role:
        return ""
    if not re.match(r"you\b|your\b", role, re.IGNORECASE):
        bare = re.sub(r"^(?:an?|the)\s+", "", role, flags=re.IGNORECASE)
        begins = "an" if bare[:1].lower() in "aeiou" else "a"
        role = f"You are {begins} {bare}"
    return role if role.endswith((".", "!")) else f"{role}."


def _sentences(given: Any) -> list[str]:
    if isinstance(given, Mapping):
        given = [f"The {str(k).replace('_', ' ')} is {v}" for k, v in given.items()]
    return [text if text[-1] in ".!?" else f"{text}." for text in texts_of(given)]


def _objectives(given: Any) -> tuple[Objective, ...] | str:
    if not isinstance(given, list | tuple) or not given:
        return "it has no objectives"
    if len(given) > _MOST_OBJECTIVES:
        return f"it has {len(given)} objectives; two to five are wanted"
    found = []
    for number, raw in enumerate(given, 1):
        text = raw.get("text") if isinstance(raw, Mapping) else raw
        kind = raw.get("kind") if isinstance(raw, Mapping) else "read"
        clause = _clause(text) if isinstance(text, str) else ""
        if not clause:
            return f"objective {number} has no text"
        if kind not in _KINDS:
            return f"objective {number} is of no known kind: {kind!r}"
        found.append(Objective(number=number, text=clause, kind=cast("_Kind", kind)))
    return tuple(found)


def _clause(text: str) -> str:
    """An infinitive clause: no number, no "to", no full stop, a small first letter."""
    clause = _NUMBER.sub("", " ".join(text.split())).removesuffix(".")
    clause = re.sub(r"^to\s+", "", clause, flags=re.IGNORECASE)
    clause = clause.replace("“", '"').replace("”", '"')
    clause = re.sub(r"(?<![\w'])'([^']{1,60})'(?!\w)", r'"\1"', clause)
    return clause[:1].lower() + clause[1:]


# --- how it is done -----------------------------------------------------------------


def read_calls(
    given: Any, objectives: Sequence[Objective]
) -> tuple[SolutionCall, ...] | str:
    """The calls in an answer, each of an objective of the task, or what is wrong."""
    if not isinstance(given, list | tuple):
        return ()
    if len(given) > _MOST_CALLS:
        return f"its solution has {len(given)} calls; {_MOST_CALLS} are the most"
    found = []
    for number, raw in enumerate(given, 1):
        name = raw.get("tool") or raw.get("name") if isinstance(raw, Mapping) else None
        if not isinstance(name, str) or not name:
            return f"call {number} of its solution names no tool"
        objective = _objective(raw.get("objective"), objectives)
        if objective is None:
            return f"call {number} of its solution is of no objective"
        arguments = raw.get("arguments")
        arguments = arguments if isinstance(arguments, Mapping) else {}
        name, _, inside = name.strip().partition("(")
        found.append(
            SolutionCall(
                objective=objective,
                tool=name.strip(),
                arguments=freeze(arguments or dict(_written_out(inside))),
            )
        )
    return tuple(found)


def _written_out(inside: str) -> Iterator[tuple[str, Any]]:
    """Arguments that were written behind the name, as a signature has them."""
    for name, _, quoted, number, bare in _ARGUMENT.findall(inside):
        if number:
            yield name, float(number) if "." in number else int(number)
        else:
            yield name, quoted or bare.strip()


def _objective(given: Any, objectives: Sequence[Objective]) -> int | None:
    if given is None and len(objectives) == 1:
        return 1
    if isinstance(given, str) and given.strip().isdigit():
        given = int(given)
    if isinstance(given, float) and given.is_integer():
        given = int(given)
    fits = isinstance(given, int) and 1 <= given <= len(objectives)
    return given if fits and not isinstance(given, bool) else None


def _facts(given: Any, objectives: Sequence[Objective]) -> list[Fact] | str:
    """What answers must state; a refusal has no value."""
    found: list[Fact] = []
    for number, raw in enumerate(given if isinstance(given, list | tuple) else (), 1):
        if not isinstance(raw, Mapping):
            return f"fact {number} is no object"
        objective = _objective(raw.get("objective"), objectives)
        if objective is None:
            return f"fact {number} is of no objective"
        kind = objectives[objective - 1].kind
        if kind == "refusal" or raw.get("refusal") is True:
            if kind != "refusal":
                return f"fact {number} is a refusal, and objective {objective} is not"
            continue
        if kind == "write":
            continue  # what a write does is seen in the data
        value = raw.get("value", raw.get("values"))
        values = tuple(value) if isinstance(value, list | tuple) else (value,)
        if not values or any(v is None or isinstance(v, Mapping) for v in values):
            return f"fact {number} has no value"
        about = " ".join(str(raw.get("about") or "").split())
        about = about.rstrip(".?") or objectives[objective - 1].text
        found.append(Fact(objective=objective, about=about, values=values))
    found += [
        Fact(objective=o.number, about=o.text, refusal=True)
        for o in objectives
        if o.kind == "refusal"
    ]
    return sorted(found, key=lambda fact: fact.objective)


def _changes(given: Any, objectives: Sequence[Objective]) -> list[ExpectedChange] | str:
    """What the writer says that writes change; references are no declaration."""
    found: list[ExpectedChange] = []
    for raw in given if isinstance(given, list | tuple) else ():
        if not isinstance(raw, Mapping):
            continue
        objective = _objective(raw.get("objective"), objectives)
        table, op = raw.get("table"), str(raw.get("op") or "").lower()
        if objective is None or not isinstance(table, str) or op not in _OPS:
            continue
        found.append(
            ExpectedChange(
                objective=objective,
                table=table,
                op=op,  # type: ignore[arg-type]
                key=freeze(_said(raw.get("key"))),
                new=freeze(_said(raw.get("new"))) if op != "delete" else freeze({}),
            )
        )
    return found


def _said(given: Any) -> dict[str, Any]:
    """Columns with plain values: what comes from a result is not known beforehand."""
    if not isinstance(given, Mapping):
        return {}
    return {
        str(name): value
        for name, value in given.items()
        if isinstance(value, str | int | float)
        and not (isinstance(value, str) and _REFERENCE.search(value))
    }
