"""A class for the tests: its public methods are the tools."""

from __future__ import annotations

import os
import time


class Ledger:
    """Entries, in order."""

    def __init__(self, start: int = 0) -> None:
        self.total = start
        self.entries: list[int] = []

    def book(self, amount: int, note: str | None = None) -> dict:
        """Book an amount.

        Args:
            amount: How much; negative amounts may
                not go below zero.
            note: What for.
        """
        if self.total + amount < 0:
            raise ValueError("the total may not be negative")
        self.total += amount
        self.entries.append(amount)
        return {"total": self.total, "entries": len(self.entries)}

    def total_of(self) -> int:
        """Tell the total."""
        return self.total

    total_of.reads = True  # type: ignore[attr-defined]

    def hang(self) -> None:
        """Never answer."""
        time.sleep(3600)

    def die(self) -> None:
        """End the process."""
        os._exit(7)

    def shout(self, count: int) -> str:
        """Say a lot."""
        print("this goes nowhere")  # noqa: T201
        return "a" * count

    def _hidden(self) -> None:
        pass
