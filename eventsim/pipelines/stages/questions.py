"""Stage 1.1: questions that users of a domain would ask. Source: PAPER.md, 1.1.

They are asked for until at least half of the wanted number can be used, a few times at
most; what is there already is said, so that nothing comes twice.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Any

from eventsim.config import Role
from eventsim.core.events import Event, QuestionsGenerated
from eventsim.core.preparation import Preparation
from eventsim.pipelines.stage import Ask, Input, Workbench
from eventsim.pipelines.stages.showing import sampled
from eventsim.prompts.render import render

__all__ = ["Questions", "usable"]

_MOST_ASKS = 3
_MOST_EXAMPLES = 40
_SHORTEST, _LONGEST = 15, 1_200
_KEYS = ("questions", "user_questions", "items", "answer")
_TEXT_KEYS = ("question", "text", "query")
_NUMBERED = re.compile(r"^\s*(?:\d{1,3}[.):]|[-*•])\s+")

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "properties": {"questions": {"type": "array", "items": {"type": "string"}}},
    "required": ["questions"],
    "additionalProperties": False,
}


class Questions:
    """Fills a stream of questions."""

    name = "questions"
    prompt = "questions"
    role: Role = "tool_designer"
    needs_database = False

    def ask(self, state: Preparation, given: Input) -> Ask | None:
        """Ask for what is missing, until half of it is there."""
        wanted, there = given.config.questions, state.questions
        asked = len(state.answers)
        if asked and (2 * len(there) >= wanted or asked >= _MOST_ASKS):
            return None
        shown = sampled(given.seed_tools, _MOST_EXAMPLES, given.draws)
        system = render(
            given.prompts[self.prompt],
            title=given.source.called,
            about=given.source.about,
            tools=shown.lines,
            left_out=shown.left_out,
            now=given.now,
        )
        request = _request(wanted - len(there))
        if there:
            listed = "\n".join(f"- {question}" for question in there)
            request = f"These are there already:\n{listed}\n\n{request} Repeat none."
        return Ask(system, (("user", request),), self.name, SCHEMA)

    def check(self, value: Any, state: Preparation, given: Input) -> str:
        """An answer without a list, or with nothing usable in it, is none."""
        proposals = _listed(value)
        if proposals is None:
            return "it holds no array of questions"
        if not usable(proposals, state.questions, given.config.questions):
            return "it holds no new question of usable length"
        return ""

    def derive(
        self,
        value: Any,
        state: Preparation,
        given: Input,
        bench: Workbench | None,  # noqa: ARG002
    ) -> tuple[Event, ...]:
        """The usable ones, no more than are wanted."""
        found = usable(_listed(value) or (), state.questions, given.config.questions)
        return (QuestionsGenerated(questions=found),) if found else ()


def _request(count: int) -> str:
    """How many, and how they are spread: models keep to what stands last."""
    if count < 4:
        return f"Write {count} questions."
    one, more = max(1, 2 * count // 5), max(1, count // 5)
    return (
        f"Write {count} questions: {one} with one step, {count - one - more} with two "
        f"or three, {more} with four or five; at least {max(1, count // 2)} of them "
        "ask to change, book, add or cancel something."
    )


def usable(
    proposals: list[Any] | tuple[Any, ...], there: tuple[str, ...], most: int
) -> tuple[str, ...]:
    """The proposals that are questions of usable length and not there yet, without
    numbering, `most` with those that are there.
    """
    seen = {_skeleton(question) for question in there}
    found: list[str] = []
    for proposal in proposals:
        text = _text(proposal)
        if not _SHORTEST <= len(text) <= _LONGEST or len(there) + len(found) >= most:
            continue
        key = _skeleton(text)
        if key and key not in seen:
            seen.add(key)
            found.append(text)
    return tuple(found)


def _listed(value: Any) -> list[Any] | tuple[Any, ...] | None:
    if isinstance(value, list | tuple):
        return value
    if isinstance(value, Mapping):
        for key in _KEYS:
            inner = value.get(key)
            if isinstance(inner, list | tuple):
                return inner
    return None


def _text(proposal: Any) -> str:
    if isinstance(proposal, Mapping):
        proposal = next((proposal[k] for k in _TEXT_KEYS if k in proposal), "")
    if not isinstance(proposal, str) or "\0" in proposal:
        return ""
    return " ".join(_NUMBERED.sub("", proposal).split())


def _skeleton(text: str) -> str:
    """What two spellings of one question share: letters and digits alone."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return "".join(c for c in folded if c.isalnum())
