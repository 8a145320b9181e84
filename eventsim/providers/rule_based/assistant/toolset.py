"""What a set of tools says about itself: entities, synonyms, parameters, verbs.

Read from names, descriptions and JSON Schemas alone, once for each distinct toolset.
Nothing here knows a database: whatever stands in a lexicon stood in the request.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.providers.rule_based.assistant.english import (
    TOOL_VERBS,
    plural,
    singular,
    split_name,
    stems,
)

__all__ = ["Entity", "Lexicon", "Param", "Tool", "read_toolset"]

_KEY_SUFFIXES = frozenset({"id", "ids", "key", "uuid", "pk"})
_LIMITS = frozenset({"limit", "n", "top", "max_rows", "max_results", "how_many"})
_TEXTS = frozenset({"text", "query", "q", "search", "term", "keyword", "pattern"})
_LINKS = frozenset({"by", "of", "for", "in", "with", "per", "from", "to", "on", "at"})
_READS = frozenset({"get", "search", "list"})
_SYNONYMS = re.compile(
    r"\(\s*(?:also (?:called|known as|named) |or )?([^()]{2,80})\)"
    r"|,? (?:also (?:called|known as|named)) ([^.;()]{2,80})"
)
_NO_NOUNS = frozenset("the all a an most one of new every each by with up".split())
_ROLE = re.compile(
    r"\b(?:an?|the) ((?:[\w-]+ ){0,2}[\w-]+)"
    r"(?: \(an? ([\w -]{2,30})\)|, an? ([\w -]{2,30}?)(?=[,.;]))"
)
_BREAK = re.compile(r",| or | and |/|;")


@dataclass(frozen=True, slots=True)
class Param:
    """One argument of a tool. `key_of` names the entity whose key it is, `relation`
    the stems of what that thing is to the tool's rows: a manager, a support rep.
    """

    name: str
    words: tuple[str, ...]
    types: frozenset[str]
    required: bool
    role: str  # key, text, limit, order or value
    key_of: str | None = None
    relation: tuple[str, ...] = ()
    enum: tuple[Any, ...] = ()
    about: str = ""
    about_stems: frozenset[str] = frozenset()

    @property
    def noun(self) -> str:
        """The name of the argument as a person would say it."""
        words = [w for w in self.name.replace("_", " ").split() if w != "id"]
        return " ".join(words) or "number"


@dataclass(frozen=True, slots=True)
class Entity:
    """A kind of thing: `id` is its stems joined, `keys` the columns of its key."""

    id: str
    one: str
    many: str
    keys: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Tool:
    """A tool taken apart. `verb` is one of the classes in `TOOL_VERBS`."""

    name: str
    verb: str
    entity: str | None
    about: tuple[str, ...]
    by: tuple[str, ...]
    params: tuple[Param, ...]
    description: str
    description_stems: frozenset[str]

    @property
    def writes(self) -> bool:
        """Whether the name says that a call changes something."""
        return self.verb in {"create", "update", "delete"}

    @property
    def required(self) -> tuple[Param, ...]:
        """What a call cannot do without."""
        return tuple(p for p in self.params if p.required)


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Everything known about a toolset.

    `nouns` maps the stems of each entity phrase, synonyms included, to entity ids;
    `vocabulary` holds every stem that the tools use for columns, `joints` the triples
    of stems around a preposition inside one, as in date of birth. `roles` maps what a
    thing is to another (a manager) to its entity, `relations` a key column to its role.
    """

    tools: tuple[Tool, ...]
    by_name: Mapping[str, Tool]
    entities: Mapping[str, Entity]
    nouns: Mapping[tuple[str, ...], str]
    vocabulary: frozenset[str]
    longest_noun: int = 1
    joints: frozenset[tuple[str, str, str]] = frozenset()
    roles: Mapping[tuple[str, ...], str] = field(default_factory=dict)
    relations: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    key_owners: Mapping[str, str] = field(default_factory=dict)

    def of_entity(self, entity: str | None, *verbs: str) -> list[Tool]:
        """The tools of one of the verbs whose rows are of the entity."""
        return [t for t in self.tools if t.entity == entity and t.verb in verbs]

    def entity_at(self, words: Sequence[str], start: int) -> tuple[str, int] | None:
        """The longest entity phrase among stems from `start`, and where it ends."""
        for size in range(min(self.longest_noun, len(words) - start), 0, -1):
            found = self.nouns.get(tuple(words[start : start + size]))
            if found is not None:
                return found, start + size
        return None


def _joints(
    tools: Sequence[Tool], nouns: Iterable[tuple[str, ...]]
) -> set[tuple[str, str, str]]:
    found: set[tuple[str, str, str]] = set()
    columns = (stems(p.words) for tool in tools for p in tool.params)
    for words in (*columns, *nouns):
        for before, link, after in zip(words, words[1:], words[2:], strict=False):
            if link in _LINKS:
                found.add((before, link, after))
    return found


