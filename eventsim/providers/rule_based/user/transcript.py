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
from eventsim.providers.rule_based.user.words import (
    content_words,
    plain,
    says,
    stem,
    values_in,
)

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
_SWAPS = re.compile(r"\bfirst\b")
_ASIDE = re.compile(r"\b(by the way|off topic|out of curiosity)\b")
_CORRECTS = re.compile(r"\b(my mistake|mixed something up|got that wrong|i misspoke)\b")
_CUE = re.compile(r"\((?:The conversation begins|The assistant says nothing)[^)]*\)\s*")
_RESULT = re.compile(r"^\(Result of \w+: .*\)$", re.MULTILINE)
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

    `asked` is the first objective never asked for; `tries` how often each was.
    `batch` are the indices that the latest request was about, `replies` what came
    back since, `answers` how many own messages in between answered questions.
    `misnamed` is the objective that the last own message asked for with a wrong value;
    `aside` says that it was about something else altogether.
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
    misnamed: int | None = None
    aside: bool = False

    @property
    def open(self) -> tuple[int, ...]:
        """The objectives that were never asked for, in order."""
        return tuple(index for index, tries in enumerate(self.tries) if not tries)


def said_in(messages: Sequence[Mapping[str, Any]]) -> tuple[Said, ...]:
    """The dialogue without the system message, the cues and the results of tools."""
    said = []
    for message in messages:
        role, content = message.get("role"), message.get("content")
        text = content if isinstance(content, str) else ""
        if role == "assistant" and text.strip():
            said.append(Said(own=True, text=text))
        elif role == "user":
            cue = _CUE.match(text)
            heard = _RESULT.sub("", text[cue.end() :] if cue else text).strip()
            if heard or not (cue or text):
                said.append(Said(own=False, text=heard))
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
    fold = _Fold(clauses)
    for one in current:
        fold.hear(read_reply(one.text)) if not one.own else fold.say(one.text)
    return Progress(
        asked=next((i for i, n in enumerate(fold.tries) if not n), len(clauses)),
        tries=tuple(fold.tries),
        batch=fold.batch,
        replies=tuple(fold.replies),
        answers=fold.answers,
        own_count=fold.own_count,
        earlier_tasks=begin > 0,
        own_texts=tuple(one.text for one in said if one.own),
        all_replies=tuple(fold.every),
        misnamed=fold.misnamed,
        aside=fold.aside,
    )


class _Fold:
    """What `Progress` is made of, message by message."""

    def __init__(self, clauses: Sequence[Clause]) -> None:
        self.clauses = clauses
        self.tries = [0] * len(clauses)
        self.batch: tuple[int, ...] = ()
        self.replies: list[Reading] = []
        self.every: list[Reading] = []
        self.answers = 0
        self.own_count = 0
        self.misnamed: int | None = None
        self.aside = False

    def hear(self, reading: Reading) -> None:
        """The assistant's answer; one to a remark aside says nothing of the matter."""
        if not self.aside:
            self.replies.append(reading)
        self.every.append(reading)

    def say(self, text: str) -> None:
        """An own message: a request, an answer, or something else."""
        waits = bool(self.replies) and self.replies[-1].asks and not self.aside
        answering = waits and not _moves_on(text)
        found = () if answering else self._asks_for(text)
        self.aside = not found and _ASIDE.search(plain(text)) is not None
        self.misnamed = None
        self.own_count += 1
        if found:
            self.batch, self.replies, self.answers = found, [], 0
            for index in found:
                self.tries[index] += 1
        elif not self.aside:
            self.answers += 1
            if not answering:
                self.misnamed = self._misnames(text)

    def _asks_for(self, text: str) -> tuple[int, ...]:
        """Indices that a message asks for. New objectives are taken in order, or the
        one after the next first where the message says so.

        A part of a message is about the objective it says most of; of two that it says
        equally much of, about the later one.
        """
        begun = [index for index, tries in enumerate(self.tries) if tries]
        open_ = [index for index, tries in enumerate(self.tries) if not tries]
        if _SWAPS.search(plain(text)):
            open_ = open_[:2]
            reach = 2
        else:
            reach = 1
        found: list[int] = []
        for segment in _segments(text):
            best, best_score = -1, 0
            for index in sorted((*begun, *open_[: min(reach, 2)])):
                if index in found or not self._matches(segment, index):
                    continue
                score = len(self.clauses[index].words & content_words(segment))
                if score >= best_score:
                    best, best_score = index, score
            if best >= 0:
                found.append(best)
                reach += best in open_
        return tuple(sorted(found))

    def _matches(self, segment: str, index: int) -> bool:
        clause = self.clauses[index]
        if not self.tries[index] and _gives_another(segment, clause):
            return False
        earlier = {value for one in self.clauses[:index] for value in one.values}
        first = not self.own_count and index == 0
        return _matches(segment, clause, earlier, loose=first) or (
            not self.tries[index] and _leaves_out(segment, clause)
        )

    def _misnames(self, text: str) -> int | None:
        """The next objective, if the text asks for it with a value of its own."""
        index = next((i for i, tries in enumerate(self.tries) if not tries), None)
        if index is None:
            return None
        clause = self.clauses[index]
        for segment in _segments(text):
            if _gives_another(segment, clause):
                return index
        return None


def _moves_on(text: str) -> bool:
    low = plain(text)
    return _MOVES_ON.search(low) is not None or _CORRECTS.search(low) is not None


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


def _covers(segment: str, clause: Clause) -> float:
    """How much of what a clause is about a text says, from 0 to 1."""
    # A name without its quotes is read as words, a reference leaves its name out.
    wanted = clause.words
    return len(wanted & content_words(segment)) / len(wanted) if wanted else 1.0


def _matches(segment: str, clause: Clause, earlier: set[str], *, loose: bool) -> bool:
    if _counts(segment) != _counts(clause.text):
        return False
    covered = _covers(segment, clause)
    if covered < (0.5 if loose else _COVERED):
        return False
    if clause.kind == "write" and not _says_verb(segment, clause):
        return loose and covered >= _COVERED
    if clause.kind != "write" and re.match(r"(yes|no|correct|right)\b", plain(segment)):
        return False
    return loose or all(v in earlier or says(segment, v) for v in clause.values)


def _gives_another(segment: str, clause: Clause) -> bool:
    """Whether it asks for a look-up with another value in the place of the clause's."""
    return (
        clause.kind == "look"
        and any(value not in clause.values for value in values_in(segment))
        and any(not says(segment, value) for value in clause.values)
        and _covers(segment, clause) >= _COVERED
    )


def _leaves_out(segment: str, clause: Clause) -> bool:
    """Whether it asks for the clause without one of its values, and with no other."""
    given = values_in(segment)
    missing = [value for value in clause.values if not says(segment, value)]
    if len(missing) != 1 or any(value not in clause.values for value in given):
        return False
    if _counts(segment) != _counts(clause.text) or _covers(segment, clause) < _COVERED:
        return False
    return clause.kind == "look" or _says_verb(segment, clause)


def _says_verb(segment: str, clause: Clause) -> bool:
    return bool(content_words(segment) & {stem(clause.verb), stem(clause.verb) + "t"})
