"""Values for fields, by their schema, their name and what they belong to.

The same field of the same record has the same value each time: the generator is seeded
by both. Dates are near the time of the dialogue.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

__all__ = ["kinds_of", "seeded", "value_of"]

_FIRST = (
    "Anika Bela Carmen Dario Edda Felix Gia Henrik Ilse Jamal Kira Leon Mina Nils "
    "Olga Pavel Rosa Selim Tilda Uwe Vida Wanda Yann Zora".split()
)
_LAST = (
    "Abel Brandt Castro Dumont Engel Ferrari Grant Hansen Imhof Jung Klein Lund "
    "Moreau Nagy Olsen Petrov Quist Reyes Sato Thorn Urban Vega Wolff Young".split()
)
_CITIES = (
    "Aarhus Bilbao Bremen Bruges Geneva Graz Krakow Leeds Lyon Milan Odense Oslo "
    "Riga Rouen Tartu Trieste".split()
)
_COUNTRIES = "Austria Belgium Denmark France Germany Italy Norway Spain".split()
_STREETS = "Birch Road,Canal Street,Castle Hill,Garden Row,Market Square".split(",")
_TITLES = (
    "Amber Garden,Bright Morning,Copper Line,Deep Water,Early Start,Far Shore,"
    "Golden Hour,High Road"
).split(",")
_NOTES = (
    "agreed with the front desk,asks for a call back,checked by the team,"
    "no open questions,paid in advance,waits for an answer"
).split(",")
_STATES = "active confirmed open pending".split()
_PEOPLE = frozenset(
    "account agent assignee attendee author borrower buyer client contact customer "
    "doctor driver employee guest holder host manager member nurse organizer owner "
    "passenger patient person recipient staff student subscriber teacher tenant "
    "traveler user".split()
)


def seeded(*parts: object) -> Random:
    """A generator that depends on the parts alone."""
    text = "\x1f".join(map(str, parts))
    digest = hashlib.sha256(text.encode()).digest()
    return Random(int.from_bytes(digest[:8], "big"))  # noqa: S311


def kinds_of(schema: Mapping[str, Any]) -> list[str]:
    """The types that a schema allows, in its order, of its options too."""
    kind = schema.get("type")
    found = [kind] if isinstance(kind, str) else list(kind or ())
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        found += kinds_of(option)
    if not found and "properties" in schema:
        found = ["object"]
    return found


def value_of(
    name: str, schema: Mapping[str, Any], noun: str, now: datetime, random: Random
) -> Any:
    """A value that the schema allows for the field of a record of kind `noun`."""
    if "const" in schema:
        return schema["const"]
    enum = [value for value in schema.get("enum", ()) if value is not None]
    if enum:
        return random.choice(enum)
    for option in (*schema.get("anyOf", ()), *schema.get("oneOf", ())):
        if kinds_of(option) != ["null"]:
            return value_of(name, option, noun, now, random)
    kinds = [kind for kind in kinds_of(schema) if kind != "null"]
    match kinds[0] if kinds else "string":
        case "boolean":
            return random.random() < 0.6
        case "integer":
            return int(_bounded(_whole(name, now, random), schema, whole=True))
        case "number":
            return _bounded(_amount(name, random), schema, whole=False)
        case "array":
            return _items(name, schema, noun, now, random)
        case "object":
            return {
                field: value_of(field, inner, noun, now, random)
                for field, inner in schema.get("properties", {}).items()
            }
        case "null":
            return None
        case _:
            return _sized(_text(name, schema, noun, now, random), schema)


# --- numbers ------------------------------------------------------------------------


def _whole(name: str, now: datetime, random: Random) -> int:
    last = name.rpartition("_")[2]
    ranges = {
        "id": (11, 990),
        "year": (now.year - 3, now.year),
        "age": (19, 78),
        "rating": (1, 5),
        "minutes": (10, 180),
        "duration": (15, 180),
        "percent": (5, 95),
        "floor": (1, 9),
        "seats": (1, 6),
        "nights": (1, 9),
    }
    if last in ranges:
        return random.randint(*ranges[last])
    money = {"price", "amount", "total", "balance", "cost", "fee", "fare", "salary"}
    return random.randint(20, 900) if last in money else random.randint(1, 12)


def _amount(name: str, random: Random) -> float:
    words = set(name.split("_"))
    if words & {"latitude", "lat"}:
        return round(random.uniform(40, 60), 4)
    if words & {"longitude", "lon", "lng"}:
        return round(random.uniform(-5, 25), 4)
    if words & {"rating", "score"}:
        return round(random.uniform(2.5, 5), 1)
    if words & {"rate", "ratio", "share", "percent"}:
        return round(random.uniform(0.5, 9.5), 2)
    return round(random.uniform(8, 480), 2)


def _bounded(value: float, schema: Mapping[str, Any], *, whole: bool) -> float:
    least, most = schema.get("minimum"), schema.get("maximum")
    step = schema.get("multipleOf")
    gap = 1 if whole else 0.01
    above, below = schema.get("exclusiveMinimum"), schema.get("exclusiveMaximum")
    if isinstance(above, int | float) and not isinstance(above, bool):
        least = above + gap if least is None else max(least, above + gap)
    if isinstance(below, int | float) and not isinstance(below, bool):
        most = below - gap if most is None else min(most, below - gap)
    if least is not None:
        value = max(value, math.ceil(least) if whole else least)
    if most is not None:
        value = min(value, math.floor(most) if whole else most)
    if step:
        value = math.floor(value / step) * step
        value += step if least is not None and value < least else 0
    return value


# --- texts --------------------------------------------------------------------------


def _text(
    name: str, schema: Mapping[str, Any], noun: str, now: datetime, random: Random
) -> str:
    last = name.lower().rpartition("_")[2]
    form = schema.get("format")
    if form == "date-time" or last in {"at", "timestamp", "datetime"}:
        return _moment(name, now, random).isoformat(timespec="seconds") + "Z"
    if form == "date" or last in {"date", "day", "birthday", "deadline", "until"}:
        return _moment(name, now, random).date().isoformat()
    if form == "time" or last in {"time", "hour"}:
        return f"{random.randint(7, 20):02d}:{random.choice((0, 15, 30, 45)):02d}"
    if last in {"id", "number", "code", "reference", "key", "sku"} or form == "uuid":
        return _code(name, form, noun, random)
    person = f"{random.choice(_FIRST)} {random.choice(_LAST)}"
    if last == "email" or form == "email":
        return f"{person.lower().replace(' ', '.')}@mail.example"
    if last in {"url", "link", "website"} or form == "uri":
        return f"https://{noun.replace('_', '-')}.example/{random.randint(100, 999)}"
    return _words(name, noun, person, random)


def _words(name: str, noun: str, person: str, random: Random) -> str:
    last = name.lower().rpartition("_")[2]
    match last:
        case "phone" | "mobile" | "fax":
            return f"555 {random.randint(200, 299):04d}"
        case "city" | "town" | "origin" | "destination" | "location" | "place":
            return random.choice(_CITIES)
        case "country":
            return random.choice(_COUNTRIES)
        case "address" | "street":
            return f"{random.randint(2, 98)} {random.choice(_STREETS)}"
        case "currency":
            return "EUR"
        case "status" | "state":
            return random.choice(_STATES)
        case "note" | "notes" | "comment" | "summary" | "description" | "reason":
            return random.choice(_NOTES)
        case "message" | "confirmation":
            return "Done."
    of = name.rpartition("_")[0] or noun
    if last in _PEOPLE or of.rpartition("_")[2] in _PEOPLE:
        return person
    return random.choice(_TITLES)


def _moment(name: str, now: datetime, random: Random) -> datetime:
    """Near the time of the dialogue: before it, or after it where the name says so."""
    ahead = {"due", "end", "expires", "until", "next", "arrival", "departure", "return"}
    words = set(name.split("_"))
    days = random.randint(1, 40) * (1 if words & ahead else -1)
    if words & {"birth", "birthday"}:
        days = -random.randint(7_000, 25_000)
    moment = now + timedelta(days=days, minutes=15 * random.randint(0, 30))
    return moment.replace(second=0, microsecond=0)


def _code(name: str, form: Any, noun: str, random: Random) -> str:
    if form == "uuid":
        return str(UUID(int=random.getrandbits(128), version=4))
    of = name.rpartition("_")[0] or noun
    letters = "".join(word[0] for word in of.split("_") if word).upper()
    return f"{letters or 'X'}-{random.randint(1000, 9999)}"


def _sized(text: str, schema: Mapping[str, Any]) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    text = text + "x" * max(0, least - len(text))
    return text if most is None else text[:most]


def _items(
    name: str, schema: Mapping[str, Any], noun: str, now: datetime, random: Random
) -> list[Any]:
    items = schema.get("items")
    inner = items if isinstance(items, Mapping) else {"type": "string"}
    least, most = schema.get("minItems", 1), schema.get("maxItems", 3)
    count = random.randint(min(least, most), max(least, min(most, 3)))
    values: list[Any] = []
    for _ in range(4 * count):
        value = value_of(name.removesuffix("s"), inner, noun, now, random)
        if len(values) < count and (
            value not in values or not schema.get("uniqueItems")
        ):
            values.append(value)
    return values
