"""How things and their attributes are called, and the wordings to choose from.

Every choice is drawn from the request's seed, so that the same request gives the same
words. Nothing here decides what is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from eventsim.core.draws import Draws
from eventsim.providers.rule_based.assistant.english import (
    plural,
    singular,
    split_name,
)
from eventsim.providers.rule_based.assistant.formats import attribute, quote, value
from eventsim.providers.rule_based.assistant.requests import Request
from eventsim.providers.rule_based.assistant.rows import (
    Row,
    is_key_column,
    key_of,
    label_column_of,
    label_columns,
    label_of,
)
from eventsim.providers.rule_based.assistant.script import Outcome
from eventsim.providers.rule_based.assistant.tokens import tokens
from eventsim.providers.rule_based.assistant.toolset import Lexicon

__all__ = ["Voice", "article"]


def article(noun: str) -> str:
    """The noun with a or an."""
    return f"{'an' if noun[:1] in 'aeiou' else 'a'} {noun}"


def _by_number(
    entity: str | None, row: Row | None, request: Request | None, lexicon: Lexicon
) -> str | None:
    """The number that the person called a thing by."""
    if request is None or entity is None:
        return None
    key = key_of(row, entity, lexicon) if row is not None else None
    for clue in request.clues:
        numbered = clue.entity == entity and clue.kind == "number"
        if numbered and (key is None or str(key[0]) == clue.value):
            return clue.value
    return None


@dataclass(slots=True)
class Voice:
    """Names and wordings for one answer."""

    lexicon: Lexicon
    draws: Draws
    ordinal: int = 0

    def choose(self, *options: str) -> str:
        """One of the wordings."""
        self.ordinal += 1
        return self.draws.choice(options, "wording", self.ordinal)

    # --- nouns ------------------------------------------------------------------------

    def one(self, entity: str | None, request: Request | None = None) -> str:
        """What one thing of a kind is called; the person's own noun if there is one."""
        said = self.said(entity, request, many=False)
        if said:
            return said
        known = self.lexicon.entities.get(entity or "")
        return known.one if known is not None else "entry"

    def many(self, entity: str | None, request: Request | None = None) -> str:
        """What several things of a kind are called."""
        said = self.said(entity, request, many=True)
        if said:
            return said
        known = self.lexicon.entities.get(entity or "")
        return known.many if known is not None else "entries"

    def said(self, entity: str | None, request: Request | None, *, many: bool) -> str:
        """The noun that the person used, in the number that is needed."""
        if request is None or entity is None:
            return ""
        words = [t for t in tokens(request.text) if t.kind == "word"]
        for size in (3, 2, 1):
            for start in range(len(words) - size + 1):
                part = words[start : start + size]
                if self.lexicon.nouns.get(tuple(t.stem for t in part)) == entity:
                    phrase = singular(" ".join(t.word for t in part))
                    return plural(phrase) if many else phrase
        return ""

    def as_said(self, words: Sequence[str], request: Request) -> str:
        """Stems as the person wrote them."""
        surface = {t.stem: t.word for t in tokens(request.text) if t.kind == "word"}
        return " ".join(surface.get(word, word) for word in words)

    # --- things -----------------------------------------------------------------------

    def person(self, row: Row | None, entity: str | None) -> bool:
        """Whether a row is called by first and last name."""
        return row is not None and len(label_columns(row, entity, self.lexicon)) == 2

    def thing(
        self,
        entity: str | None,
        label: str | None,
        row: Row | None = None,
        request: Request | None = None,
    ) -> str:
        """A thing as the subject of a sentence: the album "Facelift", invoice 12."""
        noun = self.one(entity, request)
        number = _by_number(entity, row, request, self.lexicon)
        if number is not None:
            return f"{noun} {number}"
        if label is not None:
            if self.person(row, entity):
                return self.choose(f"the {noun} {label}", label)
            return f"the {noun} {quote(label)}"
        key = key_of(row, entity, self.lexicon) if row is not None else None
        if key is not None and len(key) == 1 and key[0] is not None:
            return f"{noun} {value(key[0], 'id')}"
        return f"that {noun}"

    def item(
        self, row: Row, entity: str | None, columns: Sequence[str], about: str | None
    ) -> str:
        """A row in a list, with values of columns in brackets."""
        label = label_of(row, entity, self.lexicon)
        shown = list(columns)
        if label is None:
            head, extra = self.unnamed(row, entity, about)
            shown += [c for c in extra if c not in shown]
        elif self.person(row, entity):
            head = label
        else:
            head = quote(label)
        details = [self.detail(row, c, alone=bool(label)) for c in shown]
        return f"{head} ({', '.join(details)})" if details else head

    def detail(self, row: Row, column: str, *, alone: bool) -> str:
        """A value in brackets, with its attribute's name beside other values."""
        shown = value(row[column], column)
        dated = isinstance(row[column], str) and row[column][:4].isdigit()
        if alone or not (isinstance(row[column], int | float) or dated):
            return shown
        return f"{self.column(row, column)} {shown}"

    def unnamed(
        self, row: Row, entity: str | None, about: str | None
    ) -> tuple[str, list[str]]:
        """How to call a row that has no name of its own, and what else to tell."""
        plain = [
            c for c in row
            if not is_key_column(c) and row[c] not in (None, "")
            and not isinstance(row[c], list | dict)
        ]  # fmt: skip
        foreign = [
            c for k in row if self.leads(k, entity)
            if (c := label_column_of(row, k, self.lexicon) or "") in plain
            and str(row[c]) != about
        ]  # fmt: skip
        key = key_of(row, entity, self.lexicon)
        rest = [c for c in plain if c not in foreign and str(row[c]) != about]
        if key is not None and len(key) == 1:
            return f"{self.one(entity)} {value(key[0], 'id')}", [
                *foreign[:1],
                *rest[:2],
            ]
        if foreign:
            return quote(str(row[foreign[0]])), [*foreign[1:2], *rest[:1]]
        if rest:
            return value(row[rest[0]], rest[0]), rest[1:3]
        return "an entry without a name", []

    # --- attributes -------------------------------------------------------------------

    def column(self, row: Row, column: str, entity: str | None = None) -> str:
        """A column in words; the label of another thing goes by that thing's name."""
        for key in row:
            if self.leads(key, entity) and column == label_column_of(
                row, key, self.lexicon
            ):
                return self.role(key, column)
        words = attribute(column)
        own = self.lexicon.entities.get(entity or "")
        if own is not None and words.startswith(f"{own.one} ") and own.one != words:
            return words[len(own.one) + 1 :]
        return words

    def leads(self, key: str, entity: str | None) -> bool:
        """Whether a column is the key of another thing."""
        own = self.lexicon.entities.get(entity or "")
        mine = own is not None and own.keys == (key,)
        ends = split_name(key)[-1:] if split_name(key) else ()
        link = bool(ends) and ends[0] in {"to", "by", "from", "of"}
        return not mine and (
            is_key_column(key) or key in self.lexicon.relations or link
        )

    def role(self, key: str, label: str) -> str:
        """What the thing of a key column is to the row, in words."""
        words = split_name(key)
        if is_key_column(key):
            return " ".join(words[:-1])
        return " ".join(split_name(label)[:-1]) or " ".join(words)

    def asked(
        self, row: Row, words: Sequence[str], columns: Sequence[str], outcome: Outcome
    ) -> str:
        """What was asked, in the person's own words where they name the column."""
        said = self.as_said(words, outcome.request)
        if said and set(said.split()) & set(outcome.request.text.casefold().split()):
            return said
        if len(columns) > 1:
            return "name"
        return self.column(row, columns[0], outcome.entity) if columns else said

    def values(self, row: Row, columns: Sequence[str]) -> str | None:
        """The values of columns that belong together; None where all are empty."""
        found: list[Any] = [row[c] for c in columns if row.get(c) not in (None, "")]
        if not found:
            return None
        return " ".join(value(item, columns[0]) for item in found)
