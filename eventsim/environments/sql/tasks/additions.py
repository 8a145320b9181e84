"""Objectives that add a row, and the values that a new row gets.

What is required gets a value, one or two other things may; rows that the new one
refers to are found by their name, as a person would say them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from eventsim.environments.sql.names import joined
from eventsim.environments.sql.tables import Column, ForeignKey, Table
from eventsim.environments.sql.tasks import phrases
from eventsim.environments.sql.tasks.inventions import invent, new_name, new_person
from eventsim.environments.sql.tasks.scene import (
    Call,
    Checkable,
    Scene,
    Step,
    Unsuitable,
)
from eventsim.environments.sql.tasks.toolbox import Operation
from eventsim.environments.sql.tasks.view import Entry, by_key, is_person

__all__ = ["insert", "new_value"]

_WORTH = frozenset(("phone", "email", "city", "district", "neighbourhood"))


def new_value(scene: Scene, entry: Entry, column: Column) -> Any:
    """A plausible other value for one column of a row, or None; the row has no key
    if it is about to be added.
    """
    table = entry.table
    return invent(
        column,
        scene.view.known(table.name, column.name),
        scene.rng,
        scene.now,
        current=entry.row.get(column.name),
        who=entry.name or "",
        named=table.label == (column.name,),
        unique=(column.name,) in table.unique,
        fresh=not entry.key,
        noun=table.words,
    )


def insert(scene: Scene) -> Step:
    """Add an invoice line for invoice 5 with the track "X" and quantity 2."""
    creations = scene.tools.creations
    if scene.main is not None and scene.rng.random() < 0.7:
        about = [c for c in creations if _key_to(c.table, scene.main.table)]
        creations = about or creations
    creation = scene.pick(creations, "nothing can be added")
    if scene.policy.forbids("insert", creation.table.name):
        raise Unsuitable("policy forbids it")
    draft = _NewRow(scene, creation)
    draft.fill()
    text = phrases.add(
        scene.rng,
        scene.noun(creation.table),
        draft.named,
        [(words, said) for words, said in draft.said],
        draft.owner_text,
    )
    arguments = creation.bind({}, draft.values)
    row = scene.call(creation.tool, arguments)
    step = Step(
        "write",
        text,
        f"there is {draft.in_words()}",
        scene.take_calls(),
        changes=list(scene.changes),
        given=frozenset(draft.values),
    )
    step.swaps = [
        Call(creation.tool, creation.bind({}, {**draft.values, column: other}))
        for column, other in draft.alternatives()
    ]
    if draft.owner is not None:
        scene.wrote(draft.owner)
        scene.checkable = _after_adding(scene, draft.owner, creation.table)
    key = creation.key_in(row) if isinstance(row, Mapping) else None
    entry = scene.find(creation.table, key) if key else None
    if entry is not None:
        scene.wrote(entry)
        if draft.named and not draft.owner:
            scene.main = entry
            scene.hear(entry)
    return step


def _after_adding(scene: Scene, owner: Entry, table: Table) -> Checkable | None:
    """What to look at after rows of the table were added to the owner."""
    for derivation in scene.view.schema.derivations:
        if (derivation.table, derivation.source) == (owner.table.name, table.name):
            column = owner.table.by_name[derivation.column]
            return ("value", owner, column, None)
    for operation in scene.tools.aggregates_of(owner.table, "count"):
        if operation.table is table:
            return ("count", owner, operation, None)
    return None


class _NewRow:
    """The values of a row that is to be added, and how each is said."""

    def __init__(self, scene: Scene, creation: Operation) -> None:
        self.scene, self.creation, self.table = scene, creation, creation.table
        self.values: dict[str, Any] = {}
        self.said: list[tuple[str, str]] = []
        self.named: tuple[str, str] | None = None
        self.owner: Entry | None = None
        self.owner_text: str | None = None

    def fill(self) -> None:
        """Choose a value for what is required and for one or two things more."""
        self._name()
        for column in self.creation.columns:
            required = column.name in self.creation.required
            key = self.table.foreign_key_of(column.name)
            if column.name in self.values:
                continue
            if key is not None and (required or self.scene.rng.random() < 0.25):
                self._refer(column, key)
            elif key is None and (required or self._worth(column)):
                self._invent(column, required=required)
        if not self.values:
            raise Unsuitable(f"there is nothing to say of a new {self.table.words}")

    def _name(self) -> None:
        label = self.table.label
        if len(label) == 2:
            first, last = new_person(self.scene.rng)
            self.values.update(zip(label, (first, last), strict=True))
            self.named = ("name", f"{first} {last}")
        elif len(label) == 1 and label[0] in {c.name for c in self.creation.columns}:
            known = self.scene.view.known(self.table.name, label[0])
            texts = [value for value in known if isinstance(value, str)]
            noun = self.table.words
            name = new_name(texts, self.scene.rng, noun) if texts else None
            if is_person(self.table):
                name = " ".join(new_person(self.scene.rng))
            if name is None or name in texts:
                raise Unsuitable(f"no name for a new {self.table.words}")
            self.values[label[0]] = name
            self.named = (self.table.labels[0].words, name)

    def _refer(self, column: Column, key: ForeignKey) -> None:
        parent = self.scene.view.schema.by_name[key.parent]
        main = self.scene.main
        owner = (
            main is not None
            and main.table is parent is not self.table
            and self.owner is None
        )
        entry = main if owner and main is not None else self.scene.entry_of(parent)
        self.values[column.name] = entry.key.get(key.targets[0])
        if self.values[column.name] is None:
            raise Unsuitable(f"the {key.role} is not named by its key")
        noun = None if owner or key.role == parent.words else key.role
        who = self.scene.mention(entry, noun)
        self.scene.resolve(entry)
        if self.owner is None and (owner or by_key(parent)):
            self.owner, self.owner_text = entry, who.text
        elif by_key(parent):
            said = phrases.literal(self.values[column.name])
            self.said.append((key.role, said))
        else:
            _, _, name = who.text.partition(' "')
            if not name:
                raise Unsuitable(f"the {key.role} would be said twice")
            self.said.append((key.role, f'"{name}'))

    def _worth(self, column: Column) -> bool:
        words = set(column.words.split())
        worth = bool(column.choices or words & _WORTH)
        return worth and self.scene.rng.random() < 0.3

    def _invent(self, column: Column, *, required: bool) -> None:
        blank = Entry(self.table, {}, {}, self.named[1] if self.named else None)
        value = new_value(self.scene, blank, column)
        if value is None:
            if required:
                raise Unsuitable(f"no {column.words} comes to mind")
            return
        self.values[column.name] = value
        self.said.append((column.words, phrases.literal(value)))

    def alternatives(self) -> list[tuple[str, Any]]:
        """One column each with another value than the clause says."""
        blank = Entry(
            self.table, {}, self.values, self.named[1] if self.named else None
        )
        found = []
        for name in self.values:
            key = self.table.foreign_key_of(name)
            if key is not None:
                for entry in self.scene.view.entries(key.parent)[:40:13]:
                    other = entry.key.get(key.targets[0])
                    if other not in (None, self.values[name]):
                        found.append((name, other))
                continue
            other = new_value(self.scene, blank, self.table.by_name[name])
            if other not in (None, self.values[name]):
                found.append((name, other))
        return found

    def in_words(self) -> str:
        """The new row in the goal."""
        noun = self.scene.noun(self.table)
        text = f"a new {noun}"
        if self.owner_text:
            text += f" for {self.owner_text}"
        if self.named:
            return f'{text} called "{self.named[1]}"'
        listed = joined(f"the {words} {said}" for words, said in self.said)
        return f"{text} with {listed}" if listed else text


def _key_to(table: Table, parent: Table) -> ForeignKey | None:
    for key in table.foreign_keys:
        if key.parent == parent.name and len(key.columns) == 1:
            return key
    return None
