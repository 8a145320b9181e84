"""A pipeline: stages that prepare, then rules that decide what a dialogue does next.

Rules are tried in order; the first that has something to say wins. Pure.
Source: PAPER.md, "Three pipelines, one set of stages".
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from eventsim.core.effects import Step
from eventsim.core.materials import Materials
from eventsim.core.state import Dialogue

__all__ = ["DialogueRule", "Pipeline"]

DialogueRule = Callable[[Dialogue, Materials], Step | None]


@dataclass(frozen=True, slots=True)
class Pipeline:
    """One of the paper's pipelines.

    `executes`: calls run on a real database; otherwise a model plays the tools.
    `simulates_user`: otherwise the user's messages are the tasks' questions.
    The stages are names: of the stream of questions, of tools, and of tasks.
    """

    name: str
    executes: bool
    simulates_user: bool
    question_stages: tuple[str, ...]
    tool_stages: tuple[str, ...]
    task_stages: tuple[str, ...]
    rules: tuple[DialogueRule, ...] = field(repr=False)

    def decide(self, state: Dialogue, materials: Materials) -> Step:
        """The next step of the path; a step that is `done` when it has ended."""
        for rule in self.rules:
            step = rule(state, materials)
            if step is not None:
                return step
        raise AssertionError("no rule knows what comes next")
