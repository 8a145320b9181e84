"""What tools say about a domain: its things, their attributes, who owns what.

Read from names, parameters and descriptions, as specifications or as the signatures
that prompts show. A domain without tools is read from its description: the kinds of
things that it lists.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from eventsim.providers.rule_based.designing.words import (
    same_noun,
    singular,
    split_name,
)

__all__ = ["Knowledge", "Param", "Thing", "Tool", "from_signatures", "from_tools"]

VERBS: dict[str, str] = {
    **dict.fromkeys("get fetch read retrieve view show lookup check".split(), "get"),
    **dict.fromkeys("search find query filter".split(), "search"),
    **dict.fromkeys("list browse".split(), "list"),
    **dict.fromkeys(
        "create add book make open place register schedule".split(), "create"
    ),
    **dict.fromkeys("update change set edit modify adjust move".split(), "update"),
    **dict.fromkeys("delete remove cancel".split(), "delete"),
    **dict.fromkeys(("count",), "count"),
}
_LINKS = frozenset("by of for in with from to on at".split())
_TRAILING = frozenset(
    "details detail info information data list record records".split()
)
_TEXTS = frozenset("text query q keyword keywords term search".split())
_LIMITS = frozenset("limit n max_results page page_size offset count".split())
_SCALARS = frozenset({"string", "integer", "number", "boolean"})
_LABELS = ("name", "title", "headline", "subject", "label", "full name")
_RETURNS = re.compile(r"Returns its ([^.]+)\.")
_SYNONYMS = re.compile(r"\b([a-z][a-z ]*?) \(([a-z][a-z, -]*)\)")
_SIGNATURE = re.compile(r"^\s*- ([A-Za-z0-9_-]+)\((.*?)\): (.*)$", re.MULTILINE)
_FIELD = re.compile(r"([A-Za-z0-9_.-]+)(\??): ([^;]*)(?:; |$)")
_EXAMPLE = re.compile(
    r"(?:such as|for example|e\.g\.),? ([^;()]{1,80}?)(?:\.$|\. |;|$)"
)
_LISTED = re.compile(
    r"\b(?:about|with|of|for|handles?|manages?|sells?|lends?) ([^.:;]+)"
)


_NO_ADJECTIVES = frozenset(
    "the a an all our their its his her your my other new old several many some any "
    "these those between in to from about who which that as by on at".split()
)


@dataclass(frozen=True, slots=True)
class Param:
    """A parameter of a tool. `key_of` is the noun whose identifier it is."""

    name: str
    kinds: frozenset[str] = frozenset({"string"})
    enum: tuple[Any, ...] = ()
    examples: tuple[str, ...] = ()
    required: bool = False
    least: float | None = None
    most: float | None = None
    key_of: str = ""

    @property
    def words(self) -> str:
        """As a person would say it."""
        return " ".join(split_name(self.name))

    @property
    def plays(self) -> str:
        """What the thing of a key is here: a source account, or just an account."""
        return " ".join(split_name(self.name)[:-1]) or self.key_of


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool taken apart; `spec` is the whole specification where it was shown."""

    name: str
    verb: str
    noun: str
    by: tuple[str, ...]
    params: tuple[Param, ...]
    about: str
    spec: Mapping[str, Any] | None = None

    @property
    def values(self) -> tuple[Param, ...]:
        """The parameters that hold one value, neither keys nor limits."""
        return tuple(
            p
            for p in self.params
            if not p.key_of and p.name not in _LIMITS and p.kinds & _SCALARS
        )

    @property
    def keys(self) -> tuple[Param, ...]:
        """The parameters that say which thing is meant."""
        return tuple(p for p in self.params if p.key_of)

    def takes(self, *names: str) -> bool:
        """Whether it has all of the parameters."""
        return set(names) <= {p.name for p in self.params}


