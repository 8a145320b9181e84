"""The built-in domains, by name: databases that need no file.

A new domain is a module with `build` and one entry here. Images are made once a
process; the same code gives the same rows everywhere.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import apsw

from eventsim.environments.domains import clinic, library, outdoor
from eventsim.errors import UsageError

if TYPE_CHECKING:
    from eventsim.environments.sql.image import Image

__all__ = ["DOMAINS", "Domain", "domain", "domain_image"]


@dataclass(frozen=True, slots=True)
class Domain:
    """A database that the package can make. `title` completes "the assistant of"."""

    name: str
    title: str
    about: str
    build: Callable[[apsw.Connection], None]


DOMAINS: dict[str, Domain] = {
    "outdoor": Domain(
        "outdoor",
        "the Fernhill outdoor shop",
        "The shop sells tents, boots and other gear for the mountains and delivers "
        "to several cities. Its staff ask you about products, customers, orders, "
        "returns and reviews.",
        outdoor.build,
    ),
    "library": Domain(
        "library",
        "the Fernhill city library",
        "The library lends books at five branches. Its staff ask you about books, "
        "authors, members, loans, reservations and fines.",
        library.build,
    ),
    "clinic": Domain(
        "clinic",
        "the Harbour Lane animal clinic",
        "The clinic treats dogs, cats, rabbits and parrots. Its staff ask you about "
        "owners, pets, appointments, vaccinations and invoices.",
        clinic.build,
    ),
}


def domain(name: str) -> Domain:
    """The domain of that name. Raises: UsageError, which lists the names."""
    if name not in DOMAINS:
        known = ", ".join(DOMAINS)
        raise UsageError(f"there is no domain {name!r}; the domains are {known}")
    return DOMAINS[name]


@cache
def domain_image(name: str) -> Image:
    """The database of a domain, the same rows in every process. Raises: UsageError."""
    from eventsim.environments.sql.image import image_from_connection

    chosen = domain(name)
    con = apsw.Connection(":memory:")
    try:
        con.execute("PRAGMA foreign_keys = ON")
        with con:
            chosen.build(con)
        return image_from_connection(name, con)
    finally:
        con.close()
