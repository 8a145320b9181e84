"""One person's way to pick words: registers by manner, and nothing said twice.

A choice prefers phrases whose fixed words did not occur in the person's latest
messages. It is a pure function of the random source it is given.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from eventsim.providers.rule_based.user.manner import Manner
from eventsim.providers.rule_based.user.phrases import PHRASES, Table
from eventsim.providers.rule_based.user.words import plain

__all__ = ["Voice", "registers_of"]

_SLOT = re.compile(r"\{[a-z]+\}")


def registers_of(manner: Manner) -> tuple[str, ...]:
    """The registers that suit a manner, the most telling first."""
    traits = (
        ("formal", manner.formal),
        ("casual", manner.lower),
        ("hesitant", manner.hesitant),
        ("cheerful", manner.warm),
        ("dry", manner.dry),
        ("exact", manner.exact),
        ("polite", manner.courtesy == 2),
        ("curt", manner.length == 0 and not manner.dry),
        ("chatty", manner.length == 2),
    )
    return tuple(name for name, holds in traits if holds)


@dataclass(frozen=True, slots=True)
class Voice:
    """Picks phrases. `before` are the own messages so far, oldest first; `indirect`
    prefers wishes to orders in requests.
    """

    manner: Manner
    random: Random
    before: Sequence[str] = ()
    indirect: bool = False
    spoken: list[str] = field(default_factory=list)

    def chance(self, likelihood: float) -> bool:
        """True as often as `likelihood` says."""
        return self.random.random() < likelihood

    def say(self, occasion: str, **slots: str) -> str:
        """A phrase for an occasion, its slots filled."""
        return self.pick(PHRASES[occasion], slots)

    def say_once(self, occasion: str) -> str | None:
        """A phrase that was never said in the whole conversation, if one is left."""
        said = plain(" ".join(self.before))
        phrases = self._suitable(PHRASES[occasion])
        left = [p for p in phrases if plain(p).strip(" .,!?:") not in said]
        return self.random.choice(left) if left else None

    def pick(self, table: Table, slots: Mapping[str, str]) -> str:
        """A phrase of a table that suits the manner and was not used of late.

        Phrases with a slot that is not given are left out.
        """
        usable = [p for p in self._suitable(table) if self._fits(p, slots)]
        fresh = [p for p in usable if not self._used(p)]
        if not fresh:
            more = [p for p in table["plain"] if self._fits(p, slots)]
            fresh, usable = [p for p in more if not self._used(p)], usable or more
        chosen = self.random.choice(fresh or usable)
        self.spoken.append(chosen)
        return chosen.format(**slots)

    def _suitable(self, table: Table) -> list[str]:
        phrases = [
            phrase
            for register in registers_of(self.manner)
            for phrase in table.get(register, ())
        ]
        strict = self.manner.formal or self.manner.lower or self.manner.length == 0
        if phrases and (strict or self.chance(0.6)):
            return phrases
        return [*phrases, *table["plain"]]

    @staticmethod
    def _fits(phrase: str, slots: Mapping[str, str]) -> bool:
        return all(slot[1:-1] in slots for slot in _SLOT.findall(phrase))

    def _used(self, phrase: str) -> bool:
        if phrase in self.spoken:
            return True
        fixed = plain(_SLOT.split(phrase)[0] or phrase.split("}")[-1]).strip(" .,!?:")
        if len(fixed) < 3:
            return False
        return any(fixed in plain(text) for text in self.before[-2:])
