"""Rows of results: which column is the key, the label, or the attribute asked for.

Columns are known by their names in the results; entities by the toolset's lexicon.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Any

from eventsim.providers.rule_based.assistant.english import (
    LABEL_WORDS,
    split_name,
    stem,
    stems,
)
from eventsim.providers.rule_based.assistant.requests import Clue
from eventsim.providers.rule_based.assistant.toolset import Lexicon

__all__ = [
    "Row",
    "columns_for",
    "foreign_things",
    "is_key_column",
    "key_of",
    "label_column_of",
    "label_columns",
    "label_of",
    "meets",
    "role_at",
    "same_value",
]

Row = Mapping[str, Any]

_KEYS = frozenset({"id", "ids", "uuid", "pk", "key"})
_LABELS = tuple(stem(w) for w in LABEL_WORDS)
_FIRST = frozenset({"first", "given", "forename"})
_LAST = frozenset({"last", "family", "surname"})


@lru_cache(maxsize=512)
def column_stems(column: str) -> tuple[str, ...]:
    """The stems of a column's words."""
    return stems(split_name(column))


@lru_cache(maxsize=512)
def is_key_column(column: str) -> bool:
    """Whether a column holds a key by its name."""
    words = split_name(column)
    return bool(words) and words[-1] in _KEYS


def key_of(row: Row, entity: str | None, lexicon: Lexicon) -> tuple[Any, ...] | None:
    """The values of the entity's key in a row of it."""
    known = lexicon.entities.get(entity or "")
    if known is None:
        return None
    if known.keys and all(k in row for k in known.keys):
        return tuple(row[k] for k in known.keys)
    for guess in (f"{'_'.join(known.one.split())}_id", "id"):
        if guess in row:
            return (row[guess],)
    return None


@lru_cache(maxsize=512)
def _label_columns(
    columns: tuple[str, ...], entity: str | None, owned: frozenset[str]
) -> tuple[str, ...]:
    """The columns that name a row: one, or first and last name."""
    own = tuple((entity or "").split())
    words = {c: column_stems(c) for c in columns if not is_key_column(c)}
    first = [c for c, p in words.items() if set(p) & _FIRST and p[-1] == stem("name")]
    last = [
        c
        for c, p in words.items()
        if (set(p) & _LAST and p[-1] == stem("name")) or p == ("surname",)
    ]
    for label in _LABELS:
        for column, parts in words.items():
            if parts in {(label,), (*own, label), ("full", label)}:
                return (column,)
        if first and last:
            return (first[0], last[0])
    foreign = {split_name(c)[:-1] for c in columns if is_key_column(c)}
    for column, parts in words.items():
        prefixed = any(f and split_name(column)[: len(f)] == f for f in foreign)
        if parts and parts[-1] in _LABELS and not prefixed and column not in owned:
            return (column,)
    return ()


def label_columns(row: Row, entity: str | None, lexicon: Lexicon) -> tuple[str, ...]:
    """The columns that name a row of the entity; none where nothing does."""
    return _label_columns(tuple(row), entity, frozenset(lexicon.key_owners))


def label_of(row: Row, entity: str | None, lexicon: Lexicon) -> str | None:
    """What a row of the entity is called."""
    parts = [row[c] for c in label_columns(row, entity, lexicon)]
    texts = [str(p) for p in parts if p not in (None, "")]
    return " ".join(texts) or None


def foreign_things(
    row: Row, entity: str | None, lexicon: Lexicon
) -> list[tuple[str, str, Any, str | None]]:
    """Other things that a row refers to: (entity, key column, key, label)."""
    own = lexicon.entities.get(entity or "")
    own_keys = own.keys if own is not None and len(own.keys) == 1 else ()
    found = []
    for column, value in row.items():
        owner = lexicon.key_owners.get(column)
        if owner is None or value is None or column in own_keys:
            continue
        label = _foreign_label(row, column, lexicon)
        found.append((owner, column, value, label))
    return found


def role_at(column: str, lexicon: Lexicon) -> tuple[str, ...]:
    """What the thing of a key column is to the row, as stems."""
    words = column_stems(column)
    plain = words[:-1] if is_key_column(column) else words
    return lexicon.relations.get(column) or plain


def label_column_of(row: Row, key_column: str, lexicon: Lexicon) -> str | None:
    """The column with the label of what a key refers to; none for the row's own key."""
    if not (is_key_column(key_column) or key_column in lexicon.relations):
        return _paired(tuple(row), key_column)
    found = foreign_label_column(tuple(row), key_column)
    if found is None and key_column not in lexicon.relations:
        return _paired(tuple(row), key_column)
    if found is None:
        found = foreign_label_column(
            tuple(row), "_".join((*lexicon.relations[key_column], "id"))
        )
    return found


@lru_cache(maxsize=512)
def _paired(columns: tuple[str, ...], key_column: str) -> str | None:
    """The label right after a key that is not named like it: manager_name."""
    words = split_name(key_column)
    if not words or words[-1] not in {"to", "by", "from", "of"}:
        return None
    after = columns[columns.index(key_column) + 1 :][:1]
    return next(
        (c for c in after if split_name(c)[-1:] and split_name(c)[-1] in LABEL_WORDS),
        None,
    )


def _foreign_label(row: Row, key_column: str, lexicon: Lexicon) -> str | None:
    """The label that stands beside a foreign key: artist_name beside artist_id."""
    column = label_column_of(row, key_column, lexicon)
    if column is None or row[column] is None:
        return None
    return str(row[column])


