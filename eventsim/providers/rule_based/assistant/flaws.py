"""The flaws of the assistant: where each can happen, and what it does there.

A flaw is drawn from the seed of the request in which it would show, so that nothing
has to be remembered between requests: a needless question before the first call, a
wrong row in the call that takes it, a misreported value in the answer, a part left out
where the assistant would have to go on. What was applied is named in the notes of the
answer; nobody in the conversation sees them.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

from eventsim.config import FlawRates
from eventsim.core.draws import Draws
from eventsim.providers.rule_based.assistant.memory import Thing
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    key_of,
)
from eventsim.providers.rule_based.assistant.script import Need, Outcome, Script
from eventsim.providers.rule_based.assistant.transcript import Call

__all__ = ["Lapses"]

# The share of user requests in which a flaw can show at all, over generated tasks:
# rates are a user request, so that a flaw is drawn more often where it can.
_SHARES = {"half_done": 0.7, "wrong_row": 0.85, "misreported_value": 0.85}

_TOLD = frozenset({"value", "measure", "rows", "ranking", "details"})


@dataclass(slots=True)
class Lapses:
    """The flaws of one request; `applied` names those that happened."""

    rates: FlawRates
    draws: Draws
    applied: list[str] = field(default_factory=list)

    def happens(self, name: str) -> bool:
        """Whether the flaw is drawn here; it counts only once it is applied."""
        rate = float(getattr(self.rates, name)) / _SHARES.get(name, 1.0)
        return self.draws.fraction(f"flaw {name}") < rate

    def note(self, name: str) -> None:
        """The flaw was applied."""
        self.applied.append(name)

    # --- wrong row ------------------------------------------------------------------

    def wrong_arguments(self, need: Need, script: Script) -> Mapping[str, Any] | None:
        """The arguments with the key of another row; None where no key is used."""
        for param in need.tool.params:
            value = need.arguments.get(param.name)
            if param.role != "key" or param.key_of is None or value is None:
                continue
            others = _other_keys(script, param.key_of, value)
            if others:
                return {**need.arguments, param.name: others[0]}
        return None

    # --- half done --------------------------------------------------------------------

    def shortened(
        self, outcomes: Sequence[Outcome], calls: Sequence[Call]
    ) -> list[Outcome] | None:
        """The outcomes without one of two parts that were found in one go."""
        together = len({call.index for call in calls}) < len(calls)
        if len(outcomes) > 1 and together:
            return list(outcomes[:-1])
        for number, outcome in enumerate(outcomes):
            if outcome.kind == "value" and len(outcome.columns) > 1:
                less = replace(outcome, columns=outcome.columns[:-1])
                return [*outcomes[:number], less, *outcomes[number + 1 :]]
        return None

    # --- misreported value ----------------------------------------------------------

    def misreported(self, outcome: Outcome) -> Outcome | None:
        """The outcome with one value told differently; None where there is none."""
        if outcome.kind not in _TOLD:
            return None
        if outcome.kind == "measure":
            wrong = self.other(outcome.value)
            return None if wrong is None else replace(outcome, value=wrong)
        if outcome.kind == "value" and outcome.row is not None:
            columns = [c for _, found in outcome.columns for c in found]
            row = self._altered(outcome.row, columns[:1])
            return None if row is None else replace(outcome, row=row)
        if outcome.rows:
            return self._misreported_rows(outcome)
        return None

    def _misreported_rows(self, outcome: Outcome) -> Outcome | None:
        columns = [c for _, found in outcome.columns for c in found]
        first = outcome.rows[0]
        if not columns and len(outcome.rows) > 1:
            # One row too few is told: the list is short of its last name.
            return replace(outcome, rows=outcome.rows[:-1])
        row = self._altered(first, columns)
        return None if row is None else replace(outcome, rows=(row, *outcome.rows[1:]))

    def _altered(self, row: Row, columns: Sequence[str]) -> Row | None:
        for column in columns:
            wrong = self.other(row.get(column))
            if wrong is not None:
                return {**row, column: wrong}
        return None

    def other(self, value: Any) -> Any:
        """A value like this one, and not this one; None if none comes to mind."""
        if isinstance(value, bool):
            return not value
        if isinstance(value, int):
            return value + self.draws.choice((1, 2, 10), "flaw step")
        if isinstance(value, float):
            return round(value + self.draws.choice((1.0, 0.5, 10.0), "flaw step"), 2)
        if not isinstance(value, str) or not value:
            return None
        if re.match(r"\d{4}-\d{2}-\d{2}", value):
            return _next_day(value)
        return _miswritten(value)


def _next_day(value: str) -> str | None:
    try:
        day = date.fromisoformat(value[:10]) + timedelta(days=1)
    except (ValueError, OverflowError):
        return None
    return day.isoformat() + value[10:]


def _miswritten(value: str) -> str | None:
    """Two neighbouring letters or digits in the wrong order, or one left out."""
    for place in range(len(value) - 1, 0, -1):
        one, two = value[place - 1], value[place]
        if one.isalnum() and two.isalnum() and one.casefold() != two.casefold():
            return value[: place - 1] + two + one + value[place + 1 :]
    return value[:-1] if len(value) > 1 else None


def _other_keys(script: Script, entity: str, value: Any) -> list[Any]:
    """Keys of other rows of the kind: other hits, other things said, a neighbour."""
    found: list[Any] = []
    for kind, rows in script.seen:
        if kind == entity:
            keys = (key_of(row, entity, script.lexicon) for row in rows)
            found += [key[0] for key in keys if key is not None and key[0] != value]
    if not found:
        known: Sequence[Thing] = script.memory.things
        found = [
            t.key[0]
            for t in reversed(known)
            if t.entity == entity and t.key[0] != value
        ]
    if not found and isinstance(value, int) and not isinstance(value, bool):
        found = [value - 1 if value > 1 else value + 1]
    return found
