"""The records behind the tools, as the conversation has settled them.

What a result showed, a call created, changed or deleted stays so. What nobody has seen
yet is made up when it is asked for: a function of the kind, the identifier and the
field alone, so that it is the same in every call.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from eventsim.providers.rule_based.tool.names import (
    key_fields,
    noun_of,
    own_key,
    verb_of,
)
from eventsim.providers.rule_based.tool.reading import Brief, Past
from eventsim.providers.rule_based.tool.values import kinds_of, seeded, value_of

__all__ = ["Identity", "World", "as_identifier", "flat", "identifier_of", "kind_of"]

Identity = tuple[str, str]
"""The kind of a record, and its identifier as text."""

_WRITES = frozenset({"create", "update", "cancel", "delete"})
_PASSING = frozenset("success ok deleted updated message confirmation error".split())
_FIRST_NEW = 1_000


class World:
    """All that is settled before a call. `facts` are in the order of appearance;
    `deleted` are records that are not there, nor are those created later than the
    data of a stale copy.
    """

    def __init__(self, brief: Brief) -> None:
        self._title = brief.title
        self._now = brief.now
        self.facts: dict[Identity, dict[str, Any]] = {}
        self.deleted: set[Identity] = set()
        for past in brief.past:
            self._settle(past, stale=brief.stale)

    @property
    def now(self) -> datetime:
        """The time of the dialogue."""
        return self._now

    # --- what was settled -----------------------------------------------------------

    def _settle(self, past: Past, *, stale: bool) -> None:
        verb, noun = verb_of(past.name), noun_of(past.name)
        if past.result is None or (stale and verb in _WRITES - {"create"}):
            return
        given = flat(past.arguments)
        records = [r for r in _records(past.result) if key_fields(r)]
        if verb in _WRITES:
            shown = records[0] if records else {}
            key = own_key(given, noun, given) if verb != "create" else ""
            key = key or own_key(shown, noun, given)
            value = given.get(key, shown.get(key))
            who = (kind_of(key, noun), str(value))
            if stale:
                self.deleted.add(who)
                return
            if key and value is not None:
                self._wrote(verb, who, given)
        for record in records:
            key = own_key(record, noun, given)
            who = (kind_of(key, noun), str(record[key]))
            self._learn(who, record, keep=stale)

    def _wrote(self, verb: str, who: Identity, given: Mapping[str, Any]) -> None:
        if verb == "delete":
            self.deleted.add(who)
            return
        self.deleted.discard(who)
        changed = {
            name.removeprefix("new_"): value
            for name, value in given.items()
            if value is not None
        }
        if verb == "cancel":
            changed["status"] = "cancelled"
        self.facts.setdefault(who, {}).update(changed)

    def _learn(self, who: Identity, record: Mapping[str, Any], *, keep: bool) -> None:
        known = self.facts.setdefault(who, {})
        _add(known, record, keep=keep)
        for key in key_fields(record):
            kind = kind_of(key, "")
            if kind in ("", who[0]) or record[key] is None:
                continue
            theirs = {
                name.removeprefix(f"{kind}_"): value
                for name, value in record.items()
                if name.startswith(f"{kind}_") and name != key
            }
            other = self.facts.setdefault((kind, str(record[key])), {key: record[key]})
            _add(other, theirs, keep=keep)

    # --- what is asked --------------------------------------------------------------

    def of_kind(self, kind: str) -> Iterator[tuple[str, Mapping[str, Any]]]:
        """The records of a kind that are settled and not deleted, with identifiers."""
        for (noun, identifier), known in self.facts.items():
            if noun == kind and (noun, identifier) not in self.deleted:
                yield identifier, known

    def field(self, who: Identity, name: str, schema: Mapping[str, Any]) -> Any:
        """The value of a field of a record, made up if it is not settled."""
        known = self.facts.get(who, {})
        if name in known:
            return known[name]
        random = seeded(self._title, *who, name)
        return value_of(name, schema, who[0], self._now, random)

    def record(
        self,
        who: Identity,
        key: str,
        schema: Mapping[str, Any],
        given: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The record as the schema wants it; `given` are values that hold for it."""
        properties = schema.get("properties", {})
        required = schema.get("required", ())
        made: dict[str, Any] = {}
        for name, inner in properties.items():
            if name == key:
                made[name] = as_identifier(who[1], inner)
                continue
            if name in given:
                made[name] = given[name]
            elif name in required or self._is_shown(who, name):
                made[name] = self.field(who, name, inner)
        theirs = self._joined(made, key, properties)
        return made | {name: value for name, value in theirs if name not in given}

    def _is_shown(self, who: Identity, name: str) -> bool:
        settled = name in self.facts.get(who, {})
        return settled or seeded(self._title, *who, name, "shown").random() < 0.8

    def _joined(
        self, made: Mapping[str, Any], key: str, properties: Mapping[str, Any]
    ) -> list[tuple[str, Any]]:
        """Fields of other records, `customer_name` beside `customer_id`, with the
        values that those have.
        """
        found = []
        for other in key_fields(made):
            kind = kind_of(other, "")
            if other == key or not kind or made[other] is None:
                continue
            who = (kind, str(made[other]))
            for name in made:
                plain = name.removeprefix(f"{kind}_")
                if plain != name and name != other:
                    found.append((name, self.field(who, plain, properties[name])))
        return found

    def new_identifier(self, kind: str, schema: Mapping[str, Any]) -> str:
        """An identifier that no record of the kind has."""
        random = seeded(self._title, kind, "new")
        first = _FIRST_NEW + random.randrange(8_000)
        used = {identifier for noun, identifier in self.facts if noun == kind}
        numbers = [int(one.rpartition("-")[2]) for one in used if _number(one)]
        number = max([first - 1, *numbers]) + 1
        return identifier_of(kind, number, schema)


