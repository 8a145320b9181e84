"""Classes for the tests, each with what somebody's class may have."""

from __future__ import annotations

import asyncio
import dataclasses
import enum
import functools
import math
import os
import subprocess
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any


class Size(enum.Enum):
    """Sizes."""

    SMALL = "s"
    LARGE = "l"


@dataclasses.dataclass
class Item:
    """What is ordered."""

    name: str
    size: Size = Size.SMALL
    tags: list[str] = dataclasses.field(default_factory=list)


class Values:
    """Methods that take and give all sorts of things."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.rest = (number for number in range(3))
        self.orders: list[Item] = []

    @property
    def orders_so_far(self) -> Callable[[], int]:
        """Never looked at."""
        raise RuntimeError("a property was evaluated")

    async def later(self, text: str) -> str:
        """Answer after a while."""
        await asyncio.sleep(0)
        return text

    def numbers(self, count: int) -> Iterator[int]:
        """Give numbers."""
        yield from range(count)

    async def letters(self) -> AsyncIterator[str]:
        """Give letters."""
        for letter in "ab":
            yield letter

    def thing(self) -> object:
        """Give an object of no form."""
        return object()

    def things(self) -> dict[str, Any]:
        """Give one that holds such an object."""
        return {"lock": self.lock}

    def raises(self) -> None:
        """Fail with an address in the words."""
        raise ValueError(object())

    def odd_numbers(self) -> list[float]:
        """Give what JSON has not."""
        return [math.nan, math.inf, 1.5]

    def half(self) -> str:
        """Give half of a pair of surrogates."""
        return "a\ud800b"

    def halves(self) -> dict[str, str]:
        """Give halves within an object."""
        return {"\udc00": "\ud83d\ude00 \ud800"}

    def order(self, item: Item, size: Size = Size.LARGE) -> Item:
        """Order an item."""
        assert isinstance(item, Item)
        assert isinstance(size, Size)
        assert isinstance(item.size, Size)
        self.orders.append(item)
        return dataclasses.replace(item, size=size)

    def largest(self, sizes: list[Size] | None = None) -> Size:
        """Tell the largest."""
        assert all(isinstance(size, Size) for size in sizes or ())
        return (sizes or [Size.SMALL])[-1]

    def minus(self, a: int, b: int = 1, /, *, c: int = 0) -> int:
        """Take b from a."""
        return a - b - c

    def ask(self) -> str:
        """Ask a person who is not there."""
        try:
            return input()
        except EOFError:
            return "nobody"

    def leave(self) -> None:
        """Leave as a script does."""
        sys.exit("goodbye")

    signatureless = functools.partial(dict)
    builtin = min  # has no signature


class Surroundings:
    """What a class sees of the process that made it."""

    def variable(self, name: str) -> str:
        """Tell a variable."""
        return os.environ.get(name, "")

    def names(self) -> list[str]:
        """Tell the names of all."""
        return sorted(os.environ)


class Children:
    """A class that starts processes, and works for long."""

    def spawn(self) -> int:
        """Start a process that stays."""
        return subprocess.Popen([sys.executable, "-c", _SLEEP]).pid

    def spawn_and_work(self, file: str) -> None:
        """The same, tell it in a file, and never come back."""
        Path(file).write_text(f"{os.getpid()} {self.spawn()}")
        time.sleep(3600)


_SLEEP = "import time; time.sleep(3600)"


class Fragile:
    """A class that dies, and that cannot always be made again."""

    def __init__(self, marker: str = "") -> None:
        if marker and Path(marker).exists():
            raise RuntimeError("the licence has expired")
        self.marker = marker

    def die(self) -> None:
        """End the process, with words."""
        if self.marker:
            Path(self.marker).touch()
        sys.stderr.write("segmentation violation\nout of cheese\n\n")
        sys.stderr.flush()
        os._exit(7)

    def fine(self) -> str:
        """Say that all is well."""
        return "fine"


class Clock:
    """A read that never answers alike, and a write that may not either."""

    def __init__(self, odd: bool = False, log: str = "") -> None:
        self._odd, self._log = odd, log

    def now(self) -> int:
        """Tell the time."""
        self._note("now")
        return time.monotonic_ns()

    now.reads = True  # type: ignore[attr-defined]

    def wind(self) -> int:
        """Wind it up."""
        self._note("wind")
        return time.monotonic_ns() if self._odd else 1

    def stop(self) -> None:
        """End the process."""
        self._note("stop")
        os._exit(7)

    def _note(self, what: str) -> None:
        if self._log:
            with Path(self._log).open("a") as log:
                log.write(f"{what}\n")


class Slow:
    """A class that takes long to be made, and none to be called."""

    def __init__(self) -> None:
        time.sleep(0.3)

    def quick(self) -> str:
        """Answer."""
        return "here"
