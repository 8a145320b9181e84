"""Parameters of tools: their words, their types, and whose key they take."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from eventsim.providers.rule_based.assistant.descriptions import (
    KEY_SUFFIXES,
    ROLE,
    Draft,
)
from eventsim.providers.rule_based.assistant.english import (
    split_name,
    stems,
)

__all__ = ["Param", "first_noun", "read_params"]

_LIMITS = frozenset({"limit", "n", "top", "max_rows", "max_results", "how_many"})


_TEXTS = frozenset({"text", "query", "q", "search", "term", "keyword", "pattern"})


_READS = frozenset({"get", "search", "list"})


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


def first_noun(
    words: tuple[str, ...], nouns: Mapping[tuple[str, ...], str]
) -> str | None:
    """The first entity that the words name."""
    for start in range(len(words)):
        for size in (3, 2, 1):
            if words[start : start + size] in nouns:
                return nouns[words[start : start + size]]
    return None


def read_params(
    draft: Draft, entity: str | None, nouns: Mapping[tuple[str, ...], str]
) -> list[Param]:
    """The parameters of a tool."""
    properties = draft.schema.get("properties")
    if not isinstance(properties, Mapping):
        return []
    required = draft.schema.get("required")
    required = set(required) if isinstance(required, list | tuple) else set()
    return [
        _param(
            str(name),
            schema if isinstance(schema, Mapping) else {},
            draft,
            entity,
            nouns,
            required=name in required,
        )
        for name, schema in properties.items()
    ]


def _param(
    name: str,
    schema: Mapping[str, Any],
    draft: Draft,
    entity: str | None,
    nouns: Mapping[tuple[str, ...], str],
    *,
    required: bool,
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
    elif words and words[-1] in KEY_SUFFIXES:
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
    for found in ROLE.finditer(about):
        kind = nouns.get(stems(split_name(found[2] or found[3])))
        if kind is not None:
            return kind
    return None


def _plays(words: tuple[str, ...], about: str, key_of: str | None) -> tuple[str, ...]:
    """What the thing of a key is to the tool's rows, if more than that thing."""
    if key_of is None:
        return ()
    for found in ROLE.finditer(about):
        if stems(split_name(found[2] or found[3])) == tuple(key_of.split()):
            return stems(split_name(found[1].removeprefix("new ")))
    plain = stems(words[:-1] if words and words[-1] in KEY_SUFFIXES else words)
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
        found = first_noun(words[start : start + 5], nouns)
        if found is not None:
            return found
    return first_noun(words, nouns)


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
