"""Write `schemas/`: the JSON Schema of every event kind and version that is stored.

    python tools/schemas.py             write what is missing or stale
    python tools/schemas.py --check     change nothing; exit code 1 if anything is

`KIND.vN.json` describes a payload of that kind and version; `index.json` lists all of
them with the digest of their shape (the schema without titles and descriptions). Files
of older versions are never written again: they must stay as they are, for logs hold
such payloads. A shape that differs from the one in git under the same version is
pointed out, as it needs a new `kind_version` and an upcaster once it was released:
against the last release tag that is an error, against HEAD a note.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))  # this checkout's vocabulary, whatever is installed

from eventsim.core.events import KINDS, Event  # noqa: E402

DIALECT = "https://json-schema.org/draft/2020-12/schema"

Files = dict[str, str]


class SchemaWriter(GenerateJsonSchema):
    """As pydantic writes it, with the defaults that are frozen objects, too."""

    def encode_default(self, dft: Any) -> Any:
        """A default as plain JSON."""
        return super().encode_default(dict(dft) if isinstance(dft, dict) else dft)


def schema_of(event: type[Event]) -> dict[str, Any]:
    """The JSON Schema of a kind's payload as it is stored: without `kind`."""
    made = event.model_json_schema(schema_generator=SchemaWriter)
    kind = made["properties"].pop("kind")["const"]
    return {
        "$schema": DIALECT,
        "$id": f"{kind}.v{event.kind_version}.json",
        "title": f"{kind}, version {event.kind_version}",
        "description": made.pop("description"),
        **{key: value for key, value in made.items() if key != "title"},
    }


def shape_of(schema: Any) -> Any:
    """A schema without what only people read."""
    if isinstance(schema, list):
        return [shape_of(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: shape_of(item) for name, item in value.items()}
        if key in {"properties", "$defs"}
        else shape_of(value)
        for key, value in schema.items()
        if key not in {"title", "description"}
    }


def digest_of(text: str) -> str:
    """SHA-256 over the shape of a schema file's text."""
    shape = json.dumps(shape_of(json.loads(text)), sort_keys=True)
    return hashlib.sha256(shape.encode()).hexdigest()


def rendered(value: Any) -> str:
    """The text of a JSON file."""
    return json.dumps(value, indent=2, ensure_ascii=False) + "\n"


def current() -> Files:
    """The file of each kind's current version."""
    return {
        f"{kind}.v{event.kind_version}.json": rendered(schema_of(event))
        for kind, event in KINDS.items()
    }


def index_of(files: Files) -> str:
    """The text of `index.json` for schema files by name."""
    kinds = {}
    for kind, event in sorted(KINDS.items()):
        numbers = range(1, event.kind_version + 1)
        names = {str(n): f"{kind}.v{n}.json" for n in numbers}
        kinds[kind] = {
            "about": (event.__doc__ or "").strip().splitlines()[0],
            "origin": event.origin,
            "volatile": sorted(event.volatile),
            "current": event.kind_version,
            "versions": {
                number: {"file": name, "shape": digest_of(files[name])}
                for number, name in names.items()
                if name in files
            },
        }
    return rendered({"kinds": kinds})


def on_disk(folder: Path) -> Files:
    """The schema files that exist, the index aside."""
    paths = sorted(folder.glob("*.json"))
    return {p.name: p.read_text("utf-8") for p in paths if p.name != "index.json"}


def older() -> set[str]:
    """Names of the files of every version before the current one."""
    return {
        f"{kind}.v{number}.json"
        for kind, event in KINDS.items()
        for number in range(1, event.kind_version)
    }


def in_git(revision: str, name: str) -> str | None:
    """A schema file's text as it was in a revision; None without one, or git."""
    command = ["git", "-C", str(ROOT), "show", f"{revision}:schemas/{name}"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, text=True)
    except OSError:
        return None
    return done.stdout if done.returncode == 0 else None


def last_release() -> str | None:
    """The newest tag `v…` that HEAD descends from."""
    command = "git describe --tags --abbrev=0 --match v*".split()
    try:
        done = subprocess.run(
            command, cwd=ROOT, capture_output=True, check=False, text=True
        )
    except OSError:
        return None
    return done.stdout.strip() or None


def reshaped(files: Files, revision: str) -> Iterator[str]:
    """What has another shape than in a revision, under the same version."""
    for name, text in sorted(files.items()):
        before = in_git(revision, name)
        if before is not None and digest_of(before) != digest_of(text):
            kind, _, version = name.removesuffix(".json").rpartition(".v")
            yield (
                f"schemas/{name}: {kind} has another shape than in {revision} and is "
                f"still version {version}: bump kind_version and add an upcaster"
            )


def findings(folder: Path) -> Iterator[str]:
    """Everything that is wrong with the folder, one line each."""
    wanted, present = current(), on_disk(folder)
    for name, text in wanted.items():
        if present.get(name) != text:
            what = "stale" if name in present else "missing"
            yield f"schemas/{name}: {what}; run tools/schemas.py"
    for name in sorted(older() - present.keys()):
        yield f"schemas/{name}: missing, and logs hold such payloads; restore it"
    for name in sorted(present.keys() - wanted.keys() - older()):
        yield f"schemas/{name}: not a kind and version of eventsim.core.events"
    index = folder / "index.json"
    stated = index.read_text("utf-8") if index.exists() else rendered({"kinds": {}})
    yield from changed_history(present, stated)
    if stated != index_of({**present, **wanted}):
        yield "schemas/index.json: stale; run tools/schemas.py"


def changed_history(present: Files, index: str) -> Iterator[str]:
    """Older versions whose shape is not the one that the index states."""
    for kind, entry in json.loads(index)["kinds"].items():
        for version in entry["versions"].values():
            name = version["file"]
            if name not in older() or name not in present:
                continue
            if digest_of(present[name]) != version["shape"]:
                yield f"schemas/{name}: an older version of {kind} changed; restore it"


def write(folder: Path) -> list[str]:
    """Bring the folder up to date; the names of the files that changed."""
    present, wanted = on_disk(folder), current()
    texts = {**wanted, "index.json": index_of({**present, **wanted})}
    changed = []
    folder.mkdir(exist_ok=True)
    for name, text in texts.items():
        path = folder / name
        if not path.exists() or path.read_text("utf-8") != text:
            path.write_text(text, "utf-8")
            changed.append(f"schemas/{name}")
    return changed


def main(arguments: list[str]) -> int:
    """Write or check; print what was done or found."""
    if arguments not in ([], ["--check"]):
        print(__doc__)
        return 2
    folder, files = ROOT / "schemas", current()
    release = last_release()
    if not arguments:
        print("\n".join(write(folder)) or "schemas are up to date")
    errors = list(findings(folder))
    if release is not None:
        errors += reshaped(files, release)
    elif not arguments:
        for line in reshaped(files, "HEAD"):
            print(f"note: {line}")
    print("\n".join(errors) or f"{len(files)} kinds, schemas up to date")
    return 1 if errors else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
