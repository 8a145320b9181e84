"""The size check finds what is too long, to the line."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools import sizes

ROOT = Path(sizes.__file__).parent.parent


def test_this_project_is_within_its_sizes() -> None:
    """No file and no function has grown over its limit."""
    assert list(sizes.findings(ROOT)) == []


@pytest.mark.parametrize(
    ("file", "limit"),
    [
        ("eventsim/a.py", 400),
        ("eventsim/log/__init__.py", 60),
        ("tools/a.py", 400),
        ("tools/check", 400),
        ("tests/log/test_a.py", 600),
    ],
)
def test_a_file_may_be_as_long_as_its_limit_and_no_longer(
    tmp_path: Path, file: str, limit: int
) -> None:
    """The last line allowed is the limit itself."""
    path = tmp_path / file
    path.parent.mkdir(parents=True)
    path.write_text("x = 1\n" * limit)
    assert list(sizes.findings(tmp_path)) == []
    path.write_text("x = 1\n" * (limit + 1))
    (finding,) = sizes.findings(tmp_path)
    assert finding == (
        f"{file}:{limit + 1}: {limit + 1} lines in a file, at most {limit}"
    )


@pytest.mark.parametrize("head", ["def f():", "async def f():"])
def test_a_function_may_have_70_lines(tmp_path: Path, head: str) -> None:
    """Methods count too; decorators do not."""
    path = tmp_path / "eventsim" / "a.py"
    path.parent.mkdir()

    def write(lines: int) -> None:
        body = "".join("        pass\n" for _ in range(lines - 1))
        path.write_text(f"class C:\n    @staticmethod\n    {head}\n{body}")

    write(70)
    assert list(sizes.findings(tmp_path)) == []
    write(71)
    assert list(sizes.findings(tmp_path)) == [
        "eventsim/a.py:3: 71 lines in f(), at most 70"
    ]


def test_a_file_that_cannot_be_parsed_is_a_finding(tmp_path: Path) -> None:
    """The check goes on with the other files."""
    (tmp_path / "eventsim").mkdir()
    (tmp_path / "eventsim" / "a.py").write_text("x = 1\ndef f(:\n")
    (tmp_path / "eventsim" / "b.py").write_text("x = 1\n" * 401)
    first, second = sizes.findings(tmp_path)
    assert first == "eventsim/a.py:2: invalid syntax"
    assert second.startswith("eventsim/b.py:401:")
