"""YAML read so that nothing is taken for something else.

Scalars follow YAML 1.2's core schema: `no` is a text and not false, `012` is refused
and not ten, `1:30` is a text and not ninety, dates are texts, `1e-3` is a number. Twice
the same key is refused, aliases may not multiply a document, tags are refused. What is
returned are plain values, and the line of each key.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from eventsim.errors import UsageError

if TYPE_CHECKING:
    from yaml.nodes import MappingNode, Node, ScalarNode

__all__ = ["MOST_BYTES", "Parsed", "parse_yaml"]

MOST_BYTES = 1_000_000
_MOST_NODES = 20_000
_DEEPEST = 40
_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_TRUE = frozenset({"true", "True", "TRUE"})
_FALSE = frozenset({"false", "False", "FALSE"})
_INTEGER = re.compile(r"[-+]?(?:0|[1-9][0-9]*)")
_FLOAT = re.compile(r"[-+]?(?:[0-9]+\.[0-9]*|\.?[0-9]+)(?:[eE][-+]?[0-9]+)?")
_LEADING_ZERO = re.compile(r"[-+]?0[0-9]+")
_MERGE = "<<"


@dataclass(frozen=True)
class Parsed:
    """Plain values; `lines` are 1-based, by the path of each key of each mapping."""

    value: Any
    lines: dict[tuple[str, ...], int] = field(default_factory=dict)


def parse_yaml(text: str, where: str) -> Parsed:
    """The one document of a text; None if it holds nothing. `where` begins messages.

    Raises: UsageError.
    """
    if len(text.encode("utf-8", "replace")) > MOST_BYTES:
        raise UsageError(f"{where} is larger than a configuration can be (1 MB)")
    node = _composed(text, where)
    if node is None:
        return Parsed(None)
    reader = _Reader(where)
    reader.measure(node)
    return Parsed(reader.value(node, ()), reader.lines)


def _composed(text: str, where: str) -> Node | None:
    import yaml

    loader = yaml.SafeLoader
    try:
        composed: Node | None = yaml.compose(text, Loader=loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line = f", line {mark.line + 1}" if mark else ""
        raise UsageError(f"{where}{line}: {_advised(error.problem)}") from None
    except yaml.YAMLError:
        raise UsageError(
            f"{where} holds a character that YAML does not allow; save it as plain text"
        ) from None
    except RecursionError:
        raise UsageError(f"{where} is nested too deeply") from None
    return composed


def _advised(problem: str | None) -> str:
    said = problem or "this is no YAML"
    if "'\\t'" in said:
        return "a tab stands in the indentation; indent with spaces"
    if "found another document" in said:
        return "a second document begins; keep one, without ---"
    if "mapping values are not allowed here" in said:
        return "a colon stands where none can; put the text into quotes"
    if "found undefined alias" in said:
        return "an alias (*) has no anchor (&); put a text with * into quotes"
    return f"this is no YAML: {said}"


class _Reader:
    """From nodes to values, with the line of each key."""

    def __init__(self, where: str) -> None:
        self._where = where
        self._sizes: dict[int, int] = {}
        self.lines: dict[tuple[str, ...], int] = {}

    # --- bounds ---------------------------------------------------------------------

    def measure(self, node: Node, above: tuple[int, ...] = ()) -> int:
        """The nodes below, aliases written out. Raises: UsageError for too many."""
        if id(node) in above:
            raise self._refused(node, "an anchor holds itself; write it out")
        if len(above) > _DEEPEST:
            raise self._refused(node, "this is nested too deeply")
        if id(node) not in self._sizes:
            inner = (*above, id(node))
            size = 1 + sum(self.measure(child, inner) for child in _children(node))
            if size > _MOST_NODES:
                raise self._refused(
                    node, "this is too much for a configuration, aliases written out"
                )
            self._sizes[id(node)] = size
        return self._sizes[id(node)]

    # --- values ---------------------------------------------------------------------

    def value(self, node: Node, path: tuple[str, ...]) -> Any:
        """A node's value. Raises: UsageError."""
        kind = type(node).__name__
        if node.tag.startswith("!") or "python/" in node.tag:
            raise self._refused(node, "tags (!) are not taken; write the plain value")
        if kind == "ScalarNode":
            return self._scalar(node)  # type: ignore[arg-type]
        if kind == "SequenceNode":
            return [self.value(child, path) for child in node.value]
        return self._mapping(node, path)  # type: ignore[arg-type]

    def _mapping(self, node: MappingNode, path: tuple[str, ...]) -> dict[str, Any]:
        own: dict[str, Any] = {}
        merged: dict[str, Any] = {}
        first: dict[str, int] = {}
        for key_node, value_node in node.value:
            key, line = self._key(key_node), key_node.start_mark.line + 1
            if key == _MERGE and key_node.style is None:
                merged = {**self._merged(value_node, path), **merged}
                continue
            if key in first:
                raise self._refused(
                    key_node,
                    f"{_shown(key)} stands here twice (first in line {first[key]}); "
                    "keep one",
                )
            first[key] = line
            self.lines[*path, key] = line
            own[key] = self.value(value_node, (*path, key))
        return {**merged, **own}

    def _merged(self, node: Node, path: tuple[str, ...]) -> dict[str, Any]:
        parts = node.value if type(node).__name__ == "SequenceNode" else [node]
        result: dict[str, Any] = {}
        for part in reversed(parts):
            if type(part).__name__ != "MappingNode":
                raise self._refused(node, "<< takes a mapping")
            result |= self._mapping(part, path)
        return result

    def _key(self, node: Node) -> str:
        if type(node).__name__ != "ScalarNode":
            raise self._refused(node, "a name must be a text")
        return str(node.value)

    def _scalar(self, node: ScalarNode) -> Any:
        text = str(node.value)
        if node.style is not None or node.tag not in _IMPLICIT:
            return text
        if text in _NULL:
            return None
        if text in _TRUE or text in _FALSE:
            return text in _TRUE
        if _LEADING_ZERO.fullmatch(text):
            raise self._refused(
                node,
                "a number begins with 0, which some read as octal; leave the 0 away, "
                "or put a text into quotes",
            )
        if _INTEGER.fullmatch(text):
            if len(text) > 20 or not -(2**63) <= int(text) < 2**63:
                raise self._refused(node, "a whole number is too large")
            return int(text)
        if _FLOAT.fullmatch(text):
            number = float(text)
            if not math.isfinite(number):
                raise self._refused(node, "a number is too large")
            return number
        return text

    def _refused(self, node: Node, why: str) -> UsageError:
        return UsageError(f"{self._where}, line {node.start_mark.line + 1}: {why}")


_IMPLICIT = frozenset(
    f"tag:yaml.org,2002:{kind}"
    for kind in ("null", "bool", "int", "float", "timestamp", "merge", "value", "str")
)


def _children(node: Node) -> list[Node]:
    kind = type(node).__name__
    if kind == "MappingNode":
        return [child for pair in node.value for child in pair]
    return list(node.value) if kind == "SequenceNode" else []


def _shown(key: str) -> str:
    from eventsim.run.settings.secrets import looks_secret

    return "a name" if looks_secret(key) else key