@dataclass(slots=True)
class Thing:
    """A kind of thing: its attributes by their words, the attribute that names it,
    the things that it belongs to.
    """

    noun: str
    synonyms: tuple[str, ...] = ()
    attributes: dict[str, Param] = field(default_factory=dict)
    label: str = ""
    owners: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Knowledge:
    """Tools and things, both in the order in which they were read."""

    tools: list[Tool] = field(default_factory=list)
    things: dict[str, Thing] = field(default_factory=dict)

    def thing(self, noun: str) -> Thing:
        """The thing of that noun, new if it is not known."""
        return self.things.setdefault(noun, Thing(noun))

    def find(self, phrase: str) -> Thing | None:
        """The thing that a phrase names, by noun or synonym, in whatever number."""
        for thing in self.things.values():
            if any(same_noun(phrase, n) for n in (thing.noun, *thing.synonyms)):
                return thing
        return None

    def tool(self, verb: str, noun: str, *params: str) -> Tool | None:
        """The first tool of the verb for the noun that takes the parameters."""
        for tool in self.tools:
            if (tool.verb, tool.noun) == (verb, noun) and tool.takes(*params):
                return tool
        return None


_Raw = tuple[str, list[Param], str, Mapping[str, Any] | None]


def from_tools(specifications: Iterable[Mapping[str, Any]]) -> Knowledge:
    """What whole specifications say."""
    raw: list[_Raw] = []
    for spec in specifications:
        parameters = spec.get("parameters")
        schema = parameters if isinstance(parameters, Mapping) else {}
        properties = schema.get("properties")
        required = schema.get("required") or ()
        fields = properties if isinstance(properties, Mapping) else {}
        params = [
            _described_param(str(name), inner, required=name in required)
            for name, inner in fields.items()
        ]
        raw.append(
            (str(spec["name"]), params, str(spec.get("description") or ""), spec)
        )
    return _known(raw)


def from_signatures(text: str, about: str = "") -> Knowledge:
    """What brief signatures in a text say; without any, what `about` lists."""
    raw: list[_Raw] = []
    for name, fields, described in _SIGNATURE.findall(text):
        params = [
            _brief_param(field_name, kind, required=not optional)
            for field_name, optional, kind in _FIELD.findall(fields)
        ]
        raw.append((name, params, described, None))
    known = _known(raw)
    if not known.things:
        for noun in listed_nouns(about):
            known.thing(noun)
    return known


def listed_nouns(about: str) -> list[str]:
    """The kinds of things that a description lists: orders, returns and reviews."""
    found: list[str] = []
    told = about.rpartition(" about ")[2]
    for listed in _LISTED.findall(f"about {told}"):
        for part in re.split(r",| and | or ", listed):
            words = re.findall(r"[a-z][a-z-]+", part.lower())[-2:]
            while words and words[0] in _NO_ADJECTIVES:
                words = words[1:]
            if words and singular(words[-1]) != words[-1]:
                noun = singular(" ".join(words))
                if noun not in found:
                    found.append(noun)
    words = re.findall(r"[a-z-]{4,}", about.lower())
    return found[:8] or [singular(word) for word in words[-1:]]


def _known(raw: Sequence[_Raw]) -> Knowledge:
    known = Knowledge()
    heads = [_head(name, about) for name, _, about, _ in raw]
    nouns = {noun for _, noun, _ in heads if noun}
    for (name, params, about, spec), (verb, noun, by) in zip(raw, heads, strict=True):
        keyed = tuple(_with_key(p, nouns, noun) for p in params)
        tool = Tool(name, verb, noun, by, keyed, about, spec)
        known.tools.append(tool)
        if noun:
            _learn(known, tool)
    return known


def _learn(known: Knowledge, tool: Tool) -> None:
    thing = known.thing(tool.noun)
    for noun, others in _SYNONYMS.findall(tool.about):
        owner = next(
            (t for n, t in known.things.items() if same_noun_end(noun, n)), None
        )
        if owner is not None and not owner.synonyms:
            owner.synonyms = tuple(singular(o.strip()) for o in others.split(","))
    for key in tool.keys:
        if key.key_of != tool.noun:
            known.thing(key.key_of)
            if tool.verb in {"list", "create"} and key.key_of not in thing.owners:
                thing.owners.append(key.key_of)
    for param in tool.values:
        if param.name in _TEXTS:
            thing.label = thing.label or "name"
            continue
        if tool.verb == "search" and len(tool.values) == 1 and _labels(param):
            thing.label = param.words
        if tool.verb != "other":
            _describe(thing, param)
    for listed in _RETURNS.findall(tool.about):
        for words in re.split(r", | and ", listed):
            if words.strip():
                _describe(thing, Param("_".join(words.split()), examples=()))
    for words, param in thing.attributes.items():
        if not thing.label and _labels(param):
            thing.label = words


