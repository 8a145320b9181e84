"""The grammatical forms of an objective: infinitive, gerund, noun phrase, question.

Wrappers take the form they need. Every form keeps the objective's own nouns, names and
values; only word order and verb endings change. All forms begin in lower case and
carry no final mark.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from eventsim.providers.rule_based.user.clause import Clause

__all__ = ["Forms", "forms_of", "gerund"]

_DOUBLING = {"set", "put", "get", "drop", "cut", "swap", "run", "stop", "let", "tag"}
_TELLING = r"(?:tell|say|give|report|state|show|read out)"
_SECOND = re.compile(r"( and )(tell|give|show)\b(?! me)")
_SECOND_VERB = re.compile(
    r"( and (?:then )?)(tell|say|give|report|state|show|read|find|list|check|count|"
    r"look|change|set|update|add|delete|remove|create|correct|enter|take|get|confirm)\b"
)
_UP_AND_TELL = re.compile(
    rf"^(?P<thing>.+?) and {_TELLING} (?:me )?(?:the|its|his|her) (?P<what>[a-z -]+)$"
)
_DOES = re.compile(
    r"^(?P<wh>(?:how many|how much|which|what)(?: [a-z-]+){0,4}?|when|where|who) "
    r"(?P<subject>(?:the|that|this|those|these|their|its) .+?) "
    r"(?P<still>still )?"
    r"(?P<verb>has|have|belongs? to|lives? in|works? in|contains?|includes?|costs?|"
    r"holds?|reports? to|comes? from)"
    r"(?P<tail>(?: (?:now|left|after that|in all|in total|altogether))?)$"
)
_THERE = re.compile(r"^(?P<wh>(?:how many|which|what) .+?) there (?P<be>is|are)\b")
_WH_IS = re.compile(
    r"^(?P<wh>what|who|where|when) (?P<subject>(?:the|that) .+) (?P<be>is|was)$"
)
_SUBJECT_WH = re.compile(
    r"^(?:which|what|who|how many)(?: \d+)?(?: (?!the\b|that\b)[a-z-]+){0,4}? "
    r"(?:is|are|was|were|has|have|had|costs?|belongs?|lives?|works?|sold|"
    r"placed|bought) "
    r"(?!.* (?:has|have|is|are|belongs? to)$)"
)
_IS = re.compile(r"^that (?P<subject>.+?) (?P<be>is|are) (?P<rest>.+)$")
_ATTRIBUTE = re.compile(r"^the [a-z -]+ of ")
_TOP = re.compile(
    r"^the (?P<many>\d+ [a-z -]+?) with the "
    r"(?P<rest>(?:most|fewest|highest|lowest) .+)$"
)
_FIRST = re.compile(
    r"^the (?P<one>[a-z -]+?) with the (?P<rest>(?:most|fewest|highest|lowest) .+)$"
)
_OF = re.compile(
    r"^(?:all )?the (?P<many>[a-z -]+(?<![sui])s) of (?P<owner>(?:the|that) .+)$"
)
_HEAD = re.compile(
    r"^(?:(?:the|all|any|their|its) )*(?:\d+ )?(?P<head>.+?)"
    r"(?: (?:of|in|with|whose|that|for|on|from|by|at|which|who)\b|$)"
)


@dataclass(frozen=True, slots=True)
class Forms:
    """Forms of one objective; None where the language gives none.

    `own` is the infinitive where the person might do it themselves, `np` the thing
    asked for (`several` when it is to be listed), `wh` an indirect question, `direct`
    a direct one without its mark, `that` a statement to check.
    """

    infinitive: str
    own: str | None = None
    np: str | None = None
    several: bool = False
    wh: str | None = None
    direct: str | None = None
    that: str | None = None

    def slots(self) -> dict[str, str]:
        """The forms that there are, under the names that wrappers use."""
        forms = {
            "inf": self.infinitive,
            "ger": gerund(self.infinitive),
            "own": self.own,
            "np": self.np,
            "thing": None if self.np and " whose " in self.np else self.np,
            "wh": self.wh,
            "that": self.that,
            "be" if self.np else "q": self.direct,
        }
        return {name: form for name, form in forms.items() if form is not None}


@lru_cache(maxsize=1024)
def forms_of(clause: Clause) -> Forms:
    """All forms of an objective."""
    infinitive = _SECOND.sub(r"\1\2 me", clause.text)
    if clause.kind == "look" and clause.verb in {"tell", "give", "show"}:
        infinitive = f"{clause.verb} me {clause.rest}"
    elif clause.verb == "see":
        infinitive = f"find out {clause.rest}"
    showing = clause.verb in {"list", "name", "show", "tell", "give", "read out"}
    own = None if showing or clause.shape == "two" else infinitive
    if clause.shape == "wh":
        return Forms(infinitive, own, wh=clause.rest, direct=_direct(clause.rest))
    if clause.shape == "that":
        statement = clause.rest.removeprefix("that ")
        return Forms(infinitive, own, that=statement, direct=_inverted(clause.rest))
    np = _noun_phrase(clause)
    if np is None:
        return Forms(infinitive, own)
    several = _is_plural(np) and (showing or not _ATTRIBUTE.match(np))
    return Forms(infinitive, own, np, several, direct=_what(np, showing=showing))


def gerund(phrase: str) -> str:
    """The -ing form of an infinitive phrase, second verbs included."""
    verb, _, rest = phrase.partition(" ")
    rest = _SECOND_VERB.sub(lambda m: m[1] + _ing(m[2]), rest)
    return f"{_ing(verb)} {rest}".strip()


def _ing(verb: str) -> str:
    if verb in _DOUBLING:
        return verb + verb[-1] + "ing"
    if verb.endswith("e") and not verb.endswith("ee"):
        return verb[:-1] + "ing"
    return verb + "ing"


def _noun_phrase(clause: Clause) -> str | None:
    if clause.kind == "write" or clause.verb in {
        "count",
        "calculate",
        "add up",
        "sum up",
    }:
        return None
    if clause.shape == "two":
        found = _UP_AND_TELL.match(clause.rest)
        return f"the {found['what']} of {found['thing']}" if found else None
    if clause.shape != "np" or clause.rest.endswith("once more"):
        return None
    np = clause.rest.removeprefix("the list of ")
    if np.startswith("all ") and not np.startswith("all the "):
        return f"all the {np[4:]}"
    if re.match(r"(the|all|that|their|its|my|our|any|every|each|\d)\b", np):
        return np
    return f"the {np}" if re.match(r"[a-z]+s\b", np) else np


def _is_plural(np: str) -> bool:
    head = _HEAD.match(np)
    text = re.sub(r'"[^"]*"', "", head["head"] if head else np)
    if " and " in text:
        return True
    last = text.split()[-1:] or [""]
    return last[0].endswith("s") and not last[0].endswith(("ss", "us", "is"))


def _what(np: str, *, showing: bool) -> str | None:
    """A question for a noun phrase: what it is, or which ones there are."""
    if found := _TOP.match(np):
        return f"which {found['many']} have the {found['rest']}"
    if found := _FIRST.match(np):
        return f"which {found['one']} has the {found['rest']}"
    if found := _OF.match(np):
        return f"which {found['many']} does {found['owner']} have" if showing else None
    if _is_plural(np):
        return f"what are {np}" if " and " in np and not showing else None
    head = _HEAD.match(np)
    person = head and re.search(r"(er|or|ee|ist|ant|rep|agent|man)$", head["head"])
    return None if person or showing else f"what's {np}"


def _direct(rest: str) -> str | None:
    if found := _DOES.match(rest):
        verb, _, particle = found["verb"].partition(" ")
        plural = verb == "have" or not verb.endswith("s")
        base = "have" if verb == "has" else verb if plural else verb[:-1]
        particle = f" {particle}" if particle else ""
        return (
            f"{found['wh']} {'do' if plural else 'does'} {found['subject']} "
            f"{found['still'] or ''}{base}{particle}{found['tail']}"
        )
    if found := _THERE.match(rest):
        return f"{found['wh']} {found['be']} there{rest[found.end() :]}"
    if found := _WH_IS.match(rest):
        return f"{found['wh']} {found['be']} {found['subject']}"
    return rest if _SUBJECT_WH.match(f"{rest} ") else None


def _inverted(rest: str) -> str | None:
    found = _IS.match(rest)
    if found is None or found["subject"].count('"') % 2:
        return None
    return f"{found['be']} {found['subject']} {found['rest']}"
