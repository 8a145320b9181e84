"""A small corpus: one run over the built-in domains, made once a session."""

from __future__ import annotations

import shutil
from pathlib import Path

import anyio
import pytest

from eventsim.config import RunConfig
from eventsim.environments.domains.registry import DOMAINS, domain_image
from eventsim.log.store import Store
from eventsim.run.fleet import Fleet
from eventsim.run.prepare import Seedbed

BEDS = tuple(Seedbed(domain_image(d.name), d.title, d.about) for d in DOMAINS.values())
CONFIG = RunConfig(seed=11, count=6, tasks=2)


async def generate(
    path: Path, config: RunConfig = CONFIG, *, concurrency: int = 8
) -> None:
    """Run the whole configuration into a store at `path`."""
    async with Store.open(path, mode="write", durability="memory") as store:
        fleet = Fleet(store, concurrency=concurrency)
        run = await fleet.begin(config, BEDS)
        await fleet.go(await fleet.work(run))


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A store that tests may read and must not change."""
    path = tmp_path_factory.mktemp("corpus") / "store"
    anyio.run(generate, path)
    return path


@pytest.fixture
def own(corpus: Path, tmp_path: Path) -> Path:
    """A copy of the corpus that a test may change."""
    return Path(shutil.copytree(corpus, tmp_path / "store"))
