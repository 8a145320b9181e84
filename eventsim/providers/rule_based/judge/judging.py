"""The judge by rule: each point of a request, from what its lines hold.

It is strict where lines contradict a claim and lenient where words alone decide, as a
careful reader would be. It knows the conversation, and nothing of how it was made.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NamedTuple

import orjson

from eventsim.providers.rule_based.designing.request import answer
from eventsim.providers.rule_based.judge.claims import Evidence, claims_of, folded
from eventsim.providers.rule_based.judge.parts import (
    added_values,
    asked_in,
    replies_of,
    says_something,
    undone_parts,
)
from eventsim.providers.rule_based.judge.reading import (
    Brief,
    Line,
    Point,
    read_brief,
    scalars,
)
from eventsim.providers.rule_based.tool.names import same, verb_of
from eventsim.providers.rule_based.user.reading import read_reply
from eventsim.providers.rule_based.user.words import content_words

__all__ = ["judge"]

_CLASSES = {"call": "structural", "checkpoint": "structural"}
_PLACEHOLDER = re.compile(r"<.*>", re.DOTALL)
_CALL = re.compile(r"([A-Za-z0-9_.-]+) with (\{.*\})", re.DOTALL)
_WRITES = frozenset(("cancel", "create", "delete", "update"))
_CLAIMED = re.compile(
    r"\b(?:i have|i've|i|we have|has been|have been|was|were|is now|are now) "
    r"(?:now |just |successfully )?"
    r"(?:added|booked|cancel+ed|changed|closed|created|deleted|made|moved|ordered|paid|"
    r"placed|recorded|registered|removed|reserved|scheduled|sent|set|transferred|"
    r"updated)\b"
)
_NOT_DONE = re.compile(
    r"\b(?:not|n't|cannot|can't|couldn't|unable|no such|fail\w*|error|sorry|without|"
    r"unavailable|denied|refused?|timed? ?out|try again|does not exist|nothing)\b"
)
_NOW = re.compile(rf"{_CLAIMED.pattern}|\b(?:is|are) now\b|^(?:it is )?done\b")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_LEAST_CHECKED = 4


class _Said(NamedTuple):
    """Whether a point is met, and on what that rests."""

    met: bool
    why: str


def _met(why: str) -> _Said:
    return _Said(met=True, why=why)


def _unmet(why: str) -> _Said:
    return _Said(met=False, why=why)


def judge(request: Mapping[str, Any]) -> dict[str, Any]:
    """The message that answers a request to judge a task.

    Raises: ValueError when the request holds no points.
    """
    brief = read_brief(request)
    added = frozenset[str]().union(
        *(added_values(p, brief) for p in brief.points if p.kind == "criterion")
    )
    judged = []
    for point in brief.points:
        said = _judged(point, brief)
        judged.append(
            {
                "point": point.number,
                "class": _class_of(point, brief, added),
                "why": said.why,
                "met": said.met,
            }
        )
    unmet = [p for p in judged if not p["met"] and p["class"] != "invalid"]
    wrong = "; ".join(f"point {point['point']}: {point['why']}" for point in unmet)
    return answer(
        {
            "reasoning": f"{_summary(brief)} {wrong or 'Nothing is wrong with it.'}",
            "points": judged,
            "judgment": "invalid" if unmet else "valid",
        }
    )


def _class_of(point: Point, brief: Brief, added: frozenset[str]) -> str:
    """A criterion with values that the task never names asks for something else, and
    so does what goes with it: a call or a checkpoint with one of these values.
    """
    if point.kind == "criterion" and added_values(point, brief):
        return "invalid"
    call = _CALL.match(point.text) if point.kind == "call" else None
    if call is not None:
        given = {folded(str(value)) for value in scalars(_arguments(call[2]))}
        if given & added:
            return "invalid"
    return _CLASSES.get(point.kind, "critical")


def _summary(brief: Brief) -> str:
    failed = sum(bool(call.error) for call in brief.calls)
    return (
        f"The assistant wrote {len(brief.statements)} times and made "
        f"{len(brief.calls)} calls, {failed} of which failed."
    )


def _judged(point: Point, brief: Brief) -> _Said:
    if point.kind == "call":
        return _call(point, brief)
    if point.kind == "checkpoint":
        return _checkpoint(point, brief)
    if point.kind == "rule":
        for word, rule in _RULES.items():
            if word in point.text:
                return rule(brief)
    if "stands in a result" in point.text:
        return _grounded(brief)
    return _criterion(point, brief)


# --- rules --------------------------------------------------------------------------


def _grounded(brief: Brief) -> _Said:
    for line, evidence in _with_evidence(brief, "ASSISTANT"):
        for claim in claims_of(line.text):
            if not evidence.grounds(claim):
                kind, _, value = claim.partition(" ")
                stated = f"Line [{line.number}] states the {kind} {value}"
                return _unmet(f"{stated}, which nothing holds.")
    return _met("What is stated stands in results and messages.")


def _with_evidence(brief: Brief, speaker: str) -> Iterator[tuple[Line, Evidence]]:
    """The lines of a speaker in the task, each with what was known before it."""
    for line in brief.lines:
        if line.speaker == speaker:
            before = [own for own in brief.lines if own.number < line.number]
            yield line, Evidence(brief.system, [*brief.before, *before])


def _complete(brief: Brief) -> _Said:
    if not brief.statements:
        return _unmet("The assistant never answered.")
    if not says_something(brief):
        last = brief.statements[-1].number
        return _unmet(f"Up to line [{last}] nothing is told, done or declined.")
    parts = brief.task.objectives
    if not parts:
        return _met(f"Line [{brief.statements[-1].number}] answers.")
    if not brief.calls and not _declines(brief) and not brief.before:
        return _unmet("No tool was called, and no reason given.")
    undone = undone_parts(parts, brief)
    if undone:
        return _unmet(f"Nothing answers this part: {parts[undone[0]]}")
    return _met("Each part is dealt with.")


def _parameters(brief: Brief) -> _Said:
    for line, evidence in _with_evidence(brief, "CALL"):
        for name, value in (line.arguments or {}).items():
            unknown = next(
                (v for v in scalars(value) if not _known(name, v, evidence)), None
            )
            if unknown is not None:
                given = f"Line [{line.number}] gives {name} as {unknown}"
                return _unmet(f"{given}, which nobody said.")
    return _met("The arguments are those that were said or found.")


def _known(name: str, value: Any, evidence: Evidence) -> bool:
    """Whether a value was said or found. Words may be put another way, so of texts
    only names and codes count, of numbers only ids.
    """
    if isinstance(value, bool) or value is None:
        return True
    if isinstance(value, int | float):
        is_id = name == "id" or name.endswith(("_id", "_ids"))
        return not is_id or evidence.grounds(f"number {value}")
    text = str(value)
    if len(text) < _LEAST_CHECKED or evidence.grounds(f"text {folded(text)}"):
        return True
    return not (text.istitle() or any(c.isdigit() for c in text)) or any(
        evidence.grounds(f"name {word}") for word in text.split() if len(word) > 1
    )


def _errors(brief: Brief) -> _Said:
    done = [call for call in brief.calls if not call.error]
    for call in brief.calls:
        if call.error and not any(_mends(c, call) for c in done):
            later = [line for line in brief.statements if line.number > call.number]
            if not any(_tells_trouble(line) for line in later):
                why = f"The error of line [{call.number}] was neither mended nor told."
                return _unmet(why)
            first = later[0]
            if _claims_done(first, _NOW) and not _tells_trouble(first):
                why = f"Line [{first.number}] reports as done what failed before it."
                return _unmet(why)
    if any(verb_of(call.tool) in (*_WRITES, "other") for call in done):
        return _met("No call that failed is passed over.")
    earlier = any(
        verb_of(line.tool) in (*_WRITES, "other") for line in brief.before if line.tool
    )
    for line in brief.statements:
        if _claims_done(line) and not earlier:
            why = f"Line [{line.number}] reports something as done that no call did."
            return _unmet(why)
    return _met("No call that failed is passed over.")


def _mends(call: Line, failed: Line) -> bool:
    """Whether a call that returned is the failed one again; another record's is not."""
    if call.tool != failed.tool or call.number < failed.number:
        return False
    given, wanted = call.arguments or {}, failed.arguments or {}
    shared = any(name in given and given[name] == wanted[name] for name in wanted)
    return shared or verb_of(call.tool) not in _WRITES


