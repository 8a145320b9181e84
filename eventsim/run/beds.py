"""Which databases to generate from: a file, a built-in domain, or all domains."""

from __future__ import annotations

from pathlib import Path

from eventsim.environments.domains.registry import DOMAINS, domain, domain_image
from eventsim.environments.sql.image import load_file
from eventsim.environments.sql.schema import Schema, read_schema
from eventsim.errors import UsageError
from eventsim.run.prepare import Seedbed

__all__ = ["choose_beds", "described"]

_NAMED = 8


def choose_beds(db: Path | None = None, name: str | None = None) -> list[Seedbed]:
    """The seedbeds that options ask for; without any, all built-in domains.

    Raises: UsageError for both at once; BadInput for a file that cannot be used.
    """
    if db is not None and name is not None:
        raise UsageError("choose one database: either --db FILE or --domain NAME")
    if db is not None:
        return [_of_file(db)]
    chosen = DOMAINS.values() if name is None else [domain(name)]
    return [Seedbed(domain_image(d.name), d.title, d.about) for d in chosen]


def described(schema: Schema) -> str:
    """A sentence about a database that nobody has described: what it holds."""
    tables = [t for t in schema.tables if not t.link and not t.view] or schema.tables
    largest = sorted(tables, key=lambda table: (-table.row_count, table.name))
    nouns = sorted(table.plural for table in largest[:_NAMED])
    listed = nouns[0] if len(nouns) == 1 else f"{', '.join(nouns[:-1])} and {nouns[-1]}"
    more = ", among others" if len(largest) > _NAMED else ""
    return f"It holds {listed}{more}."


def _of_file(path: Path) -> Seedbed:
    image = load_file(path)
    return Seedbed(image, f'the "{image.name}" database', described(read_schema(image)))
