"""A class for the tests: what a customer can do with the phone in their hand."""

from __future__ import annotations


class Phone:
    """A phone whose connection is off."""

    def __init__(self, battery: int = 80) -> None:
        self._battery = battery
        self._airplane = True

    def toggle_airplane_mode(self, on: bool) -> dict:
        """Switch airplane mode on or off."""
        self._airplane = on
        return {"airplane_mode": on}

    def read_status_bar(self) -> dict:
        """Look at the status bar."""
        signal = "none" if self._airplane else "strong"
        return {"signal": signal, "battery": self._battery}

    read_status_bar.reads = True  # type: ignore[attr-defined]
