"""What to generate from: a database, seed tools, or a domain told in words.

Pipelines that execute tools need a database; those in which a model plays them take
seeds. Without a choice, a run uses all that ships and fits.
"""

from __future__ import annotations

from pathlib import Path

from eventsim.environments.domains.registry import DOMAINS, domain, domain_image
from eventsim.environments.seeds.reading import Seeds, described, read_seeds
from eventsim.environments.seeds.registry import SEED_DOMAINS, seed_domain
from eventsim.environments.sql.image import load_file
from eventsim.environments.sql.schema import Schema, read_schema
from eventsim.errors import UsageError
from eventsim.run.prepare import Seedbed

__all__ = ["choose_beds", "told"]

_NAMED = 8


def choose_beds(
    db: Path | None = None,
    name: str | None = None,
    *,
    seeds: Path | None = None,
    description: str | None = None,
    executes: bool = True,
) -> list[Seedbed]:
    """The seedbeds that options ask for; without any, all built-in domains that a
    pipeline which `executes` tools, or does not, can use.

    Raises: UsageError for several at once; BadInput for a file that cannot be used.
    """
    chosen = [
        option
        for option, value in {
            "--db": db,
            "--domain": name,
            "--seeds": seeds,
            "--describe": description,
        }.items()
        if value is not None
    ]
    if len(chosen) > 1:
        raise UsageError(f"choose one source: {' or '.join(chosen)}")
    if db is not None:
        return [_of_file(db)]
    if seeds is not None:
        return [_of_seeds(read_seeds(seeds))]
    if description is not None:
        return [_of_seeds(described(description))]
    if name is not None:
        return [_named(name, executes=executes)]
    if executes:
        return [_of_domain(each) for each in DOMAINS]
    return [_of_seeds(seed_domain(each)) for each in SEED_DOMAINS]


def told(schema: Schema) -> str:
    """A sentence about a database that nobody has described: what it holds."""
    tables = [t for t in schema.tables if not t.link and not t.view] or schema.tables
    largest = sorted(tables, key=lambda table: (-table.row_count, table.name))
    nouns = sorted(table.plural for table in largest[:_NAMED])
    listed = nouns[0] if len(nouns) == 1 else f"{', '.join(nouns[:-1])} and {nouns[-1]}"
    more = ", among others" if len(largest) > _NAMED else ""
    return f"It holds {listed}{more}."


def _named(name: str, *, executes: bool) -> Seedbed:
    return _of_domain(name) if executes else _of_seeds(seed_domain(name))


def _of_domain(name: str) -> Seedbed:
    found = domain(name)
    return Seedbed(domain_image(found.name), found.title, found.about)


def _of_seeds(seeds: Seeds) -> Seedbed:
    return Seedbed(None, seeds.title, seeds.about, seeds.name, seeds.tools)


def _of_file(path: Path) -> Seedbed:
    image = load_file(path)
    return Seedbed(image, f'the "{image.name}" database', told(read_schema(image)))
