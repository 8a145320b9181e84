"""A simulated message before it enters the dialogue, with all it is compared with.

What the checks share is read once here. Texts are folded and taken apart behind
caches, for the same ones are looked at again with every message of a dialogue.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache

from eventsim.core.along import Along
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Task

__all__ = ["Draft", "content_words", "fold", "words_of"]

_FOLDED = str.maketrans({"’": "'", "‘": "'", "“": '"', "”": '"', "„": '"', "‑": "-"})
_WORD = re.compile(r"[^\W_]+(?:['.@-][^\W_]+)*")
_QUOTED = re.compile(r'"[^"]*"')
_STOP = frozenset(
    "a an the this that these those of in on at by to for from with as is are was were "
    "be been has have had do does did and or not no it its he his she her they their "
    "them me my i you your we our us who whose which what when where whether how many "
    "much there here now then so if can could will would please just also too any all "
    "some one find out look up list show tell give get check confirm verify see say "
    "again more still make sure report name know want need like".split()
)


@lru_cache(maxsize=4096)
def fold(text: str) -> str:
    """Lower case, straight quotes, single spaces."""
    folded = unicodedata.normalize("NFKC", text).translate(_FOLDED).casefold()
    return " ".join(folded.split())


@lru_cache(maxsize=4096)
def words_of(text: str) -> tuple[str, ...]:
    """The words of a text, folded, in order."""
    return tuple(_WORD.findall(fold(text)))


@lru_cache(maxsize=4096)
def content_words(text: str) -> frozenset[str]:
    """Rough stems of the English words that carry meaning, quotations left out."""
    return frozenset(
        _stem(word)
        for word in _WORD.findall(_QUOTED.sub(" ", fold(text)))
        if word not in _STOP and not word[0].isdigit() and len(word) > 2
    )


@lru_cache(maxsize=16_384)
def _stem(word: str) -> str:
    for ending in ("ing", "ies", "ied", "es", "ed", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            return word[: -len(ending)] + ("y" if ending in {"ies", "ied"} else "")
    return word


@dataclass(frozen=True)
class Draft:
    """A message as a model wrote it; `state` is the dialogue before it."""

    text: str
    complete: bool
    state: Dialogue
    task: Task

    @cached_property
    def folded(self) -> str:
        """The text, folded."""
        return fold(self.text)

    @cached_property
    def begin(self) -> int:
        """The position where the task was assigned, or the user first spoke of it."""
        task = self.state.task
        if task is None:
            return 0
        if not task.assigned.begun:
            return task.position
        own = [m.position for m in self.state.messages if m.speaker == "user"]
        return [at for at in own if at < task.position][-task.assigned.begun]

    @cached_property
    def _sides(self) -> _Sides:
        return _SIDES.over(self.state.messages, self.begin)

    @property
    def own(self) -> Sequence[str]:
        """The user's messages of this task, oldest first."""
        return self._sides.own

    @property
    def heard(self) -> Sequence[str]:
        """The assistant's messages of this task, oldest first."""
        return self._sides.heard

    @property
    def own_words(self) -> Collection[str]:
        """The content words of the user's messages of this task."""
        return _OWN_WORDS.over(self.state.messages, self.begin).words

    @property
    def opens(self) -> bool:
        """Whether it is the first message of its task."""
        return not self.own

    @cached_property
    def last_heard(self) -> str:
        """What the assistant said last in this task, folded."""
        return fold(self.heard[-1]) if self.heard else ""

    @cached_property
    def given(self) -> tuple[str, ...]:
        """The texts of the task: what the user may know from the beginning."""
        return _texts(self.task)

    @cached_property
    def vocabulary(self) -> frozenset[str]:
        """The words of the task and of what the assistant said in it."""
        words = {word for text in self.given for word in words_of(text)}
        return frozenset(words.union(*map(words_of, self.heard)))


@dataclass(slots=True)
class _Sides:
    """What both sides said since position `begin`."""

    begin: int
    own: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def take(self, message: Message) -> None:
        if message.position < self.begin or not message.text:
            return
        if message.speaker == "user":
            self.own.append(message.text)
        elif message.speaker == "assistant" or message.requestor == "user":
            self.heard.append(message.text)


@dataclass(slots=True)
class _OwnWords:
    """The content words of the user since position `begin`."""

    begin: int
    words: set[str] = field(default_factory=set)

    def take(self, message: Message) -> None:
        if message.speaker == "user" and message.position >= self.begin:
            self.words |= content_words(message.text)


_SIDES = Along("sides", _Sides, _Sides.take)
_OWN_WORDS = Along("own words", _OwnWords, _OwnWords.take)


def _texts(task: Task) -> tuple[str, ...]:
    checks, profile = task.checks, task.profile
    values = [value for fact in checks.facts for value in fact.values]
    for change in checks.changes:
        values += [*change.key.values(), *change.new.values()]
    return (
        task.title,
        task.goal,
        task.question,
        profile.name,
        profile.role,
        *profile.known_info,
        *profile.unknown_info,
        *(objective.text for objective in task.objectives),
        *(fact.about for fact in checks.facts),
        *(str(value) for value in values if value is not None),
    )
