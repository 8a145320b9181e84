"""Whether a simulated user message fits where the task stands.

It repeats an earlier one, names objectives whose turn has not come, or ends the task
before its objectives were dealt with. Objectives are found again by what only they
hold: names, numbers, words that no other objective of the task has. Where nothing
tells, nothing is held against the message.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from eventsim.core.along import Along
from eventsim.core.state import Dialogue, Message
from eventsim.core.tasks import Task
from eventsim.quality.user_messages.draft import Draft, content_words, fold, words_of
from eventsim.quality.user_messages.values import literals

__all__ = [
    "echoes_the_assistant",
    "ends_early",
    "next_objective",
    "repeats_itself",
    "runs_ahead",
    "too_long",
]

_LONGEST = 4_000
_VERBS = frozenset(
    "read set chang updat delet remov add correct enter record creat put take record "
    "mak count calculat determin replac renam insert register cancel book assign "
    "move".split()
)
_COURTESY = frozenset(
    "please thanks thank you hi hello hey there okay ok could can would will now just "
    "again sorry so and well then also kindly the a an dear good morning day yes i "
    "me to for".split()
)
_ASKS_AGAIN = re.compile(
    r"\b(?:repeat|rephrase|say (?:that|it) again|once more|try again|retry|clarify|"
    r"more specific|another way|not sure (?:what|i)|understand|did(?:n't| not) (?:get|"
    r"catch|follow)|went wrong|error|failed|timed out|time-?out|rate limit|"
    r"unavailable|temporar)"
)
_ASKS_FOR_ALL = re.compile(
    r"\b(?:all at once|everything (?:you|that)|full list|all (?:of )?(?:your|the) "
    r"(?:requests|questions|changes|details|items|steps)|list (?:all|everything)|"
    r"in one (?:go|message))\b"
)
_REFUSES = re.compile(
    r"\b(?:can(?:no|')t|can not|unable|not able|not (?:allowed|possible|permitted|"
    r"supported|available)|may not|must not|won't|will not|could(?:n't| not)|decline|"
    r"no (?:tool|way|such|record|match)|not found|fail(?:ed|s)?|error|sorry|"
    r"against (?:the|our)|does(?:n't| not))\b"
)
_COURTESY_QUESTION = re.compile(
    r"\b(?:anything|something|what) else\b|\bhelp you with\b|\bmore i can\b|"
    r"\b(?:help|assist) (?:you )?(?:further|more)\b|\bfurther\b|"
    r"\bother (?:question|request|matter)|"
    r"\bwould you like (?:me )?to (?:also|see|know|hear)\b|\bneed (?:more|further)\b"
)
_CONFIRMS = re.compile(
    r"^(?:yes\b(?! that(?:'s| is) (?:all|everything))|yep\b|yeah\b|sure\b|correct\b|"
    r"confirmed?\b|go ahead|please (?:do|go ahead|proceed)|proceed\b|do it\b|"
    r"that(?:'s| is) (?:right|correct)\b|i confirm\b|absolutely\b|exactly\b)"
)
_ASKS = re.compile(
    r"\b(?:can|could|would|will) you\b(?! (?:believe|have a))|"
    r"^(?:also|next|now|then),? (?:please|can|could|find|change|check|show|tell|list|"
    r"add|remove|delete|update)\b|\bplease (?:find|change|check|show|tell|list|add|"
    r"remove|delete|update|confirm|"
    r"cancel|book|look|give|send|set|create|make|proceed|go ahead)\b|"
    r"\bi(?:'d| would) (?:also )?like (?:you to|to (?:know|see|find|change|check|add|"
    r"remove|delete|update|cancel|book))\b|\bi (?:also |still )?need you to\b|"
    r"\bi (?:also|still) need to\b"
)
_DROPS = re.compile(
    r"\b(?:never ?mind|leave it|leave (?:that|this)|forget (?:it|that|about)|no need|"
    r"no,? thanks?|no,? thank you|that(?:'s| is) all|that(?:'s| is) everything|"
    r"nothing else|don't bother|skip (?:it|that))\b"
)
_QUESTION = re.compile(r"[?？؟](?=[\s\"')*]|$)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")
_SENTENCE = re.compile(r"(?<=[.!?])\s+|(?<=,)\s+")
_SAME = 0.9


@dataclass(frozen=True, slots=True)
class _Marks:
    """What only one objective of its task holds."""

    literals: frozenset[str]
    words: frozenset[str]


@lru_cache(maxsize=256)
def _marks_of(objectives: tuple[str, ...]) -> tuple[_Marks, ...]:
    values = [frozenset(literals(text)) for text in objectives]
    words = [content_words(text) for text in objectives]
    marks = []
    for index in range(len(objectives)):
        others = fold(" ".join(o for n, o in enumerate(objectives) if n != index))
        other_words = content_words(others)
        marks.append(
            _Marks(
                frozenset(v for v in values[index] if v not in others),
                words[index] - other_words - _VERBS,
            )
        )
    return tuple(marks)


def _marks(task: Task) -> tuple[_Marks, ...]:
    return _marks_of(tuple(objective.text for objective in task.objectives))


@lru_cache(maxsize=8192)
def _holds(text: str, literal: str) -> bool:
    """Whether a text holds a literal, with no letter or digit right beside it."""
    return re.search(rf"(?<!\w){re.escape(literal)}(?!\w)", fold(text)) is not None


def _names_any(text: str, marks: _Marks) -> bool:
    return any(_holds(text, literal) for literal in marks.literals)


def too_long(draft: Draft) -> str:
    """Longer than anybody types."""
    size = len(draft.text)
    return f"{size} characters" if size > _LONGEST else ""


def repeats_itself(draft: Draft) -> str:
    """Says again what it said before in this task, or what opened the dialogue.

    A short answer may come twice, and any message where the assistant asks again.
    """
    words = _telling(draft.text)
    is_opening = bool(draft.own) and words_of(draft.text) == words_of(draft.own[0])
    short = len(words_of(draft.text)) <= (2 if is_opening else 5)
    if short or (draft.complete and len(words.words) <= 8):
        return ""
    if _ASKS_AGAIN.search(draft.last_heard):
        return ""
    opening = next((m for m in draft.state.messages if m.speaker == "user"), None)
    earlier = list(draft.own[-12:])
    if not draft.opens and opening is not None:
        earlier.append(opening.text)
    for text in earlier:
        if _is_same(words, _telling(text)) and not _asked_twice(draft, text):
            return text[:60]
    return ""


class _Bag(NamedTuple):
    """The telling words of a text, in order, and how often each comes."""

    words: tuple[str, ...]
    counts: dict[str, int]


@lru_cache(maxsize=4096)
def _telling(text: str) -> _Bag:
    words = tuple(word for word in words_of(text) if word not in _COURTESY)
    return _Bag(words, dict(Counter(words)))


def _is_same(one: _Bag, other: _Bag) -> bool:
    sizes = len(one.words), len(other.words)
    longest = max(sizes)
    if longest < 15 or sizes[0] == sizes[1]:
        if one.words == other.words or (longest >= 4 and one.counts == other.counts):
            return True
        if longest < 15:
            return False
    if min(sizes) < _SAME * longest:
        return False
    fewest = other.counts.get
    shared = sum([min(n, fewest(word, 0)) for word, n in one.counts.items()])
    return shared >= _SAME * longest and not _numbers_differ(one, other)


def _numbers_differ(one: _Bag, other: _Bag) -> bool:
    differing = one.counts.items() ^ other.counts.items()
    return any(letter.isdigit() for word, _ in differing for letter in word)


_SPEAKER = re.compile(r"\b(?:i|i'm|i've|i'll|we|you|your|sorry|please)\b")
"""A sentence that is its speaker's: an option or a name may well be repeated."""


