"""What a set of tools says about itself: entities, synonyms, parameters, verbs.

Read from names, descriptions and JSON Schemas alone, once for each distinct toolset.
Nothing here knows a database: whatever stands in a lexicon stood in the request.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from eventsim.providers.rule_based.assistant.descriptions import (
    LINKS,
    Draft,
    entity_phrases,
    read_draft,
    read_synonyms,
    role_phrases,
)
from eventsim.providers.rule_based.assistant.english import (
    plural,
    singular,
    split_name,
    stems,
)
from eventsim.providers.rule_based.assistant.parameters import (
    Param,
    first_noun,
    read_params,
)

__all__ = ["Entity", "Lexicon", "Param", "Tool", "read_toolset"]


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
    `read` keeps the messages that were read by it, which every call in the tool loop
    of a message would otherwise read again.
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
    read: dict[str, Any] = field(default_factory=dict, compare=False, repr=False)

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
            if link in LINKS:
                found.add((before, link, after))
    return found


# --- reading ------------------------------------------------------------------------


def read_toolset(tools: Sequence[Mapping[str, Any]]) -> Lexicon:
    """The lexicon of function tools as they stand in a request."""
    drafts = [d for d in (read_draft(tool) for tool in tools) if d is not None]
    phrases = entity_phrases(drafts)
    known = {stems(phrase) for phrase in phrases}
    roles = {r: k for r, k in role_phrases(drafts).items() if k in known}
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
        read_synonyms(draft, entities, nouns)
    read = [_finish(draft, nouns) for draft in drafts]
    keys = _keys(read)
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


def _finish(draft: Draft, nouns: Mapping[tuple[str, ...], str]) -> Tool:
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
        entity = first_noun(described, nouns)
    return Tool(
        name=draft.name,
        verb=draft.verb,
        entity=entity,
        about=rest,
        by=stems(draft.tail),
        params=tuple(read_params(draft, entity, nouns)),
        description=draft.description,
        description_stems=frozenset(described),
    )


def _keys(
    tools: Sequence[Tool],
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
