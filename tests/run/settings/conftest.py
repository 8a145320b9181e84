"""Settings read from a folder of one's own, as the command line reads them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol

import pytest

from eventsim.run.settings.layers import Origin
from eventsim.run.settings.resolving import Said, Settings, read_settings
from eventsim.run.settings.sources import from_sets

SEED = 41


class Read(Protocol):
    """From the text of a file, the environment, typed flags and `--set`."""

    def __call__(
        self,
        file: str | None = None,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
        sets: Sequence[str] = (),
    ) -> Settings:
        """Raises: UsageError."""
        ...


@pytest.fixture
def read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Read:
    """Reads in an empty folder; a file is `eventsim.yaml` there. Draws `SEED`."""
    monkeypatch.chdir(tmp_path)

    def reading(
        file: str | None = None,
        environment: Mapping[str, str] | None = None,
        flags: Mapping[str, Any] | None = None,
        sets: Sequence[str] = (),
    ) -> Settings:
        if file is not None:
            (tmp_path / "eventsim.yaml").write_text(file)
        said: list[Said] = [
            (tuple(name.split(".")), value, Origin("flag", f"--{name}"))
            for name, value in (flags or {}).items()
        ]
        said += from_sets(sets)
        return read_settings(None, environment or {}, said, draw_seed=lambda: SEED)

    return reading
