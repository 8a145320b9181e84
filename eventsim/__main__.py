"""`python -m eventsim` is the same as `eventsim`."""

from __future__ import annotations

from eventsim.cli.main import main

__all__: list[str] = []

main()
