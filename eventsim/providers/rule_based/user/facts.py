"""What the user can answer: the value that a question asks for, if they have it.

Facts come from what the prompt says the user knows and from the literals of the
objectives. A question is matched by the words that it shares with a fact's label. What
matches nothing is not known: nothing is ever made up.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.user.clause import Clause
from eventsim.providers.rule_based.user.words import (
    content_words,
    plain,
    says,
    stem,
)

__all__ = ["Fact", "choice_among", "code_of", "facts_for", "first_person"]

_KNOWN = re.compile(
    r"^(?P<label>(?:[Tt]he|[Yy]our) .+?) (?:is|are|should be|will be) "
    r"(?P<value>\"[^\"]+\"|[^\"]+?)\.?$"
)
_NEW = re.compile(r"^(?:the|your|my) (?:new |right |correct |current )*", re.IGNORECASE)
_LABELLED = re.compile(
    r"(?:\b(?:the|that|a|an|and|with|for|of|its|in|by|on) )?"
    r"(?P<label>(?!(?:the|that|and|with|for|of|to|is|now|in|by|on)\b)[a-z-]+"
    r"(?: (?!(?:the|that|and|with|for|of|to|is|now|in|by|on)\b)[a-z-]+){0,2}) "
    r"(?P<value>\"[^\"]*\"|-?\d[\d.:-]*)"
)
_CALLED = re.compile(r'\b(?:called|named) "(?P<value>[^"]*)"')
_PART = re.compile(r"\b(?:(last|family|sur)|(first|given)) ?name\b")
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
def known_facts(known: tuple[str, ...], names: tuple[str, ...]) -> tuple[Fact, ...]:
    """The facts of "What you know", in order. `names` may stand in them unquoted."""
    wanted = sorted({name for name in names if name}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, wanted)) or "(?!)")
    facts = []
    for item in known:
        found = _KNOWN.match(item)
        kept: list[str] = pattern.findall(item)
        hidden = _KNOWN.match(pattern.sub("\0", item)) if kept else found
        sentence = first_person(item)
        if hidden is None or len(hidden["value"].split()) > 10:
            facts.append(Fact("", "", sentence))
            continue
        label = _restored(hidden["label"], kept)
        value = _restored(hidden["value"], kept[hidden["label"].count("\0") :])
        facts.append(Fact(first_person(label), value.strip('"'), sentence))
    return tuple(facts)


def _restored(text: str, names: Sequence[str]) -> str:
    for name in names:
        text = text.replace("\0", name, 1)
    return text


def code_of(known: tuple[str, ...]) -> Fact | None:
    """The code or password among what is known."""
    for fact in known_facts(known, ()):
        about = fact.label.lower()
        if " of " not in about and re.search(r"\b(code|pin|password)\b", about):
            return fact
    return None


def facts_for(
    asked: str, known: tuple[str, ...], clauses: Sequence[Clause]
) -> tuple[Fact, ...]:
    """The facts that questions ask for, best first; empty when none is known."""
    words = content_words(asked)
    ranked: list[tuple[float, int, Fact]] = []
    names = tuple(name for clause in clauses for name in clause.names)
    for fact in known_facts(known, names):
        about = content_words(_NEW.sub("", fact.label).split(" of ")[0])
        needed = 1
        if not about:
            about, needed = content_words(fact.sentence), 2
        shared = len(about & words)
        if shared >= needed:
            ranked.append((shared / len(about) + 1, -len(ranked), fact))
    for clause in clauses:
        for label, value in labelled_values(clause):
            about = content_words(label) or frozenset({stem(label)})
            shared = len(about & words)
            if shared:
                ranked.append((shared / len(about), -len(ranked), Fact(label, value)))
    ranked.sort(key=lambda one: one[:2], reverse=True)
    part = _PART.search(asked)
    return tuple(_part_of(fact, part) if part else fact for _, _, fact in ranked)


def _part_of(fact: Fact, part: re.Match[str]) -> Fact:
    """The first or the last name alone, of somebody whose full name is known."""
    names = fact.value.split()
    if not fact.label.endswith("name") or len(names) < 2:
        return fact
    return Fact(part[0], names[-1] if part[1] else " ".join(names[:-1]))


@lru_cache(maxsize=2048)
def labelled_values(clause: Clause) -> tuple[tuple[str, str], ...]:
    """(label, value) for the literals of a clause: phone, 555 0147."""
    found: dict[str, str] = {}
    if called := _CALLED.search(clause.text):
        found[called["value"]] = "name"
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
    said = [plain(value) for clause in clauses for value in clause.values]
    clauses = tuple(clauses)
    names = tuple(name for clause in clauses for name in clause.names)
    found = [p for item in known for p in _shared_phrases(offered, item)]
    found += [f.value for f in known_facts(known, names) if _offers(offered, f)]
    telling = [p for p in found if not any(_words_of(p) <= _words_of(v) for v in said)]
    if telling:
        return max(telling, key=len)
    # A full name in the request chooses among several that share a part of it.
    for value in (v for clause in clauses for v in clause.values):
        if len(plain(offered).split(plain(value))) == 2 and " " in value:
            return value
    return None


def _offers(offered: str, fact: Fact) -> bool:
    """Whether an offer states the value of a fact: small letters count there too."""
    return len(fact.value) > 2 and says(offered, fact.value)


def _shared_phrases(offered: str, item: str) -> list[str]:
    """The longest runs of words, with a value in them, that item and offer share."""
    words = item.replace('"', "").rstrip(".").split()
    runs: list[str] = []
    begin = 0
    while begin < len(words):
        end = len(words)
        while end > begin and not says(offered, " ".join(words[begin:end])):
            end -= 1
        run = " ".join(words[begin:end])
        if re.search(r"[A-ZÀ-Þ0-9]", run) and run.lower() not in {"the", "i", "your"}:
            runs.append(run)
        begin = max(end, begin + 1)
    return runs


def _words_of(text: str) -> set[str]:
    return set(plain(text).split())
