"""A call for a request that the rules do not read, where tool and text agree in words.

Tools from elsewhere have names and parameters that no rule foresees. One is called if
its name speaks of what the person wrote, it does what they ask for, and every required
argument stands in their words; if one argument is missing, it is asked for.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, NamedTuple

__all__ = ["Guess", "changes", "guess"]

_WORD = re.compile(r"[^\W\d_]+")
_CAMEL = re.compile(r"(?<=[a-z])(?=[A-Z])")
_CHANGES: Mapping[str, str] = {
    word: first
    for first, words in {
        "create": "create add place make book enter register open reserve schedule put",
        "update": "update change set edit modify rename move",
        "delete": "delete remove drop",
        "cancel": "cancel",
        "send": "send post write message mail",
        "transfer": "transfer pay buy order withdraw deposit",
        "return": "return refund exchange",
    }.items()
    for word in words.split()
}
_PLAIN = frozenset(
    "a about an and are at by can could do does find for from get give have i in is it "
    "know like list look me my need of on or out please search see show tell that the "
    "their there this to up want what when where which who with would you your".split()
)
_QUOTED = re.compile(r"[\"“]([^\"“”]+)[\"”]")
_EMAIL = re.compile(r"[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")
_CODE = re.compile(r"\b(?=[\w-]*\d)[A-Za-z][\w-]*\b|#?\b\d{3,}\b")
_NUMBER = re.compile(r"(?<![\w.-])-?\d+(?:\.\d+)?(?![\w-])")
_NAME = re.compile(r"(?<![.!?] )(?<!^)\b[A-ZÀ-Þ][\w-]+(?: [A-ZÀ-Þ][\w-]+)*(?!')")
_BY_CODE = frozenset("id code number no ref reference key sku".split())


class Guess(NamedTuple):
    """A call, or (with `missing`) what must be asked before it."""

    name: str
    arguments: Mapping[str, Any]
    missing: str = ""


def changes(name: str) -> bool:
    """Whether the name of a tool says that it changes something."""
    return bool(_verb_of(list(_words(_spoken(name)))))


def guess(text: str, tools: Sequence[Mapping[str, Any]]) -> Guess | None:
    """The call that a text asks for, None if no tool is near."""
    words, wanted = set(_words(text)), _wanted(text)
    best: tuple[int, Guess] | None = None
    for function in tools:
        score = _score(function, words, wanted)
        if score <= 0:
            continue
        found = _filled(function, text)
        if found is None:
            continue
        score -= 2 * bool(found.missing)
        if best is None or score > best[0]:
            best = score, found
    return best[1] if best is not None else None


def _wanted(text: str) -> set[str]:
    """The changes that a text asks for: verbs where verbs stand, and not in a question
    about what was done.
    """
    if _PAST.match(text):
        return set()
    found = (match[1].lower() for match in _ASKED.finditer(text))
    return {_CHANGES[word] for word in found if word in _CHANGES}


_ASKED = re.compile(
    r"(?:^|[.,;!?]\s+|\b(?:to|please|you|and|then|also|me|now|just)\s+)"
    r"(?=([A-Za-z]+)\b)",
    re.IGNORECASE,
)
_PAST = re.compile(r"\s*(?:did|have|has|had|was|were)\b", re.IGNORECASE)


def _score(function: Mapping[str, Any], words: set[str], wanted: set[str]) -> int:
    """How much a tool speaks of these words; nothing if it does something else."""
    name = list(_words(_spoken(str(function.get("name", "")))))
    about = set(_words(str(function.get("description", ""))))
    first = _verb_of(name)
    verb = _CHANGES.get(first, "")
    if (verb or wanted) and verb not in wanted:
        return 0
    nouns = {word for word in name if word not in _PLAIN and word != first}
    shared = nouns & words
    if not shared and (nouns or not about & words - _PLAIN):
        return 0
    return 3 * len(shared) + 3 * bool(verb) + len((about - _PLAIN) & words)


def _verb_of(name: Sequence[str]) -> str:
    """The word of a tool's name that says that it changes something: the first or the
    last, where none says that it looks something up.
    """
    if not name or set(name) & _LOOKS:
        return ""
    return next((word for word in (name[0], name[-1]) if word in _CHANGES), "")


_LOOKS = frozenset(
    "get list find search look check show read count fetch view query status lookup "
    "retrieve history detail".split()
)


def _filled(function: Mapping[str, Any], text: str) -> Guess | None:
    """The tool with its required arguments from the text; None if more than one of
    them is not there.
    """
    parameters = function.get("parameters")
    schema = parameters if isinstance(parameters, Mapping) else {}
    properties = schema.get("properties")
    properties = properties if isinstance(properties, Mapping) else {}
    arguments: dict[str, Any] = {}
    taken: set[str] = set()
    missing: list[str] = []
    for name in schema.get("required") or ():
        inner = properties.get(name)
        value = _value(
            str(name), inner if isinstance(inner, Mapping) else {}, text, taken
        )
        if value is None:
            missing.append(_spoken(str(name)))
        else:
            arguments[str(name)] = value
    if len(missing) > 1:
        return None
    return Guess(str(function.get("name", "")), arguments, "".join(missing))


def _value(name: str, schema: Mapping[str, Any], text: str, taken: set[str]) -> Any:
    """A value of the text for a parameter, each used once."""
    choices = schema.get("enum")
    if isinstance(choices, list | tuple):
        low = text.lower()
        return next((c for c in choices if str(c).lower() in low), None)
    kind = schema.get("type", "string")
    if kind in ("integer", "number"):
        for found in _NUMBER.findall(text):
            if found not in taken and (kind == "number" or "." not in found):
                taken.add(found)
                return float(found) if "." in found else int(found)
        return None
    if kind != "string":
        return None
    for found in _texts(name, schema, text):
        if not any(found in each for each in taken):
            taken.add(found)
            return found
    return None


def _texts(name: str, schema: Mapping[str, Any], text: str) -> Iterator[str]:
    """The likeliest first."""
    words = set(_words(_spoken(name)))
    if "mail" in name.lower():
        yield from _EMAIL.findall(text)
        return
    if "date" in words or schema.get("format") == "date":
        yield from _DATE.findall(text)
        return
    codes = [found.lstrip("#") for found in _CODE.findall(text)]
    if words & _BY_CODE or name.lower().endswith("id"):
        yield from codes
    yield from _QUOTED.findall(text)
    yield from _NAME.findall(text)
    yield from codes


def _spoken(name: str) -> str:
    return " ".join(re.split(r"[_\-.\s]+", _CAMEL.sub(" ", name))).lower().strip()


def _words(text: str) -> Iterator[str]:
    """Words without the endings of number."""
    for word in _WORD.findall(text.lower()):
        yield word[:-1] if len(word) > 3 and word.endswith("s") else word