def _tells_trouble(line: Line) -> bool:
    """Whether a sentence says that something went wrong; "I am not sure what you
    mean" does not.
    """
    return any(
        _NOT_DONE.search(folded(sentence)) and not read_reply(sentence).lost
        for sentence in _SENTENCE.split(line.text)
    )


def _claims_done(line: Line, form: re.Pattern[str] = _CLAIMED) -> bool:
    for sentence in _SENTENCE.split(folded(line.text)):
        claimed = form.search(sentence) and not sentence.endswith("?")
        if claimed and not _NOT_DONE.search(sentence):
            return True
    return False


_RULES: dict[str, Callable[[Brief], _Said]] = {
    "grounded": _grounded,
    "Every part": _complete,
    "arguments": _parameters,
    "failed": _errors,
}
"""By a word of how the request puts each rule."""


# --- the rubric ---------------------------------------------------------------------


def _criterion(point: Point, brief: Brief) -> _Said:
    """What was asked has left its trace, apart from the other things asked."""
    if not brief.statements:
        return _unmet("The assistant never answered.")
    if not says_something(brief):
        return _unmet("Nothing is told, done or declined.")
    asked = [p for p in brief.points if p.kind == "criterion" and ": " in p.text]
    texts = [asked_in(p) for p in asked if p.number != point.number]
    if 0 not in undone_parts([asked_in(point), *texts], brief):
        return _met(f"Line [{brief.statements[-1].number}] deals with it.")
    if any(not call.error for call in brief.calls) and ": " not in point.text:
        return _met("The calls and the answers bear it out.")
    return _unmet("No line deals with it.")


