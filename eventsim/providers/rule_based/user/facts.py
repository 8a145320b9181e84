"""What the user can answer: the value that a question asks for, if they have it.

Facts come from what the prompt says the user knows and from the literals of the
objectives. A question is matched by the words that it shares with a fact's label. What
matches nothing is not known: nothing is ever made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.words import (
    content_words,
    plain,
    says,
    stem,
    values_in,
)

__all__ = ["Fact", "choice_among", "code_of", "facts_for", "first_person"]

_KNOWN = re.compile(
    r"^(?P<whole>(?P<label>(?:the|your) .+?) (?:is|are|should be|will be) "
    r"(?P<value>\"[^\"]+\"|[^\"]+?))\.?$",
    re.IGNORECASE,
)
_LABELLED = re.compile(
    r"(?:\b(?:the|that|a|an|and|with|for|of|its|in|by|on) )?"
    r"(?P<label>(?!(?:the|that|and|with|for|of|to|is|now|in|by|on)\b)[a-z-]+"
    r"(?: (?!(?:the|that|and|with|for|of|to|is|now|in|by|on)\b)[a-z-]+){0,2}) "
    r"(?P<value>\"[^\"]*\"|-?\d[\d.:-]*)"
)
_TARGET = re.compile(
    r"^[a-z-]+ (?:the |that )?(?P<label>[a-z -]+?) (?:of|for|in|on) .* to "
    r"(?P<value>\"[^\"]*\"|\S+)$"
)
_PROPER = re.compile(
    r"\b[A-ZÀ-Þ][\w'-]*(?: [A-ZÀ-Þ][\w'-]*)*|\b\S+@\S+\w|\b\d[\d.-]*\d\b|\b\d\b"
)
_YOU = (
    (r"\byou are\b", "I am"),
    (r"\byou're\b", "I'm"),
    (r"\byou were\b", "I was"),
    (r"\byourself\b", "myself"),
    (r"\byours\b", "mine"),
    (r"\byour\b", "my"),
    (r"\b(to|for|with|from|of|by|tells?|told|gave|asked|reached) you\b", r"\1 me"),
    (r"\byou\b", "I"),
)


@dataclass(frozen=True, slots=True)
class Fact:
    """Something to say: `label` may be empty, `value` is as it stands in the source.

    `sentence` is the fact in the first person when it came as a sentence.
    """

    label: str
    value: str
    sentence: str = ""


@lru_cache(maxsize=1024)
def first_person(sentence: str) -> str:
    """A sentence in the second person, as the person would say it."""
    for pattern, instead in _YOU:
        sentence = re.sub(pattern, instead, sentence, flags=re.IGNORECASE)
    return re.sub(r"(?<=[.!?] )i\b|^my\b", lambda m: m[0].capitalize(), sentence)


@lru_cache(maxsize=1024)
def known_facts(known: tuple[str, ...]) -> tuple[Fact, ...]:
    """The facts of "What you know", in order."""
    facts = []
    for item in known:
        found = _KNOWN.match(item)
        sentence = first_person(item)
        if found and len(found["value"].split()) <= 10:
            label = first_person(found["label"])
            facts.append(Fact(label, found["value"].strip('"'), sentence))
        else:
            facts.append(Fact("", "", sentence))
    return tuple(facts)


def code_of(known: tuple[str, ...]) -> Fact | None:
    """The code or password among what is known."""
    for fact in known_facts(known):
        if re.search(r"\b(code|pin|password|passphrase)\b", fact.label.lower()):
            return fact
    return None


def facts_for(
    asked: str, known: tuple[str, ...], clauses: Iterable[Clause]
) -> tuple[Fact, ...]:
    """The facts that questions ask for, best first; empty when none is known."""
    words = content_words(asked)
    ranked: list[tuple[float, int, Fact]] = []
    for fact in known_facts(known):
        about = content_words(fact.label or fact.sentence)
        shared = len(about & words)
        if shared and shared >= min(2, len(about)):
            ranked.append((shared / len(about) + 1, -len(ranked), fact))
    for clause in clauses:
        for label, value in labelled_values(clause):
            about = content_words(label) or frozenset({stem(label)})
            shared = len(about & words)
            if shared:
                ranked.append((shared / len(about), -len(ranked), Fact(label, value)))
    ranked.sort(key=lambda one: one[:2], reverse=True)
    return tuple(fact for _, _, fact in ranked)


@lru_cache(maxsize=2048)
def labelled_values(clause: Clause) -> tuple[tuple[str, str], ...]:
    """(label, value) for the literals of a clause: phone, 555 0147."""
    found: dict[str, str] = {}
    if target := _TARGET.match(clause.text):
        found[target["value"].strip('"')] = target["label"]
    for match in _LABELLED.finditer(clause.text):
        found.setdefault(match["value"].strip('"'), match["label"])
    return tuple((label, value) for value, label in found.items())


def choice_among(
    offered: str, known: tuple[str, ...], clauses: Iterable[Clause]
) -> str | None:
    """What tells the wanted one from the others offered, as it stands in the offer.

    Only a value that the user knows, and that the offer states, is a reason to choose.
    """
    said = [value for clause in clauses for value in clause.values]
    options = _PROPER.findall(offered) + list(values_in(offered))
    best: str | None = None
    for item in known:
        for value in (*values_in(item), *_PROPER.findall(item)):
            usual = plain(value)
            if usual in {"you", "your", "the", "i"} or usual in map(plain, said):
                continue
            if not says(offered, value):
                continue
            once = sum(1 for o in options if says(o, value)) <= 1
            if best is None or (once and len(value) > len(best)):
                best = value
    if best is not None:
        return best
    # A full name in the request chooses among several that share a part of it.
    for value in said:
        if len(plain(offered).split(plain(value))) == 2 and " " in value:
            return value
    return None
