"""The answer to a request for a descriptive task: over a database, or without one.

A pattern of wishes is drawn and played; one that does not work out is left for another.
What the person knows is what nobody could look up: names, new values, the code.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from eventsim.providers.rule_based.designing.request import answer
from eventsim.providers.rule_based.writing_tasks import (
    reading_wishes,
    writing_wishes,
)
from eventsim.providers.rule_based.writing_tasks.brief import (
    Commission,
    read_commission,
)
from eventsim.providers.rule_based.writing_tasks.inventing import person_named
from eventsim.providers.rule_based.writing_tasks.policy import read_bounds
from eventsim.providers.rule_based.writing_tasks.rubrics import judged_task
from eventsim.providers.rule_based.writing_tasks.scene import Objective, Scene, Unfit

__all__ = ["goal_of", "profile_of", "write_task"]

Wish = Callable[[Scene], Objective]

_PATTERNS: Mapping[str, Mapping[str, float]] = {
    "easy": {"RR": 3, "WC": 4, "RW": 4, "GR": 2, "RX": 1},
    "medium": {"RWC": 5, "RRW": 3, "GRR": 2, "RRR": 1, "RAC": 3, "RXR": 1},
    "hard": {"RRWC": 4, "RWCR": 3, "GRWC": 3, "RRAC": 3, "RWCA": 2, "RWXR": 1},
}
_READS: tuple[tuple[Wish, float], ...] = (
    (reading_wishes.ask, 6),
    (reading_wishes.count, 3),
    (reading_wishes.list_some, 2),
)
_PLAIN: tuple[Wish, ...] = (
    reading_wishes.ask,
    reading_wishes.rank,
    reading_wishes.count,
)
_ATTEMPTS = 40
_ROLES = (
    "You work at the front desk of {title}.",
    "You are on the staff of {title}.",
    "You work in the office of {title}.",
    "You are new on the team of {title}.",
    "You help out at {title} this week.",
)


def write_task(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for a descriptive task."""
    commission = read_commission(request)
    if not commission.tables:
        return answer(judged_task(commission, profile_of(commission, ())))
    for _ in range(_ATTEMPTS):
        scene = Scene(commission, read_bounds(commission.policy))
        try:
            _play(scene)
        except Unfit:
            continue
        return answer(_written(scene))
    return answer(_least(commission))


def _play(scene: Scene) -> None:
    patterns = _PATTERNS[scene.commission.wishes.difficulty]
    pattern = scene.rng.choices(list(patterns), list(patterns.values()))[0]
    earlier = " ".join(scene.commission.wishes.earlier)
    for letter in pattern:
        objective = _wish(scene, letter)(scene)
        if objective.text in earlier:
            raise Unfit("asked before")
        scene.objectives.append(objective)


def _wish(scene: Scene, letter: str) -> Wish:
    if letter == "R":
        chosen, weights = zip(*_READS, strict=True)
        found: Wish = scene.rng.choices(chosen, weights)[0]
        return found
    plain: Mapping[str, Wish] = {
        "W": writing_wishes.write,
        "A": writing_wishes.add,
        "C": writing_wishes.check,
        "G": reading_wishes.rank,
        "X": writing_wishes.refuse,
    }
    return plain[letter]


def _written(scene: Scene) -> dict[str, Any]:
    commission = scene.commission
    known = [line for objective in scene.objectives for line in objective.known]
    writes = any(o.kind in ("write", "refusal") for o in scene.objectives)
    if writes and scene.bounds.code:
        known.append(scene.bounds.code)
    lead = next((o for o in scene.objectives if o.kind != "read"), scene.objectives[0])
    return {
        "title": f"{lead.text[0].upper()}{lead.text[1:]}",
        "goal": goal_of([o.outcome for o in scene.objectives]),
        "profile": profile_of(commission, known),
        "objectives": [{"text": o.text, "kind": o.kind} for o in scene.objectives],
        "solution": scene.calls,
        "facts": [
            {"objective": number, "about": about, "value": value}
            for number, objective in enumerate(scene.objectives, 1)
            for about, value in objective.facts
        ],
        "changes": [],
    }


def goal_of(outcomes: list[str]) -> str:
    """What holds in the end, in one or two sentences."""
    half = len(outcomes) if len(outcomes) <= 3 else 2
    first = f"In the end, {_listed(outcomes[:half])}."
    rest = outcomes[half:]
    return f"{first} Also, {_listed(rest)}." if rest else first


def _listed(clauses: list[str]) -> str:
    if len(clauses) < 3:
        return ", and ".join(clauses)
    return f"{', '.join(clauses[:-1])}, and {clauses[-1]}"


def profile_of(commission: Commission, known: Any) -> dict[str, Any]:
    """Who the person is: the one of the earlier tasks, or somebody new."""
    told, rng = commission.wishes, commission.rng
    name = told.name or person_named(told.initial, rng)
    role = told.role or rng.choice(_ROLES).format(title=commission.title)
    unknown = ["Record numbers other than those in your goal."]
    unknown.append("The answers to what you ask for.")
    return {
        "name": name,
        "role": role,
        "known_info": list(dict.fromkeys(known)),
        "unknown_info": unknown,
    }


def _least(commission: Commission) -> dict[str, Any]:
    """One plain wish, where rows and tools give no more; if none, an honest blank."""
    plain: tuple[Wish, ...] = (
        reading_wishes.ask,
        reading_wishes.rank,
        reading_wishes.count,
    )
    for wish in plain * 8:
        scene = Scene(commission, read_bounds(commission.policy))
        try:
            scene.objectives.append(wish(scene))
        except Unfit:
            continue
        return _written(scene)
    return {
        "title": "No task",
        "goal": "In the end, nothing is left to do.",
        "profile": profile_of(commission, ()),
        "objectives": [],
        "solution": [],
        "facts": [],
    }
