"""Progress on stderr: a live bar on a terminal, now and then a line elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType
from typing import TYPE_CHECKING, Self

from eventsim.cli.session import announce, err

if TYPE_CHECKING:
    from rich.progress import Progress

__all__ = ["Bar"]

_LINE_EVERY_S = 10.0


class Bar:
    """Counts up to `total`, 0 if nobody knows it; use it as a context."""

    def __init__(self, title: str, total: int) -> None:
        self._title = title
        self._total = total
        self._done = 0
        self._said = time.monotonic()
        self._live: Progress | None = None

    def __enter__(self) -> Self:
        if sys.stderr.isatty() and self._total:
            self._live = _live_bar()
            self._live.start()
            self._task = self._live.add_task(self._title, total=self._total, remark="")
        return self

    def advance(self, remark: str = "") -> None:
        """One more is done."""
        self._done += 1
        if self._live is not None:
            self._live.update(self._task, advance=1, remark=remark)
        elif time.monotonic() - self._said >= _LINE_EVERY_S:
            self._said = time.monotonic()
            of = f" of {self._total:,}" if self._total else " so far"
            counts = f"{self._done:,}{of}"
            announce(f"{self._title}: {counts}  {remark}".rstrip())

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._live is not None:
            self._live.stop()


def _live_bar() -> Progress:
    from rich.progress import (
        BarColumn,
        MofNCompleteColumn,
        Progress,
        TextColumn,
        TimeRemainingColumn,
    )

    return Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=30),
        MofNCompleteColumn(),
        TextColumn("{task.fields[remark]}", style="dim"),
        TimeRemainingColumn(compact=True),
        console=err(),
        transient=True,
    )
