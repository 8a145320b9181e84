"""The rule-based tool: one chat completion request in, one result out.

It plays whatever tool the request describes. A result takes the values that the
arguments give, agrees with all earlier results, and keeps to the output schema. All it
knows stands in the request.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from eventsim.core.schemas import check_of
from eventsim.providers.rule_based.tool.names import noun_of, own_key, verb_of
from eventsim.providers.rule_based.tool.reading import Brief, read_brief
from eventsim.providers.rule_based.tool.schemas import plain, rows_field
from eventsim.providers.rule_based.tool.searching import Wanted, read_wanted
from eventsim.providers.rule_based.tool.values import kinds_of, seeded, value_of
from eventsim.providers.rule_based.tool.world import (
    Identity,
    World,
    flat,
    identifier_of,
    kind_of,
)

__all__ = ["play_tool"]

_DONE = frozenset(
    "success ok deleted updated created cancelled canceled confirmed accepted sent "
    "saved completed changed added removed".split()
)
_TOLD = frozenset({"message", "confirmation", "detail", "note"})
_HIGHEST = 100_000
_DELETED_WORD = "deleted"


class _Refused(Exception):
    """The call is an error: code and message."""


def play_tool(request: Mapping[str, Any]) -> dict[str, Any]:
    """The message that answers a request to play a tool.

    Raises: ValueError when the request holds no call, or a schema that no rule meets.
    """
    brief = read_brief(request)
    result, error = None, None
    try:
        result = _Player(brief).result()
    except _Refused as refused:
        code, message = refused.args
        error = {"code": code, "message": message}
    answer = orjson.dumps({"result": result, "error": error})
    return {"role": "assistant", "content": answer.decode()}


class _Player:
    """One call, with the world as it stands before it."""

    def __init__(self, brief: Brief) -> None:
        self.brief = brief
        self.world = World(brief)
        self.verb = verb_of(brief.name)
        self.noun = noun_of(brief.name)
        self.given = flat(brief.arguments)
        self.schema = plain(brief.returns)

    def result(self) -> Any:
        """The result. Raises: _Refused, ValueError."""
        kinds = kinds_of(self.schema)
        rows = rows_field(self.schema, self.noun)
        if "array" in kinds:
            made: Any = self._rows(self.schema.get("items") or {})
        elif rows and self.verb in ("search", "get", "other"):
            made = self._listing(rows)
        elif "object" in kinds:
            made = self._record()
        else:
            made = self._made_up(self.brief.name, self.schema)
        for attempt in (made, self._echoed()):
            if _allows(self.brief.returns, attempt):
                return attempt
        raise ValueError(f"no rule meets the output schema of {self.brief.name}")

    def _made_up(self, name: str, schema: Mapping[str, Any]) -> Any:
        random = seeded(self.brief.title, self.brief.name, self._arguments_text(), name)
        return value_of(name, schema, self.noun, self.brief.now, random)

    def _arguments_text(self) -> str:
        return orjson.dumps(self.brief.arguments, option=orjson.OPT_SORT_KEYS).decode()

    def _echoed(self) -> Any:
        """Made up from the schema alone, for shapes that no record has."""
        made = self._made_up("result", self.schema)
        if isinstance(made, dict):
            made |= self._fitting(self.given, self.schema.get("properties", {}))
        return made

    def _fitting(
        self, values: Mapping[str, Any], properties: Mapping[str, Any]
    ) -> dict[str, Any]:
        """The values that fields of the same name can take."""
        found = {}
        for name, value in values.items():
            plain_name = name.removeprefix("new_")
            for field in (name, plain_name, plain_name.removeprefix(f"{self.noun}_")):
                inner = properties.get(field)
                if _allows(inner, value):
                    found[field] = value
                    break
        return found

    # --- one record -----------------------------------------------------------------

    def _record(self) -> dict[str, Any]:
        properties = self.schema.get("properties", {})
        key = own_key(properties, self.noun, self.given)
        echoed = self._fitting(self.given, properties)
        if self.verb == "count" or not (key or self._given_key()):
            return self._facts_of_arguments(properties, echoed)
        kind = kind_of(key or self._given_key(), self.noun)
        who = self._who(kind, key, properties)
        known = self.world.facts.get(who, {})
        if self.verb == "create":
            holds = {**echoed, **self._at_first(properties)}
        elif self.verb in ("update", "delete"):
            holds = {**self._fitting(known, properties), **echoed}
        elif self.verb == "cancel":
            cancelled = self._cancelled(who, properties)
            holds = {**self._fitting(known, properties), **echoed, **cancelled}
        else:
            holds = {**echoed, **self._fitting(known, properties)}
        made = self.world.record(who, key, self.schema, holds)
        if self.verb in ("create", "update", "cancel", "delete", "other"):
            made |= self._acknowledged(who, properties, holds)
        return made

    def _facts_of_arguments(
        self, properties: Mapping[str, Any], echoed: Mapping[str, Any]
    ) -> dict[str, Any]:
        """A result that is about no record: a function of the arguments."""
        who = (self.brief.name, self._arguments_text())
        made = self.world.record(who, "", self.schema, echoed)
        return made | self._acknowledged(who, properties, echoed)

    def _given_key(self) -> str:
        return own_key(self.given, self.noun, self.given)

    def _who(self, kind: str, key: str, properties: Mapping[str, Any]) -> Identity:
        """The record that the call means. Raises: _Refused when there is none."""
        inner = properties.get(key, {"type": "integer"})
        if self.verb == "create":
            return kind, self.world.new_identifier(kind, inner)
        value = self.given.get(key, self.given.get(f"{kind}_id", self.given.get("id")))
        if value is None and self._given_key() and not key:
            value = self.given[self._given_key()]
        if value is not None:
            self._check_exists(kind, value)
            return kind, str(value)
        wanted = read_wanted(self.given, properties, self.noun)
        for identifier, known in self.world.of_kind(kind):
            if (wanted.equal or wanted.containing) and wanted.fits(known):
                return kind, identifier
        random = seeded(self.brief.title, kind, self._arguments_text())
        return kind, identifier_of(kind, random.randint(11, 990), inner)

    def _check_exists(self, kind: str, value: Any) -> None:
        words = kind.replace("_", " ")
        if (kind, str(value)) in self.world.deleted:
            why = "" if self.brief.stale else ": it was deleted"
            raise _Refused("not_found", f"There is no {words} {value}{why}.")
        digits = str(value).rpartition("-")[2]
        if not str(value).strip() or (
            digits.lstrip("-").isdigit() and not 0 < int(digits) < _HIGHEST
        ):
            raise _Refused("not_found", f"There is no {words} {value}.")

    def _cancelled(
        self, who: Identity, properties: Mapping[str, Any]
    ) -> dict[str, Any]:
        schema = properties.get("status")
        words = [w for w in (schema or {}).get("enum", ()) if "cancel" in str(w)]
        word = words[0] if words else "cancelled"
        if "cancel" in str(self.world.facts.get(who, {}).get("status", "")):
            what = f"The {who[0].replace('_', ' ')} {who[1]}"
            raise _Refused("conflict", f"{what} is cancelled already.")
        return self._fitting({"status": word}, properties)

    def _at_first(self, properties: Mapping[str, Any]) -> dict[str, Any]:
        """What a new record has by itself."""
        moment = self.brief.now.isoformat(timespec="seconds") + "Z"
        stamps = {
            name: moment if name.endswith("_at") else moment[:10]
            for name in properties
            if name.startswith(("created", "booked", "ordered", "opened"))
        }
        return self._fitting(stamps, properties)

    def _acknowledged(
        self,
        who: Identity,
        properties: Mapping[str, Any],
        holds: Mapping[str, Any],
    ) -> dict[str, Any]:
        """The fields that say that it was done."""
        told: dict[str, Any] = {}
        words = f"{who[0].replace('_', ' ')} {who[1]}" if who[1][:1] != "{" else who[0]
        for name, inner in properties.items():
            kinds = kinds_of(inner)
            if name in holds:
                continue
            if name in _DONE and "boolean" in kinds:
                told[name] = True
            elif name == _DELETED_WORD and "integer" in kinds:
                told[name] = 1
            elif name in _TOLD and "string" in kinds:
                told[name] = f"{self.brief.name.replace('_', ' ')}: {words} is done."
            elif name == "status" and self.verb == "delete" and "enum" not in inner:
                told[name] = _DELETED_WORD
        return {n: v for n, v in told.items() if _allows(properties[n], v)}

    # --- several records ------------------------------------------------------------

    def _listing(self, rows: str) -> dict[str, Any]:
        """An object around rows: how many there are, and the arguments."""
        properties = self.schema.get("properties", {})
        found = self._rows(properties[rows].get("items") or {})
        made = {**self._fitting(self.given, properties), rows: found}
        for name, inner in properties.items():
            if name in made:
                continue
            if name.startswith(("total", "count")) or name.endswith("count"):
                made[name] = len(found)
            elif "boolean" in kinds_of(inner):
                made[name] = False
            else:
                made[name] = self._made_up(name, inner)
        return made

    def _rows(self, schema: Mapping[str, Any]) -> list[Any]:
        properties = schema.get("properties", {})
        if "object" not in kinds_of(schema):
            return [self._made_up(f"item{n}", schema) for n in range(2)]
        key = own_key(properties, self.noun, {})
        kind = kind_of(key, self.noun)
        wanted = read_wanted(self.given, properties, self.noun)
        if wanted.later_page:
            return []
        if key and self.given.get(key) is not None:  # found by what identifies it
            value = self.given[key]
            self._check_exists(kind, value)
            return [self._row((kind, str(value)), key, schema, {})]
        found = [
            identifier
            for identifier, known in self.world.of_kind(kind)
            if key and (wanted.equal or wanted.containing) and wanted.fits(known)
        ]
        rows = [self._row((kind, one), key, schema, {}) for one in found]
        rows += self._new_rows(kind, key, schema, wanted, set(found))
        return rows if wanted.limit is None else rows[: wanted.limit]

    def _new_rows(
        self,
        kind: str,
        key: str,
        schema: Mapping[str, Any],
        wanted: Wanted,
        found: set[str],
    ) -> list[Any]:
        """Records that nobody has seen yet. Which they are depends on the wish alone,
        so that one that has changed since is not replaced by another.
        """
        wish = orjson.dumps(
            [wanted.equal, wanted.containing, wanted.least, wanted.most],
            option=orjson.OPT_SORT_KEYS,
        ).decode()
        random = seeded(self.brief.title, kind, wish)
        many = 1 if wanted.unique else random.randint(2, 4)
        inner = schema.get("properties", {}).get(key, {"type": "integer"})
        rows = []
        for _ in range(many):
            identifier = identifier_of(kind, random.randint(11, 990), inner)
            who = (kind, identifier)
            settled = len(self.world.facts.get(who, {})) > 1
            if identifier in found or settled or who in self.world.deleted:
                continue
            if wanted.unique and found:
                continue
            found.add(identifier)
            base = self._row(who, key, schema, {})
            rows.append(self._row(who, key, schema, wanted.made_up(random, base)))
        return rows

    def _row(
        self,
        who: Identity,
        key: str,
        schema: Mapping[str, Any],
        holds: Mapping[str, Any],
    ) -> dict[str, Any]:
        properties = schema.get("properties", {})
        known = self._fitting(self.world.facts.get(who, {}), properties)
        fitting = {n: v for n, v in holds.items() if _allows(properties.get(n), v)}
        return self.world.record(who, key, schema, {**known, **fitting})


def _allows(schema: Any, value: Any) -> bool:
    return isinstance(schema, dict) and check_of(schema).validator.is_valid(value)