def _call(point: Point, brief: Brief) -> _Said:
    found = _CALL.match(point.text)
    if found is None:
        return _met("It names no call.")
    tool, wanted = found[1], _arguments(found[2])
    made = [call for call in brief.calls if call.tool == tool]
    earlier = [line for line in brief.before if line.tool == tool]
    for call in [*made, *earlier]:
        if _agrees(wanted, call.arguments or {}):
            return _met(f"Line [{call.number}] is that call.")
    if made:
        return _unmet(f"Line [{made[0].number}] calls it with other values.")
    return _another_way(tool, wanted, brief)


def _arguments(text: str) -> dict[str, Any]:
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _agrees(wanted: Mapping[str, Any], given: Mapping[str, Any]) -> bool:
    """Each wanted value is given; a placeholder in angle brackets takes any."""
    for name, value in wanted.items():
        if isinstance(value, str) and _PLACEHOLDER.fullmatch(value):
            continue
        if name not in given or not _alike(value, given[name]):
            return False
    return True


def _alike(one: Any, other: Any) -> bool:
    if isinstance(one, str) and isinstance(other, str):
        return folded(one) in folded(other) or folded(other) in folded(one)
    return same(one, other)


def _another_way(tool: str, wanted: Mapping[str, Any], brief: Brief) -> _Said:
    """Another way that leads to the same is as good; so is a refusal with a reason."""
    if _declines(brief):
        return _met(f"It was declined, so {tool} was not needed.")
    literal = [
        v
        for v in wanted.values()
        if not (isinstance(v, str) and _PLACEHOLDER.fullmatch(v))
    ]
    done = [
        *(c for c in brief.calls if not c.error),
        *(c for c in brief.before if c.tool),
    ]
    seen = folded("\n".join(f"{c.arguments} {c.text}" for c in done))
    writes = verb_of(tool) in _WRITES
    if done and not writes and all(folded(str(v)) in seen for v in literal):
        return _met(f"Other calls told what {tool} would have told.")
    return _unmet(f"{tool} was never called, and nothing stands in for it.")


def _declines(brief: Brief) -> bool:
    """Whether something of what was asked was declined; a bare "I cannot help with
    that" says of nothing why not.
    """
    task = brief.task
    asked = content_words("\n".join((task.question, task.goal, *task.objectives)))
    return any(
        (reply.refuses or reply.fails) and content_words(reply.told) & asked
        for reply in replies_of(brief)
    )


def _checkpoint(point: Point, brief: Brief) -> _Said:
    tool = next(
        (
            name
            for name in brief.tools
            if re.search(rf"\b{re.escape(name)}\b", point.text)
        ),
        "",
    )
    if not tool:
        return _criterion(point, brief)
    made = [line for line in (*brief.calls, *brief.before) if line.tool == tool]
    if any(not call.error for call in made):
        return _met(f"{tool} has returned.")
    if made:
        told = any(_tells_trouble(line) for line in brief.statements)
        said = "told" if told else "not told"
        return _Said(told, f"Each call of {tool} failed, which was {said}.")
    return _another_way(tool, {}, brief)
