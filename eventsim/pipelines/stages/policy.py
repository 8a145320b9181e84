"""Stage 3, before the tasks: the assistant's instructions for its domain.

Rules that fit the tools, so that tasks can test whether they are kept. What a user
would have to answer is demanded only where a user answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from eventsim.config import Role
from eventsim.core.draws import Draws
from eventsim.core.events import Event, PolicyWritten
from eventsim.core.preparation import Preparation
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.offered import brief_lines
from eventsim.prompts.render import render

__all__ = ["POLICY_SCHEMA", "PolicyStage"]

POLICY_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {
        "rules": {"type": "array", "items": {"type": "string"}, "minItems": 5}
    },
    "required": ["rules"],
    "additionalProperties": False,
}

_LEAST, _MOST = 3, 12
_LONGEST = 500
_UNANSWERED = "task-oriented"

_WEIGHTS = (
    "what has to be confirmed before something is changed",
    "a code that the person must give before the first change",
    "one kind of change that is never made, and how it is refused",
    "what to do when several things match, or none does",
    "what may be told, and what is not told without being asked for",
    "what to do when a call fails",
    "in which order things are done when a request has several parts",
)
_WEIGHTS_UNANSWERED = _WEIGHTS[2:]

_NUMBER = re.compile(r"^\s*(?:\d{1,2}[.)]|[-*•])\s+")
_BLANK = re.compile(r"\[[A-Za-z][^\]]*\]|\{[^}]*\}|<[a-z_ ]+>|\b(?:TBD|XXX+|X\.X)\b")
_AWAITS = re.compile(
    r"\b(?:ask|wait)s?\b[^.]*\b(?:confirm|approv|permission|code|yes|verif|repl)",
    re.IGNORECASE,
)
_NEGATED = re.compile(
    r"\b(?:do not|don't|never|without)\s+(?:\w+\s+)?(?:ask|wait)", re.IGNORECASE
)


class PolicyStage:
    """Begins a stream of tasks with the rules that they test."""

    name = "policy"
    prompt = "policy"
    role: Role = "task_writer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Ask once, unless the stream began with a policy."""
        if state.answers or state.policy:
            return None
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            tools=brief_lines(given.tools),
            answers=_answered(given),
        )
        first, second = _drawn(given)
        text = (
            "Write five to nine rules, each about another matter of this work. One or "
            f"two of them are about {first}, and one or two about {second}."
        )
        return Ask(system, (("user", text),), self.name, POLICY_SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:  # noqa: ARG002
        """Rules of a usable number and length, with nothing left to be filled in."""
        rules = _rules(value)
        if rules is None:
            return "it holds no array of rules"
        if not _LEAST <= len(rules) <= _MOST:
            return f"it has {len(rules)} rules; five to nine are wanted"
        for number, rule in enumerate(rules, 1):
            blank = _BLANK.search(rule)
            if blank:
                return f"rule {number} leaves something to be filled in: {blank[0]}"
            if len(rule) > _LONGEST:
                return f"rule {number} is longer than {_LONGEST} letters"
            waits = _AWAITS.search(rule)
            if waits and not _answered(given) and not _NEGATED.search(rule):
                return f"rule {number} waits for an answer that nobody gives"
        return ""

    def derive(
        self,
        value: Any,
        state: Preparation,  # noqa: ARG002
        given: Input,  # noqa: ARG002
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """The rules as one numbered text."""
        rules = _rules(value) or []
        text = "\n".join(f"{number}. {rule}" for number, rule in enumerate(rules, 1))
        return (PolicyWritten(text=text),)


def _answered(given: Input) -> bool:
    """Whether somebody plays the user and answers questions."""
    return given.config.pipeline != _UNANSWERED


def _drawn(given: Input) -> tuple[str, str]:
    """Two things that the rules shall be about: policies of one domain differ."""
    weights = _WEIGHTS if _answered(given) else _WEIGHTS_UNANSWERED
    draws: Draws = given.draws
    first, second = draws.generator("policy").sample(weights, 2)
    return first, second


def _rules(value: Any) -> list[str] | None:
    if isinstance(value, Mapping):
        value = next((v for v in value.values() if isinstance(v, list | tuple)), None)
    if not isinstance(value, Sequence) or isinstance(value, str):
        return None
    texts = [_text(rule) for rule in value]
    tidy = [_NUMBER.sub("", " ".join(text.split())) for text in texts]
    return list(dict.fromkeys(rule for rule in tidy if rule))


def _text(rule: Any) -> str:
    if isinstance(rule, Mapping):
        rule = next((v for v in rule.values() if isinstance(v, str)), "")
    return rule if isinstance(rule, str) else ""
