"""Keep files and functions small enough to read whole.

    python tools/sizes.py [ROOT]

Limits in lines: a file 400, a test file 600, an `__init__.py` 60, a function 70
(decorators left out, docstring included). Prints `file:line: what`; exit code 1 if
anything is over its limit. Standard library only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

FOLDERS = ("eventsim", "tests", "tools")
FILE_LINES = 400
TEST_FILE_LINES = 600
INIT_LINES = 60
FUNCTION_LINES = 70


def limit_of(path: Path) -> int:
    """The most lines that the file at a path relative to the root may have."""
    if path.name == "__init__.py":
        return INIT_LINES
    return TEST_FILE_LINES if path.parts[0] == "tests" else FILE_LINES


def long_functions(tree: ast.Module) -> Iterator[tuple[ast.stmt, str, int]]:
    """Each function over the limit: its node, name and lines."""
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            if lines > FUNCTION_LINES:
                yield node, node.name, lines


def findings(root: Path) -> Iterator[str]:
    """One line for each file or function over its limit, sorted by path."""
    sources = (p for folder in FOLDERS for p in sorted((root / folder).rglob("*")))
    for path in sources:
        if path.suffix != ".py" and path != root / "tools" / "check":
            continue
        relative = path.relative_to(root)
        text = path.read_text("utf-8")
        lines, limit = len(text.splitlines()), limit_of(relative)
        if lines > limit:
            yield f"{relative}:{limit + 1}: {lines} lines in a file, at most {limit}"
        try:
            tree = ast.parse(text, str(path))
        except SyntaxError as error:
            yield f"{relative}:{error.lineno}: {error.msg}"
            continue
        for node, name, length in long_functions(tree):
            yield (
                f"{relative}:{node.lineno}: {length} lines in {name}(), "
                f"at most {FUNCTION_LINES}"
            )


def main(arguments: list[str]) -> int:
    """Print the findings."""
    here = Path(__file__).resolve().parent.parent
    found = list(findings(Path(arguments[0]).resolve() if arguments else here))
    print("\n".join(found) or "every file and function is within its size")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
