"""The layer check finds what it is for, and this package passes it."""

from __future__ import annotations

import subprocess
import sys
from itertools import pairwise
from pathlib import Path

import pytest

from tools import layers

ROOT = Path(layers.__file__).parent.parent


def package(folder: Path, **sources: str) -> Path:
    """A package `toy` with a module for each name, `__` standing for a dot."""
    root = folder / "toy"
    for name, text in {"__init__": "", **sources}.items():
        is_init = name == "__init__"
        path = root.joinpath(*(["__init__"] if is_init else name.split("__")))
        path.parent.mkdir(parents=True, exist_ok=True)
        path.with_suffix(".py").write_text(text)
    return root


def test_this_package_passes() -> None:
    """Imports run one way and pure code is pure."""
    assert layers.findings(ROOT / "eventsim") == []


def test_every_layer_of_the_list_exists_or_is_planned() -> None:
    """A layer that was renamed does not stay in the list unnoticed."""
    planned = {"web"}
    for layer in layers.LAYERS:
        path = ROOT / "eventsim" / layer.replace(".", "/")
        exists = path.is_dir() or path.with_suffix(".py").exists()
        assert exists or layer in planned, layer


@pytest.mark.parametrize(
    ("module", "text", "finding"),
    [
        ("core__a", "import toy.log.b", "core may not import log.b: log is above it"),
        (
            "core__a",
            "def f():\n    from toy.log import b",
            "core may not import log.b: log is above it",
        ),
        (
            "core__a",
            "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import toy.log.b",
            "core may not import log.b: log is above it",
        ),
        (
            "core__a",
            "from ..log import b",
            "core may not import log.b: log is above it",
        ),
        (
            "config",
            "import toy.core.a",
            "config may not import core.a: core is above it",
        ),
        ("core__a", "def f(:", "invalid syntax"),
        ("stray", "", "stray is in no layer: add it to LAYERS"),
        ("core__a", "import os", "pure code may not import os"),
        (
            "core__a",
            "from os.path import join",
            "pure code may not import os.path.join",
        ),
        ("core__a", "def f():\n    import time", "pure code may not import time"),
        ("roles__a", "import asyncio", "pure code may not import asyncio"),
        ("quality__a", "from random import Random", "pure code may not import random"),
        ("core__draws", "from random import Random", None),
        ("core__draws", "from random import random", "may not import random.random"),
        ("log__b", "import os, time, random", None),
        ("pipelines__a", "async def f(): ...", "pure code may not be async"),
        ("log__b", "async def f(): ...", None),
        (
            "core__a",
            "from datetime import datetime\nx = datetime.now()",
            "pure code may not call now()",
        ),
        ("behaviour__a", "x = open('f')", "pure code may not call open()"),
        ("behaviour__a", "print('x')", "pure code may not call print()"),
        ("core__a", "from dataclasses import dataclass\nimport orjson", None),
        ("cli__a", "from toy.log import b\nfrom toy.core import a", None),
    ],
)
def test_a_breach_is_found_and_what_is_allowed_is_not(
    tmp_path: Path, module: str, text: str, finding: str | None
) -> None:
    """One finding, with file and line, or none."""
    modules = {"core__a": "", "core__b": "", "log__b": "", module: text}
    found = layers.findings(package(tmp_path, **modules))
    if finding is None:
        assert found == []
        return
    (line,) = found
    file, number, what = line.split(":", 2)
    assert file == f"toy/{module.replace('__', '/')}.py"
    assert 1 <= int(number) <= max(1, len(text.splitlines()))
    assert finding in what


def test_configuration_may_be_made_of_values(tmp_path: Path) -> None:
    """`core.values` stands beneath `config`, the rest of core above it."""
    sources = {"core__values": "", "config": "import toy.core.values"}
    assert layers.findings(package(tmp_path, **sources)) == []


def test_a_circle_is_found_even_if_it_is_lazy(tmp_path: Path) -> None:
    """Hiding an import in a function does not open the circle."""
    root = package(
        tmp_path,
        log__a="import toy.log.b",
        log__b="from toy.log import c",
        log__c="def f():\n    from toy.log.a import x",
    )
    (finding,) = layers.findings(root)
    where, _, circle = finding.partition(": import circle: ")
    names = circle.split(" -> ")
    assert set(names) == {"log.a", "log.b", "log.c"}
    assert names[0] == names[-1]
    assert where.startswith(f"toy/{names[0].replace('.', '/')}.py:")
    follows = {"log.a": "log.b", "log.b": "log.c", "log.c": "log.a"}
    assert all(follows[a] == b for a, b in pairwise(names))


def test_the_init_of_a_sub_package_stays_empty(tmp_path: Path) -> None:
    """A docstring is all that may stand there; the package's own is free."""
    root = package(tmp_path, core__a="", log__b="")
    (root / "__init__.py").write_text("x = 1\n")
    (root / "core" / "__init__.py").write_text('"""Core."""\n')
    (root / "log" / "__init__.py").write_text('"""Log."""\nimport toy.log.b\n')
    assert layers.findings(root) == [
        "toy/log/__init__.py:2: the __init__ of a sub-package stays empty"
    ]


def test_the_script_exits_1_with_findings_and_0_without(tmp_path: Path) -> None:
    """CI goes by the exit code, people by the lines."""

    def run(root: Path) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, str(ROOT / "tools" / "layers.py"), str(root)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    good = run(package(tmp_path / "good", core__a=""))
    bad = run(package(tmp_path / "bad", core__a="import socket"))
    assert (good.returncode, bad.returncode) == (0, 1)
    assert bad.stdout == "toy/core/a.py:1: pure code may not import socket\n"
