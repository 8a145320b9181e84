"""What a question needs: which kinds of things, found, listed or changed by what.

Questions are read as people write them; the patterns are those of plain requests with
literals (the seat of booking 12, the customer "Ana Lima"). Whatever is not understood
leaves the things that are named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from eventsim.providers.rule_based.designing.knowledge import Knowledge, Param
from eventsim.providers.rule_based.designing.words import plural, same_noun, singular

__all__ = ["Need", "read_needs"]

_STEPS = re.compile(
    r"(?<=[.?!;])\s+|,? and then |,? then |, and (?=[a-z]+ the )|,? after that,? |: |"
    r"(?<=[\w\"]),? and (?=(?:add|create|change|set|update|delete|remove|cancel|list|"
    r"show|find|check|look|count|search)\b)|, (?=(?:add|create|change|set|update|"
    r"delete|remove|cancel|list|show|find|check|look|count|search|book)\b)",
    re.IGNORECASE,
)
_CREATE = re.compile(
    r"\b(?:add|create|book|open|register|schedule|place|make|enter|set up) "
    r"(?:me |us )?(?:an?|another|one|the) (?:new )?([a-z][a-z ]*?)"
    r"(?= for | with | called | to | on | at | in |[,.?!\"]|$)",
    re.IGNORECASE,
)
_CHANGE = re.compile(
    r"\b(?:change|update|set|correct|move|switch|raise|lower|edit|modify)\b",
    re.IGNORECASE,
)
_REMOVE = re.compile(r"\b(?:delete|remove|cancel|erase|drop)\b", re.IGNORECASE)
_COUNT = re.compile(r"\b(?:how many|count the|number of) (?:the )?", re.IGNORECASE)
_LIST = re.compile(r"\b(?:list|show|see|which|all|what)\b", re.IGNORECASE)
_OF = re.compile(
    r"the ((?:[a-z]+ ){0,2}[a-z]+)(?:,? and the ((?:[a-z]+ ){0,2}[a-z]+))? of ",
    re.IGNORECASE,
)
_PAIR = re.compile(
    r"the ((?:[a-z]+ ){0,2}?[a-z]+) (\"[^\"]*\"|\d{4}-\d{2}-\d{2}|\d+(?:\.\d+)?)",
    re.IGNORECASE,
)
_MENTION = re.compile(
    r"(?:\b(?:the|my|our|a|an|of|for|which|with|on) )?((?:[a-z]+ ){0,2}?[a-z]+) "
    r"(?=\"|#?\d)",
    re.IGNORECASE,
)
_CONTAINS = re.compile(
    r"([a-z]+(?: [a-z]+)?) whose ((?:[a-z]+ )?[a-z]+) contains", re.IGNORECASE
)
_SEVERAL = re.compile(
    r"\b(?:list|show me|find|search for|see|count|which)(?: all| the)* "
    r"((?:[a-z]+ )?[a-z]+s) (?:with|whose|of|that)\b"
)
_FREE_NOUN = re.compile(r"\b(?:my|our|the|an?|any|all|these|those) ([a-z]{4,})\b")
_NO_NOUNS = frozenset(
    "the my our of for with on in at to from and then that this day date number name "
    "time thing things three moment week month year weekend morning evening contains "
    "whose has have had is are was january february march april may june july august "
    "september october november december monday tuesday wednesday thursday friday "
    "saturday sunday today tomorrow".split()
)


@dataclass(frozen=True, slots=True)
class Need:
    """One tool that a question needs: its verb, its noun, the attributes that it has
    to take or tell, and the thing by whose key it goes.
    """

    verb: str
    noun: str
    attributes: tuple[Param, ...] = ()
    owner: str = ""


def read_needs(question: str, known: Knowledge) -> list[Need]:
    """The needs of a question in their order, each once; new nouns become known."""
    found: list[Need] = []
    for step in _STEPS.split(question):
        for need in _needs(step, known):
            _take(need, found)
    if not found:
        for word in _FREE_NOUN.findall(question.lower()):
            noun = singular(word)
            if word not in _NO_NOUNS and noun not in known.things and len(found) < 4:
                known.thing(noun)
                found += [Need("get", noun), Need("search", noun)]
    return found


def _take(need: Need, found: list[Need]) -> None:
    """Add a need; one tool tells, sets or takes the attributes of two steps."""
    for number, there in enumerate(found):
        same = (there.verb, there.noun, there.owner) == (
            need.verb,
            need.noun,
            need.owner,
        )
        if same and (need.verb in {"get", "create", "update"} or there == need):
            merged = dict.fromkeys((*there.attributes, *need.attributes))
            found[number] = replace(there, attributes=tuple(merged))
            return
    found.append(need)


def _needs(step: str, known: Knowledge) -> Iterator[Need]:
    nouns = _nouns(step, known)
    created = _CREATE.search(step)
    if created:
        noun = _noun_of(created[1], known)
        pairs = _pairs(step[created.end() :], known, noun)
        owners = [n for n in nouns if n != noun]
        for owner in owners:
            if owner not in known.thing(noun).owners:
                known.thing(noun).owners.append(owner)
        yield Need("create", noun, pairs)
        yield from _finders(step, owners)
        return
    if not nouns:
        return
    first = _subject(step, nouns)
    if _CHANGE.search(step):
        yield Need("update", first, _changed(step, known, first))
        yield from _finders(step, nouns)
        return
    if _REMOVE.search(step):
        yield Need("delete", first)
        yield from _finders(step, nouns)
        return
    counted = _COUNT.search(step)
    if counted:
        yield from _related("count", step[counted.end() :], known, nouns)
        yield from _finders(step, nouns[1:])
        return
    contains = _CONTAINS.search(step)
    if contains:
        noun = _noun_of(contains[1], known)
        yield Need("search", noun, (Param("_".join(contains[2].lower().split())),))
        return
    yield from _read(step, known, nouns)


def _read(step: str, known: Knowledge, nouns: list[str]) -> Iterator[Need]:
    """A look-up: attributes of one thing, or a list."""
    asked = [words for found in _OF.findall(step) for words in found if words]
    asked = [words for words in asked if not _thing_of(words, known)]
    several = [n for n in nouns if _in_plural(n, step)]
    if several and not asked:
        filters = _pairs(step, known, several[0])
        if filters:
            yield Need("list", several[0], filters[:3])
        else:
            yield from _related("list", step, known, nouns)
        yield from _finders(step, [n for n in nouns if n != several[0]])
        return
    subject = _subject(step, nouns)
    attributes = tuple(_attribute(words, known, subject) for words in asked)
    yield Need("get", subject, attributes)
    yield from _finders(step, nouns)


def _related(
    verb: str, text: str, known: Knowledge, nouns: list[str]
) -> Iterator[Need]:
    """Things of another thing: the orders of a customer."""
    inside = [n for n in nouns if _in_plural(n, text)] or nouns[:1]
    owner = next((n for n in nouns if n != inside[0]), "")
    if owner and owner not in known.thing(inside[0]).owners:
        known.thing(inside[0]).owners.append(owner)
    yield Need(verb, inside[0], owner=owner)


def _finders(step: str, nouns: list[str]) -> Iterator[Need]:
    """Where a thing is called by a name, a tool has to find it."""
    for noun in nouns:
        if re.search(rf"\b{re.escape(noun)} \"", step, re.IGNORECASE):
            yield Need("search", noun)


def _nouns(step: str, known: Knowledge) -> list[str]:
    """The kinds of things in a step, in order: known ones, and what a number or a
    name follows.
    """
    text = re.sub(r'"[^"]*"', '"', step.lower())
    places: dict[str, int] = {}
    for noun, thing in known.things.items():
        for phrase in (noun, *thing.synonyms):
            found = re.search(rf"\b{_forms(phrase)}\b", text)
            if found:
                places[noun] = min(found.start(), places.get(noun, len(text)))
    for start, words in _mentioned(text):
        if any(_attributed(" ".join(words[n:]), known) for n in range(len(words))):
            continue
        if any(n in " ".join(words) for n in places) or _is_value(text, start):
            continue
        noun = singular(words[-1])
        places.setdefault(noun, start)
        known.thing(noun)
    return sorted(places, key=lambda noun: places[noun])


def _mentioned(text: str) -> Iterator[tuple[int, list[str]]]:
    """What a number or a name follows, and what is listed: where, and its words."""
    for found in _MENTION.finditer(text):
        words = found[1].split()
        cut = max((n for n, w in enumerate(words) if w in _NO_NOUNS), default=-1) + 1
        if words[cut:]:
            yield found.end(1) - len(" ".join(words[cut:])), words[cut:]
    for found in _SEVERAL.finditer(text):
        yield found.start(1), found[1].split()


def _is_value(text: str, start: int) -> bool:
    """Whether what stands at a place is an attribute with its value."""
    return bool(re.search(r"\b(?:with|to|contains|whose|and)(?: the)? $", text[:start]))


def _attributed(phrase: str, known: Knowledge) -> bool:
    """Whether a phrase is an attribute of some known thing."""
    return any(phrase in thing.attributes for thing in known.things.values())


def _forms(phrase: str) -> str:
    """A pattern for a noun phrase in whatever number."""
    return f"(?:{re.escape(plural(phrase))}|{re.escape(phrase)})"


def _in_plural(noun: str, text: str) -> bool:
    return bool(re.search(rf"\b{re.escape(plural(noun))}\b", text, re.IGNORECASE))


def _subject(step: str, nouns: list[str]) -> str:
    """What a request is about: the thing after `of`, else the first that is named."""
    found = _OF.search(step)
    after = re.sub(r'"[^"]*"', '"', step[found.end() :].lower()) if found else ""
    places = {n: after.find(n) for n in nouns if n in after}
    return min(places, key=lambda noun: places[noun]) if places else nouns[0]


def _thing_of(words: str, known: Knowledge) -> str:
    """The noun that the words name in the plural, or ""."""
    for noun in known.things:
        if same_noun(words.lower(), noun) and words.lower() != noun:
            return noun
    return ""


def _noun_of(phrase: str, known: Knowledge) -> str:
    words = phrase.lower().split()
    for size in range(len(words), 0, -1):
        thing = known.find(" ".join(words[-size:]))
        if thing is not None:
            return thing.noun
    return known.thing(singular(" ".join(words[-2:]))).noun


def _pairs(text: str, known: Knowledge, noun: str) -> tuple[Param, ...]:
    """Attributes with their values: the cabin "business"."""
    found = []
    for words, value in _PAIR.findall(text):
        plain = words.lower()
        if known.find(plain) is None and not any(
            plain.endswith(f" {n}") for n in known.things
        ):
            found.append(_attribute(plain, known, noun, value))
    return tuple(found)


def _changed(step: str, known: Knowledge, noun: str) -> tuple[Param, ...]:
    """The attributes that a change sets, with the types of the new values."""
    pattern = re.compile(
        r"the ((?:[a-z]+ ){0,2}[a-z]+) of .*? to "
        r"(\"[^\"]*\"|\d{4}-\d{2}-\d{2}|\d+(?:\.\d+)?)",
        re.IGNORECASE,
    )
    return tuple(
        _attribute(words.lower(), known, noun, value)
        for words, value in pattern.findall(step)
    )


def _attribute(words: str, known: Knowledge, noun: str, value: str = "") -> Param:
    """The attribute as it is known, of this thing or another, or as the value is."""
    plain = words.lower()
    thing = known.thing(noun)
    there = thing.attributes.get(plain)
    if there is None:
        for other in known.things.values():
            there = there or other.attributes.get(plain)
    if there is None or (value and not there.examples and not there.enum):
        there = _typed(plain, value)
    thing.attributes.setdefault(plain, there)
    return there


def _typed(words: str, value: str) -> Param:
    name = "_".join(re.findall(r"[a-z0-9]+", words))
    if re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
        return Param(name, examples=("2026-05-31",))
    if re.fullmatch(r"\d+", value):
        return Param(name, frozenset({"integer"}))
    if re.fullmatch(r"\d+\.\d+", value):
        return Param(name, frozenset({"number"}))
    return Param(name)
