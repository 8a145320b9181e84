"""One noun phrase, as data: what it names, what it points at, how it is measured."""

from __future__ import annotations

from dataclasses import dataclass, field

from eventsim.providers.rule_based.assistant.tokens import Token

__all__ = ["Phrase"]


@dataclass(slots=True)
class Phrase:
    """One noun phrase. `prep` is what it stands after; `rest` what the entity leaves.

    `ref` is the word of a reference; `owner` tells a possessive, which belongs to the
    phrase that follows; `total` and `extreme` are how values are taken together.
    """

    prep: str = ""
    det: str = ""
    words: list[str] = field(default_factory=list)
    texts: list[str] = field(default_factory=list)
    entity: str | None = None
    rest: tuple[str, ...] = ()
    many: bool = False
    ref: str = ""
    owner: bool = False
    ordinal: int | None = None
    value: Token | None = None
    number: int | None = None
    total: str = ""
    extreme: str = ""
    hints: tuple[str, ...] = ()
    op: str = ""
    asked: bool = False
    joined: bool = False

    @property
    def empty(self) -> bool:
        """Whether nothing was said."""
        return not (
            self.words
            or self.ref
            or self.value
            or self.total
            or self.extreme
            or self.ordinal is not None
        )

    @property
    def known(self) -> bool:
        """Whether it points at something: a value, a reference, a place in a list."""
        return self.value is not None or bool(self.ref) or self.ordinal is not None