def echoes_the_assistant(draft: Draft) -> str:
    """Says what the assistant just said, or a sentence of it, as its own."""
    words = _telling(draft.text)
    if len(words_of(draft.text)) < 6 or not draft.heard:
        return ""
    heard = draft.heard[-1]
    sentences = _sentences(heard)
    for text in (heard, *sentences):
        if _is_same(words, _telling(text)):
            return text[:60]
    own = f" {' '.join(words_of(draft.text))} "
    for text in sentences:
        heard_words = words_of(text)
        spoken = len(heard_words) >= 6 and _SPEAKER.search(fold(text))
        if spoken and f" {' '.join(heard_words)} " in own:
            return text[:60]
    return ""


@lru_cache(maxsize=1024)
def _sentences(text: str) -> tuple[str, ...]:
    """Whole sentences, and the parts between their commas."""
    parts = (*_SENTENCE_END.split(text), *_SENTENCE.split(text))
    return tuple(dict.fromkeys(parts))


def _asked_twice(draft: Draft, earlier: str) -> bool:
    """Whether both that message and this one answer a question."""
    if not draft.heard or not _QUESTION.search(draft.heard[-1]):
        return False
    before = ""
    for message in draft.state.messages:
        if message.speaker == "assistant" and message.text:
            before = message.text
        elif message.speaker == "user" and message.text == earlier:
            return _QUESTION.search(before) is not None
    return False


