"""What descriptions say about nouns: entities, synonyms, and what plays which role.

Generated and written descriptions explain a noun in brackets: customers (clients,
buyers), a manager (an employee). Only such forms are read; everything else is prose.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.providers.rule_based.assistant.english import (
    TOOL_VERBS,
    singular,
    split_name,
    stems,
)

__all__ = [
    "KEY_SUFFIXES",
    "LINKS",
    "ROLE",
    "Draft",
    "entity_phrases",
    "read_draft",
    "read_synonyms",
    "role_phrases",
]

KEY_SUFFIXES = frozenset({"id", "ids", "key", "uuid", "pk"})


LINKS = frozenset({"by", "of", "for", "in", "with", "per", "from", "to", "on", "at"})


_SYNONYMS = re.compile(
    r"\(\s*(?:also (?:called|known as|named) |or )?([^()]{2,80})\)"
    r"|,? (?:also (?:called|known as|named)) ([^.;()]{2,80})"
)


_NO_NOUNS = frozenset("the all a an most one of new every each by with up".split())


ROLE = re.compile(
    r"\b(?:an?|the) ((?:[\w-]+ ){0,2}[\w-]+)"
    r"(?: \(an? ([\w -]{2,30})\)|, an? ([\w -]{2,30}?)(?=[,.;]))"
)


_MEASURED = re.compile(
    r"\bof (?:all |the )+((?:[\w-]+ ){0,2}?[\w-]+) (?=of|with|for|in)\b"
)


_BREAK = re.compile(r",| or | and |/|;")


@dataclass(slots=True)
class Draft:
    """A tool cut into verb, head and tail, before its nouns are known."""

    name: str
    verb: str
    head: tuple[str, ...]
    tail: tuple[str, ...]
    description: str
    schema: Mapping[str, Any]


def read_draft(tool: Mapping[str, Any]) -> Draft | None:
    """A function tool as a draft; None if it is none."""
    function = tool.get("function")
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
    cut = next((n for n, w in enumerate(rest) if w in LINKS and n), len(rest))
    schema = function.get("parameters")
    return Draft(
        name=name,
        verb=verb,
        head=rest[:cut],
        tail=tuple(w for w in rest[cut:] if w not in LINKS),
        description=description,
        schema=schema if isinstance(schema, Mapping) else {},
    )


def _described_verb(description: str) -> str:
    for word in split_name(description)[:3]:
        verb = TOOL_VERBS.get(word) or TOOL_VERBS.get(singular(word))
        if verb is not None:
            return verb
    return "get"


def entity_phrases(drafts: Sequence[Draft]) -> list[tuple[str, ...]]:
    """Entity phrases, longest first, from the heads of names with a plain verb."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    plain = ("get", "create", "delete", "update", "search", "list", "count")
    for draft in sorted(
        drafts, key=lambda d: plain.index(d.verb) if d.verb in plain else 9
    ):
        if draft.head and draft.verb in plain:
            words = tuple(singular(" ".join(draft.head)).split())
            found.setdefault(stems(words), words)
    whole = list(found)
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


def _explained_phrases(drafts: Sequence[Draft]) -> list[tuple[str, ...]]:
    """Nouns that a description explains in brackets and that names of tools hold."""
    names = [f" {' '.join(stems(split_name(draft.name)))} " for draft in drafts]
    phrases = []
    for draft in drafts:
        text = draft.description
        ends = [
            match.start()
            for match in _SYNONYMS.finditer(text)
            if match[1] is not None and not re.match(r"an? ", match[1])
        ]
        if draft.verb in {"sum", "average", "minimum", "maximum"}:
            ends += [match.end(1) for match in _MEASURED.finditer(text)]
        for end in ends:
            before = split_name(text[:end])
            for size in (3, 2, 1):
                words = before[-size:]
                if len(words) < size or set(words) & _NO_NOUNS:
                    continue
                if any(f" {' '.join(stems(words))} " in name for name in names):
                    phrases.append(tuple(singular(" ".join(words)).split()))
                    break
    return phrases


def role_phrases(drafts: Sequence[Draft]) -> dict[tuple[str, ...], tuple[str, ...]]:
    """Roles and what plays them: a manager (an employee)."""
    found: dict[tuple[str, ...], tuple[str, ...]] = {}
    for draft in drafts:
        texts = [draft.description]
        properties = draft.schema.get("properties")
        for schema in properties.values() if isinstance(properties, Mapping) else ():
            about = schema.get("description") if isinstance(schema, Mapping) else None
            if isinstance(about, str):
                texts.append(about)
        for text in texts:
            for match in ROLE.finditer(text):
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
        if len(words) > 1 and words[-1] in KEY_SUFFIXES:
            phrases.append(words[:-1])
    return phrases


def read_synonyms(
    draft: Draft, entities: Collection[str], nouns: dict[tuple[str, ...], str]
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
