"""The seed domains that ship with the package: a new one is a JSON file in `domains/`
and its name here.

Each file holds `title`, `about` and a few example tools; from these, models or rules
make questions and, for each question, a toolset.
"""

from __future__ import annotations

from functools import cache
from importlib import resources

from eventsim.environments.seeds.reading import Seeds, parse_seeds
from eventsim.errors import UsageError

__all__ = ["SEED_DOMAINS", "seed_domain"]

SEED_DOMAINS: tuple[str, ...] = (
    "airline",
    "banking",
    "calendar",
    "hospital",
    "hotel",
    "retail",
    "smart-home",
    "telecom",
)


@cache
def seed_domain(name: str) -> Seeds:
    """The shipped seeds of that name. Raises: UsageError, which lists the names."""
    if name not in SEED_DOMAINS:
        known = ", ".join(SEED_DOMAINS)
        raise UsageError(
            f"there is no seed domain {name!r}; the seed domains are {known}"
        )
    folder = resources.files("eventsim.environments.seeds") / "domains"
    file = folder / f"{name}.json"
    return parse_seeds(file.read_bytes(), file.name, name=name)