def kind_of(key: str, noun: str) -> str:
    """The kind of record that a key identifies; `noun` where its name does not say."""
    return key.removesuffix("_id") if key.endswith("_id") else noun


def identifier_of(kind: str, number: int, schema: Mapping[str, Any]) -> str:
    """A number as an identifier of the type that the schema wants: 1042, ORD-1042."""
    if "string" in kinds_of(schema):
        return f"{kind.replace('_', '')[:3].upper()}-{number}"
    return str(number)


def as_identifier(text: str, schema: Mapping[str, Any]) -> Any:
    """An identifier in the type of its field."""
    kinds = kinds_of(schema)
    if "string" in kinds or not kinds:
        return text
    digits = text.rpartition("-")[2]
    return int(digits) if digits.isdigit() else text


def flat(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments with those inside objects beside the others."""
    found: dict[str, Any] = {}
    for name, value in arguments.items():
        if isinstance(value, Mapping):
            found.update({k: v for k, v in value.items() if k not in found})
        found.setdefault(name, value)
    return found


def _records(value: Any) -> Iterator[Mapping[str, Any]]:
    """The records in a result: an object, or those in the arrays of one."""
    if isinstance(value, list):
        for item in value:
            yield from _records(item)
    elif isinstance(value, Mapping):
        lists = [v for v in value.values() if isinstance(v, list)]
        inner = [r for rows in lists for r in rows if isinstance(r, Mapping)]
        if not any(key_fields(r) for r in inner):
            yield value
        yield from inner
        for one in value.values():
            if isinstance(one, Mapping) and key_fields(one):
                yield one


def _add(known: dict[str, Any], more: Mapping[str, Any], *, keep: bool) -> None:
    for name, value in more.items():
        if name not in _PASSING and not (keep and name in known):
            known[name] = value


def _number(identifier: str) -> bool:
    return identifier.rpartition("-")[2].isdigit()
