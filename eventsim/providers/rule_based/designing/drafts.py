"""Tools in the making: names, descriptions and parameters in one convention.

Verb, noun, and by what; a description that names the thing with its other names; each
parameter with what it means and an example. Assistants find their way by that.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from eventsim.providers.rule_based.designing.knowledge import Knowledge, Param, Thing
from eventsim.providers.rule_based.designing.words import (
    article,
    joined,
    plural,
    snake,
)

__all__ = ["count_by", "create", "delete", "get", "list_by", "list_where", "search"]

_DATE = r"^[0-9]{4}-[0-9]{2}-[0-9]{2}$"
_USUAL_EXAMPLES = {
    "address": "18 Mill Lane",
    "city": "Lisbon",
    "email": "name@mail.example",
    "phone": "555 0100",
    "time": "14:30",
}
_NUMBERS = {
    "amount": "number",
    "balance": "number",
    "cost": "number",
    "fee": "number",
    "price": "number",
    "total": "number",
    "weight": "number",
    "age": "integer",
    "capacity": "integer",
    "duration": "integer",
    "floor": "integer",
    "limit": "integer",
    "quantity": "integer",
    "rating": "integer",
    "stock": "integer",
}
Function = dict[str, Any]


def key_name(noun: str) -> str:
    """The name of the parameter that says which thing is meant."""
    return f"{snake(noun)}_id"


def type_of(param: Param) -> str:
    """The JSON type of an attribute, by what is known of it and else by its name."""
    kinds = param.kinds
    if param.enum or param.examples or kinds != {"string"}:
        return next(
            (k for k in ("integer", "number", "boolean") if k in kinds), "string"
        )
    return _NUMBERS.get(param.words.split(" ")[-1], "string")


def get(
    known: Knowledge, noun: str, key_type: str, attributes: Iterable[str]
) -> Function:
    """Look up one thing by its key, with what that tells."""
    thing = known.thing(noun)
    told = list(dict.fromkeys([thing.label, *attributes, *thing.attributes]))
    told = [words for words in told if words][:8] or ["name", "status"]
    about = f"Look up one {_one(thing)} by {noun} id. Returns its {joined(told)}."
    return _tool(f"get_{snake(noun)}", about, [_key(noun, f"the {noun}", key_type)])


def search(known: Knowledge, noun: str, label: str = "") -> Function:
    """Find things by a part of their name."""
    thing = known.thing(noun)
    words = label or thing.label or "name"
    thing.label = thing.label or words
    thing.attributes.setdefault(words, Param(snake(words)))
    about = (
        f"Find {_many(thing)} whose {words} contains a text. Exact matches come first."
    )
    schema = {
        "type": "string",
        "minLength": 1,
        "description": f"Text that the {words} contains; capital or small letters do "
        'not matter, for example "an".',
    }
    return _tool(f"search_{snake(plural(noun))}", about, [(snake(words), schema, True)])


def list_by(known: Knowledge, noun: str, owner: str, key_type: str) -> Function:
    """List the things of another thing."""
    thing, other = known.thing(noun), known.thing(owner)
    about = f"List the {_many(thing)} of {article(_one(other))}."
    whose = f"the {owner} whose {plural(noun)} to list"
    name = f"list_{snake(plural(noun))}_by_{snake(owner)}"
    return _tool(name, about, [_key(owner, whose, key_type)])


def list_all(known: Knowledge, noun: str) -> Function:
    """List all things of a kind."""
    return _tool(
        f"list_{snake(plural(noun))}", f"List all {_many(known.thing(noun))}.", []
    )


def list_where(known: Knowledge, noun: str, params: Sequence[Param]) -> Function:
    """List the things with given attributes."""
    many = _many(known.thing(noun))
    given = joined(article(f"given {p.words}") for p in params)
    fields = [
        (p.name, value_schema(p, f"The {p.words} of the {plural(noun)} to list"), True)
        for p in params
    ]
    by = "_and_".join(p.name for p in params)
    name = f"list_{snake(plural(noun))}_by_{by}"
    if len(name) > 60:
        name = f"search_{snake(plural(noun))}"
    return _tool(name, f"List the {many} with {given}.", fields)


def count_by(known: Knowledge, noun: str, owner: str, key_type: str) -> Function:
    """Count the things of another thing."""
    thing, other = known.thing(noun), known.thing(owner)
    about = f"Count the {_many(thing)} of {article(_one(other))}."
    whose = f"the {owner} whose {plural(noun)} to count"
    name = f"count_{snake(plural(noun))}_by_{snake(owner)}"
    return _tool(name, about, [_key(owner, whose, key_type)])


def create(
    known: Knowledge, noun: str, needed: Sequence[Param], key_types: Mapping[str, str]
) -> Function:
    """Add a thing: for its owners, with what is needed, and what else is known."""
    thing = known.thing(noun)
    fields = [
        _key(owner, f"the {owner}", key_types.get(owner, "integer"))
        for owner in thing.owners[:3]
    ]
    names = {name for name, _, _ in fields}
    must = {p.name for p in needed}
    label = [thing.attributes[thing.label]] if thing.label in thing.attributes else []
    params = [*label, *needed, *list(thing.attributes.values())[:5]]
    for param in {p.name: p for p in params if p.name not in names}.values():
        is_needed = param.name in must or param in label
        ending = "" if is_needed else "; may be left out"
        schema = value_schema(param, f"The {param.words} of the {noun}", ending)
        fields.append((param.name, schema, is_needed))
    about = f"Add a new {_one(thing)}. The {noun} id is set automatically."
    return _tool(f"create_{snake(noun)}", about, fields)


def update(
    known: Knowledge, noun: str, needed: Sequence[Param], key_type: str
) -> Function:
    """Change what is given of one thing."""
    thing = known.thing(noun)
    params = {p.name: p for p in (*needed, *list(thing.attributes.values())[:6])}
    fields = [_key(noun, f"the {noun} to change", key_type)]
    for param in params.values():
        schema = value_schema(param, f"The new {param.words} of the {noun}")
        fields.append((param.name, schema, False))
    about = f"Change details of one {_one(thing)}. Only what is given changes."
    return _tool(f"update_{snake(noun)}", about, fields)


def delete(known: Knowledge, noun: str, key_type: str) -> Function:
    """Remove one thing."""
    about = f"Delete one {_one(known.thing(noun))} for good."
    key = _key(noun, f"the {noun} to delete", key_type)
    return _tool(f"delete_{snake(noun)}", about, [key])


def value_schema(param: Param, what: str, ending: str = "") -> dict[str, Any]:
    """The JSON Schema of an argument; `what` begins its description."""
    kind = type_of(param)
    schema: dict[str, Any] = {"type": kind}
    if param.enum:
        schema["enum"] = list(param.enum)
        form = f"one of {joined(map(str, param.enum), 'or')}"
    elif kind == "integer":
        form = f"a whole number such as {next(iter(param.examples), '12')}"
    elif kind == "number":
        form = f"a number such as {next(iter(param.examples), '2.5')}"
    elif kind == "boolean":
        form = "true or false"
    elif {"date", "day"} & set(param.words.split()):
        schema["pattern"] = _DATE
        form = "a date such as 2026-05-31"
    else:
        usual = _USUAL_EXAMPLES.get(param.words.split(" ")[-1], "")
        example = joined(param.examples, "or") or usual
        form = f"a text such as {example}" if example else "a text"
    for key, bound in (("minimum", param.least), ("maximum", param.most)):
        if bound is not None and kind in {"integer", "number"}:
            schema[key] = int(bound) if kind == "integer" else bound
    schema["description"] = f"{what}, {form}{ending}."
    return schema


_Field = tuple[str, dict[str, Any], bool]


def _key(noun: str, what: str, kind: str) -> _Field:
    form = "a whole number such as 12" if kind == "integer" else "a text such as A-12"
    schema = {"type": kind, "description": f"The id of {what}, {form}."}
    return key_name(noun), schema, True


def _tool(name: str, about: str, fields: Sequence[_Field]) -> Function:
    parameters = {
        "type": "object",
        "properties": {field: schema for field, schema, _ in fields},
        "required": [field for field, _, needed in fields if needed],
        "additionalProperties": False,
    }
    function = {"name": name, "description": about, "parameters": parameters}
    return {"type": "function", "function": function}


def _one(thing: Thing) -> str:
    others = f" ({', '.join(thing.synonyms)})" if thing.synonyms else ""
    return thing.noun + others


def _many(thing: Thing) -> str:
    names = ", ".join(plural(name) for name in thing.synonyms)
    return plural(thing.noun) + (f" ({names})" if names else "")
