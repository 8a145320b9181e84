"""Golden logs of every release load, verify, fold and export; this release's replay."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim import __version__
from eventsim.core.fold import fold
from eventsim.exchange.formats.messages import FORMAT
from eventsim.log.bundle import read_bundle
from eventsim.run.mounts import Mounts
from eventsim.run.paths import known_events, open_path
from eventsim.run.replay import replay
from eventsim.run.shelf import Shelf
from eventsim.run.transcripts import row_of

pytestmark = pytest.mark.anyio

REPLAYS = Path(__file__).resolve().parent.parent / "replays"
GOLDEN = sorted(REPLAYS.glob("*/*.jsonl"))


def test_this_release_has_golden_logs() -> None:
    """One for each built-in domain, and a fork."""
    assert len([file for file in GOLDEN if file.parent.name == __version__]) >= 4


@pytest.mark.parametrize("file", GOLDEN, ids=lambda f: f"{f.parent.name}-{f.stem}")
async def test_a_golden_log_folds_and_exports(file: Path) -> None:
    """Every record is known, checked against its chain, and its end is an end."""
    bundle = await read_bundle(file)
    opened = await open_path(bundle, Shelf(bundle), bundle.ref.stream)
    assert opened.state.ended is not None
    assert opened.state == fold(opened.events)
    exported = row_of(opened, FORMAT, None)
    assert exported["messages"][0]["role"] == "system"
    assert exported["messages"][-1]["role"] == "assistant"
    assert exported["tools"]


@pytest.mark.parametrize(
    "file",
    [file for file in GOLDEN if file.parent.name == __version__],
    ids=lambda file: file.stem,
)
async def test_a_golden_log_of_this_release_replays(file: Path) -> None:
    """Every decision comes out as recorded, and every statement answers the same."""
    bundle = await read_bundle(file)
    found = await replay(
        bundle, Shelf(bundle), Mounts(bundle), bundle.ref.stream, execute=True
    )
    assert found.divergence is None
    assert found.events == len(known_events(await bundle.path(bundle.ref)))
