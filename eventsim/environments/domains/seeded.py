"""Choices for the built-in databases: the same on every machine and Python.

Only `Random.random` is used, because it alone promises the same sequence in every
release. People and dates are drawn here so that the domains share no lists of rows,
only the way in which rows come about.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from random import Random
from typing import TypeVar

from eventsim.environments.domains.people import FAMILIES, WOMEN_AND_MEN

__all__ = ["Seeded"]

T = TypeVar("T")


class Seeded:
    """A source of choices that a domain uses while it fills its tables."""

    def __init__(self, seed: int) -> None:
        self._random = Random(seed).random  # noqa: S311

    def below(self, bound: int) -> int:
        """A whole number in [0, bound)."""
        return int(self._random() * bound)

    def between(self, low: int, high: int) -> int:
        """A whole number in [low, high]."""
        return low + self.below(high - low + 1)

    def chance(self, share: float) -> bool:
        """True in `share` of the draws."""
        return self._random() < share

    def pick(self, items: Sequence[T]) -> T:
        """One of the items."""
        return items[self.below(len(items))]

    def skewed(self, items: Sequence[T]) -> T:
        """One of the items, the early ones far more often than the late ones."""
        return items[int(self._random() ** 2 * len(items))]

    def some(self, items: Sequence[T], count: int) -> list[T]:
        """`count` different items in drawn order."""
        rest = list(items)
        return [rest.pop(self.below(len(rest))) for _ in range(min(count, len(rest)))]

    def day(self, first: str, last: str) -> str:
        """An ISO date in [first, last]."""
        start, end = date.fromisoformat(first), date.fromisoformat(last)
        days = self.between(0, (end - start).days)
        return (start + timedelta(days=days)).isoformat()

    def days_after(self, day: str, low: int, high: int) -> str:
        """An ISO date `low` to `high` days after `day`."""
        moved = date.fromisoformat(day) + timedelta(days=self.between(low, high))
        return moved.isoformat()

    def people(
        self, count: int, namesakes: Sequence[tuple[str, str]]
    ) -> list[tuple[str, str]]:
        """`count` (first, family) names; only the `namesakes` occur twice."""
        seen = set(namesakes)
        people: list[tuple[str, str]] = []
        while len(people) < count - 2 * len(namesakes):
            culture = self.below(len(FAMILIES))
            name = (self.pick(WOMEN_AND_MEN[culture]), self.pick(FAMILIES[culture]))
            if name not in seen:
                seen.add(name)
                people.append(name)
        for name in [*namesakes, *namesakes]:
            people.insert(self.below(len(people)), name)
        return people

    def phone(self, prefix: str, digits: int = 4) -> str:
        """A telephone number that nobody has: `prefix` and drawn digits."""
        return f"{prefix} {self.below(10**digits):0{digits}d}"
