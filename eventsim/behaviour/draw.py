"""Which rules shape the next message: a pure function of the draws.

A rule without a group is drawn under its own name and a group under the group's, so
that a new rule changes no other rule's draws outside its group. Nothing here reads
the dialogue.
"""

from __future__ import annotations

from collections.abc import Mapping

from eventsim.behaviour.personas import PERSONAS
from eventsim.behaviour.registry import RULES
from eventsim.behaviour.rule import Rule, View
from eventsim.core.draws import Draws
from eventsim.core.values import freeze
from eventsim.errors import UsageError

__all__ = ["draw_rules"]


def draw_rules(
    view: View,
    draws: Draws,
    ordinal: int,
    weights: Mapping[str, float],
    others: Mapping[str, Rule] = freeze({}),
) -> tuple[tuple[str, str], ...]:
    """The drawn rules as (name, instruction), in the registry's order.

    `ordinal` counts the user messages of the path. `weights` replaces default
    weights by name; the traits of the persona multiply them. `others` are rules from
    outside, by the name that `weights` gives them.

    Raises: UsageError for an unknown rule or a weight outside [0, 1].
    """
    known = {**RULES, **others}
    _check(weights, known)
    persona = PERSONAS.get(view.persona)
    traits = persona.traits if persona is not None else {}
    groups: dict[str, list[tuple[str, float]]] = {}
    for name, rule in known.items():
        weight = weights.get(name, rule.weight) * traits.get(name, 1.0)
        if weight > 0 and rule.applies(view):
            groups.setdefault(rule.group or name, []).append((name, weight))
    drawn = {
        _draw(rules, draws.fraction(f"behaviour.{group}", ordinal))
        for group, rules in groups.items()
    }
    return tuple((name, r.instruction) for name, r in known.items() if name in drawn)


def _draw(rules: list[tuple[str, float]], mark: float) -> str | None:
    total = sum(weight for _, weight in rules)
    mark *= max(1.0, total)
    for name, weight in rules:
        mark -= weight
        if mark < 0:
            return name
    return None


def _check(weights: Mapping[str, float], known: Mapping[str, Rule]) -> None:
    for name, weight in weights.items():
        if name not in known:
            names = ", ".join(known)
            raise UsageError(f"no behaviour rule is named {name!r}; known: {names}")
        if not 0 <= weight <= 1:
            raise UsageError(
                f"the weight of the behaviour rule {name} is {weight}, "
                "which is not between 0 and 1"
            )
