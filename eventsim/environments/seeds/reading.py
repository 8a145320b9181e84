"""Seeds: example tools of a domain, from a file of OpenAI function specifications.

Also a domain known only by its name and description. What a file holds is checked
before anything is generated from it: each kind of bad file is one line that says what
is wrong, where, and what to do. Seeds are examples, so that missing descriptions are
let pass (the name in words stands in their place); what cannot stand in a request is
not.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from eventsim.core.values import freeze
from eventsim.errors import BadInput, UsageError
from eventsim.pipelines.stages.json_schemas import fault_of, plain

__all__ = ["MOST_SEEDS", "Seeds", "described", "parse_seeds", "read_seeds"]

MOST_SEEDS = 1_000
_MOST_BYTES = 20_000_000
_MOST_LETTERS = 4_000
_TITLE_WORDS = 8
_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
_LINES = frozenset({".jsonl", ".ndjson"})
_SCHEMA_KEYS = ("parameters", "input_schema", "inputSchema")
_SHAPE = (
    "give a JSON array of OpenAI function tools, or an object with title, about and "
    "tools"
)


@dataclass(frozen=True, slots=True)
class Seeds:
    """Example tools of a domain, as OpenAI function tools with distinct names; none
    for a domain that is only described. `title` completes "the assistant of".
    """

    name: str
    title: str
    about: str
    tools: tuple[Mapping[str, Any], ...] = ()


def described(text: str) -> Seeds:
    """A domain by its name and description: `Bike rental: we lend bikes in Gent.`
    Raises: UsageError.
    """
    plain_text = " ".join(text.split())
    if not plain_text or "\0" in text:
        raise UsageError(
            'a domain needs a name or a description, such as "Bike rental: '
            'customers rent bikes at ten stations"'
        )
    if len(plain_text) > _MOST_LETTERS:
        raise UsageError(
            f"the description of the domain has {len(plain_text):,} letters; "
            f"say it in at most {_MOST_LETTERS:,}"
        )
    title, colon, about = plain_text.partition(": ")
    if not colon or len(title.split()) > _TITLE_WORDS:
        short = len(plain_text.split()) <= _TITLE_WORDS
        title, about = (plain_text.rstrip("."), "") if short else ("", plain_text)
    words = (title or about).split()[:4]
    return Seeds(_slug(" ".join(words)), title or "this service", about)


def read_seeds(path: Path) -> Seeds:
    """The seeds of a JSON or JSONL file. Raises: BadInput."""
    where = str(path)
    try:
        if path.stat().st_size > _MOST_BYTES:
            raise BadInput(
                f"{where} is larger than {_MOST_BYTES // 1_000_000} MB; "
                f"keep the tools of one domain, at most {MOST_SEEDS:,}"
            )
        data = path.read_bytes()
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise BadInput(
            f"{where} cannot be read: {reason}; give a file of function tools"
        ) from error
    return parse_seeds(data, where, name=path.stem, lines=path.suffix.lower() in _LINES)


def parse_seeds(data: bytes, where: str, *, name: str, lines: bool = False) -> Seeds:
    """The seeds in the bytes of a file; `where` stands in errors, `lines` says that
    it is JSONL. Raises: BadInput.
    """
    _check_text(data, where)
    title, about = " ".join(re.split(r"[\s_-]+", name)).strip() or "this service", ""
    found: list[tuple[str, Any]]
    if lines or _looks_like_lines(data):
        found = list(_parsed_lines(data, where))
    else:
        value = _parsed(data, where)
        if isinstance(value, Mapping) and "tools" in value:
            title = _text(value, "title", where) or title
            about = _text(value, "about", where)
            value = value["tools"]
        elif isinstance(value, Mapping) and {"function", "name"} & set(value):
            value = [value]
        if not isinstance(value, list):
            raise BadInput(f"{where} holds no tools: {_SHAPE}")
        found = [(f"tool {number}", tool) for number, tool in enumerate(value, 1)]
    if not found:
        raise BadInput(f"{where} holds no tools: {_SHAPE}")
    if len(found) > MOST_SEEDS:
        raise BadInput(
            f"{where} holds {len(found):,} tools; at most {MOST_SEEDS:,} are taken, "
            "keep those of one domain"
        )
    return Seeds(_slug(name), title, about, _distinct(found, where))


def _slug(name: str) -> str:
    """A name that can stand in labels: small letters, digits and hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:40] or "seeds"


