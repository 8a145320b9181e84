"""One objective taken apart: verb, what it is about, names and values.

An objective is one infinitive clause whose names stand in double quotes. Only its
grammar is looked at: which words are verbs of looking and which are not, where the
noun phrase begins. Which nouns and attributes exist is not known here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.user.words import content_words, values_in

__all__ = ["Clause", "Mention", "parse_clause"]

_LOOK = (
    "find out|work out|look up|search for|add up|sum up|read out|find|list|show|name|"
    "give|tell|get|see|count|calculate|determine|report|display|identify|retrieve|read|fetch"
)
_CHECK = "check|confirm|verify|double-check|make sure|ensure|see whether|see if"
_VERB = re.compile(rf"^(?:(?P<look>{_LOOK})|(?P<check>{_CHECK})|(?P<write>[a-z-]+))\b")
_WH = re.compile(
    r"^(how many|how much|how long|which|what|who|whose|when|where|whether|if)\b"
)
_MENTION = re.compile(
    r"\b(?P<phrase>(?:(?:the|a|an|that) )?"
    r"(?P<noun>(?:(?!(?:the|a|an|that|of|in|on|by|at|with|whose|to|for|from|and|or|is|"
    r"are|now|as|contains?|called|named|than|has|have)\b)[a-z-]+ ){1,3}))"
    r"(?P<literal>\"[^\"]*\")"
)
_TAIL = re.compile(
    r" and (tell|say|give|report|state|show|read out) (?:me )?(the |its |his |her )?"
)
_ALSO = re.compile(r" and (?=[a-z-]+ (?:the|that|its|how|which|what|all|me)\b)")


@dataclass(frozen=True, slots=True)
class Mention:
    """A thing by name: `phrase` as it stands, for example: the customer "Ana Lima"."""

    phrase: str
    noun: str
    name: str


@dataclass(frozen=True, slots=True)
class Clause:
    """An objective in parts.

    `kind` is look, check or write. `shape` is how `rest` goes on after the verb: `np`
    (a noun phrase), `wh` (an indirect question), `that` (a statement), `two` (a
    second verb after "and") or `other`.
    """

    text: str
    verb: str
    rest: str
    kind: str
    shape: str
    words: frozenset[str]
    values: tuple[str, ...]
    mentions: tuple[Mention, ...]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the things it is about."""
        return tuple(mention.name for mention in self.mentions)

    @property
    def news(self) -> tuple[str, ...]:
        """Values that belong to no noun: what a write is to put in."""
        names = self.names
        return tuple(value for value in self.values if value not in names)


@lru_cache(maxsize=1024)
def parse_clause(text: str) -> Clause:
    """Take one objective apart. Anything is accepted; the oddest is shape `other`."""
    text = text.strip().removesuffix(".").removeprefix("to ")
    found = _VERB.match(text)
    verb = found[0] if found else ""
    rest = text[len(verb) :].strip()
    kind = "write"
    if found is None or found["look"]:
        kind = "look"
    elif found["check"]:
        kind = "check"
    if kind != "write" and rest.startswith("me "):
        rest = rest[3:]
    return Clause(
        text=text,
        verb=verb,
        rest=rest,
        kind=kind,
        shape=_shape(kind, rest),
        words=content_words(_TAIL.sub(" and ", rest) if kind != "write" else text),
        values=values_in(text),
        mentions=tuple(
            Mention(m["phrase"] + m["literal"], m["noun"].strip(), m["literal"][1:-1])
            for m in _MENTION.finditer(text)
        ),
    )


def _shape(kind: str, rest: str) -> str:
    if kind == "write":
        return "other"
    if _WH.match(rest):
        return "wh"
    if kind == "check" and rest.startswith("that "):
        return (
            "that"
            if re.search(r" (is|are|has|have|does|do|no longer) ", rest)
            else "np"
        )
    if _TAIL.search(rest) or _ALSO.search(rest):
        return "two"
    return "np" if rest else "other"