def _describe(thing: Thing, param: Param) -> None:
    """Take in an attribute, unless one that says more of itself is known."""
    words = param.words
    there = thing.attributes.get(words)
    if there is None or not (there.enum or there.examples):
        thing.attributes[words] = param


def same_noun_end(phrase: str, noun: str) -> bool:
    """Whether a phrase ends with a noun, in whatever number."""
    words, size = phrase.split(), len(noun.split())
    return same_noun(" ".join(words[-size:]), noun)


def _labels(param: Param) -> bool:
    return param.words in _LABELS and "string" in param.kinds


def _head(name: str, about: str) -> tuple[str, str, tuple[str, ...]]:
    """The verb class, the noun and what follows `by` of a tool."""
    words = split_name(name)
    verb = VERBS.get(words[0], "other") if words else "other"
    rest = words[1:] if verb != "other" else ()
    rest = rest[1:] if rest[:1] == ("all",) else rest
    cut = next((n for n, w in enumerate(rest) if w in _LINKS and n), len(rest))
    head = list(rest[:cut])
    while len(head) > 1 and head[-1] in _TRAILING | {"id"}:
        head.pop()
    by = tuple(w for w in rest[cut:] if w not in _LINKS)
    noun = singular(" ".join(head))
    many = noun != " ".join(head)
    if verb == "get" and many and "one " not in about:
        verb = "list"
    return verb, noun, by


def _with_key(param: Param, nouns: set[str], own: str) -> Param:
    words = split_name(param.name)
    if not words or words[-1] not in {"id", "ids", "uuid"}:
        return param
    key_of = next(
        (
            " ".join(words[n:-1])
            for n in range(len(words) - 1)
            if " ".join(words[n:-1]) in nouns
        ),
        " ".join(words[:-1]) or own,
    )
    return Param(
        param.name,
        param.kinds,
        param.enum,
        param.examples,
        param.required,
        param.least,
        param.most,
        key_of,
    )


def _described_param(name: str, schema: Any, *, required: bool) -> Param:
    inner = schema if isinstance(schema, Mapping) else {}
    kind = inner.get("type")
    kinds = {kind} if isinstance(kind, str) else set(kind or ())
    about = inner.get("description")
    found = _EXAMPLE.search(about) if isinstance(about, str) else None
    least, most = inner.get("minimum"), inner.get("maximum")
    return Param(
        name=name,
        kinds=frozenset(kinds - {"null"}) or frozenset({"string"}),
        enum=tuple(v for v in inner.get("enum") or () if v is not None),
        examples=_examples(found[1]) if found else (),
        required=required,
        least=least if isinstance(least, int | float) else None,
        most=most if isinstance(most, int | float) else None,
    )


def _brief_param(name: str, kind: str, *, required: bool) -> Param:
    """A parameter of a signature: `integer, e.g. 12` or `"on" | "off"`."""
    if " | " in kind or kind.startswith('"'):
        try:
            enum = tuple(orjson.loads(option) for option in kind.split(" | "))
        except orjson.JSONDecodeError:
            enum = ()
        kinds = {"integer"} if all(isinstance(v, int) for v in enum) else {"string"}
        return Param(name, frozenset(kinds), enum, required=required)
    types, _, example = kind.partition(", e.g. ")
    kinds = set(types.split(" or ")) - {"any"}
    return Param(
        name,
        frozenset(kinds) or frozenset({"string"}),
        (),
        _examples(example),
        required,
    )


def _examples(text: str) -> tuple[str, ...]:
    parts = re.split(r", | or ", text.strip())
    return tuple(p.strip(" \"'.") for p in parts if p.strip(" \"'."))[:6]
