"""What the dialogue so far says about the objectives, found in its text alone.

The user's own messages are searched for the objectives, in order, so that a dialogue
that somebody else began, or cut, or edited can be continued. Earlier tasks end with
the user's closing words; what stands before the last of them is another matter.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.reading import Reading, read_reply
from eventsim.providers.rule_based.user.words import content_words, plain, says, stem

__all__ = ["Progress", "Said", "is_closing", "read_progress", "said_in"]

_CLOSING = re.compile(
    r"\b((that's|that is) all(?! right)|(that's|that is) everything|that'll be all|"
    r"that will be all|that would be all|all i needed|nothing else|we're done here|"
    r"that covers everything|i'm all set|i am all set|thats all|thats everything|"
    r"leave it at that|im all set)\b"
)
_MOVES_ON = re.compile(
    r"\b(leave (it|that)|never mind|skip (it|that)|forget (it|that))\b"
)
_JOINTS = re.compile(r"(?<=[.!?]) | and then |; |, and also | and also |, then ")
_COUNTING = re.compile(r"\b(how many|count|counting|number of)\b")
_COVERED = 0.75


@dataclass(frozen=True, slots=True)
class Said:
    """One message: `own` when the user wrote it."""

    own: bool
    text: str


@dataclass(frozen=True, slots=True)
class Progress:
    """Where the task stands.

    `asked` counts the objectives asked for, in order; `tries` how often each was.
    `batch` are the indices that the latest request was about, `replies` what came
    back since, `answers` how many own messages in between answered questions.
    """

    asked: int
    tries: tuple[int, ...]
    batch: tuple[int, ...]
    replies: tuple[Reading, ...]
    answers: int
    own_count: int
    earlier_tasks: bool
    own_texts: tuple[str, ...]
    all_replies: tuple[Reading, ...]


def said_in(messages: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    """The dialogue without the system message and without the stage cue."""
    said = []
    for message in messages:
        role, content = message.get("role"), message.get("content")
        text = content if isinstance(content, str) else ""
        if role == "assistant" and text.strip():
            said.append(Said(own=True, text=text))
        elif role == "user" and not text.startswith("(The conversation begins"):
            said.append(Said(own=False, text=text))
    return tuple(said)


@lru_cache(maxsize=2048)
def is_closing(text: str) -> bool:
    """Whether an own message closed a task."""
    return _CLOSING.search(plain(text)) is not None


def read_progress(said: Sequence[Said], clauses: Sequence[Clause]) -> Progress:
    """Fold the dialogue since the last closing words."""
    closings = [i for i, one in enumerate(said) if one.own and is_closing(one.text)]
    begin = closings[-1] + 1 if closings else 0
    current = said[begin:]
    while closings and current and not current[0].own:
        current = current[1:]  # a farewell of the assistant
    asked, answers = 0, 0
    tries = [0] * len(clauses)
    batch: tuple[int, ...] = ()
    replies: list[Reading] = []
    every: list[Reading] = []
    own: list[str] = []
    for one in current:
        if not one.own:
            reading = read_reply(one.text)
            replies.append(reading)
            every.append(reading)
            continue
        answering = bool(replies) and replies[-1].asks and not _moves_on(one.text)
        found = () if answering else _asks_for(one.text, clauses, asked, first=not own)
        own.append(one.text)
        if found:
            batch, replies, answers = found, [], 0
            asked = max(asked, max(found) + 1)
            for index in found:
                tries[index] += 1
        else:
            answers += 1
    return Progress(
        asked=asked,
        tries=tuple(tries),
        batch=batch,
        replies=tuple(replies),
        answers=answers,
        own_count=len(own),
        earlier_tasks=begin > 0,
        own_texts=tuple(one.text for one in said if one.own),
        all_replies=tuple(every),
    )


def _moves_on(text: str) -> bool:
    return _MOVES_ON.search(plain(text)) is not None


def _asks_for(
    text: str, clauses: Sequence[Clause], asked: int, *, first: bool
) -> tuple[int, ...]:
    """Indices that a message asks for. New objectives are taken in order only.

    A part of a message is about the objective it says most of; of two that it says
    equally much of, about the later one.
    """
    found: list[int] = []
    upcoming = asked
    for segment in _segments(text):
        best, best_score = -1, 0
        for index in range(min(upcoming + 1, asked + 2, len(clauses))):
            loose = first and index == 0
            earlier = {v for clause in clauses[:index] for v in clause.values}
            if index in found:
                continue
            if not _matches(segment, clauses[index], earlier, loose=loose):
                continue
            score = len(clauses[index].words & content_words(segment))
            if score >= best_score:
                best, best_score = index, score
        if best >= 0:
            found.append(best)
            upcoming += best == upcoming
    return tuple(sorted(found))


@lru_cache(maxsize=2048)
def _segments(text: str) -> tuple[str, ...]:
    parts: list[str] = []
    for line in text.splitlines():
        parts.extend(_split_outside_quotes(line))
    return tuple(part for part in parts if part.strip())


def _split_outside_quotes(sentence: str) -> list[str]:
    parts, begin = [], 0
    for joint in _JOINTS.finditer(sentence):
        if sentence.count('"', 0, joint.start()) % 2 == 0:
            parts.append(sentence[begin : joint.start()])
            begin = joint.end()
    return [*parts, sentence[begin:]]


@lru_cache(maxsize=2048)
def _counts(text: str) -> bool:
    return _COUNTING.search(text.lower()) is not None


def _matches(segment: str, clause: Clause, earlier: set[str], *, loose: bool) -> bool:
    if _counts(segment) != _counts(clause.text):
        return False
    words = content_words(segment)
    # A name without its quotes is read as words, a reference leaves its name out.
    wanted = clause.words
    covered = len(wanted & words) / len(wanted) if wanted else 1.0
    if covered < (0.5 if loose else _COVERED):
        return False
    if clause.kind == "write" and not words & {
        stem(clause.verb),
        stem(clause.verb) + "t",
    }:
        return loose and covered >= _COVERED
    if clause.kind != "write" and re.match(r"(yes|no|correct|right)\b", plain(segment)):
        return False
    return loose or all(v in earlier or says(segment, v) for v in clause.values)
