"""What a person wants, by rule: the last thing they wrote that has no answer; else the
same kind of thing once more.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.providers.rule_based.designing.request import answer, read_brief

__all__ = ["infer_task"]

_PERSON = re.compile(r"^Person: (.*)$", re.MULTILINE)
_LINE = re.compile(r"^(Person|Assistant|Result of \S+): ?(.*)$", re.MULTILINE)
_POLITE = re.compile(
    r"^(?:(?:hi|hello|hey|good (?:morning|day|evening))[,.! ]+)?"
    r"(?:(?:and|now|also|then|please|can you|could you|would you|will you|"
    r"i(?:'d| would) like(?: you)? to|i need(?: you)? to|i want(?: you)? to|help me|"
    r"let me)\s+)*",
    re.IGNORECASE,
)
_NAME = re.compile(r"\b[Mm]y name is ([A-Z]\w+)|\bI am ([A-Z]\w+)\b|\bI'm ([A-Z]\w+)\b")
_WRITES = re.compile(
    r"\b(?:add|book|buy|cancel|change|create|delete|mark|move|order|pay|post|remove|"
    r"rename|send|set|update|write)\b",
    re.IGNORECASE,
)
_ASKS = re.compile(
    r"(?:who|whom|whose|what|which|when|where|why|how|is|are|was|were|am|do|does|did|"
    r"has|have|had|will|would|can|could|may|must|should)\b",
    re.IGNORECASE,
)
_CLOSES = re.compile(
    r"(?:(?:ok(?:ay)?|great|perfect|good|fine|no|alright|all right)[,.! ]+)*"
    r"(?:many )?(?:thanks?\b|thank you|thx|cheers|bye|goodbye|that(?:'s| is| will be) "
    r"(?:all|everything|it)|nothing else|see you)(?!.*\?)",
    re.IGNORECASE,
)
_OFFERS = re.compile(
    r"\b(?:anything else|something else|help you (?:with|further|today)|more questions)"
    r"\b[^.!?]*\?\s*$",
    re.IGNORECASE,
)
_CALLING = re.compile(r"\bcalls \w+\(")
_SENTENCE = re.compile(r"(?<=[.!?])\s+")
_OWN = ("I", "I'm", "I'd", "I've")
_LONGEST = 300


def infer_task(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for the task of a conversation."""
    brief = read_brief(request)
    lines = _LINE.findall(brief.message)
    said = _PERSON.findall(brief.message)
    wishes = [text for text in said if not (_closes(text) or _GREETS.fullmatch(text))]
    raw = _wish(wishes[-1]) if wishes else ""
    last, words = lines[-1] if lines else ("", "")
    asks = words.rstrip().endswith("?") and _OFFERS.search(words) is None
    answered = last == "Assistant" and not _CALLING.search(words) and not asks
    ended = bool(said) and _closes(said[-1])
    if not raw:
        wish = f"find out what {brief.title or 'the assistant'} can do"
    elif answered or ended:
        wish = f"find out what else there is to know about this: {raw}"
    elif _ASKS.match(raw):
        wish = f"find out this: {raw}"
    else:
        wish = raw
    kind = "write" if _WRITES.match(wish) else "read"
    named = _NAME.search(" ".join(said))
    name = next((each for each in named.groups() if each), "") if named else "Robin"
    return answer(
        {
            "title": wish[:80],
            "goal": f"In the end, this is done or known to you: {wish}.",
            "profile": {
                "name": name,
                "role": "You are the person of this conversation.",
                "known_info": [f"You wrote: {text[:_LONGEST]}" for text in said[-3:]],
                "unknown_info": [],
            },
            "objectives": [{"text": wish, "kind": kind}],
            "criteria": [f"What the person wants is done or answered: {wish}."],
            "expected_calls": [],
            "checkpoints": [],
        }
    )


def _closes(text: str) -> bool:
    """Whether a message ends the matter, and asks for nothing besides."""
    sentences = [s for s in _SENTENCE.split(text.strip()) if s]
    return bool(_CLOSES.match(text)) and all(
        _CLOSES.match(s) or len(s.split()) <= _SHORT for s in sentences
    )


_SHORT = 3
_GREETS = re.compile(
    r"(?:hi|hello|hey|good (?:morning|day|evening))(?: there)?[.!, ]*", re.IGNORECASE
)


def _wish(text: str) -> str:
    """The last sentence that says something, as a clause."""
    sentences = [s.strip() for s in _SENTENCE.split(text) if len(s.split()) > 1]
    wish = _POLITE.sub("", sentences[-1] if sentences else text).strip(" .!?")
    wish = wish or text.strip() or "get an answer"
    first, space, rest = wish.partition(" ")
    plain = (
        first if first in ("I", "I'm", "I'd", "I've") else first[0].lower() + first[1:]
    )
    return f"{plain}{space}{rest}"[:_LONGEST]
