"""What people ask of the things of a domain: infinitive clauses with concrete values.

Each clause is one request, without "to" and without a full stop. Texts stand in
quotation marks, numbers and dates bare. `about` is the kind of thing, `shape` what two
clauses share that differ in values and wording alone.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from random import Random

from eventsim.providers.rule_based.designing.knowledge import (
    Knowledge,
    Param,
    Thing,
    Tool,
)
from eventsim.providers.rule_based.designing.values import (
    label_literal,
    literal,
    number_of,
)
from eventsim.providers.rule_based.designing.words import (
    article,
    joined,
    plural,
    split_name,
)

__all__ = ["Cast", "Clause", "Maker", "as_told", "makers"]

_SAME_SHARE = 0.85


@dataclass(slots=True)
class Cast:
    """Who and what one message is about, so that its steps mostly stay with them."""

    rng: Random
    names: dict[str, str] = field(default_factory=dict)

    def of(self, noun: str, name: Callable[[], str]) -> str:
        """The name or number of the thing of a kind, the same as before if any."""
        if noun not in self.names or self.rng.random() > _SAME_SHARE:
            self.names[noun] = name()
        return self.names[noun]


@dataclass(frozen=True, slots=True)
class Clause:
    """One request. `subject` is the mention of the thing that it is about; `rank` is
    0 for a look-up, 1 for a change, 2 for a removal, the order in which steps make
    sense.
    """

    text: str
    about: str
    shape: str
    rank: int = 0
    subject: str = ""


Maker = Callable[[Cast], Clause]
Mention = str


def mention(known: Knowledge, noun: str, cast: Cast) -> Mention:
    """One thing as a person speaks of it: by name where things are found by name."""
    thing, rng = known.thing(noun), cast.rng
    named = known.tool("search", noun) is not None and bool(thing.label)
    if named and thing.label in {"name", "full name", "title"}:
        param = thing.attributes.get(thing.label)
        return f"the {noun} {cast.of(noun, lambda: label_literal(param, rng, noun))}"
    number = cast.of(noun, lambda: str(number_of(rng)))
    return f"{rng.choice(('', 'the '))}{noun} {number}"


def makers(known: Knowledge) -> list[Maker]:
    """A maker for each thing that can be asked, what tools are there for first; the
    others ask for what such a domain usually has.
    """
    made: list[Maker] = []
    for tool in known.tools:
        made += _of_tool(known, tool)
    return made + _beyond(known)


def _of_tool(known: Knowledge, tool: Tool) -> list[Maker]:
    thing = known.thing(tool.noun) if tool.noun else None
    if thing is None:
        return []
    match tool.verb:
        case "get":
            return [_attributes(known, thing)] if _askable(thing) else []
        case "search" if tool.keys and not tool.values:
            return [_attributes(known, thing)] if _askable(thing) else []
        case "search":
            several = len(tool.values) > 1 or not thing.label
            if several and not tool.values:
                return [_all(thing)]
            return [_with_values(tool)] if several else [_named(thing)]
        case "list" if tool.keys:
            return [_listed(known, thing, key.key_of) for key in tool.keys[:1]]
        case "list" if tool.values:
            return [_with_values(tool)]
        case "list":
            return [_all(thing)]
        case "create":
            return [_added(known, tool)]
        case "update":
            return [_changed(known, tool)]
        case "delete":
            return [_removed(known, thing)]
        case "count" if tool.keys:
            return [_counted(known, thing, tool.keys[0].key_of)]
        case _:
            return []


def _beyond(known: Knowledge) -> list[Maker]:
    """Requests that no tool meets yet, for the things that are there."""
    made: list[Maker] = []
    for thing in list(known.things.values()):
        verbs = {t.verb for t in known.tools if t.noun == thing.noun}
        if "get" not in verbs and _askable(thing):
            made.append(_attributes(known, thing))
        if "create" in verbs and "delete" not in verbs:
            made.append(_removed(known, thing))
        if "create" in verbs and "update" not in verbs and thing.attributes:
            made.append(_reset(known, thing))
        made += [
            _counted(known, thing, owner)
            for owner in thing.owners[:1]
            if known.tool("count", thing.noun) is None
        ]
        if not verbs and thing.owners == [] and not _owns(known, thing):
            made += _of_unknown(known, thing)
    return made


def _owns(known: Knowledge, thing: Thing) -> bool:
    return any(thing.noun in other.owners for other in known.things.values())


def _of_unknown(known: Knowledge, thing: Thing) -> list[Maker]:
    """What can be asked of things that only a description names."""
    for words in ("name", "status", "note"):
        thing.attributes.setdefault(words, Param(words))
    thing.label = thing.label or "name"
    return [
        _attributes(known, thing),
        _named(thing),
        _where(thing, thing.attributes["status"]),
        _reset(known, thing),
        _removed(known, thing),
    ]


def _askable(thing: Thing) -> list[str]:
    return [words for words in thing.attributes if words != thing.label]


def _attributes(known: Knowledge, thing: Thing) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        names = _askable(thing)
        count = min(len(names), rng.choice((1, 1, 2)))
        asked = joined(f"the {name}" for name in rng.sample(names, count))
        who = mention(known, thing.noun, cast)
        forms = (
            f"find {asked} of {who}",
            f"look up {asked} of {who}",
            f"find out {asked} of {who}",
            f"check {asked} of {who}",
        )
        shape = f"get {thing.noun} {count}"
        return Clause(rng.choice(forms), thing.noun, shape, subject=who)

    return make


def _named(thing: Thing) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        many = plural(thing.noun)
        name = label_literal(thing.attributes.get(thing.label), rng, thing.noun)
        part = f'"{rng.choice(name.strip(chr(34)).split())}"'
        forms = (
            f"find the {many} whose {thing.label} contains {part}",
            f"search for {many} whose {thing.label} contains {part}",
            f"list the {many} whose {thing.label} contains {part}",
        )
        return Clause(rng.choice(forms), thing.noun, f"search {thing.noun}")

    return make


def _with_values(tool: Tool) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        values = [p for p in tool.values if p.required or rng.random() < 0.5]
        many = plural(tool.noun)
        pairs = _pairs(values or tool.values[:1], rng, tool.noun)
        verb = rng.choice(("find the", "list the", "show me the"))
        shape = f"{tool.name} {len(values)}"
        return Clause(f"{verb} {many} with {pairs}", tool.noun, shape)

    return make


def _where(thing: Thing, param: Param) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        value = literal(param, rng, thing.noun)
        verb = rng.choice(("list", "show me", "find"))
        text = f"{verb} the {plural(thing.noun)} with the {param.words} {value}"
        return Clause(text, thing.noun, f"where {thing.noun} {param.words}")

    return make


def _listed(known: Knowledge, thing: Thing, owner: str) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        who = mention(known, owner, cast)
        verb = rng.choice(("list", "show me", "list all"))
        many = plural(thing.noun)
        start = f"{verb} {many}" if verb == "list all" else f"{verb} the {many}"
        shape = f"list {thing.noun} {owner}"
        return Clause(f"{start} of {who}", thing.noun, shape, subject=who)

    return make


def _all(thing: Thing) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        many = plural(thing.noun)
        text = rng.choice((f"list all {many}", f"show me all {many}"))
        return Clause(text, thing.noun, f"all {thing.noun}")

    return make


def _added(known: Knowledge, tool: Tool) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        values = [p for p in tool.values if p.required or rng.random() < 0.35]
        text = f"{rng.choice(('add', 'create', 'add'))} {article(tool.noun)}"
        for owner in tool.keys[:1]:
            text += f" for {_role(known, owner, cast)}"
        refs = [_role(known, key, cast) for key in tool.keys[1:]]
        refs = [ref if ref.startswith("the ") else f"the {ref}" for ref in refs]
        pairs = joined([*refs, *_pair_list(values, rng, tool.noun)])
        text += f" with {pairs}" if pairs else ""
        shape = f"create {tool.noun} {len(values)}"
        return Clause(text, tool.noun, shape, rank=1)

    return make


def _role(known: Knowledge, key: Param, cast: Cast) -> Mention:
    """The thing of a key, by what it is there: the source account 12."""
    if key.plays == key.key_of:
        return mention(known, key.key_of, cast)
    return f"the {key.plays} {number_of(cast.rng)}"


def _changed(known: Knowledge, tool: Tool) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        values = list(tool.values)
        if not values:
            return _removed(known, known.thing(tool.noun))(cast)
        who = mention(known, tool.noun, cast)
        count = min(len(values), rng.choice((1, 1, 1, 2)))
        chosen = rng.sample(values, count)
        verb = rng.choice(("change", "set", "update"))
        text = f"{verb} " + joined(
            f"the {p.words} of {who} to {literal(p, rng, tool.noun)}" for p in chosen
        )
        shape = f"update {tool.noun} {count}"
        return Clause(text, tool.noun, shape, rank=1, subject=who)

    return make


def _reset(known: Knowledge, thing: Thing) -> Maker:
    """A change of an attribute that no tool changes yet."""

    def make(cast: Cast) -> Clause:
        rng = cast.rng
        names = _askable(thing) or list(thing.attributes)
        param = thing.attributes[rng.choice(names)]
        who = mention(known, thing.noun, cast)
        value = literal(param, rng, thing.noun)
        text = f"change the {param.words} of {who} to {value}"
        shape = f"update {thing.noun} 1"
        return Clause(text, thing.noun, shape, rank=1, subject=who)

    return make


def _removed(known: Knowledge, thing: Thing) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        who = mention(known, thing.noun, cast)
        verb = rng.choice(("cancel", "delete", "remove"))
        shape = f"delete {thing.noun}"
        return Clause(f"{verb} {who}", thing.noun, shape, rank=2, subject=who)

    return make


def _counted(known: Knowledge, thing: Thing, owner: str) -> Maker:
    def make(cast: Cast) -> Clause:
        rng = cast.rng
        who = mention(known, owner, cast)
        many = plural(thing.noun)
        forms = (
            f"find out how many {many} {who} has",
            f"count the {many} of {who}",
            f"check how many {many} {who} has",
        )
        shape = f"count {thing.noun} {owner}"
        return Clause(rng.choice(forms), thing.noun, shape, subject=who)

    return make


def as_told(tool: Tool, cast: Cast) -> Clause:
    """What a tool's own description says that it does, with values for what it wants:
    for tools whose names tell nothing.
    """
    sentence = tool.about.partition(".")[0].split()
    imperative = 1 < len(sentence) <= _LONGEST_TOLD and sentence[0][:1].isupper()
    imperative = imperative and sentence[0].lower() not in _NO_VERBS
    told = " ".join(sentence) if imperative else " ".join(split_name(tool.name))
    text = told[:1].lower() + told[1:]
    wanted = [p for p in tool.params if p.required]
    pairs = _pairs(wanted, cast.rng, tool.noun)
    text = f"{text} with {pairs}" if pairs else text
    return Clause(text, tool.noun, tool.name)


_LONGEST_TOLD = 12
_NO_VERBS = frozenset("a an the this that returns it all for".split())


def _pairs(values: Sequence[Param], rng: Random, noun: str) -> str:
    return joined(_pair_list(values, rng, noun))


def _pair_list(values: Sequence[Param], rng: Random, noun: str) -> list[str]:
    return [f"the {p.words} {literal(p, rng, noun)}" for p in values]
