"""A real endpoint in a process of its own: `eventsim serve`."""

from __future__ import annotations

import json
import subprocess
import sys
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def serving(*options: object) -> Iterator[str]:
    """Its base URL, until the block ends."""
    command = [sys.executable, "-m", "eventsim", "serve", "--port", "0", "--json"]
    process = subprocess.Popen(
        [*command, *map(str, options)],
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        text=True,
    )
    try:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["url"]
    finally:
        process.terminate()
        process.wait(30)
        assert process.stdout is not None
        process.stdout.close()


def counters(url: str) -> dict[str, Any]:
    """What the endpoint has counted so far."""
    with urllib.request.urlopen(f"{url.removesuffix('/v1')}/stats") as answer:
        counted: dict[str, Any] = json.load(answer)
    return counted
