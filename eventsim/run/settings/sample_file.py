"""The commented file that `eventsim init` writes, made from the shape itself.

A line with a name at once after its `#` is a setting commented out; a comment in words
has a space there. Read as it is, the file changes nothing, so that a preset counts;
with every `#` before a name taken away, it says every setting.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args, get_origin

from pydantic import BaseModel

from eventsim.run.settings.explanations import EXPLANATIONS, HEADINGS, Explanation
from eventsim.run.settings.layers import Path
from eventsim.run.settings.shape import (
    Document,
    RoleSettings,
    annotation_of,
    section_of,
)

__all__ = ["sample_file"]

_WIDTH = 88
_COLUMN = 36
_NAMED: Mapping[Path, str] = {
    ("environments",): "shop",
    ("endpoints",): "here",
    ("endpoints", "here", "prices"): "MODEL-NAME",
}
"""What the user's own names are called in the file."""

_HEAD = """\
# The configuration of `eventsim run`. What is said in the environment (EVENTSIM_COUNT,
# EVENTSIM_LIMITS__MAX_TURNS) and in flags (--set limits.max_turns=80) wins over it.
# `eventsim plan` shows what all of it comes to, and calls nothing.
#
# Take the # away before what you want to say. What is shown is the default, or (e.g.)
# an example where there is none.
#
# Two examples; say such things below, where each has its place.
#
# A hosted model, its key in the variable OPENAI_API_KEY:
#
#     model: gpt-5-mini
#     base_url: https://api.openai.com/v1
#     budget: {usd: 5.0}
#
# A local model, behind any server that speaks the same protocol, and a small one of its
# own for the user:
#
#     model: Qwen/Qwen3-8B
#     base_url: http://localhost:8000/v1
#     roles:
#       user: {model: Qwen/Qwen3-4B, base_url: http://localhost:8001/v1}
"""


def sample_file() -> str:
    """The text of the file."""
    return "\n".join([_HEAD.rstrip(), *_section(Document, ())]) + "\n"


def _section(section: type[BaseModel], path: Path) -> Iterator[str]:
    for name, field in section.model_fields.items():
        if not path and name in HEADINGS:
            yield ""
            yield f"# {f' {HEADINGS[name]} ':-^{_WIDTH - 2}}"
        yield from _entry((*path, name), field.get_default())


def _entry(path: Path, default: Any) -> Iterator[str]:
    section = section_of(annotation_of(path))
    if section is RoleSettings and path[-1] != "user":
        yield _line(path, "")
    elif section is not None:
        yield _line(path, "")
        yield from _section(section, path)
    elif (inner := _section_of_names(path)) is not None:
        named = (*path, _NAMED[path])
        yield _line(path, "")
        yield _line(named, "")
        yield from _section(inner, named)
    else:
        example = _explained(path).example
        yield _line(path, example or _yaml(default), is_example=bool(example))


def _line(path: Path, value: str, *, is_example: bool = False) -> str:
    indent = "  " * (len(path) - 1)
    text = f"{path[-1]}: {value}" if value else f"{path[-1]}:"
    text = f"{indent}{'#' if value or _is_named(path) else ''}{text}"
    said = _explained(path).line
    if is_example and not _is_named(path) and path[0] != "roles":
        said = f"(e.g.) {said}".rstrip()
    if not said:
        return text
    for column in range(max(_COLUMN, len(text)), len(text) - 1, -1):
        line = f"{text:<{column}}  # {said}"
        if len(line) <= _WIDTH:
            return line
    return f"{indent}# {said}\n{text}"


def _is_named(path: Path) -> bool:
    """Whether it stands under a name of the user's choice."""
    return any(path[: len(above)] == above < path for above in _NAMED)


def _section_of_names(path: Path) -> type[BaseModel] | None:
    """The section that each of the user's own names opens, if there is one."""
    annotation = annotation_of(path)
    if get_origin(annotation) is not dict:
        return None
    return section_of(get_args(annotation)[1])


def _explained(path: Path) -> Explanation:
    own = {*_NAMED.values()}
    general = tuple("*" if name in own else name for name in path)
    if path[:2] == ("roles", "user"):
        general = ("roles", "*", *path[2:])
    return EXPLANATIONS.get(".".join(general), Explanation(""))


def _yaml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Mapping):
        return "{}"
    if isinstance(value, list | tuple):
        return "[]"
    return "''" if value == "" else str(value)
