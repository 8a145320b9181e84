"""Tools that change rows: add, change, delete, and tie two rows together.

A column that follows from others, is generated, or takes the time of the change by
itself is no argument. An update changes only what is given: `:name__given` tells a
value that was left out from null.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from eventsim.core.tools import SqlStatement
from eventsim.environments.sql.digest import quoted
from eventsim.environments.sql.drafting import (
    Draft,
    Parameter,
    bound_sql,
    called,
    key_parameter,
    own_words,
    shaped,
    value_schema,
)
from eventsim.environments.sql.names import article, joined
from eventsim.environments.sql.projection import computed, everything, sql_of, summary
from eventsim.environments.sql.purpose import Family, Purpose, Target
from eventsim.environments.sql.tables import Column, Derivation, Schema, Table

__all__ = ["kept_from_writing", "write_drafts"]

_SHORT_LIST = 30
_CLASS_SIZE = 5
_UPDATE_OF = re.compile(r"\bUPDATE\s+OF\s+(.+?)\s+ON\b", re.IGNORECASE | re.DOTALL)
_HOLDS = ("NO ACTION", "RESTRICT")


def kept_from_writing(schema: Schema, table: Table) -> str:
    """Why nothing writes the table; empty if tools may."""
    if table.unwritable:
        return table.unwritable
    inner = {*table.primary_key, *table.label}
    referring = schema.referring.get(table.name, ())
    if (
        0 < table.row_count <= _SHORT_LIST
        and table.label
        and all(column.name in inner for column in table.columns)
        and sum(t.row_count for t, _ in referring) >= _CLASS_SIZE * table.row_count
        and not any(t.link or f.on_delete == "CASCADE" for t, f in referring)
    ):
        return "it is a short list of names that other tables choose from"
    return ""


def write_drafts(schema: Schema, table: Table) -> Iterator[Draft]:
    """The writing tools of one table; none if it cannot be written."""
    if kept_from_writing(schema, table):
        return
    maker = _Maker(schema, table)
    if table.link:
        yield maker.insert(f"add_{maker.tie('to')}", maker.tie_words("Add", "to"))
        yield maker.delete(
            f"remove_{maker.tie('from')}", maker.tie_words("Remove", "from")
        )
        return
    yield maker.insert(
        f"create_{table.key}", f"Add a new {called(table)}.{maker.by_itself()}"
    )
    changed = [column for column in table.columns if maker.writable(column)]
    watched = [column for column in changed if column.name in maker.watched]
    rest = [column for column in changed if column not in watched]
    if rest:
        yield maker.update(f"update_{table.key}", rest)
    for column in watched:
        yield maker.update(f"update_{table.key}_{column.key}", [column])
    yield maker.delete(
        f"delete_{table.key}",
        f"Delete one {called(table)} for good.{maker.with_it()}",
    )


@dataclass(frozen=True)
class _Maker:
    """Makes the tools of one table."""

    schema: Schema
    table: Table

    @property
    def watched(self) -> frozenset[str]:
        """Columns whose setting fires a trigger, even if nothing changes.

        Each is changed by a tool of its own, so that no other change fires it.
        """
        listed = " ".join(",".join(_UPDATE_OF.findall(t)) for t in self.table.triggers)
        words = {word.casefold() for word in re.findall(r"\w+", listed)}
        return frozenset(
            column.name
            for column in self.table.columns
            if column.name.casefold() in words
        )

    @property
    def derived(self) -> dict[str, Derivation]:
        """Columns of the table that follow from others of the same row."""
        return {
            found.column: found
            for found in self.schema.derivations
            if found.table == self.table.name and found.via is None
        }

    def set_by_itself(self, column: Column) -> bool:
        """Whether a value comes about without being given."""
        clock = (column.default or "").upper().startswith("CURRENT_")
        assigned = self.table.assigned_key and column.name in self.table.primary_key
        return bool(
            column.generated or column.hidden or column.derived or clock or assigned
        )

    def writable(self, column: Column) -> bool:
        """Whether an update may set the column."""
        key = column.name in self.table.primary_key
        return not (key or column.kind == "blob" or self.set_by_itself(column))

    def by_itself(self) -> str:
        """The sentence on what an insert fills in."""
        words = [
            column.words
            for column in self.table.columns
            if not column.hidden and self.set_by_itself(column)
        ]
        if not words:
            return ""
        verb = "is" if len(words) == 1 else "are"
        return f" The {joined(words)} {verb} set automatically."

    def with_it(self) -> str:
        """The sentence on what a deletion meets with."""
        referring = self.schema.referring.get(self.table.name, ())
        gone = [table.plural for table, f in referring if f.on_delete == "CASCADE"]
        holding = [table.plural for table, f in referring if f.on_delete in _HOLDS]
        said = ""
        if gone:
            said += f" Its {joined(dict.fromkeys(gone))} are deleted with it."
        if holding:
            said += f" It is refused while {joined(dict.fromkeys(holding), 'or')}"
            said += " refer to it."
        return said

    def tie(self, preposition: str) -> str:
        """For names: track_to_playlist."""
        owner, member = self._tied_words()
        return f"{'_'.join(member.split())}_{preposition}_{'_'.join(owner.split())}"

    def tie_words(self, verb: str, preposition: str) -> str:
        """For descriptions: Add a track (song, tune) to a playlist."""
        owner, member = self._tied_tables()
        one, other = article(called(member)), article(called(owner))
        return f"{verb} {one} {preposition} {other}."

    def _tied_tables(self) -> tuple[Table, Table]:
        first = self.table.primary_key[0]
        own, other = sorted(
            (f for f in self.table.foreign_keys if len(f.columns) >= 1),
            key=lambda foreign: first not in foreign.columns,
        )[:2]
        return self.schema.by_name[own.parent], self.schema.by_name[other.parent]

    def _tied_words(self) -> tuple[str, str]:
        owner, member = self._tied_tables()
        return owner.key, member.key

    def insert(self, name: str, description: str) -> Draft:
        """Add a row."""
        parameters: list[Parameter] = []
        columns: list[str] = []
        values: list[str] = []
        given: dict[str, object] = {}
        for column in self.table.columns:
            if column.derived and column.name not in self.derived:
                columns.append(column.name)
                values.append("0")
                given[column.name] = 0
            elif not self.set_by_itself(column) and not self._optional_blob(column):
                parameters.append(self._value(column))
                columns.append(column.name)
                values.append(_inserted(column))
        inner = ", ".join(
            f"{value} AS {quoted(column)}"
            for column, value in zip(columns, values, strict=True)
        )
        outer = [quoted(column) for column in columns]
        for column_name, derivation in self.derived.items():
            columns.append(column_name)
            outer.append(_rounded(derivation.formula, derivation.decimals))
        items = (summary if self.table.link else everything)(self.schema, self.table)
        table = quoted(self.table.name)
        names = ", ".join(quoted(column) for column in columns)
        # The WHERE lets SQLite's parser tell SELECT from an upsert.
        sql = (
            f"INSERT INTO main.{table} ({names})"
            f" SELECT {', '.join(outer)} FROM (SELECT {inner}) WHERE true"
            f" RETURNING {sql_of(items, table)}"
            if columns
            else f"INSERT INTO main.{table} DEFAULT VALUES"
            f" RETURNING {sql_of(items, table)}"
        )
        return self._draft(name, description, "insert", parameters, sql, items, given)

    def update(self, name: str, changed: Sequence[Column]) -> Draft:
        """Change some columns of a row by its key."""
        parameters = [*self._keys("change"), *(self._change(c) for c in changed)]
        sets = [f"{quoted(c.name)} = {_changed(c)}" for c in changed]
        sets.extend(self._recomputed(changed))
        items = everything(self.schema, self.table)
        table = quoted(self.table.name)
        sql = (
            f"UPDATE main.{table} SET {', '.join(sets)} WHERE {self._same_key()}"
            f" RETURNING {sql_of(items, table)}"
        )
        several = len(changed) > 1
        what = "details" if several else f"the {changed[0].words}"
        said = f"Change {what} of one {called(self.table)}."
        if several:
            said += " Only what is given changes."
        if any(self._may_be_empty(column) for column in changed):
            said += " Null empties a detail that may be empty."
        return self._draft(
            name,
            said,
            "update",
            parameters,
            sql,
            items,
        )

    def delete(self, name: str, description: str) -> Draft:
        """Delete a row by its key."""
        items = (computed("deleted", "", self.table.name, (), ("integer",)),)
        return self._draft(
            name,
            description,
            "delete",
            self._keys("delete"),
            f"DELETE FROM main.{quoted(self.table.name)} WHERE {self._same_key()}",
            items,
        )

    def _draft(
        self,
        name: str,
        description: str,
        effect: Family,
        parameters: Sequence[Parameter],
        sql: str,
        items: Sequence[object],
        given: dict[str, object] | None = None,
    ) -> Draft:
        statement = SqlStatement(
            sql=sql,
            effect=effect,  # type: ignore[arg-type]
            table=self.table.name,
            returns="written",
        )
        return Draft(
            shaped(name, description, parameters, statement, items),  # type: ignore[arg-type]
            Purpose(
                tool=name,
                family=effect,
                table=self.table.name,
                key=self.table.primary_key,
                parameters={p.name: p.target for p in parameters},
                results={i.key: i.origin for i in items},  # type: ignore[attr-defined]
                link=self.table.name if self.table.link else "",
                given=given or {},
            ),
        )

    def _keys(self, verb: str) -> list[Parameter]:
        return [
            key_parameter(
                column.key,
                column,
                self._what(column) + ("" if self.table.link else f" to {verb}"),
                Target("key", self.table.name, column.name),
            )
            for column in self._key_columns()
        ]

    def _key_columns(self) -> list[Column]:
        return [self.table.by_name[name] for name in self.table.primary_key]

    def _same_key(self) -> str:
        return " AND ".join(
            f"{quoted(column.name)} = {bound_sql(column)}"
            for column in self._key_columns()
        )

    def _optional_blob(self, column: Column) -> bool:
        key = column.name in self.table.primary_key
        needed = key or (not column.nullable and column.default is None)
        return column.kind == "blob" and not needed

    def _value(self, column: Column) -> Parameter:
        key = column.name in self.table.primary_key
        required = key or (not column.nullable and column.default is None)
        target = Target(
            "key" if key and self.table.link else "value", self.table.name, column.name
        )
        nullable = not key and self._may_be_empty(column)
        schema = value_schema(
            column, self._what(column), nullable=nullable, empty="may be left out"
        )
        required = required or column.name in self.table.label
        return Parameter(column.key, schema, target, required)

    def _may_be_empty(self, column: Column) -> bool:
        return column.nullable and column.name not in self.table.label

    def _change(self, column: Column) -> Parameter:
        what = self._what(column, new=True)
        nullable = self._may_be_empty(column)
        schema = value_schema(column, what, nullable=nullable, empty="null empties it")
        target = Target("value", self.table.name, column.name)
        return Parameter(column.key, schema, target, required=False)

    def _what(self, column: Column, *, new: bool = False) -> str:
        """What an argument is: The new phone of the customer."""
        fresh = "new " if new else ""
        foreign = self.table.foreign_key_of(column.name)
        if foreign is not None and foreign.parent in self.schema.by_name:
            parent = self.schema.by_name[foreign.parent]
            target = parent.by_name[foreign.targets[0]]
            words = own_words(parent, target)
            role = foreign.role
            named = role if role == parent.words else f"{role}, {article(parent.words)}"
            return f"The {words} of the {fresh}{named}"
        words = own_words(self.table, column)
        return f"The {fresh}{words} of the {self.table.words}"

    def _recomputed(self, changed: Iterable[Column]) -> Iterator[str]:
        by_name = {column.name: column for column in changed}
        for name, derivation in self.derived.items():
            parts = [by_name[c] for c in derivation.components if c in by_name]
            if not parts:
                continue
            formula = derivation.formula
            for column in parts:
                formula = formula.replace(quoted(column.name), f"({_changed(column)})")
            given = " OR ".join(f":{column.key}__given" for column in parts)
            value = _rounded(formula, derivation.decimals)
            own = quoted(name)
            yield f"{own} = CASE WHEN {given} THEN {value} ELSE {own} END"


def _inserted(column: Column) -> str:
    if column.default is None:
        return bound_sql(column)
    name = f":{column.key}__given"
    return f"CASE WHEN {name} THEN {bound_sql(column)} ELSE ({column.default}) END"


def _changed(column: Column) -> str:
    name, own = f":{column.key}__given", quoted(column.name)
    return f"CASE WHEN {name} THEN {bound_sql(column)} ELSE {own} END"


def _rounded(formula: str, decimals: int) -> str:
    return f"round({formula}, {decimals})" if decimals else formula
