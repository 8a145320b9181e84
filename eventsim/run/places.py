"""Places as people type them: `T`, `T@12`, `T@-1`, `T@u3`, `@12`.

`T` is a label or a unique prefix, nothing means the latest trajectory. `T@n` is the
path that ends after position n; `-1` counts from the end, `u3` is the third user
message. Nothing here reads more than it must.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from eventsim.core.events import UserMessaged
from eventsim.core.records import Record
from eventsim.errors import NotFound, UsageError
from eventsim.log.reader import Family, Reader, StreamInfo
from eventsim.run.paths import OpenedPath

__all__ = ["Place", "latest", "locate", "position_on"]

_PREPARED = ("tasks-", "tools-", "questions-")
_POSITION = re.compile(r"(?P<user>u?)(?P<number>-?\d+)")


@dataclass(frozen=True, slots=True)
class Place:
    """A trajectory and a position on its path; `position` is None for the whole."""

    info: StreamInfo
    position: int | None = None

    @property
    def end(self) -> int:
        """The position that the place ends after."""
        return self.info.position if self.position is None else self.position


async def locate(
    reader: Reader, text: str | None, *, preparations: bool = False
) -> Place:
    """The place that was typed; `preparations` may be meant too.

    Raises: UsageError for something that cannot be a place; NotFound.
    """
    name, at, where = (text or "").partition("@")
    family: Family = "dialogue"
    if preparations and name.startswith(_PREPARED):
        family = "preparation"
    info = reader.find(name, family=family) if name else latest(reader)
    if not at:
        return Place(info)
    match = _POSITION.fullmatch(where)
    if match is None:
        raise UsageError(
            f"{text!r} is not a place: write {info.label}@12 for a position, "
            f"{info.label}@-1 for the last one, {info.label}@u3 for a user message"
        )
    number = int(match["number"])
    if match["user"]:
        return Place(info, _user_message(await reader.path(info.stream), number, info))
    return Place(info, _position(number, info))


def position_on(path: OpenedPath, text: str) -> int:
    """A position on an opened path as it is typed behind the @: `12`, `-1`, `u3`; or
    the one that would come next.

    Raises: UsageError, NotFound.
    """
    match = _POSITION.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no position: write 12, -1 or u3")
    number = int(match["number"])
    if match["user"]:
        return _user_message(path.records, number, path)
    end = len(path.events) - 1
    position = number if number >= 0 else end + 1 + number
    if not 0 <= position <= end + 1:
        raise NotFound(
            f"position {number} is after the place where it goes on, {path.label}@{end}"
        )
    return position


def latest(reader: Reader) -> StreamInfo:
    """The trajectory that began last. Raises: NotFound in a store without any."""
    found = reader.streams(family="dialogue")
    if not found:
        raise NotFound(
            "there is no trajectory in this store yet; make some with: eventsim run"
        )
    return found[-1]


def _position(number: int, info: StreamInfo) -> int:
    position = number if number >= 0 else info.position + 1 + number
    if not 0 <= position <= info.position:
        raise NotFound(
            f"{info.label} has positions 0 to {info.position}; "
            f"there is no position {number}"
        )
    return position


def _user_message(
    records: Sequence[Record], number: int, info: StreamInfo | OpenedPath
) -> int:
    found = [r.position for r in records if isinstance(r.event, UserMessaged)]
    if not found:
        raise NotFound(f"{info.label} has no user message")
    index = number - 1 if number > 0 else len(found) + number
    if number == 0 or not 0 <= index < len(found):
        raise NotFound(
            f"{info.label} has user messages u1 to u{len(found)}; there is no u{number}"
        )
    return found[index]
