"""Every random choice, as a pure function of (seed, lineage, name, ordinal).

No generator holds state, so that an interrupted and resumed dialogue draws what an
uninterrupted one draws. `lineage` names the path (a run's trajectory, or a fork of
it); `name` says what is drawn; `ordinal` counts the draws of that name on the path.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import TypeVar

__all__ = ["Draws", "lineage_of"]

T = TypeVar("T")


def lineage_of(*parts: object) -> str:
    """A short name of a path: 16 hex digits over what led to it."""
    text = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Draws:
    """The source of choices for one path."""

    seed: int
    lineage: str

    def _bits(self, name: str, ordinal: int) -> int:
        key = f"{self.seed}\x1f{self.lineage}\x1f{name}\x1f{ordinal}".encode()
        return int.from_bytes(hashlib.sha256(key).digest()[:8], "big")

    def integer(self, name: str, ordinal: int = 0, *, below: int = 1 << 31) -> int:
        """A whole number in [0, below)."""
        return self._bits(name, ordinal) % below

    def fraction(self, name: str, ordinal: int = 0) -> float:
        """A number in [0, 1)."""
        return (self._bits(name, ordinal) >> 11) / (1 << 53)

    def choice(self, items: Sequence[T], name: str, ordinal: int = 0) -> T:
        """One of the items; raises IndexError when there is none."""
        return items[self._bits(name, ordinal) % len(items)]

    def weighted(
        self, weights: Mapping[str, float], name: str, ordinal: int = 0
    ) -> str:
        """A key of `weights`, as likely as its share of the sum."""
        mark = self.fraction(name, ordinal) * sum(weights.values())
        for key, weight in weights.items():
            mark -= weight
            if mark < 0:
                return key
        return list(weights)[-1]

    def generator(self, name: str, ordinal: int = 0) -> Random:
        """A private generator for work that needs many draws at once."""
        return Random(self._bits(name, ordinal))  # noqa: S311
