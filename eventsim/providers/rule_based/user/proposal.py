"""Whether what the assistant proposes to change is what the user asked for.

The user compares values: each new value and each name must stand in the proposal. A
value that is missing counts as wrong only where another one stands in its place, so
that a short "Shall I go ahead?" is not quarrelled with.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.words import (
    content_words,
    plain,
    says,
    values_in,
)

__all__ = ["closest_clause", "differs"]

_PROPER = re.compile(r"(?<![.!?\"] )(?<!^)\b[A-ZÀ-Þ][\w'-]+")


def closest_clause(text: str, clauses: Sequence[Clause]) -> Clause | None:
    """What a proposal is most likely about: a change, if there is one."""
    best, best_score = None, 0.0
    words = content_words(text)
    for clause in clauses:
        stated = sum(2.0 for value in clause.values if says(text, value))
        score = (
            9.0 * (clause.kind == "write")
            + stated
            + len(clause.words & words) / (len(clause.words) or 1)
        )
        if score > best_score or best is None:
            best, best_score = clause, score
    return best


def differs(text: str, clause: Clause) -> bool:
    """Whether a proposal states another value or another name than the clause."""
    quoted = [plain(value) for value in re.findall(r'"([^"]*)"', text)]
    wanted = [plain(value) for value in clause.values]
    foreign = [
        value
        for value in map(plain, values_in(text))
        if value not in wanted and not any(value in one for one in wanted)
    ]
    for value in clause.values:
        if _stated(text, plain(value), quoted):
            continue
        if value in clause.names:
            if _partly_named(text, value):
                continue
            if any(plain(value) in one for one in quoted) or _names_somebody(
                text, wanted
            ):
                return True
        elif foreign:
            return True
    return False


def _stated(text: str, value: str, quoted: list[str]) -> bool:
    if value in quoted:
        return True
    if not says(text, value):
        return False
    longer = [one for one in quoted if value in one]
    return not longer or plain(re.sub(r'"[^"]*"', " ", text)).count(value) > 0


def _partly_named(text: str, name: str) -> bool:
    parts = [part for part in plain(name).split() if len(part) > 2]
    there = plain(text)
    longer = any(plain(name) in plain(one) for one in re.findall(r'"([^"]*)"', text))
    return not longer and any(says(there, p) for p in parts)


def _names_somebody(text: str, wanted: list[str]) -> bool:
    known = " ".join(wanted)
    return any(
        plain(word) not in known for word in _PROPER.findall(text) if word != "I"
    )
