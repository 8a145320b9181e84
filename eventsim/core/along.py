"""Values that grow with a transcript: worked out once for each message.

A dialogue's messages never change and only become more, so whatever is gathered from
them (the bytes of a request, what was named so far) is gathered once and carried on
from message to message. It is derived, no part of any message's value, and may be
dropped at any time: another path over the same messages gathers it again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from eventsim.core.state import Message

__all__ = ["Along"]

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Along(Generic[T]):
    """What `take` gathers from messages into what `begin` made.

    `name` is unique among all that is gathered. The value moves from one message to
    the next: it must not be kept, nor changed, by those who look at it.
    """

    name: str
    begin: Callable[..., T]
    take: Callable[[T, Message], None]

    def over(self, messages: tuple[Message, ...], *about: Any) -> T:
        """The value after all messages. `about` is given to `begin`; a value that was
        begun about something else is begun again.
        """
        place = len(messages)
        value: T | None = None
        while place and value is None:
            found = messages[place - 1].carried.pop(self.name, None)
            if found is not None and found[0] == place and _same(found[1], about):
                value = found[2]
            else:
                place -= 1
        if value is None:
            value, place = self.begin(*about), 0
        for message in messages[place:]:
            self.take(value, message)
        if messages:
            messages[-1].carried[self.name] = (len(messages), about, value)
        return value


def _same(some: tuple[Any, ...], others: tuple[Any, ...]) -> bool:
    pairs = zip(some, others, strict=False)
    return len(some) == len(others) and all(a is b or a == b for a, b in pairs)