# --- reading ------------------------------------------------------------------------


def read_toolset(tools: Sequence[Mapping[str, Any]]) -> Lexicon:
    """The lexicon of function tools as they stand in a request."""
    drafts = [d for d in (_draft(tool) for tool in tools) if d is not None]
    phrases = _entity_phrases(drafts)
    known = {stems(phrase) for phrase in phrases}
    roles = {r: k for r, k in _role_phrases(drafts).items() if k in known}
    phrases = [phrase for phrase in phrases if stems(phrase) not in roles]
    entities: dict[str, Entity] = {}
    nouns: dict[tuple[str, ...], str] = {}
    for phrase in phrases:
        one = singular(" ".join(phrase))
        name = " ".join(stems(phrase))
        entities.setdefault(name, Entity(name, one, plural(one)))
        nouns.setdefault(stems(phrase), name)
    named = {role: nouns[kind] for role, kind in roles.items() if kind in nouns}
    for role, entity in named.items():
        nouns.setdefault(role, entity)
    for draft in drafts:
        _read_synonyms(draft, entities, nouns)
    read = [_finish(draft, entities, nouns) for draft in drafts]
    keys = _keys(read, entities)
    entities = {
        name: Entity(name, e.one, e.many, keys.get(name, ()))
        for name, e in entities.items()
    }
    words = {
        s for t in read for p in t.params for s in stems(p.words) if p.role != "limit"
    }
    return Lexicon(
        tools=tuple(read),
        by_name={t.name: t for t in read},
        entities=entities,
        nouns=nouns,
        vocabulary=frozenset(words | {s for phrase in nouns for s in phrase}),
        longest_noun=max((len(phrase) for phrase in nouns), default=1),
        joints=frozenset(_joints(read, nouns)),
        roles=named,
        relations={p.name: p.relation for t in read for p in t.params if p.relation},
        key_owners={
            **{p.name: p.key_of for t in read for p in t.params if p.key_of},
            **{k[0]: name for name, k in keys.items() if len(k) == 1},
        },
    )


@dataclass(slots=True)
class _Draft:
    name: str
    verb: str
    head: tuple[str, ...]
    tail: tuple[str, ...]
    description: str
    schema: Mapping[str, Any]


