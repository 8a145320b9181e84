"""What a column means, from its name, its type and the figures of its rows.

Whether numbers are sizes or codes, whether their sum says anything, what people call
a row by, what they would filter by. Guesses are careful: a column that is in doubt
gets no tool.
"""

from __future__ import annotations

from collections.abc import Sequence

from eventsim.environments.sql.names import split_words
from eventsim.environments.sql.statistics import Observed
from eventsim.environments.sql.tables import Column, Kind

__all__ = [
    "affinity_of",
    "is_category",
    "is_measure",
    "is_summable",
    "kind_of",
    "label_of",
    "stored_types",
]

# Numbers with these words name, place or date something; they have no size.
_CODES = frozenset(
    "account barcode birth block born building chapter class code color colour date day"
    " ean edition established extension fax flag floor founded hour house id idx index"
    " isbn issn jersey key lat latitude line lng lon long longitude mobile mode month"
    " no num number order page phone pin pincode plate port position postal postcode"
    " rank ref room row season seat section semester seq sequence serial sku sort"
    " ssn state status step tel telephone term time timestamp track type upc version"
    " week year yr zip".split()
)
# Sizes that may be compared and averaged, but whose sum says nothing.
_INTENSIVE = frozenset(
    "age altitude average avg bpm confidence daily degree density depth difficulty"
    " discount elevation factor frequency gpa grade gravity height humidity interest"
    " latitude level max maximum mean median min minimum percent percentage"
    " ph precision pressure price priority probability rate rating ratio score share"
    " speed stars strength tariff temp temperature threshold velocity voltage width"
    " pct per pulse heart iq bmi weight".split()
)
_COUNTS = frozenset(("count", "total", "amount", "sum", "quantity", "qty"))
_FREE_TEXT = frozenset(
    "address bio biography body comment comments content description details email fax"
    " hash homepage image link mail message note notes password phone photo picture"
    " postal postcode remark remarks street summary synopsis telephone text token"
    " time uri url website zip".split()
)
_USUAL_FILTERS = frozenset(
    "category city class country department group kind language nationality region role"
    " status town type".split()
)
_NAMES = ("name", "title", "label", "caption", "headline", "subject")
_FIRST = ("first", "given", "fore")
_LAST = ("last", "family", "sur")


def affinity_of(declared: str) -> str:
    """SQLite's affinity of a declared type. Source: sqlite.org/datatype3.html, 3.1."""
    name = declared.upper()
    if "INT" in name:
        return "INTEGER"
    if any(part in name for part in ("CHAR", "CLOB", "TEXT")):
        return "TEXT"
    if not name or "BLOB" in name:
        return "BLOB"
    if any(part in name for part in ("REAL", "FLOA", "DOUB")):
        return "REAL"
    return "NUMERIC"


def kind_of(declared: str, seen: Observed) -> Kind:
    """What the column holds: by its rows where it has any, else as declared."""
    name = declared.upper()
    filled = seen.statistics.filled
    if filled:
        if seen.blobs * 2 > filled:
            return "blob"
        if seen.texts * 2 > filled:
            return _kind_of_text(seen)
        if "BOOL" in name and seen.statistics.distinct <= 2:
            return "boolean"
        if seen.reals or affinity_of(declared) == "REAL":
            return "number"
        decimal = any(part in name for part in ("DEC", "NUMERIC(", "MONEY"))
        return "number" if decimal and ",0)" not in name else "integer"
    return _kind_as_declared(name)


def stored_types(kind: Kind, seen: Observed) -> tuple[str, ...]:
    """The JSON types of the values, as they are and as tools will write them."""
    usual = {"integer": "integer", "boolean": "integer", "number": "number"}
    found = {usual.get(kind, "string")}
    if seen.reals:
        found.add("number")
    if seen.integers and "number" not in found:
        found.add("integer")
    if seen.texts or seen.blobs:
        found.add("string")
    return tuple(sorted(found))


def _kind_of_text(seen: Observed) -> Kind:
    # Every value must be one: a free text that is a date by chance is no date.
    if seen.texts == seen.dates:
        return "date"
    if seen.texts == seen.dates + seen.datetimes:
        return "datetime"
    return "text"


