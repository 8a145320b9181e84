"""What was asked, part by part, and whether the assistant's lines deal with each part.

A part is told, done by a call, or declined in words that speak of it. The user's own
reading (`user/outcome.py`) is lenient, for users are no judges; here a reply must hold
something: a value that a result or a call holds, that there is none, or a reason.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.judge.claims import folded
from eventsim.providers.rule_based.judge.reading import Brief, Line, Point, scalars
from eventsim.providers.rule_based.tool.names import verb_of
from eventsim.providers.rule_based.user.clause import Clause, parse_clause
from eventsim.providers.rule_based.user.outcome import left_open, was_written
from eventsim.providers.rule_based.user.reading import (
    Reading,
    read_reply,
    sentences_of,
)
from eventsim.providers.rule_based.user.words import content_words, stem, values_in

__all__ = ["added_values", "asked_in", "replies_of", "says_something", "undone_parts"]

_LEAST_TELLING = 2


def replies_of(brief: Brief) -> list[Reading]:
    """What the assistant wrote in the task, read."""
    return [read_reply(line.text) for line in brief.statements]


def asked_in(point: Point) -> str:
    """The part that a criterion is about: after the colon where there is one."""
    return point.text.partition(": ")[2] or point.text


def says_something(brief: Brief) -> bool:
    """Whether any reply tells, reports or declines: "one moment" does not."""
    known = {
        folded(str(value))
        for line in (*brief.before, *brief.calls)
        for value in scalars(line.value)
        if len(str(value)) >= _LEAST_TELLING and not isinstance(value, bool)
    }
    for reply in replies_of(brief):
        told = folded(reply.told)
        if reply.refuses or reply.fails or reply.finds_none or was_written([reply]):
            return True
        if values_in(reply.told) or any(_stands(value, told) for value in known):
            return True
    return False


def undone_parts(texts: Sequence[str], brief: Brief) -> tuple[int, ...]:
    """Which of the parts, by index, no line deals with."""
    clauses = [parse_clause(text) for text in texts]
    said = [
        read_reply(sentence)
        for line in brief.statements
        for sentence in sentences_of(line.text)
    ]
    plain = [reply for reply in said if not (reply.refuses or reply.fails)]
    open_ = set(left_open(range(len(clauses)), clauses, plain))
    return tuple(
        index
        for index, clause in enumerate(clauses)
        if (index in open_ or not _told(clause, plain, brief))
        and not _declined(clause, said)
        and not _made(clause, brief)
    )


def _told(clause: Clause, said: Sequence[Reading], brief: Brief) -> bool:
    """Whether something is told of a part that only reads: a name or number of its
    own, a value that calls about it brought, or that there is none.
    """
    found = _found(clause, brief)
    if clause.kind == "write" or not found:
        return True
    own = {folded(value) for value in clause.values}
    return any(
        reply.finds_none or any(_stands(v, folded(reply.told)) for v in own | found)
        for reply in said
    )


def _found(clause: Clause, brief: Brief) -> set[str]:
    """What calls about a part's names and numbers brought, and calls by their ids.

    Single letters and digits stand anywhere, so they count only as the whole result.
    """
    about = {folded(value) for value in clause.values}
    found: set[str] = set()
    for call in (*brief.before, *brief.calls):
        given = {folded(str(value)) for value in scalars(call.arguments)}
        if call.tool and not call.error and given & about:
            brought = [folded(str(v)) for v in scalars(call.value)]
            alone = len(brought) == 1
            found |= {v for v in brought if alone or len(v) >= _LEAST_TELLING}
            if isinstance(call.value, list) and len(call.value) > 1:
                found.add(str(len(call.value)))
            about |= _ids(call.value)
    return found - about


def _ids(value: Any) -> set[str]:
    """The ids of the first record of a result: what a next call goes by."""
    rows = value if isinstance(value, list) else [value]
    first = rows[0] if rows and isinstance(rows[0], Mapping) else {}
    return {str(v) for k, v in first.items() if k == "id" or k.endswith("_id")}


def _declined(clause: Clause, said: Sequence[Reading]) -> bool:
    """Whether a sentence declines it, or tells that it failed, in words or values that
    are the part's own; a refusal that names nothing may be about any change.
    """
    for reply in said:
        if not (reply.refuses or reply.fails):
            continue
        told = folded(reply.told)
        if content_words(reply.told) & clause.words:
            return True
        if any(folded(value) in told for value in clause.values):
            return True
        if clause.kind == "write" and not values_in(reply.told):
            return True
    return False


def _made(clause: Clause, brief: Brief) -> bool:
    """Whether a call did the change, and a reply after it says that it is done."""
    if clause.kind != "write":
        return False
    for call in brief.calls:
        nouns = {stem(word) for word in call.tool.lower().split("_")}
        same_verb = _deed(call.tool) == _deed(clause.verb)
        if call.error or not same_verb or not nouns & clause.words:
            continue
        if was_written(_after(call, brief)):
            return True
    return False


def _deed(name: str) -> str:
    """The verb of a tool or a clause; to cancel is to delete."""
    verb = verb_of(name)
    return "delete" if verb == "cancel" else verb


def _after(call: Line, brief: Brief) -> list[Reading]:
    """The first reply after a call."""
    later = [line for line in brief.statements if line.number > call.number]
    return [read_reply(line.text) for line in later[:1]]


def added_values(point: Point, brief: Brief) -> frozenset[str]:
    """Values that a criterion puts in, and that the task does not ask for.

    Empty when the criterion asks for nothing new: names, numbers and dates of a task
    stand in its question, its goal or its objectives.
    """
    task = brief.task
    heard = [line.text for line in brief.lines if line.speaker == "PERSON"]
    asked = folded("\n".join((task.question, task.goal, *task.objectives, *heard)))
    values = values_in(asked_in(point)) if ": " in point.text else ()
    if any(not _stands(value, asked) for value in values):
        return frozenset(folded(v) for v in values if not _stands(v, asked))
    return frozenset()


def _stands(value: str, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(folded(value))}(?!\w)", text) is not None
