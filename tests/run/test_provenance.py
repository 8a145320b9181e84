"""What a manifest says of who gave what on a path, and which run made which part."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anyio
import pytest

from eventsim.api import Change, Edits, Opened, Project
from tests.cli.conftest import done
from tests.exchange.rows import ROWS
from tests.run.serving import serving


@dataclass(frozen=True)
class Kept:
    """Paths by what was done to them, and the manifest's entry of each."""

    paths: dict[str, Opened]
    entries: dict[str, dict[str, Any]]


async def make(place: Path, url: str) -> dict[str, Opened]:
    """A store with a path of every kind; the paths by a name."""
    (place / "rows.jsonl").write_text(json.dumps(ROWS["messages"]))
    found: dict[str, Opened] = {}
    async with Project.open(place / "s") as project:
        run = await project.run(source={"domain": "clinic"}, count=1, tasks=1, seed=2)
        name = f"{run.label}-1"
        found["generated"] = await project.trajectory(name)
        second = f"{name}@u2"
        first = (await project.trajectory(f"{name}@u1")).state.length - 1
        edits = Edits((Change(first, "replace", "What can you do?"),))
        (found["typed"],) = await project.fork(second, say="Never mind.", seed=9)
        (found["edited"],) = await project.fork(second, edits=edits, seed=9)
        (found["forked"],) = await project.fork(second, seed=9)
        (found["anew"],) = await project.fork(second, seed=9, model="s", base_url=url)
        rows = await project.import_file("messages", place / "rows.jsonl")
        found["imported"] = await project.trajectory(f"{rows.label}-1")
        on = await project.run(start=rows.label, seed=1)
        found["continued"] = await project.trajectory(f"{on.label}-1")
        told = Edits(persona="in a great hurry")
        (found["changed"],) = await project.fork(f"{on.label}-1@-1", edits=told, seed=1)
    return found


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Kept:
    """Such a store, with all of it exported."""
    place = tmp_path_factory.mktemp("provenance")
    with serving() as url:
        paths = anyio.run(make, place, url)
    file = place / "out.jsonl"
    done("export", "messages", "--all", "--forks", "-o", file, store=place / "s")
    lines = file.with_name("out.jsonl.manifest.jsonl").read_text("utf-8").splitlines()
    by_label = {entry["trajectory"]: entry for entry in map(json.loads, lines)}
    entries = {name: by_label[path.label] for name, path in paths.items()}
    return Kept(paths, entries)


def kinds(opened: Opened, positions: list[int]) -> set[str]:
    """What stands at positions of a path."""
    return {opened.events[position].kind for position in positions}


def models(stretch: dict[str, Any]) -> set[str]:
    """The models of a part."""
    return {model["model"] for model in stretch["models"].values()}


@pytest.mark.parametrize("name", ["generated", "forked"])
def test_what_one_run_generated_has_no_parts(kept: Kept, name: str) -> None:
    """Nobody gave anything; a fork without other settings stands on the same run."""
    entry = kept.entries[name]
    assert (entry["given"], entry["stretches"]) == ({}, [])
    assert entry["imported"] is None


def test_what_a_person_typed_is_theirs(kept: Kept) -> None:
    """One message, at its position on the path."""
    path, entry = kept.paths["typed"], kept.entries["typed"]
    assert list(entry["given"]) == ["person"]
    (position,) = entry["given"]["person"]
    event = path.events[position]
    assert getattr(event, "text", "") == "Never mind."
    assert entry["stretches"] == []


def test_edited_and_copied_messages_are_told_apart(kept: Kept) -> None:
    """One was changed, the others were taken over as they were; the rest was
    generated.
    """
    path, given = kept.paths["edited"], kept.entries["edited"]["given"]
    assert set(given) == {"edit", "copy"}
    (edit,) = given["edit"]
    assert getattr(path.events[edit], "text", "") == "What can you do?"
    assert given["copy"] == list(range(edit + 1, given["copy"][-1] + 1))
    assert kinds(path, given["copy"]) == {
        "assistant.replied",
        "tool.called",
        "tool.returned",
        "user.messaged",
    }
    last = path.events[-1]
    assert last.kind == "trajectory.ended"
    assert given["copy"][-1] < len(path.events) - 1


def test_a_fork_with_another_model_has_two_parts(kept: Kept) -> None:
    """Each with its run, its models and its configuration, from its first position."""
    path, entry = kept.paths["anew"], kept.entries["anew"]
    before, after = entry["stretches"]
    assert before["first"] == 0
    assert path.events[after["first"]].kind == "trajectory.forked"
    assert models(before) == {"rule-based"}
    assert models(after) == {"s"}
    assert before["run"] != after["run"]
    assert before["configuration"] != after["configuration"] == entry["configuration"]
    assert before["configuration"] == kept.entries["generated"]["configuration"]
    assert {model["model"] for model in entry["models"].values()} == {"s"}
    assert entry["given"] == {}


def test_an_import_as_it_came_has_no_models(kept: Kept) -> None:
    """All its messages are of the file; nobody knows what made them."""
    path, entry = kept.paths["imported"], kept.entries["imported"]
    assert entry["given"] == {"import": list(range(1, len(path.events)))}
    assert (entry["models"], entry["configuration"]) == ({}, None)
    assert entry["stretches"] == []
    assert entry["imported"]["file"] == "rows.jsonl"


@pytest.mark.parametrize("name", ["continued", "changed"])
def test_an_import_that_a_run_went_on_from_has_two_parts(kept: Kept, name: str) -> None:
    """The imported one without models, and the generated one; forks of it too."""
    path, entry = kept.paths[name], kept.entries[name]
    elsewhere, here = entry["stretches"]
    assert (elsewhere["first"], elsewhere["imported"]) == (0, True)
    assert (elsewhere["models"], elsewhere["configuration"]) == ({}, None)
    assert (here["imported"], models(here)) == (False, {"rule-based"})
    assert path.events[here["first"]].kind == "trajectory.forked"
    assert entry["given"]["import"] == kept.entries["imported"]["given"]["import"]
    assert entry["imported"]["format"] == "messages"


def test_a_persona_that_an_edit_gave_is_an_edit(kept: Kept) -> None:
    """Beside what was imported."""
    path, given = kept.paths["changed"], kept.entries["changed"]["given"]
    assert set(given) == {"import", "edit"}
    assert kinds(path, given["edit"]) == {"persona.assigned"}
