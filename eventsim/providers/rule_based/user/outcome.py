"""Whether what came back deals with what was asked.

The user is no judge: a reply passes unless it plainly leaves a request aside. Of two
requests in one message each has to leave a trace of its own in the replies.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.reading import Reading
from eventsim.providers.rule_based.user.words import (
    content_words,
    plain,
    says,
    stem,
    values_in,
)

__all__ = ["left_open", "states_another_value", "was_written"]

_DONE = re.compile(
    r"\b(done|changed|updated|set|added|created|removed|deleted|is now|are now|now has|"
    r"has been|have been|was|were|moved|renamed|replaced|recorded|saved|assigned|"
    r"registered|entered|inserted|corrected|put|taken|made|given|cancel+ed|booked)\b"
)
_UNDONE = re.compile(
    r"\b(leave|left|keep|kept) (everything|it|things|that)\b|"
    r"\bnothing (was|has been|is|has) changed\b"
)
_ADVERBS = frozenset(map(stem, ("still", "left", "altogether", "total", "now")))
_VALUE = re.compile(
    r"\d|\"|@|(?<=\w )[A-ZÀ-Þ]\w|\b(no|none|zero|nothing|yes|one|two|three)\b"
)


def left_open(
    batch: Sequence[int], clauses: Sequence[Clause], replies: Sequence[Reading]
) -> tuple[int, ...]:
    """Indices of the batch that the replies leave aside."""
    text = "\n".join(reading.told for reading in replies)
    if not text.strip():
        return tuple(batch)
    refused = any(reading.refuses or reading.fails for reading in replies)
    if len(batch) == 1:
        clause = clauses[batch[0]]
        dealt = refused or _addressed(text, clause)
        return () if dealt else (batch[0],)
    if refused:
        return ()
    missing = []
    for index in batch:
        others = [clauses[i] for i in batch if i != index]
        if not _leaves_trace(text, clauses[index], others):
            missing.append(index)
    return tuple(missing)


def was_written(replies: Sequence[Reading]) -> bool:
    """Whether the last reply says that something has been done."""
    if not replies or replies[-1].fails:
        return False
    told = plain(replies[-1].told)
    return _DONE.search(told) is not None and _UNDONE.search(told) is None


def states_another_value(clause: Clause, replies: Sequence[Reading]) -> bool:
    """Whether a done change is reported with another new value than was asked."""
    news = [value for value in clause.news if value not in clause.names]
    if clause.kind != "write" or len(news) != 1 or not replies:
        return False
    text = replies[-1].text
    if says(text, news[0]) or _DONE.search(plain(text)) is None:
        return False
    target = re.search(r'\b(?:to|now|is) ("[^"]+"|-?\d+(?:\.\d+)?)(?![\w-])', text)
    return target is not None and plain(target[1].strip('"')) not in map(
        plain, clause.values
    )


def _addressed(text: str, clause: Clause) -> bool:
    if clause.kind == "write":
        told = plain(text)
        return _DONE.search(told) is not None and _UNDONE.search(told) is None
    if any(says(text, value) for value in clause.values):
        return True
    return bool(clause.words & content_words(text)) or _VALUE.search(text) is not None


def _leaves_trace(text: str, clause: Clause, others: Sequence[Clause]) -> bool:
    words = content_words(text)
    if clause.kind == "write":
        return (
            stem(clause.verb) in words
            or any(says(text, v) for v in clause.news)
            or (
                _DONE.search(plain(text)) is not None
                and not any(other.kind == "write" for other in others)
            )
        )
    shared = frozenset().union(*(other.words for other in others))
    values = {v for other in others for v in other.values}
    own_words = clause.words - shared - _ADVERBS
    own_values = [v for v in clause.values if v not in values]
    if own_words & words or any(says(text, v) for v in own_values):
        return True
    if not own_words and not own_values:
        return bool(clause.words & words) or any(says(text, v) for v in clause.values)
    # A bare value in a sentence of its own may be the whole answer.
    stated = [v for v in values_in(text) if v not in values and v not in clause.values]
    return len(stated) >= 1 + len(others)
