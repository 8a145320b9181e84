"""The answer to a request for a policy: rules that fit the tools and can be kept.

Which of them there are is drawn; what the last message wants rules about is among
them. And the other way round: what a policy forbids, and the code that it asks for.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Any

from eventsim.providers.rule_based.designing.request import answer
from eventsim.providers.rule_based.designing.words import plural, singular
from eventsim.providers.rule_based.writing_tasks.brief import (
    Commission,
    Op,
    read_commission,
)

__all__ = ["Bounds", "read_bounds", "write_policy"]

_CONFIRM = (
    "Before any change, say what will be changed and ask for a yes; make the change "
    "only after the person confirms.",
    "Before any change, tell the person what will be changed and ask for a yes. Make "
    "the change only after the person confirms.",
)
_CODE = (
    "Before the first change in a conversation, ask for the desk code. The valid desk "
    "code is {code}. If the person gives a different code or has none, make no change "
    "and say that it is not possible without the right code."
)
_MANNERS = (
    "Do what the person asks for and nothing beyond it.",
    "Make no guesses: where the tools do not tell, say so.",
    "Keep answers to what was asked; leave out details that nobody asked for.",
    "If a change fails, say so and leave everything else as it is.",
    "If a request has several parts, answer each of them in its order.",
    "State names, numbers and dates as the tools give them.",
)
_SEVERAL = (
    "If several entries match a name, say which ones there are and ask which one is "
    "meant.",
    "If nothing is found under a name or number, say so and leave it at that.",
)
_UNANSWERED_SEVERAL = (
    "If several entries match a name, say which ones there are.",
    "If nothing is found under a name or number, say so and leave it at that.",
)
_PROTECTED = frozenset(
    "amount birth card category date genre isbn level loyalty price rating status "
    "title total type".split()
)
_FORBID_SHARE, _CONFIRM_SHARE = 0.3, 0.35
_LEAST, _MOST = 5, 7

_FORBIDS = re.compile(
    r"Do not (?P<verb>delete|remove|add|create|change|update) "
    r"(?:the (?P<what>[a-z ]+?) of )?(?P<many>[a-z ]+?)(?=[:.,;]| \()",
    re.IGNORECASE,
)
_VALID = re.compile(r"\bvalid (?P<name>[a-z ]*code) is (?P<code>\w+)", re.IGNORECASE)
_VERBS = {"remove": "delete", "add": "create", "change": "update"}


@dataclass(frozen=True, slots=True)
class Bounds:
    """What a policy sets: changes that are refused, as (verb, noun, attribute), and
    what the person must give before a change, in a sentence.
    """

    forbidden: tuple[tuple[str, str, str], ...] = ()
    code: str = ""

    def forbids(self, verb: str, noun: str, attribute: str = "") -> bool:
        """Whether such a change must be refused."""
        return any(
            (v, n) == (verb, noun) and what in ("", attribute)
            for v, n, what in self.forbidden
        )


def read_bounds(policy: str) -> Bounds:
    """What the rules of a policy forbid and ask for."""
    found = []
    for match in _FORBIDS.finditer(policy):
        verb = match["verb"].lower()
        noun = singular(match["many"].strip().lower())
        found.append((_VERBS.get(verb, verb), noun, (match["what"] or "").lower()))
    valid = _VALID.search(policy)
    code = f"The {valid['name'].strip()} is {valid['code']}." if valid else ""
    return Bounds(tuple(found), code)


def write_policy(request: Mapping[str, Any]) -> dict[str, Any]:
    """The answer to a request for a policy."""
    commission = read_commission(request)
    rng, message = commission.rng, commission.message
    answered = "answers no questions" not in commission.system
    rules: list[str] = []
    if answered and "a code that" in message:
        rules.append(_CODE.format(code=rng.randint(1000, 9999)))
    wants_yes = "has to be confirmed" in message or rng.random() < _CONFIRM_SHARE
    if answered and wants_yes:
        rules.append(rng.choice(_CONFIRM))
    if "never made" in message or rng.random() < _FORBID_SHARE:
        rules += _refusal(commission, rng)
    if "several things match" in message:
        rules += _SEVERAL if answered else _UNANSWERED_SEVERAL
    rest = rng.sample(_MANNERS, len(_MANNERS))
    count = max(_LEAST, min(_MOST, len(rules) + 2))
    return answer({"rules": [*rules, *rest][:count]})


def _refusal(commission: Commission, rng: Random) -> list[str]:
    """One kind of change that a tool could make, refused."""
    rules = []
    for op in commission.ops:
        many = plural(op.noun)
        if op.verb == "delete" and not op.by:
            rules.append(f"Do not delete {many}: refuse and say so.")
        if op.verb == "update":
            rules += [
                f"Do not change the {words} of {many}: refuse and say so."
                for words in _protected(op)
            ]
    return [rng.choice(rules)] if len(rules) > 2 else []


def _protected(op: Op) -> list[str]:
    return [
        param.words
        for param in op.params
        if not param.required and set(param.words.split()) & _PROTECTED
    ]