def _check_text(data: bytes, where: str) -> None:
    if not data.strip():
        raise BadInput(f"{where} is empty: {_SHAPE}")
    if b"\0" in data:
        raise BadInput(f"{where} holds a NUL byte, so it is no JSON text: {_SHAPE}")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise BadInput(
            f"{where} is not UTF-8 at byte {error.start}; save it as UTF-8"
        ) from error


def _looks_like_lines(data: bytes) -> bool:
    """Whether a file is JSONL whatever its name: its first line is a whole object,
    and more follow.
    """
    lines = data.strip().splitlines()
    if len(lines) < 2 or not lines[0].lstrip().startswith(b"{"):
        return False
    try:
        orjson.loads(lines[0])
    except orjson.JSONDecodeError:
        return False
    return True


def _parsed(data: bytes, where: str) -> Any:
    try:
        return orjson.loads(data.removeprefix(b"\xef\xbb\xbf"))
    except orjson.JSONDecodeError as error:
        raise BadInput(
            f"{where} is not JSON, at line {error.lineno} column {error.colno}: "
            f"{_reason(error)}; {_SHAPE}"
        ) from error


def _parsed_lines(data: bytes, where: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").splitlines(), 1):
        if not line.strip():
            continue
        try:
            yield f"line {number}", orjson.loads(line)
        except orjson.JSONDecodeError as error:
            raise BadInput(
                f"{where} is not JSON at line {number}: {_reason(error)}; "
                "give one function tool on each line"
            ) from error


def _reason(error: orjson.JSONDecodeError) -> str:
    return " ".join(error.msg.split())


def _text(value: Mapping[str, Any], key: str, where: str) -> str:
    text = value.get(key) or ""
    if not isinstance(text, str):
        raise BadInput(f"{where}: {key} is no text; write it as a JSON string")
    if len(text) > _MOST_LETTERS:
        raise BadInput(
            f"{where}: {key} has {len(text):,} letters; say it in at most "
            f"{_MOST_LETTERS:,}"
        )
    return " ".join(text.split())


def _distinct(
    found: list[tuple[str, Any]], where: str
) -> tuple[Mapping[str, Any], ...]:
    places: dict[str, str] = {}
    tools = []
    for place, value in found:
        tool = _tool(value, f"{where}, {place}")
        name = tool["function"]["name"]
        if name in places:
            raise BadInput(
                f"{where}, {place}: the name {name} is that of {places[name]} too; "
                "give each tool its own name"
            )
        places[name] = place
        tools.append(tool)
    return tuple(tools)


def _tool(value: Any, where: str) -> Mapping[str, Any]:
    """One function tool in the shape of requests."""
    function = value.get("function", value) if isinstance(value, Mapping) else None
    name = function.get("name") if isinstance(function, Mapping) else None
    if not isinstance(function, Mapping) or not isinstance(name, str):
        raise BadInput(
            f'{where} is no function tool: give {{"type": "function", "function": '
            '{"name", "description", "parameters"}}'
        )
    if not _NAME.fullmatch(name):
        raise BadInput(
            f"{where}: the name {name[:40]!r} is refused by endpoints; use 1 to 64 "
            "letters, digits, _ and -"
        )
    about = function.get("description") or ""
    if not isinstance(about, str):
        raise BadInput(f"{where} ({name}): its description is no text; write a string")
    given: Any = next((function[k] for k in _SCHEMA_KEYS if function.get(k)), {})
    schema = plain(given)
    if isinstance(schema, dict):
        schema.setdefault("type", "object")
        schema.setdefault("properties", {})
    fault = fault_of(schema)
    if not fault and schema["type"] != "object":
        fault = "the type is not object"
    if fault:
        raise BadInput(
            f"{where} ({name}): its parameters are no valid JSON Schema of an object: "
            f"{fault}; correct them"
        )
    for key, inner in schema["properties"].items():
        if isinstance(inner, dict) and not inner.get("description"):
            inner["description"] = f"The {_words(key).lower()}."
    tool: Mapping[str, Any] = freeze(
        {
            "type": "function",
            "function": {
                "name": name,
                "description": " ".join(about.split()) or f"{_words(name)}.",
                "parameters": schema,
            },
        }
    )
    return tool


def _words(name: str) -> str:
    """A name as words: `bookFlight` and `book_flight` are "Book flight"."""
    parts = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|[_.-]+", " ", name).split()
    return " ".join(parts).lower().capitalize()
