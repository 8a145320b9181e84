"""What a command works with: the store, the consoles, the event loop.

Reports go to stdout, everything about the work itself to stderr. The only
`anyio.run` of the product is here.
"""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from signal import SIG_IGN, SIGINT, SIGTERM, signal
from typing import TYPE_CHECKING, Any, Literal

import anyio
import orjson

from eventsim.cli.failures import INTERRUPTED
from eventsim.errors import NotFound
from eventsim.log.store import Store

if TYPE_CHECKING:
    from rich.console import Console

__all__ = [
    "announce",
    "err",
    "existing",
    "launch",
    "note",
    "open_store",
    "out",
    "say_json",
]


def out() -> Console:
    """Stdout; colours vanish when it is piped, and nothing is guessed at."""
    from rich.console import Console

    return Console(highlight=False, markup=False, emoji=False)


def err() -> Console:
    """Stderr."""
    from rich.console import Console

    return Console(stderr=True, highlight=False, markup=False, emoji=False)


def note(text: str) -> None:
    """A remark about the work, on stderr."""
    announce(f"note: {text}")


def announce(text: str) -> None:
    """A line about the work, on stderr."""
    print(text, file=sys.stderr)  # noqa: T201


def say_json(value: Any) -> None:
    """One line of JSON on stdout."""
    print(orjson.dumps(value, default=_plain).decode())  # noqa: T201


def launch(
    work: Callable[..., Awaitable[int | None]],
    /,
    *,
    endless: bool = False,
    interrupted_as: Callable[[], str] = lambda: INTERRUPTED,
    **arguments: Any,
) -> int:
    """Run a command's work to its end; returns the exit code.

    SIGINT and SIGTERM cancel the work, so that the store is closed in order. `endless`
    work ends in no other way, and then all is well. `interrupted_as` says what becomes
    of work that is broken off.
    """
    interrupted = False
    code: int | None = None
    cancel: Callable[[], object] = bool

    def stop(*_: object) -> None:
        nonlocal interrupted
        interrupted = True
        cancel()

    async def run() -> None:
        nonlocal code, cancel
        loop = asyncio.get_running_loop()
        with anyio.CancelScope() as scope:
            cancel = partial(loop.call_soon_threadsafe, scope.cancel)
            if not interrupted:
                code = await work(**arguments)
        cancel = bool

    before = {each: signal(each, stop) for each in (SIGINT, SIGTERM)}
    try:
        anyio.run(run)
    finally:
        # A key that is pressed again must not break off the way out.
        for each, handler in before.items():
            signal(each, SIG_IGN if interrupted else handler)
    if interrupted and code is None and endless:
        return 0
    if interrupted:
        announce(f"eventsim: {interrupted_as()}")
        return 130
    return code or 0


def existing(path: Path) -> Path:
    """A store that must be there: opening it for writing would make one."""
    if not path.exists():
        raise NotFound(f"there is no store in {path}; make one with: eventsim run")
    return path


@asynccontextmanager
async def open_store(
    path: Path, mode: Literal["read", "write"] = "read"
) -> AsyncIterator[Store]:
    """The store, and a note if a torn tail was set aside when it was opened."""
    async with Store.open(
        existing(path) if mode == "read" else path, mode=mode
    ) as store:
        for torn in store.recovered:
            place = f"{torn.size} bytes at {torn.file}:{torn.offset}"
            moved = f", set aside in {torn.moved_to}" if torn.moved_to else ""
            note(f"{place} were written and never acknowledged{moved}")
        yield store


def _plain(value: Any) -> Any:
    if hasattr(value, "model_dump"):
        return value.model_dump(mode="json")
    if isinstance(value, Path):
        return str(value)
    raise TypeError(type(value).__name__)
