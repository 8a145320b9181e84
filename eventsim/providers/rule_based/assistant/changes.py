"""Changes in words: what will be, was, or could not be written.

A change is told by the names that the person used and by what the tool returned.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from eventsim.providers.rule_based.assistant.formats import (
    attribute,
    be,
    capital,
    join,
    quote,
    value,
)
from eventsim.providers.rule_based.assistant.policy import Policy
from eventsim.providers.rule_based.assistant.rows import (
    is_key_column,
    key_of,
    label_of,
    same_value,
)
from eventsim.providers.rule_based.assistant.script import (
    Outcome,
)
from eventsim.providers.rule_based.assistant.wording import Voice, article

__all__ = [
    "addition_in_words",
    "change_in_words",
    "removal_in_words",
    "subject_of",
    "tell_created",
    "tell_deleted",
    "tell_updated",
]


def subject_of(outcome: Outcome, voice: Voice) -> str:
    """What a change is about, as it is called."""
    row = outcome.before or outcome.row
    return voice.thing(outcome.entity, outcome.label, row, outcome.request)


def _shown(name: str, item: Any, names: Mapping[str, Any]) -> str:
    if name in names:
        return quote(str(names[name]))
    if item is None:
        return "empty"
    plain = (
        not isinstance(item, str)
        or " " not in item
        or not re.search("[^\\W\\d_]", item)
    )
    return value(item, name) if plain else quote(item)


def _new_values(outcome: Outcome) -> list[tuple[str, Any]]:
    """What a change puts in: (parameter, value), without the key of the row."""
    tool = outcome.tool
    if tool is None:
        return []
    own = {
        p.name for p in tool.params
        if p.role == "key" and p.key_of == tool.entity and not p.relation
    }  # fmt: skip
    if outcome.request.act == "create":
        own = set()
    return [(n, v) for n, v in outcome.given.items() if n not in own]


def _noun(name: str) -> str:
    words = attribute(name)
    return words.removesuffix(" number") if is_key_column(name) else words


def change_in_words(outcome: Outcome, voice: Voice) -> list[str]:
    """Each attribute with where it comes from and goes to."""
    names = outcome.row or {}
    before = outcome.before or {}
    parts = []
    for name, item in _new_values(outcome):
        text = f"the {_noun(name)} of {subject_of(outcome, voice)}"
        old = before.get(name)
        if (
            old not in (None, "")
            and not is_key_column(name)
            and not same_value(old, item)
        ):
            text += f" from {_shown(name, old, {})}"
        parts.append(f"{text} to {_shown(name, item, names)}")
    return parts


def addition_in_words(outcome: Outcome, voice: Voice) -> str:
    """What is added: a thing with its values, or one thing to another."""
    names = outcome.row or {}
    tool = outcome.tool
    linked = [
        (p, names.get(p.name, outcome.given.get(p.name)))
        for p in (tool.params if tool is not None else ())
        if p.role == "key" and p.key_of is not None and p.name in outcome.given
    ]
    if len(linked) == 2 and len(outcome.given) == 2 and outcome.request.focus is None:
        named = {p.key_of: _linked(p.key_of, v, voice) for p, v in linked}
        said = [c.entity for c in outcome.request.sets if c.entity in named]
        if len(said) == 2:
            return f"{named[said[0]]} to {named[said[1]]}"
    noun = voice.one(outcome.entity, outcome.request)
    values = [f"{_noun(n)} {_shown(n, v, names)}" for n, v in outcome.given.items()]
    return f"{article(noun)} with {join(values)}" if values else article(noun)


def _linked(entity: str | None, item: Any, voice: Voice) -> str:
    noun = voice.one(entity)
    if isinstance(item, str):
        return f"the {noun} {quote(item)}"
    return f"{noun} {item}"


def removal_in_words(outcome: Outcome, voice: Voice) -> str:
    """What is deleted: a thing, or one thing from another."""
    names = outcome.row or {}
    tool = outcome.tool
    if outcome.before is None and tool is not None and len(outcome.given) > 1:
        keys = {p.key_of: p.name for p in tool.params if p.name in outcome.given}
        said = [c.entity for c in outcome.request.clues if c.entity in keys]
        items = [
            _linked(e, names.get(keys[e], outcome.given.get(keys[e])), voice)
            for e in said
        ]
        whole = outcome.request.focus == outcome.entity and outcome.entity not in said
        if len(items) > 1 and whole:
            noun = voice.one(outcome.entity, outcome.request)
            return f"the {noun} of {join(items)}"
        if len(items) > 1:
            return f"{items[0]} from {items[1]}"
    return subject_of(outcome, voice)


def tell_created(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say what was added."""
    what = addition_in_words(outcome, voice)
    row = outcome.rows[0] if outcome.rows else {}
    key = key_of(row, outcome.entity, voice.lexicon) if row else None
    text = voice.choose(
        f"Done: I have added {what}.", f"I have added {what}.", f"I added {what}."
    )
    if (
        key is not None
        and len(key) == 1
        and label_of(row, outcome.entity, voice.lexicon) is None
    ):
        text += f" It is {voice.one(outcome.entity)} {value(key[0], 'id')}."
    return text


def tell_updated(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say what was changed, from the result."""
    row = outcome.rows[0] if outcome.rows else {}
    subject = subject_of(outcome, voice)
    names = outcome.row or {}
    parts = []
    for name, item in _new_values(outcome):
        noun, now = _noun(name), row.get(name, item)
        shown = _shown(name, now, names)
        parts.append(f"the {noun} of {subject} {be(noun)} now {shown}")
    if not parts:
        return f"I have updated {subject}."
    text = join(parts)
    return voice.choose(
        f"Done: {text}.", f"I have made the change: {text}.", f"{capital(text)}.",
        f"That is done. {capital(text)}.",
    )  # fmt: skip


def tell_deleted(outcome: Outcome, _: Policy, voice: Voice) -> str:
    """Say what was deleted."""
    what = removal_in_words(outcome, voice)
    verb = "removed" if " from " in what else "deleted"
    return voice.choose(
        f"Done: I have {verb} {what}.", f"I have {verb} {what}.", f"I {verb} {what}."
    )
