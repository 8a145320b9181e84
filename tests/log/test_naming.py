"""How streams are found by what people type."""

from __future__ import annotations

from pathlib import Path

import pytest

from eventsim.errors import NotFound
from eventsim.log.store import Store
from tests.log.stories import begun, dialogue, fork, whole_run

pytestmark = pytest.mark.anyio


async def test_labels_prefixes_and_ids(tmp_path: Path) -> None:
    """Exact labels win over prefixes, labels over ids."""
    async with Store.open(tmp_path) as store:
        one = (await dialogue(store, "tree-1", 0))[0].stream
        ten = (await dialogue(store, "tree-10", 0))[0].stream
        assert store.find("tree-1").stream == one
        assert store.find("tree-10").stream == ten
        assert store.find(ten[:6]).stream == ten
        assert store.find(ten).stream == ten
        with pytest.raises(NotFound, match="is not the name of one"):
            store.find("tree")
        for wrong in (ten[:5], "", "TREE-1", "f" * 40):
            with pytest.raises(NotFound):
                store.find(wrong)
        with pytest.raises(NotFound, match="close: tree-1"):
            store.find("tee-1")


async def test_a_clash_of_labels_names_the_ids(tmp_path: Path) -> None:
    """Merged stores may hold one label twice."""
    async with Store.open(tmp_path) as store:
        ids = [
            (await store.append(None, [begun("same")], expected_version=0))[0].stream
            for _ in range(2)
        ]
        with pytest.raises(NotFound) as caught:
            store.find("same")
        assert all(each[:12] in str(caught.value) for each in ids)
        assert store.find(ids[0][:12]).stream == ids[0]


async def test_a_family_narrows_what_is_meant(tmp_path: Path) -> None:
    """A prefix may be that of a run and of its trajectories."""
    async with Store.open(tmp_path) as store:
        told = await whole_run(store)
        assert store.find("r1").family == "run"
        assert store.find("r", family="run").stream == told["run"][0].stream
        assert store.find("r1-1", family="dialogue").label == "r1-1"
        with pytest.raises(NotFound, match="no run is called"):
            store.find("r1-1", family="run")
        with pytest.raises(NotFound, match=r"r1-1, r1-1\.1"):
            store.find("r1", family="dialogue")


async def test_streams_at_a_glance(tmp_path: Path) -> None:
    """Summaries say what a stream is, a fork what it has from its ancestors."""
    async with Store.open(tmp_path) as store:
        told = await whole_run(store)
        again = await fork(store, told["fork"][1], "r1-1.1.1")
        infos = {info.label: info for info in store.streams(run="r1")}
        assert [*infos] == [
            "r1", "r1-tools", "r1-tasks", "r1-1", "r1-1.1", "r1-1.1.1",
        ]  # fmt: skip
        assert infos["r1"].ended == "ended"
        assert infos["r1-tools"].purpose == "tools"
        assert infos["r1-tasks"].index == 1
        root, deep = infos["r1-1"], infos["r1-1.1.1"]
        assert (root.version, root.position, root.ended) == (7, 6, "completed")
        assert root.kinds["user.messaged"] == 4
        assert root.hash == told["dialogue"][-1].hash
        assert (deep.run, deep.index, deep.ended) == ("r1", 1, None)
        assert deep.run_stream == told["run"][0].stream
        assert (deep.parent, deep.parent_label) == (told["fork"][1].ref, "r1-1.1")
        assert (deep.fork_position, deep.position) == (5, again[-1].position)
        assert store.streams(family="run", run=told["run"][0].stream) == [infos["r1"]]
        assert store.streams(run="other") == []


async def test_fork_numbers_go_up(tmp_path: Path) -> None:
    """No fork gets the number of another, also where labels were chosen freely."""
    async with Store.open(tmp_path) as store:
        root = (await dialogue(store, "a"))[1]
        assert store.next_fork_number("a") == 1
        await fork(store, root, "a.1")
        assert store.next_fork_number("a") == 2
        await fork(store, root, "a.7")
        assert store.next_fork_number("a") == 8
        await fork(store, root, "free")
        assert store.next_fork_number("a") == 8
        assert store.next_fork_number("a.1") == 1
