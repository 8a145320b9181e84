"""A slip of memory: a question with one value of it slightly wrong.

Only what is looked up may be asked for wrongly, and only by one name or number, so
that nothing can be changed by mistake and the next message can put it right.
"""

from __future__ import annotations

import re
from random import Random

from eventsim.providers.rule_based.user.clause import Clause, parse_clause

__all__ = ["slipped"]

_INNER = re.compile(r"[a-z]{3,}")
_MEASURE = re.compile(r"\b(contain|whose name|with the (most|fewest|highest|lowest))")


def slipped(clause: Clause, random: Random) -> Clause | None:
    """The clause with its one value misremembered; None where that is not safe."""
    if clause.kind != "look" or len(clause.values) != 1:
        return None
    value = clause.values[0]
    wrong = _misremembered(value, random)
    if wrong is None or _MEASURE.search(clause.text):
        return None
    return parse_clause(clause.text.replace(value, wrong))


def _misremembered(value: str, random: Random) -> str | None:
    if value.isdecimal():
        if len(value) < 2:
            return None
        turned = f"{value[:-2]}{value[-1]}{value[-2]}"
        return turned if turned != value and turned[0] != "0" else str(int(value) + 1)
    places = [
        place
        for found in _INNER.finditer(value)
        for place in range(found.start(), found.end() - 1)
        if value[place] != value[place + 1]
    ]
    if not places:
        return None
    place = random.choice(places)
    return f"{value[:place]}{value[place + 1]}{value[place]}{value[place + 2 :]}"
