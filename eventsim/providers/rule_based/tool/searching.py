"""What a search asks for: the fields that must match, and how many records at most."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from eventsim.providers.rule_based.tool.names import same
from eventsim.providers.rule_based.tool.values import kinds_of

__all__ = ["Wanted", "label_of", "read_wanted"]

_LIMITS = frozenset("limit max_results top n page_size count per_page".split())
_PAGES = frozenset({"page", "offset", "cursor"})
_TEXTS = frozenset("text query q keyword keywords term search search_term name".split())
_LABELS = ("name", "title", "full_name", "label", "subject", "headline")
_LEAST = ("min", "from", "start", "after", "since", "least", "earliest")
_MOST = ("max", "to", "end", "before", "until", "most", "latest")
_SORTS = ("sort", "order_by", "sort_by", "direction")
_UNIQUE = frozenset("name title email phone sku number reference".split())


@dataclass(slots=True)
class Wanted:
    """`equal` holds fields that have a value, `containing` those that hold a text,
    `least` and `most` their bounds.
    """

    equal: dict[str, Any] = field(default_factory=dict)
    containing: dict[str, str] = field(default_factory=dict)
    least: dict[str, Any] = field(default_factory=dict)
    most: dict[str, Any] = field(default_factory=dict)
    limit: int | None = None
    later_page: bool = False

    @property
    def unique(self) -> bool:
        """Whether it names one record rather than several."""
        names = {n.rpartition("_")[2] for n in self.equal}
        return bool(self.containing) or bool(names & _UNIQUE)

    def fits(self, record: Mapping[str, Any]) -> bool:
        """Whether a record is among those that are wanted, as far as it is known."""
        return (
            all(n in record and same(record[n], v) for n, v in self.equal.items())
            and all(
                v.casefold() in str(record.get(n, "")).casefold()
                for n, v in self.containing.items()
            )
            and all(
                n in record and _not_above(v, record[n]) for n, v in self.least.items()
            )
            and all(
                n in record and _not_above(record[n], v) for n, v in self.most.items()
            )
        )

    def made_up(self, random: Random, base: Mapping[str, Any]) -> dict[str, Any]:
        """Values of a record that fits; `base` is how it would be without a wish."""
        made = dict(self.equal)
        for name, text in self.containing.items():
            usual = str(base.get(name, "")).split() or [""]
            known = text[:1].isupper() and " " in text
            made[name] = text if known else f"{text[:1].upper()}{text[1:]} {usual[-1]}"
        for name in {**self.least, **self.most}:
            made[name] = _between(
                self.least.get(name), self.most.get(name), base.get(name), random
            )
        return made


def read_wanted(
    given: Mapping[str, Any], properties: Mapping[str, Any], noun: str
) -> Wanted:
    """What the arguments of a search ask for, of records with these fields."""
    wanted = Wanted()
    label = label_of(properties, noun)
    for name, value in given.items():
        if name in _LIMITS and isinstance(value, int):
            wanted.limit = max(0, value)
        elif name in _PAGES:
            wanted.later_page |= value not in (0, 1, None, "", "0", "1")
        elif (
            value is None
            or value == ""
            or name in _SORTS
            or isinstance(value, list | Mapping)
        ):
            continue
        elif name == label or (name not in properties and name in _TEXTS):
            if label:
                wanted.containing[label] = str(value)
        elif found := _field(name, properties, noun):
            wanted.equal[found] = value
        else:
            _bound(wanted, name, value, properties)
    return wanted


def label_of(properties: Mapping[str, Any], noun: str) -> str:
    """The field that names a record for people, "" if none does."""
    usual = [n for n in (*_LABELS, f"{noun}_name", f"{noun}_title") if n in properties]
    if usual:
        return usual[0]
    ending = [n for n in properties if n.endswith(("name", "title"))]
    owned = [n for n in ending if f"{n.rpartition('_')[0]}_id" not in properties]
    return owned[0] if owned else ""


def _field(name: str, properties: Mapping[str, Any], noun: str) -> str:
    tried = (name, f"{noun}_{name}", name.removeprefix(f"{noun}_"))
    return next((n for n in tried if n in properties), "")


def _bound(
    wanted: Wanted, name: str, value: Any, properties: Mapping[str, Any]
) -> None:
    words = name.split("_")
    low, high = set(words) & set(_LEAST), set(words) & set(_MOST)
    if not (low or high):
        return
    rest = [word for word in words if word not in (*_LEAST, *_MOST)]
    fields = [n for n in properties if rest and rest[-1] in n.split("_")]
    if not fields and isinstance(value, str):
        fields = [n for n in properties if n.endswith(("date", "_at", "day", "time"))]
    fields = [n for n in fields if _comparable(value, properties[n])]
    if fields:
        (wanted.least if low else wanted.most)[fields[0]] = value


def _comparable(value: Any, schema: Any) -> bool:
    kinds = kinds_of(schema) if isinstance(schema, Mapping) else []
    numeric = bool({"integer", "number"} & set(kinds))
    return numeric != isinstance(value, str)


def _not_above(one: Any, other: Any) -> bool:
    if isinstance(one, int | float) and isinstance(other, int | float):
        return bool(one <= other)
    one, other = str(one), str(other)
    length = min(len(one), len(other))
    return bool(one[:length] <= other[:length])


def _between(least: Any, most: Any, usual: Any, random: Random) -> Any:
    edge = least if least is not None else most
    if isinstance(edge, str):
        return _day_between(least, most, edge, usual, random)
    low = least if least is not None else min(0, most)
    high = most if most is not None else max(low * 1.5, low + 10)
    value = random.uniform(low, max(low, high))
    if isinstance(edge, int) and isinstance(usual, int | None):
        return min(max(round(value), low), high)
    return min(max(round(value, 2), low), high)


def _day_between(least: Any, most: Any, edge: str, usual: Any, random: Random) -> str:
    try:
        begin = datetime.fromisoformat(edge)
    except ValueError:
        return edge
    days = random.randint(0, 6)
    if least is not None and most is not None:
        try:
            span = (datetime.fromisoformat(most) - begin).days
        except (ValueError, TypeError):
            span = 0
        days = random.randint(0, max(0, min(span, 30)))
    moment = begin + timedelta(days=days if least is not None else -days)
    time = str(usual)[10:] if len(str(usual)) > 10 and len(edge) == 10 else edge[10:]
    return moment.date().isoformat() + time