def runs_ahead(draft: Draft) -> str:
    """Raises more than two objectives at once, or one far after the first open one,
    which the assistant did not ask for.
    """
    if _ASKS_FOR_ALL.search(draft.last_heard):
        return ""
    marks = _marks(draft.task)
    named = _NAMED.over(draft.state.messages, marks, draft.begin)
    open_ = [
        index for index in named.left if not _already_asked(draft, marks[index], index)
    ]
    fresh = [index for index in open_ if _names_any(draft.text, marks[index])]
    if len(fresh) > 2:
        return "objectives " + ", ".join(str(index + 1) for index in fresh)
    skipped = [i for i in open_ if fresh and i < fresh[-1] and i not in fresh]
    if len(skipped) > 1:
        return f"objective {fresh[-1] + 1} before {skipped[0] + 1}"
    return ""


@dataclass(slots=True)
class _Named:
    """The objectives with literals of which none was said since position `begin`."""

    marks: tuple[_Marks, ...]
    begin: int
    left: list[int] = field(init=False)

    def __post_init__(self) -> None:
        self.left = [n for n, mark in enumerate(self.marks) if mark.literals]

    def take(self, message: Message) -> None:
        if message.position >= self.begin and message.speaker != "tool":
            text = message.text
            self.left = [n for n in self.left if not _names_any(text, self.marks[n])]


_NAMED = Along("objectives not named", _Named, _Named.take)


def _already_asked(draft: Draft, mark: _Marks, index: int) -> bool:
    """Whether the objective was begun before without its literals, or the assistant's
    question is about it.
    """
    own = draft.own_words
    words = content_words(draft.task.objectives[index].text)
    if (
        words
        and len(words.intersection(own)) >= 0.7 * len(words)
        and not mark.words.isdisjoint(own)
    ):
        return True
    if not _QUESTION.search(draft.last_heard):
        return False
    return bool(mark.words & content_words(draft.last_heard))


def ends_early(draft: Draft) -> str:
    """Ends the task in its first message, with a request, with the answer that the
    assistant waits for, or with objectives that nobody ever spoke of.
    """
    if not draft.complete:
        return ""
    if draft.opens:
        return "the first message of a task cannot end it"
    drops = _DROPS.search(draft.folded)
    if _QUESTION.search(draft.folded) or (_ASKS.search(draft.folded) and not drops):
        return "it still asks for something"
    if _waits(draft.last_heard) and not drops:
        if _CONFIRMS.search(draft.folded):
            return "it only confirms what is then to be done"
        if any(_holds(draft.text, value) for value in _all_literals(draft.task)):
            return "it answers a question"
    gives_up = len(draft.own) >= 3 * len(draft.task.objectives) + 2
    left = [] if gives_up else _never_mentioned(draft)
    return "objective " + ", ".join(map(str, left)) if left else ""


def next_objective(state: Dialogue, task: Task) -> str:
    """The first objective that nobody has spoken of; "" if all were."""
    left = _never_mentioned(Draft("", complete=False, state=state, task=task))
    return task.objectives[left[0] - 1].text if left else ""


def _waits(heard: str) -> bool:
    """Whether the assistant's last words are a question about the matter."""
    sentences = _SENTENCE_END.split(heard.rstrip("*_ "))
    last = sentences[-1] if sentences else ""
    return last.endswith("?") and not _COURTESY_QUESTION.search(last)


def _all_literals(task: Task) -> set[str]:
    return {
        value for objective in task.objectives for value in literals(objective.text)
    }


def _never_mentioned(draft: Draft) -> list[int]:
    """Numbers of objectives that neither side spoke of, and that no refusal covers."""
    marks = _marks(draft.task)
    texts = [*draft.own, *draft.heard, draft.text]
    words = frozenset[str]().union(*map(content_words, texts))
    english = draft.state.persona is None or draft.state.persona.language == "English"
    refused = any(_REFUSES.search(fold(text)) for text in draft.heard)
    left = []
    for index, mark in enumerate(marks):
        own = mark.words if english else frozenset()
        if not mark.literals and not own:
            continue
        if any(_names_any(text, mark) for text in texts) or own & words:
            continue
        if not english and not mark.literals:
            continue
        left.append(index + 1)
    return [] if refused and len(left) == 1 else left