def _kind_as_declared(name: str) -> Kind:
    affinity = affinity_of(name)
    if "BOOL" in name:
        return "boolean"
    if "DATETIME" in name or "TIMESTAMP" in name:
        return "datetime"
    if "DATE" in name:
        return "date"
    if affinity == "INTEGER":
        return "integer"
    if affinity == "BLOB":
        return "blob" if "BLOB" in name else "text"
    return "text" if affinity == "TEXT" else "number"


def is_measure(column: Column, *, key: bool) -> bool:
    """Whether the numbers are sizes: neither keys, codes, years nor flags."""
    if key or column.kind not in ("integer", "number") or column.hidden:
        return False
    words = split_words(column.name)
    figures = column.statistics
    if _is_flag(column):
        return False
    if _counts_something(words):
        return True
    if figures.filled and figures.distinct < 2:
        return False
    if words[-1] in _CODES or words[0] in ("phone", "postal", "year", "zip"):
        return False
    return not (column.kind == "integer" and _looks_like_years(column))


def is_summable(column: Column) -> bool:
    """Whether the sum of a measure says something: amounts do, prices do not."""
    words = split_words(column.name)
    if _counts_something(words):
        return not _INTENSIVE.intersection(words)
    return column.measure and not _INTENSIVE.intersection(words)


def is_category(column: Column, *, key: bool) -> bool:
    """Whether people would ask for all rows with one value of the column."""
    figures = column.statistics
    words = set(split_words(column.name))
    if key or column.measure or column.hidden or column.kind in ("blob", "number"):
        return False
    if column.choices:
        return True
    if column.kind in ("date", "datetime", "integer") or words & _FREE_TEXT:
        return column.kind == "integer" and "year" in words and figures.distinct > 1
    shared = 1.02 if words & _USUAL_FILTERS else 1.3
    return (
        figures.longest <= 60
        and figures.distinct >= 2
        and figures.filled >= figures.distinct * shared
    )


def label_of(columns: Sequence[Column], entity: str) -> tuple[str, ...]:
    """The columns that people call a row by, of those that hold text."""
    texts = [
        column for column in columns if column.kind == "text" and not column.hidden
    ]
    first = _part_of_name(texts, _FIRST)
    last = _part_of_name(texts, _LAST)
    if first and last:
        return (first, last)
    for wanted in _NAMES:
        for column in texts:
            words = split_words(column.name)
            about = " ".join(words[:-1])
            if words[-1] == wanted and about in ("", entity, "full", "display"):
                return (column.name,)
    for column in texts:
        if " ".join(split_words(column.name)) == entity:
            return (column.name,)
    for wanted in ("name", "title"):
        for column in texts:
            figures = column.statistics
            named = split_words(column.name)[-1] == wanted
            if named and figures.distinct * 2 > figures.filled:
                return (column.name,)
    return ()


def _part_of_name(texts: Sequence[Column], parts: Sequence[str]) -> str | None:
    for column in texts:
        joined = "".join(split_words(column.name))
        if any(joined.endswith(f"{part}name") for part in parts):
            return column.name
    return None


def _is_flag(column: Column) -> bool:
    figures = column.statistics
    bounds = (figures.least, figures.greatest)
    named = split_words(column.name)[0] in ("is", "has", "can", "was")
    choices = bool(column.choices) and len(column.choices) <= 2
    return choices or (named and bounds in ((0, 1), (0, 0), (1, 1)))


def _counts_something(words: Sequence[str]) -> bool:
    counted = words[-1] in _COUNTS or (words[-1].endswith("s") and len(words) > 1)
    led = words[0] in ("num", "number", "no", "total") and len(words) > 1
    return (counted and words[-1] not in _CODES | {"status", "address"}) or led


def _looks_like_years(column: Column) -> bool:
    figures = column.statistics
    if figures.least is None or figures.greatest is None:
        return False
    return figures.least >= 1_800 and figures.greatest <= 2_100
