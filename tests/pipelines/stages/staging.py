"""Stages played by hand: a stream in memory, answers given as values.

The loop's part is small here: each answer is checked; one that can be used is recorded
and what follows from it folded, one that cannot is recorded as rejected.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from eventsim.config import RunConfig
from eventsim.core import events as e
from eventsim.core.draws import Draws
from eventsim.core.events import Source
from eventsim.core.preparation import Preparation, evolve_preparation
from eventsim.pipelines.stage import Ask, Input, Stage
from eventsim.prompts.render import installed

MOST_ASKS = 200


def function(name: str, about: str = "Do it.", /, **properties: Any) -> dict[str, Any]:
    """A function tool; every property is required."""
    schema = {"type": "object", "properties": properties, "required": [*properties]}
    inner = {"name": name, "description": about, "parameters": schema}
    return {"type": "function", "function": inner}


def text(about: str = "A text.", **more: Any) -> dict[str, Any]:
    """The schema of a text."""
    return {"type": "string", "description": about, **more}


def number(about: str = "A number.", **more: Any) -> dict[str, Any]:
    """The schema of a whole number."""
    return {"type": "integer", "description": about} | more


SEEDS = (
    function(
        "get_lamp",
        "Look up one lamp by lamp id. Returns its name and price.",
        lamp_id=number("The id of the lamp, a whole number such as 12."),
    ),
    function(
        "search_lamps",
        "Find lamps whose name contains a text.",
        name=text("Text that the name contains, for example Aurora or Beacon."),
    ),
)


def given(
    question: str = "", seeds: Iterable[Mapping[str, Any]] = SEEDS, **config: Any
) -> Input:
    """What a stage of a lamp shop looks at."""
    return Input(
        config=RunConfig(seed=1, count=1, **config),
        prompts=installed(),
        profiles={},
        source=Source(name="lamps", title="the lamp shop", about="It sells lamps."),
        draws=Draws(1, "a"),
        seed_tools=tuple(seeds),
        question=question,
    )


@dataclass
class Story:
    """A stream in the making, and every request that was made for it."""

    stage: Stage
    input: Input
    state: Preparation = field(default_factory=Preparation)
    events: list[e.Event] = field(default_factory=list)
    asked: list[Ask] = field(default_factory=list)

    def put(self, *events: e.Event) -> Story:
        """Add events."""
        for event in events:
            self.state = evolve_preparation(self.state, event)
            self.events.append(event)
        return self

    def ask(self) -> Ask | None:
        """The stage's next request."""
        return self.stage.ask(self.state, self.input)

    def answer(self, value: Any) -> str:
        """Give an answer; the reason if it was rejected."""
        asked = self.ask()
        assert asked is not None
        assert len(self.asked) < MOST_ASKS
        self.asked.append(asked)
        role, name, raw = self.stage.role, self.stage.name, json.dumps(value)
        reason = self.stage.check(value, self.state, self.input)
        if reason:
            self.put(e.ModelRejected(role=role, stage=name, reason=reason, raw=raw))
            return reason
        self.put(e.ModelAnswered(role=role, stage=name, text=raw))
        self.put(*self.stage.derive(value, self.state, self.input, None))
        return ""

    def play(self, answers: Callable[[Ask], Any]) -> Story:
        """Answer until nothing is left to ask."""
        while (asked := self.ask()) is not None:
            self.answer(answers(asked))
        return self

    def of(self, kind: str) -> list[Any]:
        """The events of one kind."""
        return [event for event in self.events if event.kind == kind]


def everything(asked: Ask) -> str:
    """All the text of a request."""
    return "\n".join((asked.system, *(text for _, text in asked.turns)))