@lru_cache(maxsize=512)
def foreign_label_column(columns: tuple[str, ...], key_column: str) -> str | None:
    """The column that holds the label of what a key refers to."""
    words = split_name(key_column)
    prefix = words[:-1] if words and words[-1] in _KEYS else words
    if not prefix:
        return None
    candidates = [
        c for c in columns if c != key_column and split_name(c)[: len(prefix)] == prefix
    ]
    for column in candidates:
        rest = stems(split_name(column)[len(prefix) :])
        if not rest or rest[-1] in _LABELS:
            return column
    return None


# --- attributes ---------------------------------------------------------------------


def columns_for(
    row: Row, words: Sequence[str], entity: str | None, lexicon: Lexicon
) -> tuple[str, ...]:
    """The columns of a row that an attribute phrase means; none if there is none."""
    return _columns_for(
        tuple(row), tuple(words), entity, label_columns(row, entity, lexicon)
    )


@lru_cache(maxsize=8192)
def _columns_for(
    columns: tuple[str, ...],
    words: tuple[str, ...],
    entity: str | None,
    labels: tuple[str, ...],
) -> tuple[str, ...]:
    if not words:
        return ()
    own = tuple((entity or "").split())
    variants = [words]
    if own and words[: len(own)] == own and len(words) > len(own):
        variants.append(words[len(own) :])
    known = {c: column_stems(c) for c in columns}
    for variant in variants:
        for column, parts in known.items():
            if parts == variant:
                return (column,)
    for variant in variants:
        plain = len(variant) == 1 or (
            len(variant) == 2 and variant[0] in {"full", *own}
        )
        if variant[-1] == stem("name") and plain and labels:
            return labels
    for variant in variants:
        wanted = set(variant)
        wider = [
            c for c, p in known.items() if wanted <= set(p) and not _key(c, variant)
        ]
        if len(wider) == 1:
            return (wider[0],)
        ending = [c for c in wider if known[c][-1] == variant[-1]]
        if ending:
            return (min(ending, key=lambda c: len(known[c])),)
    best: tuple[int, str] | None = None
    for column, parts in known.items():
        if parts and set(parts) <= set(words) and not is_key_column(column):
            score = len(parts) * 2 + (parts[0] == words[0])
            if best is None or score > best[0]:
                best = (score, column)
    return (best[1],) if best is not None else ()


def _key(column: str, words: tuple[str, ...]) -> bool:
    """Whether a key column was not asked for by that name."""
    return is_key_column(column) and not set(words) & {"id", "key"}


# --- values -------------------------------------------------------------------------


def same_value(one: Any, other: Any) -> bool:
    """Equality for people: case, number formats and midnight do not matter."""
    if one is None or other is None:
        return one is other
    if isinstance(one, bool) or isinstance(other, bool):
        return str(one).casefold() == str(other).casefold()
    left, right = _number(one), _number(other)
    if left is not None and right is not None:
        return abs(left - right) < 1e-9 * max(1.0, abs(left))
    return plain(one) == plain(other)


def plain(value: Any) -> str:
    """A value as text to compare: folded, without a midnight time."""
    text = " ".join(str(value).split()).casefold()
    for midnight in (" 00:00:00", "t00:00:00", " 00:00"):
        text = text.removesuffix(midnight)
    return text


def _number(value: Any) -> float | None:
    if isinstance(value, int | float):
        return float(value)
    try:
        return float(str(value)) if str(value)[:1] in "-0123456789." else None
    except ValueError:
        return None


def meets(row: Row, clue: Clue, entity: str | None, lexicon: Lexicon) -> bool | None:
    """Whether a row fits a clue; None where the row cannot tell."""
    if clue.value is None:
        return None
    columns: tuple[str, ...] = ()
    if clue.words:
        columns = columns_for(row, clue.words, entity, lexicon)
    elif clue.entity is not None and clue.entity != entity:
        return _meets_foreign(row, clue, entity, lexicon)
    else:
        key = key_of(row, entity, lexicon)
        if key is not None and len(key) == 1 and clue.kind == "number":
            return same_value(key[0], clue.value)
        columns = label_columns(row, entity, lexicon)
    if not columns:
        return None
    text = " ".join(str(row[c]) for c in columns if row[c] is not None)
    value: Any = row[columns[0]] if len(columns) == 1 else text
    return compare(value, clue)


def _meets_foreign(
    row: Row, clue: Clue, entity: str | None, lexicon: Lexicon
) -> bool | None:
    for owner, _, key, label in foreign_things(row, entity, lexicon):
        if owner == clue.entity:
            if clue.kind == "number" and same_value(key, clue.value):
                return True
            return label is not None and same_value(label, clue.value)
    words = tuple((clue.entity or "").split())
    columns = columns_for(row, words, entity, lexicon)
    return compare(row[columns[0]], clue) if columns else None


def compare(value: Any, clue: Clue) -> bool:
    """Whether a value fits what a clue says about it."""
    if value is None:
        return False
    wanted = plain(clue.value)
    match clue.op:
        case "contains":
            return wanted in plain(value)
        case "starts":
            return plain(value).startswith(wanted)
        case "ends":
            return plain(value).endswith(wanted)
        case "more" | "less":
            left, right = _number(value), _number(clue.value)
            if left is None or right is None:
                low = plain(value) < wanted
                return low if clue.op == "less" else plain(value) > wanted
            return left > right if clue.op == "more" else left < right
        case _:
            return same_value(value, clue.value) or (
                clue.kind == "date" and plain(value).startswith(wanted)
            )