def _draft(tool: Mapping[str, Any]) -> _Draft | None:
    function = tool.get("function") if isinstance(tool, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(function.get("name"), str):
        return None
    name = function["name"]
    words = split_name(name)
    if not words:
        return None
    description = function.get("description")
    description = description if isinstance(description, str) else ""
    verb = TOOL_VERBS.get(words[0])
    rest = words[1:]
    if verb is None:
        verb, rest = _described_verb(description), words
    if verb in {"top", "bottom"}:
        rest = tuple(w for w in rest if not w.isdigit())
    cut = next((n for n, w in enumerate(rest) if w in _LINKS and n), len(rest))
    schema = function.get("parameters")
    return _Draft(
        name=name,
        verb=verb,
        head=rest[:cut],
        tail=tuple(w for w in rest[cut:] if w not in _LINKS),
        description=description,
        schema=schema if isinstance(schema, Mapping) else {},
    )


def _described_verb(description: str) -> str:
    for word in split_name(description)[:3]:
        verb = TOOL_VERBS.get(word) or TOOL_VERBS.get(singular(word))
        if verb is not None:
            return verb
    return "get"


def _entity_phrases(drafts: Sequence[_Draft]) -> list[tuple[str, ...]]:
    """Entity phrases, longest first, from the heads of names with a plain verb."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    plain = ("get", "create", "delete", "update", "search", "list", "count")
    for draft in sorted(
        drafts, key=lambda d: plain.index(d.verb) if d.verb in plain else 9
    ):
        if draft.head and draft.verb in plain:
            words = tuple(singular(" ".join(draft.head)).split())
            found.setdefault(stems(words), words)
    whole = [k for k in found]
    for draft in drafts:
        if draft.verb == "update" and len(draft.head) > 1:
            # update_customer_phone: the entity is customer when that is known.
            key = stems(draft.head)
            shorter = any(key[:n] in whole for n in range(1, len(key)))
            own = any(d.head and stems(d.head) == key for d in drafts if d is not draft)
            if shorter and not own:
                found.pop(key, None)
        if draft.verb in {"top", "bottom"} and draft.head:
            words = tuple(singular(" ".join(draft.head)).split())
            found.setdefault(stems(words), words)
        for phrase in _key_phrases(draft.schema):
            found.setdefault(stems(phrase), phrase)
    for phrase in _explained_phrases(drafts):
        found.setdefault(stems(phrase), phrase)
    return sorted(found.values(), key=len, reverse=True)


def _explained_phrases(drafts: Sequence[_Draft]) -> list[tuple[str, ...]]:
    """Nouns that a description explains in brackets and that names of tools hold."""
    names = [f" {' '.join(stems(split_name(draft.name)))} " for draft in drafts]
    phrases = []
    for draft in drafts:
        for match in _SYNONYMS.finditer(draft.description):
            if match[1] is None or re.match(r"an? ", match[1]):
                continue
            before = split_name(draft.description[: match.start()])
            for size in (3, 2, 1):
                words = before[-size:]
                if len(words) < size or set(words) & _NO_NOUNS:
                    continue
                if any(f" {' '.join(stems(words))} " in name for name in names):
                    phrases.append(tuple(singular(" ".join(words)).split()))
                    break
    return phrases


def _role_phrases(drafts: Sequence[_Draft]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Roles and what plays them: a support rep (an employee); the manager, an employee."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for draft in drafts:
        texts = [draft.description]
        properties = draft.schema.get("properties")
        for schema in properties.values() if isinstance(properties, Mapping) else ():
            about = schema.get("description") if isinstance(schema, Mapping) else None
            if isinstance(about, str):
                texts.append(about)
        for text in texts:
            for match in _ROLE.finditer(text):
                role = stems(split_name(match[1].removeprefix("new ")))
                kind = stems(split_name(match[2] or match[3]))
                if role and kind and role != kind:
                    found.setdefault(role, kind)
    return found


def _key_phrases(schema: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """Entities that only a key parameter names: `genre_id` makes a genre known."""
    phrases = []
    properties = schema.get("properties")
    for name in properties if isinstance(properties, Mapping) else ():
        words = split_name(str(name))
        if len(words) > 1 and words[-1] in _KEY_SUFFIXES:
            phrases.append(words[:-1])
    return phrases


def _read_synonyms(
    draft: _Draft, entities: Mapping[str, Entity], nouns: dict[tuple[str, ...], str]
) -> None:
    """Add what a description says in brackets, or after `also called`."""
    longest = max((len(phrase) for phrase in nouns), default=1)
    for found in _SYNONYMS.finditer(draft.description):
        before = stems(split_name(draft.description[: found.start()])[-longest:])
        owner = next(
            (nouns[before[n:]] for n in range(len(before)) if before[n:] in nouns), None
        )
        if owner is None and found[2]:
            owner = next(
                (
                    name
                    for name in sorted(entities, key=len, reverse=True)
                    if f" {name} " in f" {' '.join(stems(draft.head))} "
                ),
                None,
            )
        if owner is None or re.match(r"an? ", found[1] or ""):
            continue
        for part in _BREAK.split(found[1] or found[2]):
            words = split_name(
                part.replace("a ", "", 1) if part.startswith("a ") else part
            )
            if 0 < len(words) <= 3 and not any(w.isdigit() for w in words):
                nouns.setdefault(stems(words), owner)


def _finish(
    draft: _Draft, entities: Mapping[str, Entity], nouns: Mapping[tuple[str, ...], str]
) -> Tool:
    head = stems(draft.head)
    entity, rest = None, head
    for size in range(len(head), 0, -1):
        if head[:size] in nouns:
            entity, rest = nouns[head[:size]], head[size:]
            break
    if entity is None:
        for start in range(1, len(head)):
            if head[start:] in nouns:
                entity, rest = nouns[head[start:]], head[:start]
                break
    described = stems(split_name(draft.description))
    if entity is None:
        entity = _first_noun(described, nouns)
    return Tool(
        name=draft.name,
        verb=draft.verb,
        entity=entity,
        about=rest,
        by=stems(draft.tail),
        params=tuple(_params(draft, entity, nouns)),
        description=draft.description,
        description_stems=frozenset(described),
    )


def _first_noun(
    words: tuple[str, ...], nouns: Mapping[tuple[str, ...], str]
) -> str | None:
    for start in range(len(words)):
        for size in (3, 2, 1):
            if words[start : start + size] in nouns:
                return nouns[words[start : start + size]]
    return None


def _params(
    draft: _Draft, entity: str | None, nouns: Mapping[tuple[str, ...], str]
) -> list[Param]:
    properties = draft.schema.get("properties")
    if not isinstance(properties, Mapping):
        return []
    required = draft.schema.get("required")
    required = set(required) if isinstance(required, list | tuple) else set()
    params = []
    for name, schema in properties.items():
        schema = schema if isinstance(schema, Mapping) else {}
        params.append(_param(str(name), schema, name in required, draft, entity, nouns))
    return params


def _param(
    name: str,
    schema: Mapping[str, Any],
    required: bool,
    draft: _Draft,
    entity: str | None,
    nouns: Mapping[tuple[str, ...], str],
) -> Param:
    about = schema.get("description")
    about = about if isinstance(about, str) else ""
    words = split_name(name)
    types, enum = _types(schema)
    about_stems = stems(split_name(about))
    role, key_of = "value", None
    integer = "integer" in types
    if (name in _LIMITS and "string" not in types) or (
        name == "count" and draft.verb in {"top", "bottom", "list", "search"}
    ):
        role = "limit"
    elif name in {"order", "direction", "sort", "sort_by", "order_by", "ascending"}:
        role = "order"
    elif name in _TEXTS and draft.verb in _READS and "string" in types:
        role = "text"
    elif kind := _played_by(about, nouns):
        role, key_of = "key", kind
    elif words and words[-1] in _KEY_SUFFIXES:
        role = "key"
        key_of = nouns.get(stems(words[:-1])) if words[:-1] else entity
        if key_of is None:
            key_of = _keyed_entity(about_stems, nouns) or _first_suffix(
                words[:-1], nouns
            )
    elif (integer or "key" in about_stems or "id" in about_stems) and re.search(
        r"\b(key|id|identifier|identity|code|number) of (the|an?|its)\b", about
    ):
        key_of = _keyed_entity(about_stems, nouns)
        role = "key" if key_of else "value"
    plays = _plays(words, about, key_of)
    return Param(
        name=name,
        words=words,
        types=types,
        required=required,
        role=role,
        key_of=key_of,
        relation=plays if role == "key" else (),
        enum=enum,
        about=about,
        about_stems=frozenset(about_stems),
    )


def _played_by(about: str, nouns: Mapping[tuple[str, ...], str]) -> str | None:
    """The entity whose id a description says the value is, by the role it has."""
    if not about.startswith(("The id of", "The key of", "Key of", "Id of")):
        return None
    for found in _ROLE.finditer(about):
        kind = nouns.get(stems(split_name(found[2] or found[3])))
        if kind is not None:
            return kind
    return None


def _plays(words: tuple[str, ...], about: str, key_of: str | None) -> tuple[str, ...]:
    """What the thing of a key is to the tool's rows, where it is not just that thing."""
    if key_of is None:
        return ()
    for found in _ROLE.finditer(about):
        if stems(split_name(found[2] or found[3])) == tuple(key_of.split()):
            return stems(split_name(found[1].removeprefix("new ")))
    plain = stems(words[:-1] if words and words[-1] in _KEY_SUFFIXES else words)
    return () if plain == tuple(key_of.split()) or not plain else plain


def _first_suffix(
    words: tuple[str, ...], nouns: Mapping[tuple[str, ...], str]
) -> str | None:
    keys = stems(words)
    return next((nouns[keys[n:]] for n in range(len(keys)) if keys[n:] in nouns), None)


def _keyed_entity(
    words: tuple[str, ...], nouns: Mapping[tuple[str, ...], str]
) -> str | None:
    """The first entity named after `of` in a parameter's description, or at all."""
    for start in (words.index("of") + 1,) if "of" in words else ():
        found = _first_noun(words[start : start + 5], nouns)
        if found is not None:
            return found
    return _first_noun(words, nouns)


def _types(schema: Mapping[str, Any]) -> tuple[frozenset[str], tuple[Any, ...]]:
    kinds: set[str] = set()
    enum: list[Any] = []
    options = [schema]
    for key in ("anyOf", "oneOf"):
        more = schema.get(key)
        if isinstance(more, list | tuple):
            options += [m for m in more if isinstance(m, Mapping)]
    for option in options:
        kind = option.get("type")
        if isinstance(kind, str):
            kinds.add(kind)
        elif isinstance(kind, list | tuple):
            kinds |= {k for k in kind if isinstance(k, str)}
        values = option.get("enum")
        if isinstance(values, list | tuple):
            enum += values
    return frozenset(kinds or {"string"}), tuple(enum)


def _keys(
    tools: Sequence[Tool], entities: Mapping[str, Entity]
) -> dict[str, tuple[str, ...]]:
    """The key columns of each entity: what its get, update or delete tool requires."""
    keys: dict[str, tuple[str, ...]] = {}
    for verb in ("get", "update", "delete"):
        for tool in tools:
            if tool.verb == verb and tool.entity and tool.entity not in keys:
                own = tuple(
                    p.name for p in tool.params if p.required and p.role == "key"
                ) or tuple(
                    p.name for p in tool.params if p.required and verb != "update"
                )
                if own:
                    keys[tool.entity] = own
    for tool in tools:
        for p in tool.params:
            if (
                p.key_of
                and p.key_of not in keys
                and stems(p.words[:-1]) == tuple(p.key_of.split())
            ):
                keys[p.key_of] = (p.name,)
    return keys
