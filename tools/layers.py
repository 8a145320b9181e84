"""Check that imports run in one direction only, and that pure layers are pure.

    python tools/layers.py [PACKAGE_FOLDER]

- A module imports only from its own layer and from those before it in LAYERS;
  imports inside functions and under TYPE_CHECKING count as well.
- Modules do not import each other in a circle.
- A sub-package's `__init__` is empty (a docstring is allowed), so that importing one
  module never imports its neighbours.
- Layers in PURE have no `async`, import nothing outside ALLOWED and read no clock, no
  file and no terminal.

Prints `file:line: what`; exit code 1 if anything was found. Standard library only.
"""

from __future__ import annotations

import ast
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

LAYERS = (
    "errors",
    "core.values",  # what configuration, too, is made of
    "config",
    "core",
    "prompts",
    "quality",
    "roles",
    "behaviour",
    "pipelines",
    "exchange",
    "plugins",  # what others bring
    "log",
    "providers",
    "environments",
    "run",
    "api",
    "web",
    "cli",
)

PURE = frozenset({"core", "roles", "behaviour", "quality", "pipelines", "exchange"})

# What pure code may import. No clock, file, socket, process, thread or environment.
ALLOWED = frozenset(
    "__future__ abc ast base64 binascii bisect collections copy dataclasses datetime "
    "decimal difflib enum fractions functools graphlib hashlib heapq html itertools "
    "json math operator re statistics string struct textwrap types typing unicodedata "
    "zlib jsonschema_rs orjson pydantic pydantic_core".split()
)
IMPURE_CALLS = frozenset(
    "__import__ open print input breakpoint now utcnow today "
    "read_text read_bytes write_text write_bytes".split()
)

# What single modules may do beside that, and why.
EXCEPTIONS = {
    "core.draws": ("random.Random",),  # seeded, made from a draw
    "roles.parsing": ("json_repair",),  # a function of the text alone
    "prompts.render": ("importlib.resources", "jinja2", "read_text()"),  # its own files
}


@dataclass(frozen=True)
class Module:
    """One source file: its dotted name below the package, and what it holds."""

    name: str
    path: Path
    tree: ast.Module
    is_package: bool


@dataclass(frozen=True)
class Import:
    """One imported dotted name and where."""

    target: str
    line: int


def layer_of(name: str) -> str | None:
    """The layer of a module: the longest entry of LAYERS that it is in."""
    homes = [x for x in LAYERS if name == x or name.startswith(f"{x}.")]
    return max(homes, key=len, default=None)


def is_pure(name: str) -> bool:
    """Whether the rules of pure code hold for a module."""
    return name.split(".")[0] in PURE or name.startswith("prompts.")


def modules_of(package: Path) -> dict[str, Module]:
    """Every module below the package by its dotted name without the package's own."""
    found = {}
    for path in sorted(package.rglob("*.py")):
        parts = path.relative_to(package).with_suffix("").parts
        is_package = parts[-1] == "__init__"
        name = ".".join(parts[:-1] if is_package else parts)
        tree = ast.parse(path.read_text("utf-8"), str(path))
        found[name] = Module(name, path, tree, is_package)
    return found


def imports_of(module: Module, package: str) -> Iterator[Import]:
    """Every import statement's targets, absolute, lazy ones too."""
    for node in ast.walk(module.tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield Import(alias.name, node.lineno)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                here = [package, *module.name.split(".")]
                up = node.level - (1 if module.is_package else 0)
                kept = here[: len(here) - up]
                base = ".".join([*kept, *base.split(".")]).rstrip(".")
            for alias in node.names:
                yield Import(f"{base}.{alias.name}", node.lineno)


def within(target: str, package: str, modules: Mapping[str, Module]) -> str | None:
    """The module of the package that a target names; None for foreign targets."""
    if target != package and not target.startswith(f"{package}."):
        return None
    name = target[len(package) + 1 :]
    while name and name not in modules:
        name = name.rpartition(".")[0]
    return name


def order_findings(
    module: Module, package: str, modules: Mapping[str, Module]
) -> Iterator[tuple[int, str]]:
    """Imports that run against the order of the layers."""
    home = layer_of(module.name)
    if home is None:
        if module.name not in {"", "__main__"}:
            yield 1, f"{module.name} is in no layer: add it to LAYERS"
        return
    for found in imports_of(module, package):
        target = within(found.target, package, modules)
        other = layer_of(target) if target else None
        if other and LAYERS.index(other) > LAYERS.index(home):
            yield found.line, f"{home} may not import {target}: {other} is above it"


def purity_findings(module: Module, package: str) -> Iterator[tuple[int, str]]:
    """What pure code may not do."""
    allowed = EXCEPTIONS.get(module.name, ())
    for found in imports_of(module, package):
        top = found.target.split(".")[0]
        excused = any(f"{found.target}.".startswith(f"{x}.") for x in allowed)
        if top != package and top not in ALLOWED and not excused:
            yield found.line, f"pure code may not import {found.target}"
    for node in ast.walk(module.tree):
        match node:
            case (
                ast.AsyncFunctionDef() | ast.Await() | ast.AsyncWith() | ast.AsyncFor()
            ):
                yield node.lineno, "pure code may not be async"
            case (
                ast.Call(func=ast.Name(id=name))
                | ast.Call(func=ast.Attribute(attr=name))
            ) if name in IMPURE_CALLS and f"{name}()" not in allowed:
                yield node.lineno, f"pure code may not call {name}()"
            case _:
                pass


def circle_findings(
    package: str, modules: Mapping[str, Module]
) -> Iterator[tuple[Module, int, str]]:
    """One circle of imports, if there is any."""
    graph: dict[str, dict[str, int]] = {}
    for name, module in modules.items():
        targets = graph.setdefault(name, {})
        for found in imports_of(module, package):
            target = within(found.target, package, modules)
            if target and target != name:
                targets.setdefault(target, found.line)
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        circle = list(reversed(error.args[1]))  # each imports the next
        line = graph[circle[0]].get(circle[1], 1)
        yield modules[circle[0]], line, "import circle: " + " -> ".join(circle)


def init_findings(module: Module) -> Iterator[tuple[int, str]]:
    """Statements in a sub-package's `__init__`, its docstring aside."""
    for node in module.tree.body:
        is_text = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not is_text:
            yield node.lineno, "the __init__ of a sub-package stays empty"
            return


def findings(package: Path) -> list[str]:
    """All findings as sorted lines `file:line: what`, paths relative to the parent."""
    try:
        modules = modules_of(package)
    except SyntaxError as error:
        file = Path(error.filename or "").relative_to(package.parent)
        return [f"{file}:{error.lineno}: {error.msg}"]
    found: list[tuple[Module, int, str]] = []
    for module in modules.values():
        found += [(module, *x) for x in order_findings(module, package.name, modules)]
        if is_pure(module.name):
            found += [(module, *x) for x in purity_findings(module, package.name)]
        if module.is_package and module.name:
            found += [(module, *x) for x in init_findings(module)]
    found += circle_findings(package.name, modules)
    places = {(str(m.path.relative_to(package.parent)), n, w) for m, n, w in found}
    return [f"{path}:{line}: {what}" for path, line, what in sorted(places)]


def main(arguments: list[str]) -> int:
    """Print the findings."""
    here = Path(__file__).resolve().parent.parent / "eventsim"
    found = findings(Path(arguments[0]).resolve() if arguments else here)
    print("\n".join(found) or "imports run one way and pure code is pure")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
