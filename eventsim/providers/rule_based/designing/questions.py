"""Questions of users of a domain: clauses in many moods, alone and in workflows.

The shapes are spread over what can be asked, from one step to four, with some who say
who they are, and some who are not sure. No shape comes twice as long as there are
others.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from random import Random
from typing import Any

from eventsim.providers.rule_based.designing.clauses import (
    Cast,
    Clause,
    Maker,
    makers,
)
from eventsim.providers.rule_based.designing.knowledge import (
    Knowledge,
    from_signatures,
)
from eventsim.providers.rule_based.designing.request import answer, read_brief
from eventsim.providers.rule_based.designing.words import capital

__all__ = ["write_questions"]

_WANTED = re.compile(r"Write (\d{1,3}) questions")
_THERE = re.compile(r"^- (.+)$", re.MULTILINE)
_MOST, _USUAL, _MOST_DRAWS = 100, 20, 60

_LEADS = (
    "Hello, I'm new here.",
    "I am asking for a colleague who is ill today.",
    "I have five minutes before my next call, so please be quick.",
    "Hi again!",
    "I am sorting out my papers this morning.",
    "Good evening.",
    "I do this for my parents, who have no computer.",
    "I run a small office and handle this for the whole team.",
    "My phone is about to die, so short answers please.",
)
_MOODS = (
    "Could you {0}?",
    "Please {0}.",
    "Can you {0}, please?",
    "I would like you to {0}.",
    "Would you {0}?",
    "I need you to {0}.",
    "{0}, please.",
    "{0}.",
)
_TWO = (
    "Please {0}, and then {1}.",
    "{0}. After that, {1}.",
    "First {0}, then {1}.",
    "Could you {0} and then {1}?",
    "I need you to {0}. Then {1}.",
)
_MORE = (
    "Please do three things: {0}, {1} and {2}.",
    "First {0}. Then {1}. Finally {2}.",
    "Could you {0}? Then {1}. And {2}.",
    "{0}, then {1}. After that, {2}.",
)
_FOUR = (
    "First {0}. Then {1}. After that, {2}. Finally {3}.",
    "Please {0}. Then {1}, and then {2}. Last of all, {3}.",
)
_UNSURE = (
    "I am not sure that the number is right.",
    "It may be that there is none.",
    "I may have the number from an old letter.",
)
_NAMESAKES = (
    "There may be two with that name.",
    "I am not sure how the name is spelled.",
)


def write_questions(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for questions."""
    brief = read_brief(request)
    wanted = _WANTED.search(brief.message)
    count = min(_MOST, int(wanted[1])) if wanted else _USUAL
    known = from_signatures(brief.system, brief.about or brief.title)
    if not known.things:
        known.thing("request")
    there = set(_THERE.findall(brief.message))
    return answer({"questions": _written(known, count, there, brief.rng)})


def _written(known: Knowledge, count: int, there: set[str], rng: Random) -> list[str]:
    """Different questions, the simple ones first."""
    pool = makers(known)
    uses: Counter[str] = Counter()
    shapes: Counter[str] = Counter()
    found: list[str] = []
    leads = rng.sample(_LEADS, len(_LEADS))
    for number in range(count):
        steps = _steps(number, count)
        best: tuple[int, str, str, list[Clause]] | None = None
        for _ in range(_MOST_DRAWS):
            clauses = _workflow(known, pool, steps, uses, rng)
            text = _said(clauses, leads[len(found) % len(leads)], rng)
            if text in there or text in found:
                continue
            shape = " + ".join(clause.shape for clause in clauses)
            if best is None or shapes[shape] < best[0]:
                best = (shapes[shape], shape, text, clauses)
            if not best[0]:
                break
        if best is not None:
            shapes[best[1]] += 1
            uses.update(clause.shape.rpartition(" ")[0] for clause in best[3])
            found.append(best[2])
    return found


def _steps(number: int, count: int) -> int:
    """How many steps the question at a place has: more towards the end."""
    share = (number + 0.5) / count
    if share < 0.4:
        return 1
    if share < 0.75:
        return 2
    return 3 if share < 0.92 else 4


def _workflow(
    known: Knowledge,
    pool: Sequence[Maker],
    steps: int,
    uses: Counter[str],
    rng: Random,
) -> list[Clause]:
    """Clauses that go together: about one thing or its owners, look-ups first."""
    cast = Cast(rng)
    first = min(
        rng.sample(list(pool), min(len(pool), 5)),
        key=lambda make: uses[make(Cast(rng)).shape.rpartition(" ")[0]],
    )
    chosen = [first(cast)]
    for _ in range(steps - 1):
        near = _near(known, chosen)
        options = [make(cast) for make in rng.sample(list(pool), min(len(pool), 8))]
        options = [o for o in options if _goes_with(o, chosen)]
        related = [o for o in options if o.about in near]
        picked = next(iter(related or options), None)
        if picked is not None:
            chosen.append(picked)
    return sorted(chosen, key=lambda clause: clause.rank)


def _goes_with(option: Clause, chosen: Sequence[Clause]) -> bool:
    """Whether a step adds something: no second one of its shape, nothing that is
    changed and removed in one message.
    """
    for clause in chosen:
        if clause.shape == option.shape:
            return False
        ranks = {clause.rank, option.rank}
        if clause.about == option.about and ranks in ({1, 2}, {2}):
            return False
    return True


def _near(known: Knowledge, clauses: Sequence[Clause]) -> set[str]:
    """The things that some clause is about, what they belong to, what is theirs."""
    about = {clause.about for clause in clauses}
    owners = {o for noun in about for o in known.thing(noun).owners}
    owned = {n for n, thing in known.things.items() if about & set(thing.owners)}
    return about | owners | owned


def _said(clauses: Sequence[Clause], lead: str, rng: Random) -> str:
    """The clauses in one message, some after a lead."""
    forms = {1: _MOODS, 2: _TWO, 3: _MORE}.get(len(clauses), _FOUR)
    text = rng.choice(forms).format(*(clause.text for clause in clauses))
    text = re.sub(r"(^|[.?!] )([a-z])", lambda m: m[1] + m[2].upper(), text)
    if rng.random() < 0.3:
        text = f"{lead} {capital(text)}"
    last = clauses[-1]
    if len(clauses) == 1 and rng.random() < 0.25:
        if re.search(r" \d+$", last.subject):
            text = f"{text} {rng.choice(_UNSURE)}"
        elif last.subject.endswith('"'):
            text = f"{text} {rng.choice(_NAMESAKES)}"
    return text
