"""What the policy in the system text demands: a code, a yes, and what to refuse.

Read by rule from numbered or plain sentences, once for each distinct text. A rule that
is not understood changes nothing.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.assistant.english import WRITE_VERBS
from eventsim.providers.rule_based.assistant.tokens import tokens

__all__ = ["Policy", "Rule", "read_policy"]

_SECTION = re.compile(r"^#+ *policy *$", re.IGNORECASE | re.MULTILINE)
_HEADING = re.compile(r"^#+ ", re.MULTILINE)
_CODE = re.compile(
    r"\b(?:valid|right|correct)\s+(?P<name>(?:[\w-]+ )?(?:code|pin|password))\s+is\s+"
    r"[\"'“]?(?P<code>[\w-]*\w)",
    re.IGNORECASE,
)
_ASKS_CODE = re.compile(
    r"\b(?:ask|require|need)\w*\b[^.]*\b(?:code|pin|password)\b", re.IGNORECASE
)
_CONFIRM = re.compile(
    r"\b(?:before|prior to)\b[^.]*\b(?:change|write|update|modif)[^.]*"
    r"\b(?:yes|confirm|approv|go-ahead|agree)",
    re.IGNORECASE,
)
_CONFIRM_LATER = re.compile(
    r"\b(?:change|write)s?\b[^.]*\bonly (?:after|if|when)\b[^.]*"
    r"\b(?:yes|confirm|agree)",
    re.IGNORECASE,
)
_FORBIDS = re.compile(
    r"\b(?:do not|don't|never|must not|may not|cannot|is not allowed to|refuse to)\s+"
    r"(?P<verb>[a-z]+)(?P<more>(?:,? (?:or|and) [a-z]+| [a-z]+,)*)\s+(?P<what>[^.:;]*)",
    re.IGNORECASE,
)
_PASSIVE = re.compile(
    r"^(?P<what>[^.:;]*?)\s+(?:must|may|can|should)(?:not| not| never) be "
    r"(?P<verb>[a-z]+)(?P<more>(?:,? (?:or|and) [a-z]+)*)",
    re.IGNORECASE,
)
_PARTICIPLES = {
    "deleted": "delete",
    "removed": "delete",
    "cancelled": "delete",
    "canceled": "delete",
    "changed": "update",
    "updated": "update",
    "edited": "update",
    "modified": "update",
    "set": "update",
    "added": "create",
    "created": "create",
    "inserted": "create",
}


@dataclass(frozen=True, slots=True)
class Rule:
    """Acts that are refused on what `what` names, in the policy's own words."""

    acts: frozenset[str]
    what: str


@dataclass(frozen=True, slots=True)
class Policy:
    """`code` is the valid code, `code_name` what the policy calls it."""

    code: str | None = None
    code_name: str = "code"
    confirm: bool = False
    rules: tuple[Rule, ...] = ()


@lru_cache(maxsize=256)
def read_policy(system: str) -> Policy:
    """The policy that a system message states."""
    text = _section(system)
    code = _CODE.search(text)
    asked = _ASKS_CODE.search(text)
    rules = []
    for line in re.split(r"\n+|(?<=[.;])\s+", text):
        rule = _rule(re.sub(r"^\s*(?:\d+[.)]|[-*])\s*", "", line).strip())
        if rule is not None:
            rules.append(rule)
    return Policy(
        code=code["code"] if code and asked else None,
        code_name=code["name"].lower() if code else "code",
        confirm=bool(_CONFIRM.search(text) or _CONFIRM_LATER.search(text)),
        rules=tuple(rules),
    )


def _section(system: str) -> str:
    found = _SECTION.search(system)
    if found is None:
        return system
    rest = system[found.end() :]
    end = _HEADING.search(rest)
    return rest[: end.start()] if end else rest


def _rule(line: str) -> Rule | None:
    found = _PASSIVE.search(line) or _FORBIDS.search(line)
    if found is None:
        return None
    words = [found["verb"], *re.findall(r"[a-z]+", found["more"].lower())]
    acts = {
        act
        for word in words
        if (act := _PARTICIPLES.get(word.lower()) or WRITE_VERBS.get(word.lower()))
    }
    what = re.sub(r"\b(?:even|unless|without|although|because)\b.*", "", found["what"])
    if not acts or not any(t.kind == "word" for t in tokens(what)):
        return None
    return Rule(frozenset(acts), what.strip(" ,"))
