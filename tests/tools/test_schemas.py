"""The published schemas describe what is stored, and cannot change unnoticed."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import jsonschema_rs
import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventsim.core.events import KINDS
from tests.strategies import event_of
from tools import schemas

FOLDER = Path(schemas.__file__).parent.parent / "schemas"
every_kind = pytest.mark.parametrize("kind", sorted(KINDS))


def test_the_schemas_in_the_repository_are_up_to_date() -> None:
    """Each kind and version has its file, and no file is left over."""
    assert list(schemas.findings(FOLDER)) == []


@settings(max_examples=15)
@given(st.data())
@every_kind
def test_every_payload_is_valid_under_its_schema(
    kind: str, data: st.DataObject
) -> None:
    """What eventsim writes, another program can check with the schema alone."""
    version = KINDS[kind].kind_version
    schema = json.loads((FOLDER / f"{kind}.v{version}.json").read_text("utf-8"))
    payload = orjson.loads(data.draw(event_of(kind)).payload())
    validator = jsonschema_rs.validator_for(schema)
    validator.validate(payload)
    assert not validator.is_valid({**payload, "a_field_of_the_future": 1})
    for name in schema.get("required", []):
        assert not validator.is_valid({k: v for k, v in payload.items() if k != name})


@every_kind
def test_a_schema_says_what_it_is_about(kind: str) -> None:
    """Title and description come from the kind and its docstring."""
    schema = json.loads((FOLDER / f"{kind}.v1.json").read_text("utf-8"))
    assert schema["title"] == f"{kind}, version 1"
    assert schema["description"].endswith(".")
    assert "kind" not in schema["properties"]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The schemas as they should be: older versions as they were, current ones new."""
    made = tmp_path / "schemas"
    made.mkdir()
    for name in schemas.older():
        shutil.copy(FOLDER / name, made)
    schemas.write(made)
    return made


def edit(path: Path, **changes: Any) -> None:
    """Change top-level fields of a JSON file."""
    fields = {**json.loads(path.read_text("utf-8")), **changes}
    path.write_text(schemas.rendered(fields), "utf-8")


def test_writing_twice_changes_nothing(folder: Path) -> None:
    """What was just written is up to date."""
    assert list(schemas.findings(folder)) == []
    assert schemas.write(folder) == []


def test_a_stale_missing_or_foreign_file_is_named(folder: Path) -> None:
    """Each finding says which file and what to do."""
    edit(folder / "clock.set.v1.json", description="Other words.")
    (folder / "policy.set.v1.json").unlink()
    (folder / "policy.sat.v1.json").write_text("{}")
    found = list(schemas.findings(folder))
    assert "schemas/clock.set.v1.json: stale; run tools/schemas.py" in found
    assert "schemas/policy.set.v1.json: missing; run tools/schemas.py" in found
    assert any(line.startswith("schemas/policy.sat.v1.json: not a") for line in found)
    assert len(found) == 3


def test_an_older_version_can_neither_vanish_nor_change(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Logs hold such payloads, so that their description is kept as it was."""
    monkeypatch.setattr(KINDS["clock.set"], "kind_version", 2)
    old = folder / "clock.set.v1.json"
    before = old.read_text("utf-8")
    written = schemas.write(folder)
    assert written == ["schemas/clock.set.v2.json", "schemas/index.json"]
    assert old.read_text("utf-8") == before
    assert list(schemas.findings(folder)) == []
    edit(old, required=[])
    assert "schemas/clock.set.v1.json: an older version of clock.set changed; " in (
        "\n".join(schemas.findings(folder))
    )
    old.unlink()
    found = "\n".join(schemas.findings(folder))
    assert "schemas/clock.set.v1.json: missing, and logs hold such payloads" in found


def test_a_new_shape_under_an_old_version_is_pointed_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Words may change; fields may not, unless the version does."""
    before = json.dumps({"title": "a", "properties": {"title": {"type": "string"}}})
    monkeypatch.setattr(schemas, "in_git", lambda _revision, _name: before)
    words = json.dumps({"title": "b", "properties": {"title": {"type": "string"}}})
    assert list(schemas.reshaped({"a.b.v1.json": words}, "v1.0")) == []
    shape = json.dumps({"title": "a", "properties": {}})
    (found,) = schemas.reshaped({"a.b.v1.json": shape}, "v1.0")
    assert found == (
        "schemas/a.b.v1.json: a.b has another shape than in v1.0 and is still "
        "version 1: bump kind_version and add an upcaster"
    )
