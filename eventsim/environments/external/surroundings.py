"""What the process of an external environment sees of ours, and what it said last.

Other people's code gets the few variables without which nothing runs, and those that
are named for it: never a key of ours, which a tool could print into an event.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import IO

__all__ = ["last_line", "variables"]

_ALWAYS = frozenset(
    {
        "HOME",
        "LANG",
        "PATH",
        "PYTHONPATH",
        "SYSTEMROOT",
        "TEMP",
        "TMPDIR",
        "VIRTUAL_ENV",
    }
)
_LOCALE = "LC_"
_LONGEST_LINE = 300
_TAIL_BYTES = 16_384


def variables(passed: Sequence[str] = ()) -> dict[str, str]:
    """The environment of such a process: with those that are `passed` by name."""
    wanted = _ALWAYS.union(passed)
    return {
        name: value
        for name, value in os.environ.items()
        if name in wanted or name.startswith(_LOCALE)
    }


def last_line(log: IO[bytes]) -> str:
    """What a process said last before it ended, "" if nothing."""
    log.seek(max(0, log.seek(0, os.SEEK_END) - _TAIL_BYTES))
    said = log.read().decode(errors="replace").splitlines()
    lines = [" ".join(line.split()) for line in said if line.strip()]
    return lines[-1][:_LONGEST_LINE] if lines else ""
